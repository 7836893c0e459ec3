"""What operations watch of the detection plane."""

from collections import Counter as Counter_
from collections.abc import Iterable
from contextlib import suppress
from typing import get_args

from prometheus_client import Counter, Gauge, Histogram

from accounts.alert import Severity
from accounts.events import REASONS, TYPES
from accounts.stages import STAGES, Kind

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600)

events = Counter("turnsignal_events_consumed_total", "Events read from Kafka.", ["cluster", "topic", "type"])
repeated = Counter(
    "turnsignal_events_repeated_total", "Events that had been accepted before; they change nothing."
)
dead_letters = Counter("turnsignal_dead_letters_total", "Records that could not be read.", ["reason"])
ignored = Counter(
    "turnsignal_messages_ignored_total",
    "Messages of mapped topics that a mapping leaves aside, by its reason.",
    ["cluster", "topic", "reason"],
)
batch_records = Histogram(
    "turnsignal_batch_records",
    "Records in a committed batch.",
    buckets=(1, 10, 100, 500, 1000, 2000, 5000, 10000),
)
batch_seconds = Histogram("turnsignal_batch_seconds", "Seconds to commit a batch.", buckets=_SECONDS)
event_to_commit = Histogram(
    "turnsignal_event_to_commit_seconds",
    "Seconds from the record timestamp of a batch's oldest record to the batch's commit.",
    buckets=_SECONDS,
)
lag = Gauge(
    "turnsignal_consumer_lag_records", "Records not yet committed.", ["cluster", "topic", "partition"]
)
registry_waiting = Gauge(
    "turnsignal_registry_waiting_partitions", "Partitions that wait for a schema registry.", ["cluster"]
)
fenced = Counter(
    "turnsignal_batches_fenced_total", "Batches rolled back because another member had moved on."
)
records_lost = Counter(
    "turnsignal_records_lost_total",
    "Records that retention deleted before they were consumed.",
    ["cluster", "topic"],
)
transitions = Counter("turnsignal_transitions_total", "Accounts that came into a stage.", ["stage"])
alerts = Counter("turnsignal_alerts_decided_total", "Alerts decided, updates included.", ["kind", "severity"])
reviewed = Counter("turnsignal_accounts_reviewed_total", "Accounts reviewed.")
review_clock = Gauge(
    "turnsignal_review_clock_seconds", "The moment, in Unix time, up to which all topics have been consumed."
)
relayed = Counter("turnsignal_webhook_posts_total", "Alerts posted to the webhook.", ["outcome"])
event_posts = Counter("turnsignal_event_posts_total", "Requests to POST /webhooks/events.", ["outcome"])
crm_posts = Counter(
    "turnsignal_crm_posts_total",
    "Requests to POST /webhooks/crm; source is empty for one that is not set.",
    ["source", "outcome"],
)
crm_records = Counter("turnsignal_crm_records_total", "Records written for a CRM.", ["source"])

UNKNOWN_TYPE = "unknown"

for _reason in REASONS:
    dead_letters.labels(reason=_reason)
for _stage in STAGES:
    transitions.labels(stage=_stage)
for _kind in get_args(Kind):
    for _severity in get_args(Severity):
        alerts.labels(kind=_kind, severity=_severity)
for _outcome in ("accepted", "retried", "given_up"):
    relayed.labels(outcome=_outcome)
for _outcome in ("accepted", "invalid", "too_large", "unavailable"):
    event_posts.labels(outcome=_outcome)


def register_topic(cluster: str, topic: str) -> None:
    """Let a topic's counters start at zero: Prometheus sees no increase in what begins at its first value."""
    records_lost.labels(cluster=cluster, topic=topic)
    for kind in (*TYPES, UNKNOWN_TYPE):
        events.labels(cluster=cluster, topic=topic, type=kind)


def register_crm_source(source: str, outcomes: Iterable[str]) -> None:
    """The same for a CRM that posts to us."""
    crm_records.labels(source=source)
    for outcome in outcomes:
        crm_posts.labels(source=source, outcome=outcome)


def count(cluster: str, read: Counter_[tuple[str, str]]) -> None:
    """Count the events of a batch by (topic, type)."""
    for (topic, kind), number in read.items():
        events.labels(cluster=cluster, topic=topic, type=kind).inc(number)


def register_reasons(cluster: str, topic: str, reasons: Iterable[str]) -> None:
    """The same for what a mapping leaves aside."""
    for reason in reasons:
        ignored.labels(cluster=cluster, topic=topic, reason=reason)


def count_ignored(cluster: str, left: Counter_[tuple[str, str]]) -> None:
    """Count what mappings have left aside by (topic, reason)."""
    for (topic, reason), number in left.items():
        ignored.labels(cluster=cluster, topic=topic, reason=reason).inc(number)


def forget_partition(cluster: str, topic: str, partition: int) -> None:
    """Another member reports this partition from now on."""
    with suppress(KeyError):
        lag.remove(cluster, topic, str(partition))
