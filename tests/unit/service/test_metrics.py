"""What Prometheus is told of the parts of a process."""

from typing import get_args

from prometheus_client import CollectorRegistry

from accounts.alert import Severity
from accounts.stages import Kind
from consumers import metrics
from service.metrics import ReadinessCollector


def test_each_part_tells_whether_it_does_its_work() -> None:
    """/readyz answers an orchestrator; the gauge is for whoever looks at a graph, or is to be woken."""
    registry = CollectorRegistry()
    registry.register(
        ReadinessCollector({"consumer": lambda: "waits for the database", "relay": lambda: None})
    )
    parts = ("consumer", "relay")
    told = {name: registry.get_sample_value("turnsignal_part_ready", {"part": name}) for name in parts}
    assert told == {"consumer": 0, "relay": 1}


def test_a_topic_starts_with_no_record_lost() -> None:
    """A counter that began at its first loss would have no increase, and its rule never fire."""
    metrics.register_topic("", "a.topic.of.this.test")
    (family,) = metrics.records_lost.collect()
    found = [sample.value for sample in family.samples if sample.labels["topic"] == "a.topic.of.this.test"]
    assert 0 in found


def test_alerts_of_each_kind_start_at_zero() -> None:
    """The first alert of a kind is the one that must not be missed by an increase()."""
    (family,) = metrics.alerts.collect()
    told = {(sample.labels["kind"], sample.labels["severity"]) for sample in family.samples}
    assert told == {(kind, severity) for kind in get_args(Kind) for severity in get_args(Severity)}
