"""From a broker that nobody has described to a draft that maps it: `topics`, `mapping init`."""

import itertools
import json
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaAdminClient, KafkaProducer, TopicPartition
from typer.testing import CliRunner, Result

from consumers.inspection.guesses import CANONICAL, Guess
from consumers.kafka_config import KafkaConfig
from service.cli import app
from service.commands.topics import show
from service.failures import Failure
from service.ranges import reader
from service.survey import Surveyed, survey
from service.topic_overview import Overview
from tests.parts.broker import Broker
from tests.unit.consumers.inspection import systems
from tests.unit.consumers.inspection.systems import CUSTOMERS, ORDERS, Topics
from tests.unit.consumers.test_records import event

_numbers = itertools.count(1)


@pytest.fixture
def place(kafka: Broker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """What the test's own topics begin with; the settings are of this broker and an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TURNSIGNAL_KAFKA__BOOTSTRAP_SERVERS", kafka.bootstrap)
    return f"inspect{next(_numbers)}"


def fill(kafka: Broker, topics: Topics, partitions: int = 3) -> None:
    """Write what systems would have written; a year ago, and no retention takes it."""
    producer = KafkaProducer(bootstrap_servers=kafka.bootstrap)
    for name, records in topics.items():
        kafka.create_topic(name, partitions, **{"retention.ms": "-1"})
        for number, record in enumerate(records):
            at = 1_735_689_600_000 + number * 3_600_000
            producer.send(name, value=record.value, key=str(number).encode(), timestamp_ms=at)
    producer.flush()
    producer.close()


def named(place: str, topics: Topics) -> Topics:
    return {f"{place}.{name}": records for name, records in topics.items()}


def run(*words: str, columns: int = 120) -> Result:
    """A command, to its end."""
    return CliRunner(env={"COLUMNS": str(columns)}).invoke(app, list(words))


def listed(*words: str) -> dict[str, dict[str, Any]]:
    """What `topics --json` tells, by topic."""
    done = run("topics", *words, "--json")
    assert done.exit_code == 0, done.output
    told = [json.loads(line) for line in done.stdout.splitlines()]
    return {each["topic"]: each for each in told}


def test_topics_says_what_is_on_a_broker(kafka: Broker, place: str) -> None:
    """How much, since when, the format, the documents, the ready mapping."""
    other = systems.topic("crm.events", [event(str(number)) for number in range(9)])
    fill(
        kafka,
        named(place, systems.sap() | systems.salesforce() | systems.orders() | systems.hubspot() | other),
    )
    kafka.create_topic(f"{place}.empty")
    kafka.create_topic(f"{place}.connect-offsets")
    found = listed(f"{place}.*")
    told = {name.removeprefix(f"{place}."): (each["format"], each["ready"]) for name, each in found.items()}
    assert told["salesforce.cdc"] == ("salesforce", "salesforce")
    assert told["hubspot.deals"] == ("hubspot", "hubspot")
    assert told["erp.order_lines"] == ("debezium", "orders")
    assert told["sap.VBAK"] == ("json", None)
    assert told["crm.events"] == (CANONICAL, None)
    assert told["empty"] == (None, None)
    assert "connect-offsets" not in told
    orders, crm = found[f"{place}.sap.VBAK"], found[f"{place}.salesforce.cdc"]
    assert (orders["partitions"], orders["records"], orders["looks_like"]) == (3, ORDERS, {"VBAK": "orders"})
    assert (orders["oldest"], orders["newest"]) == ("2025-01-01T00:00:00Z", "2025-01-02T15:00:00Z")
    assert crm["entities"].keys() == {"Account", "Contact", "Opportunity", "Task"}
    assert f"{place}.connect-offsets" in listed(f"{place}.*", "--internal")


def test_topics_says_what_is_consumed_and_by_what(
    kafka: Broker, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By kafka.topics, and the mapping that names the topic."""
    fill(kafka, named(place, systems.orders()))
    Path("mapping.toml").write_text(f'[[mapping]]\nuse = "orders"\ntopics = ["{place}.erp.*"]\n')
    monkeypatch.setenv("TURNSIGNAL_MAPPING__FILES", "mapping.toml")
    monkeypatch.setenv("TURNSIGNAL_KAFKA__TOPICS", f"{place}.erp.orders")
    found = listed(f"{place}.*")
    used, other = found[f"{place}.erp.orders"], found[f"{place}.erp.products"]
    assert (used["consumed"], used["mapping"]) == (True, "mapping.toml: mapping 1")
    assert (other["consumed"], other["mapping"]) == (False, "mapping.toml: mapping 1")
    shown = run("topics", f"{place}.erp.orders").stdout
    assert "consumed: mapping.toml: mapping 1" in shown
    eu = {"bootstrap_servers": [kafka.bootstrap], "topics": [f"{place}.erp.orders"]}
    monkeypatch.setenv("TURNSIGNAL_KAFKA__CLUSTERS", json.dumps({"eu": eu}))
    Path("mapping.toml").write_text(
        f'[[mapping]]\nuse = "orders"\ntopics = ["{place}.erp.*"]\ncluster = "eu"\n'
    )
    assert listed(f"{place}.erp.orders")[f"{place}.erp.orders"]["mapping"] is None
    of_eu = listed(f"{place}.erp.orders", "--cluster", "eu")[f"{place}.erp.orders"]
    assert of_eu["mapping"] == "mapping.toml: mapping 1"


def test_samples_are_masked_unless_one_asks(kafka: Broker, place: str) -> None:
    """And no control character of a record reaches the terminal, masked or not."""
    rows = [
        {"id": 7, "name": "Anna Schmidt", "note": "call +49 170 1234567\x1b[2J\x9b1A", "state": "open"}
    ] * 5
    fill(kafka, named(place, systems.topic("people", rows)), 1)
    masked = run("topics", f"{place}.people", "--samples")
    assert '"name": "Xxxx Xxxxxxx"' in masked.stdout
    assert '"state": "open"' in masked.stdout
    assert "1234567" not in masked.stdout + run("topics", f"{place}.people", "--samples", "--json").stdout
    shown = run("topics", f"{place}.people", "--unmasked")
    assert "Anna Schmidt" in shown.stdout
    assert "names, addresses and texts of people are shown as they are" in shown.stderr
    for text in (
        masked.stdout,
        shown.stdout,
        run("topics", f"{place}.people", "--unmasked", "--json").stdout,
    ):
        assert all(letter.isprintable() or letter == "\n" for letter in text)


def test_nothing_is_committed(kafka: Broker, place: str) -> None:
    """No group comes to be."""
    fill(kafka, named(place, systems.german()))

    def groups() -> set[str]:
        admin = KafkaAdminClient(bootstrap_servers=kafka.bootstrap)
        try:
            return {str(group) for group in admin.list_groups()}
        finally:
            admin.close()

    before = groups()
    listed(f"{place}.*")
    assert run("mapping", "init", "--from-topic", f"{place}.*").exit_code == 0
    assert groups() == before


def test_samples_are_of_start_middle_and_end(kafka: Broker, place: str) -> None:
    """Of each partition, and no more than was asked for."""
    name = f"{place}.long"
    fill(kafka, systems.topic(name, [{"n": number} for number in range(9000)]), 2)
    config = KafkaConfig([kafka.bootstrap])
    with reader(config, max_partition_fetch_bytes=1 << 16) as consumer:
        (found,) = survey(consumer, config, [name], 60, lambda _topic: None)
        ends = consumer.end_offsets([TopicPartition(name, partition) for partition in (0, 1)])
    assert (found.partitions, found.records) == (2, 9000)
    for place_, end in ends.items():
        offsets = [record.offset for record in found.samples if record.partition == place_.partition]
        thirds = Counter(3 * offset // end for offset in offsets)
        assert thirds == {0: 10, 1: 10, 2: 10}
        assert {0, end // 2, end - 1} <= set(offsets)


def test_a_draft_of_a_crm_and_an_erp_is_accepted_and_maps(kafka: Broker, place: str) -> None:
    """What `init` writes `check` takes as it is, and `test` makes events of every rule that was drafted."""
    topics = named(place, systems.sap() | systems.salesforce())
    fill(kafka, topics)
    drafted = run("mapping", "init", "--from-topic", f"{place}.*", "-o", "draft.toml")
    assert drafted.exit_code == 0, drafted.output
    assert "turnsignal mapping check draft.toml" in drafted.stderr
    checked = run("mapping", "check", "draft.toml")
    assert checked.exit_code == 0, checked.output
    assert f"{place}.sap.VBAK (json): order, cancelled, delivered" in checked.stdout
    mappings = tomllib.loads(Path("draft.toml").read_text("utf-8"))["mapping"]
    words = [word for mapping in mappings for topic in mapping["topics"] for word in ("--topic", topic)]
    tested = run("mapping", "test", "--mapping", "draft.toml", *words, "--json")
    verdicts = [json.loads(line) for line in tested.stdout.splitlines()]
    became = Counter(verdict["became"] for verdict in verdicts)
    assert became["order.changed"] == ORDERS
    assert became["crm.account.changed"] == CUSTOMERS
    assert became["crm.opportunity.changed"] == became["crm.interaction.logged"] == ORDERS
    assert not {"does_not_map", "waits"} & became.keys()
    orders = [verdict for verdict in verdicts if verdict["became"] == "order.changed"]
    assert all(verdict["account"].startswith("0015g") for verdict in orders)
    lines = [line for verdict in orders for line in verdict["event"]["data"]["lines"]]
    assert {line["kind"] for line in lines} == {"system", "component", "service"}
    assert {verdict["event"]["data"]["buyer"]["name"] for verdict in orders} == {"Anna Schmidt"}


def test_a_file_that_is_there_is_not_written_over(kafka: Broker, place: str) -> None:
    """Without --force: somebody may have worked on it."""
    fill(kafka, named(place, systems.woocommerce()))
    words = ["mapping", "init", "--from-topic", f"{place}.woo.orders", "-o", "mine.toml"]
    Path("mine.toml").write_text("mine")
    refused = run(*words)
    assert "--force writes over it" in str(refused.exception)
    assert Path("mine.toml").read_text() == "mine"
    assert run(*words, "--force").exit_code == 0
    assert "[[mapping]]" in Path("mine.toml").read_text()


def test_a_topic_that_is_not_there_is_told_with_what_is_near(kafka: Broker, place: str) -> None:
    """A name is more often misspelt than missing; no group is joined here, so none is spoken of."""
    fill(kafka, named(place, systems.orders()))
    for words in (
        ("topics", f"{place}.erp.ordrs"),
        ("topics", f"{place}.erp.ordrs*"),
        ("backtest", "--topic", f"{place}.erp.ordrs*"),
        ("mapping", "init", "--from-topic", f"{place}.erp.ordrs"),
    ):
        failure = run(*words).exception
        assert isinstance(failure, Failure)
        assert failure.code == 2
        assert f"{place}.erp.ordrs" in str(failure)
        assert f"did you mean {place}.erp.orders" in str(failure)
        assert "group" not in str(failure)
    assert "problem" in listed(f"{place}.*", f"{place}.none")[f"{place}.none"]


def test_no_letter_of_the_table_is_cut_where_the_screen_is_narrow(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """At 80 columns the name of the mapping is folded, not cropped."""
    found = Guess("debezium", "json", {}, "none", 1, "")
    surveyed = Surveyed("erp.public.auftrag_position", 3, 17006, ())
    overview = Overview(surveyed, found, None, consumed=True, mapping="a/mapping.toml: mapping 2")
    for columns in range(64, 100):
        monkeypatch.setenv("COLUMNS", str(columns))
        show([overview], samples=False, masked=True)
        head, *lines = capsys.readouterr().out.splitlines()
        told = "".join(line[head.index("read by") :] for line in lines).replace(" ", "")
        assert told == "consumed:mapping.toml:mapping2", columns


def test_samples_tell_how_often_each_code_comes_and_what_happened(kafka: Broker, place: str) -> None:
    """Two documents have met few codes; of the rest the shares tell, of a field of names nothing."""
    rows = [{"nr": n, "zustand": "AAAL"[n % 4], "name": "Anna Schmidt"} for n in range(40)]
    fill(kafka, named(place, systems.topic("auftrag", rows)), 1)
    shown = run("topics", f"{place}.auftrag", "--samples").stdout
    assert "zustand: A 75 %, L 25 %" in shown
    assert "Schmidt" not in shown
    told = json.loads(run("topics", f"{place}.auftrag", "--samples", "--json").stdout)
    assert [(each["field"], each["values"]) for each in told["codes"]] == [("zustand", {"A": 30, "L": 10})]


def test_a_draft_of_what_nobody_knows_is_refused_with_the_reasons(kafka: Broker, place: str) -> None:
    """As is one of a topic that is not there."""
    name = f"{place}.noise"
    kafka.create_topic(name)
    producer = KafkaProducer(bootstrap_servers=kafka.bootstrap)
    producer.send(name, value=b"\xff\xfe\x00")
    producer.flush()
    producer.close()
    refused = str(run("mapping", "init", "--from-topic", name).exception)
    assert f"{name}: unknown, neither JSON nor Avro" in refused
    assert "first bytes ff fe 00" in refused
    missing = str(run("mapping", "init", "--from-topic", f"{place}.none").exception)
    assert f"no topic {place}.none as far as" in missing
    assert f"no topic matches {place}.x*" in str(
        run("mapping", "init", "--from-topic", f"{place}.x*").exception
    )
