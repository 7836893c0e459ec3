"""What an operator copies: rules, dashboard, compose file and image agree with the code."""

from __future__ import annotations

import json
import re
import tomllib
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import pytest
from prometheus_client import REGISTRY, Counter, Gauge, Histogram

import alerts.metrics
import consumers.metrics
import migrations
from service.configuration import load
from service.metrics import DatabaseCollector, ReadinessCollector
from service.settings_names import PREFIX, variables
from storage.engine import create_engine
from storage.webhook_endpoints import State
from tests.unit.plain_yaml import NotPlainError, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
METRIC = re.compile(r"\bturnsignal_[a-z_]*[a-z]")
_MADE_HERE = (alerts.metrics, consumers.metrics)


def yaml(*path: str) -> Any:
    return parse(DEPLOY.joinpath(*path).read_text("utf-8"))


@cache
def rules() -> list[dict[str, Any]]:
    (group,) = yaml("prometheus", "rules.yml")["groups"]
    return list(group["rules"])


@cache
def panels() -> list[dict[str, Any]]:
    return list(json.loads((DEPLOY / "grafana" / "turnsignal.json").read_text("utf-8"))["panels"])


@pytest.fixture(scope="module")
def metrics(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Every metric of the code, by its name without Prometheus' suffixes of histograms, and its labels."""
    found: dict[str, set[str]] = {}
    for module in _MADE_HERE:
        for metric in vars(module).values():
            if isinstance(metric, Counter | Gauge | Histogram):
                suffix = "_total" if isinstance(metric, Counter) else ""
                found[metric._name + suffix] = set(metric._labelnames)
    url = f"sqlite:///{tmp_path_factory.mktemp('metrics')}/empty.sqlite"
    migrations.upgrade(url)
    engine = create_engine(url)
    readiness = ReadinessCollector({"consumer": lambda: None})
    for family in [*DatabaseCollector(engine, lambda: None).collect(), *readiness.collect()]:
        found[family.name] = set(family._labelnames)
    engine.dispose()
    return found


def series(metrics: dict[str, set[str]]) -> dict[str, set[str]]:
    """What Prometheus stores: a histogram is three series."""
    stored = dict(metrics)
    for metric in (m for module in _MADE_HERE for m in vars(module).values() if isinstance(m, Histogram)):
        labels = stored.pop(metric._name)
        stored[f"{metric._name}_bucket"] = labels | {"le"}
        stored[f"{metric._name}_sum"] = stored[f"{metric._name}_count"] = labels
    return stored


def expressions() -> Iterator[tuple[str, str, str]]:
    """(whose, PromQL, words that use labels) of the rules and the dashboard."""
    for rule in rules():
        yield rule["alert"], rule["expr"], " ".join(rule["annotations"].values()).replace("$labels.", "")
    for panel in panels():
        for target in panel["targets"]:
            yield panel["title"], target["expr"], target["legendFormat"]


def test_rules_and_dashboard_ask_for_metrics_that_there_are(metrics: dict[str, set[str]]) -> None:
    """A rule on a name that is gone never fires, and nobody notices."""
    known = series(metrics)
    for whose, promql, _ in expressions():
        names = METRIC.findall(promql)
        assert names or promql.startswith("up{"), whose
        assert set(names) <= known.keys(), whose


def test_rules_and_dashboard_use_labels_that_there_are(metrics: dict[str, set[str]]) -> None:
    """Else a sum is over everything, and a message has a hole where the topic should stand."""
    known = series(metrics)
    for whose, promql, words in expressions():
        labels = {"instance"}.union(*(known[name] for name in METRIC.findall(promql)))
        grouped = re.search(r"\bby \(([\w, ]+)\)", promql)
        by = set(re.split(r", *", grouped[1])) if grouped else set()
        assert by <= labels, whose
        shown = set(re.findall(r"\{\{ ?(\w+) ?\}\}", words))
        assert shown <= (by if re.search(r"\b(sum|max|min)\b", promql) else labels), whose


_OF_GAUGES = {"turnsignal_webhook_endpoints": set(get_args(State))}  # which are read from the database


def test_rules_and_dashboard_ask_for_label_values_that_there_are() -> None:
    """A counter's values stand there from the start, at zero, so that a misspelt one shows."""
    asked = 0
    for whose, promql, _ in expressions():
        for name, label, value in re.findall(r'(turnsignal_\w+)\{(\w+)="(\w+)"\}', promql):
            asked += 1
            told = {
                s.labels[label] for family in REGISTRY.collect() for s in family.samples if s.name == name
            }
            assert value in told | _OF_GAUGES.get(name, set()), whose
    assert asked, "no rule asks for one any more; this test can go"


def test_documents_name_metrics_that_there_are(metrics: dict[str, set[str]]) -> None:
    """Operators build their own rules from what is written."""
    known = metrics.keys() | series(metrics).keys()
    for page in [ROOT / "README.md", *ROOT.glob("docs/**/*.md"), *DEPLOY.glob("**/*.md")]:
        assert set(METRIC.findall(page.read_text("utf-8"))) <= known, page


def test_the_table_of_metrics_is_that_of_the_code(metrics: dict[str, set[str]]) -> None:
    """Every metric is told with its labels, and no other."""
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    table = page.partition("\n## Metrics\n")[2].partition("\n## ")[0]
    told = {}
    for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE):
        for name, labels in re.findall(r"`(\w+)(?:\{([\w,]+)\})?`", row):
            told[f"turnsignal_{name}"] = set(labels.split(",")) if labels else set()
    assert told == metrics


