"""Dead letters of mapped topics, as the person who mends the mapping meets them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import migrations
from consumers.formats import SourceAway
from consumers.mapping.mappings import Mappings
from consumers.records import read
from service.cli import app
from service.failures import Failure
from storage import dead_letters
from storage.dead_letters import Filed
from storage.engine import Engine, create_engine, reading, transaction
from storage.ranges import Range
from storage.reprocessing import Reprocessed, Reprocessing
from tests.integration.consuming import one, rows
from tests.integration.mapping_parts import MAPPING, NOW, FakeRecord, mappings, numbered, record, take

AT = "2026-01-01T09:00:00Z"
TALK = record("crm.talks", id="T1", at=AT, who=["p"], kind="T", subject="")
HOMELESS = record("crm.contacts", id="p", at=AT, title="Buyer")
MENDED = MAPPING.replace(
    "lookup('contact', who[0]).account\"", "lookup('contact', who[0]).account || who[0]\""
)


@pytest.fixture
def engine(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """A migrated database that the commands have in their settings, beside mapping.toml."""
    migrations.upgrade(sqlite_url)
    monkeypatch.setenv("TURNSIGNAL_DATABASE__URL", sqlite_url)
    monkeypatch.setenv("TURNSIGNAL_MAPPING__FILES", str(tmp_path / "mapping.toml"))
    made = create_engine(sqlite_url)
    yield made
    made.dispose()


def letters(*words: str) -> Result:
    """A command on dead letters."""
    return CliRunner().invoke(app, ["dead-letters", *words])


def reprocess(engine: Engine, records: list[FakeRecord], mapper: Mappings) -> Reprocessed:
    """Read all records again, as the command does."""
    with transaction(engine) as connection:
        work = Reprocessing(connection)
        said = read(records, mapper)
        work.take(said.events, said.drafts, said.references, said.dead_letters)
        ranges = [Range(topic, 0, 0, 10) for topic in {each.topic for each in records}]
        return work.finish(ranges, mapper.mapped(read([])), NOW)


def kept(engine: Engine) -> list[Filed]:
    """The letters that wait."""
    with reading(engine) as connection:
        return dead_letters.find(connection)


def test_a_letter_without_its_record_says_where_that_is(engine: Engine, tmp_path: Path) -> None:
    """What was kept of a record is not read as if it were the record; a reprocess mends it."""
    records = numbered([TALK, HOMELESS])
    for each in records:
        take(engine, mappings(), [each])
    (tmp_path / "mapping.toml").write_text(MENDED, "utf-8")
    assert "what was kept of the record, whose value is in Kafka: b'[{" in letters("show", "1").stdout
    refused = letters("replay", "--all")
    assert refused.exit_code == 1
    assert (
        "1: its value is not here: mend the mapping, then `turnsignal reprocess --topic crm.talks --from 0`"
        in (refused.stderr)
    )
    assert one(engine, "SELECT count(*) FROM events") == 0
    assert reprocess(engine, records, mappings(MENDED)).letters == []
    assert rows(engine, "SELECT account_id FROM events") == [("p",)]
    assert kept(engine) == []


def test_a_reprocess_that_finds_the_same_mistake_keeps_the_record(engine: Engine, tmp_path: Path) -> None:
    """The letter is still the record as it came, with the reason of now, and can be replayed."""
    records = numbered([TALK, HOMELESS])
    take(engine, mappings(), records)
    (before,) = kept(engine)
    assert before.letter.value == TALK.value
    other = MAPPING.replace("lookup('contact', who[0]).account\"", "lookup('contact', who[0]).owner\"")
    reprocess(engine, records, mappings(other))
    (after,) = kept(engine)
    assert after.letter[:6] == before.letter[:6]
    assert (before.letter.timestamp, after.letter.timestamp) == (TALK.timestamp, TALK.timestamp)
    assert "owner" in after.letter.detail
    (tmp_path / "mapping.toml").write_text(MENDED, "utf-8")
    assert letters("replay", "--all").stdout == "1 replayed, 0 still cannot be read\n"
    assert rows(engine, "SELECT account_id FROM events") == [("p",)]


UNTIMED = """
[[mapping]]
topics = ["crm.contacts"]
format = "{format}"
[[mapping.reference]]
kind = "contact"
id = "id"
fields = ["title"]
[[mapping.ignore]]
reason = "tests"
when = "id == 'test'"
"""


def test_a_replayed_record_is_as_old_as_it_was(engine: Engine, tmp_path: Path) -> None:
    """Where a record says no time, it counts when it was written, not when it became a letter."""
    told = [record("crm.contacts", id=name, title="Buyer") for name in ("p", "test")]
    take(engine, mappings(UNTIMED.format(format="debezium")), numbered(told))
    (tmp_path / "mapping.toml").write_text(UNTIMED.format(format="json"), "utf-8")
    done = letters("replay", "--all")
    assert done.stdout == "2 replayed (1 of them left aside now), 0 still cannot be read\n"
    assert rows(engine, "SELECT id, time FROM reference_data") == [("p", told[0].timestamp * 1000)]


def test_letters_are_counted_and_chosen_by_topic(engine: Engine, tmp_path: Path) -> None:
    """A mistake makes thousands alike: a list of the first hundred says how many there are, and of what."""
    (tmp_path / "mapping.toml").write_text(MAPPING, "utf-8")
    bad = [record("erp.orders", id=f"O{n}", at=AT, customer=None, currency="EUR") for n in range(3)]
    take(engine, mappings(), numbered([*bad, FakeRecord("crm.talks", b"{")]))
    listed = letters("list", "--limit", "2")
    assert listed.stderr == (
        "2 of 4 dead letters\n  3 does_not_map of erp.orders\n  1 not_json of crm.talks\n"
    )
    assert letters("list", "--topic", "crm.talks").stderr == "1 dead letters\n"
    assert letters("list", "--topic", "eu:crm.talks").stderr == "0 dead letters\n"
    assert letters("replay", "--all", "--topic", "crm.talks").stdout == "0 replayed, 1 still cannot be read\n"


def test_a_registry_that_is_away_leaves_letters_as_they_are(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said in words, and nothing is taken for mended."""
    (tmp_path / "mapping.toml").write_text(MAPPING, "utf-8")
    take(engine, mappings(), [FakeRecord("crm.talks", b"{")])

    def away(*_: object) -> None:
        raise SourceAway("the schema registry does not help: away")

    monkeypatch.setattr(Mappings, "read", away)
    done = letters("replay", "--all")
    assert isinstance(done.exception, Failure)
    assert str(done.exception) == "the schema registry does not help: away; 0 replayed before"
    assert len(kept(engine)) == 1