def assignments(text: str) -> dict[str, str]:
    """The variables of an env file."""
    lines = (line for line in text.splitlines() if line.strip() and not line.startswith("#"))
    return {name: value for name, _, value in (line.partition("=") for line in lines)}


def image_environment() -> dict[str, str]:
    lines = re.findall(r"^ENV (.+)$", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    return {
        name: value for name, _, value in (word.partition("=") for line in lines for word in line.split())
    }


def test_the_example_settings_start_the_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is copied as it stands must be accepted, together with what image and compose file set."""
    monkeypatch.chdir(tmp_path)
    given = image_environment() | assignments((DEPLOY / "turnsignal.env.example").read_text("utf-8"))
    for service in yaml("compose.yaml")["services"].values():
        if "build" in service:
            assert service["env_file"] == ["turnsignal.env"]
            given |= service.get("environment", {})
    ours = {name: value for name, value in given.items() if name.startswith(PREFIX)}
    assert ours.keys() <= variables().keys()
    chosen = load(ours)
    brokers = yaml("compose.yaml")["services"]["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"]
    assert all(f"//{server}" in brokers for server in chosen.kafka.bootstrap_servers)
    assert str(chosen.database.url.get_secret_value()).partition("@")[2].startswith("postgres/")


def test_settings_that_are_only_mentioned_exist() -> None:
    """A line that is commented out is meant to be used one day."""
    example = (DEPLOY / "turnsignal.env.example").read_text("utf-8")
    told = set(re.findall(rf"{PREFIX}[A-Z_]+", example + (DEPLOY / "compose.yaml").read_text("utf-8")))
    assert told <= variables().keys()


def test_the_compose_file_holds_together() -> None:
    """Nothing here starts it, so at least what it names must be there."""
    compose = yaml("compose.yaml")
    services = compose["services"]
    for name, service in services.items():
        assert {"image", "build"} & service.keys(), name
        for other, wanted in service.get("depends_on", {}).items():
            assert other in services, name
            if wanted["condition"] == "service_healthy":
                assert "healthcheck" in services[other], name
            elif wanted["condition"] == "service_completed_successfully":
                assert services[other]["restart"] == "no", name
            else:
                assert wanted["condition"] == "service_started", name
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            there = (DEPLOY / source).exists() if source.startswith(".") else source in compose["volumes"]
            assert there, volume
        if "build" in service:
            assert (DEPLOY / service["build"] / "Dockerfile").exists()
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name


def test_prometheus_and_grafana_find_each_other() -> None:
    """Names of hosts and files that stand in several files."""
    services = yaml("compose.yaml")["services"]
    prometheus = yaml("prometheus", "prometheus.yml")
    (job,) = prometheus["scrape_configs"]
    (static,) = job["static_configs"]
    assert [target.partition(":")[0] in services for target in static["targets"]] == [True]
    assert all((DEPLOY / "prometheus" / file).exists() for file in prometheus["rule_files"])
    assert f'up{{job="{job["job_name"]}"}}' in {rule["expr"].partition(" ")[0] for rule in rules()}
    (source,) = yaml("grafana", "provisioning", "datasources", "prometheus.yml")["datasources"]
    assert source["url"].removeprefix("http://").partition(":")[0] in services
    assert {target["datasource"]["uid"] for panel in panels() for target in panel["targets"]} == {
        source["uid"]
    }
    (provider,) = yaml("grafana", "provisioning", "dashboards", "turnsignal.yml")["providers"]
    mounted = f"./grafana/turnsignal.json:{provider['options']['path']}/turnsignal.json:ro"
    assert mounted in services["grafana"]["volumes"]


def test_the_image_runs_as_nobody_in_particular() -> None:
    """Whoever breaks in has no rights to start with."""
    last = (ROOT / "Dockerfile").read_text("utf-8").rpartition("\nFROM ")[2]
    users = re.findall(r"^USER (\S+)$", last, re.MULTILINE)
    assert users
    assert users[-1].partition(":")[0] not in {"root", "0"}


def test_the_image_gets_what_it_copies() -> None:
    """A build must not fail at, or lack, a file that is not there or is kept from it."""
    ignored = (ROOT / ".dockerignore").read_text("utf-8").split()
    copied = []
    for line in re.findall(r"^COPY (.+)$", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE):
        words = line.split()
        if not any(word.startswith("--from=") for word in words):
            copied += words[:-1]
    assert "." in copied
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    needed = [
        project["project"]["readme"],
        *project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"],
    ]
    for source in [*copied, *needed]:
        assert (ROOT / source).exists(), source
        assert not any(fnmatch(source, pattern) for pattern in ignored if source != "."), source


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\na: 2\n",
        "a:\n  b: 1\n   c: 2\n",
        "a: [1, 2\n",
        "a: {b 1}\n",
        "words\n",
        'a: "b\n',
        "a:\n\t- b\n",
    ],
)
def test_what_is_no_yaml_is_refused(text: str) -> None:
    """A reader that takes anything would find no mistake in our files."""
    with pytest.raises(NotPlainError):
        parse(text)


def test_yaml_is_read_as_it_is_meant() -> None:
    """The kinds of lines that our files are made of."""
    text = (
        'a: {b: c, d: ["e:1", f g]} # h\ni:\n  - j: 1\n    k: "l: # m"\n  - |\n    n\n    o: p\nq: true\nr:\n'
    )
    expected = {"b": "c", "d": ["e:1", "f g"]}
    assert parse(text) == {"a": expected, "i": [{"j": 1, "k": "l: # m"}, "n\no: p"], "q": True, "r": None}
