"""Mapped records through the consuming transaction: reference data in any order, and reprocessing."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import migrations
from consumers.mapping.mappings import Mappings
from consumers.record import of_cluster
from consumers.records import read
from service.cli import app
from storage import dead_letters
from storage.draft_references import unpacked
from storage.engine import Engine, create_engine, reading, transaction
from storage.ranges import Range
from storage.reprocessing import Reprocessed, Reprocessing
from tests.integration.consuming import one, rows
from tests.integration.mapping_parts import (
    MAPPING,
    NOW,
    FakeRecord,
    mappings,
    numbered,
    record,
    states,
    take,
)

START = datetime(2024, 1, 1, tzinfo=UTC)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A migrated database."""
    migrations.upgrade(database_url)
    made = create_engine(database_url)
    yield made
    made.dispose()


@pytest.fixture
def another(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Another, to compare with."""
    url = f"sqlite:///{tmp_path_factory.mktemp('another') / 'turnsignal.sqlite'}"
    migrations.upgrade(url)
    made = create_engine(url)
    yield made
    made.dispose()


def at(day: float) -> str:
    """A moment so many days after START."""
    return (START + timedelta(days=day)).isoformat()


def portfolio(seed: int = 1, talks: int = 60, orders: int = 25) -> list[FakeRecord]:
    """The records of a CRM and an ERP about three accounts, in the order of their making."""
    chance = random.Random(seed)
    found: list[tuple[float, FakeRecord]] = []

    def say(day: float, topic: str, **fields: Any) -> None:
        found.append((day, record(topic, at=at(day), **fields)))

    accounts = ["acme", "bolt", "core"]
    for number, account in enumerate(accounts):
        say(number / 10, "crm.accounts", id=account, name=account.title())
    people = [f"{account}-{number}" for account in accounts for number in range(3)]
    for number, person in enumerate(people):
        title = ("Design Engineer", "Senior Buyer", "Managing Director")[number % 3]
        home = person.partition("-")[0]
        say(chance.uniform(0, 20), "crm.contacts", id=person, name=person, title=title, account=home)
    # One is promoted later: what came before keeps the title of then. One tells no department ever.
    say(300.5, "crm.contacts", id="acme-0", title="Head of Purchasing")
    for number in range(4):
        sku = f"S{number}"
        say(chance.uniform(0, 5), "erp.products", sku=sku, type=("SYS", "CMP", "SRV", "CMP")[number])
    for number in range(talks):
        account = chance.choice(accounts)
        who = chance.sample([person for person in people if person.startswith(account)], 2)
        subject = chance.choice(["preis", "design review", "hello"])
        say(chance.uniform(25, 700), "crm.talks", id=f"T{number}", who=who, kind="M", subject=subject)
    for number in range(orders):
        day = chance.uniform(25, 700)
        say(day, "erp.orders", id=f"O{number}", customer=chance.choice(accounts), currency="EUR")
        for line in range(chance.randint(1, 3)):
            fields = {"sku": f"S{chance.randrange(4)}", "quantity": 1, "cents": chance.randint(1000, 99999)}
            say(day + 0.001, "erp.lines", id=f"O{number}/{line}", order=f"O{number}", **fields)
    return [each for _, each in sorted(found, key=lambda said: said[0])]


def bodies(engine: Engine) -> set[bytes]:
    """All canonical events."""
    return {bytes(body) for (body,) in rows(engine, "SELECT body FROM events")}


def batches(records: Sequence[FakeRecord], size: int) -> Iterator[Sequence[FakeRecord]]:
    for start in range(0, len(records), size):
        yield records[start : start + size]


def consume(
    engine: Engine, records: Sequence[FakeRecord], mapper: Mappings | None = None, size: int = 40
) -> None:
    """Take records in batches."""
    mapper = mapper or mappings()
    for batch in batches(records, size):
        take(engine, mapper, batch)


@pytest.mark.parametrize("seed", range(4))
def test_any_order_and_any_repetition_gives_the_same_states(
    engine: Engine, another: Engine, seed: int
) -> None:
    """References before, amid or after what names them, told once or thrice: byte for byte the same."""
    records = numbered(portfolio(seed))
    consume(another, records)
    chance = random.Random(seed)
    shuffled = records + chance.sample(records, len(records) // 2)
    chance.shuffle(shuffled)
    for batch in batches(shuffled, chance.choice([1, 3, 17, 1000])):
        take(engine, mappings(), batch)
        if chance.random() < 0.1:
            states(engine, START + timedelta(days=chance.uniform(50, 700)))
    assert bodies(engine) == bodies(another)
    assert states(engine) == states(another)
    assert len(states(engine)) == 3
    assert one(engine, "SELECT count(*) FROM dead_letters WHERE replayed_at IS NULL") == 0


def test_mapped_is_as_canonical(engine: Engine, another: Engine) -> None:
    """The events that a mapping makes give the states that the same events give on a canonical topic."""
    records = numbered(portfolio())
    random.Random(7).shuffle(records)
    consume(engine, records)
    take(another, None, [FakeRecord("events", body) for body in sorted(bodies(engine))])
    assert states(engine) == states(another)


def test_the_past_keeps_the_title_of_then(engine: Engine) -> None:
    """An event is told a reference as it was when the event happened; a later change touches nothing."""
    said = [
        record("crm.talks", id="T1", at=at(100), who=["p"], kind="T", subject=""),
        record("crm.contacts", id="p", at=at(200), title="Design Engineer", account="acme", name="A"),
        record("crm.contacts", id="p", at=at(300), title="Buyer"),
        record("crm.talks", id="T2", at=at(400), who=["p"], kind="T", subject=""),
    ]
    consume(engine, numbered(said), size=1)
    found = {body.partition(b'"title":"')[2].partition(b'"')[0] for body in bodies(engine)}
    assert found == {b"Design Engineer", b"Buyer"}
    assert all(b'"name":"A"' in body for body in bodies(engine))  # what a change does not say stays


def test_a_mistake_is_a_dead_letter_and_its_neighbours_are_taken(engine: Engine) -> None:
    """It names topic, rule, field, expression and value; ignored ones are counted by their reason."""
    said = [
        record("erp.orders", id="O1", at=at(1), customer="acme", currency="EUR"),
        record("erp.orders", id="O2", at=at(1), customer=None, currency="EUR"),
        record("erp.orders", id="O3", at="yesterday", customer="acme", currency="EUR"),
        record("crm.talks", id="T1", at=at(1), who=[], kind="internal", subject=""),
        record("erp.orders", id="O4", at=at(1), customer="acme", currency="EUR"),
    ]
    mapper = mappings()
    readout = read(numbered(said), mapper)
    assert readout.ignored == {("crm.talks", "internal"): 1}
    consume(engine, numbered(said), mapper)
    with reading(engine) as connection:
        found = [filed.letter for filed in dead_letters.find(connection)]
    assert [(letter.reason, letter.offset) for letter in found] == [("does_not_map", 1), ("does_not_map", 2)]
    for part in ("erp.orders", "order.placed", "account", "customer"):
        assert part in found[0].detail
    assert len(bodies(engine)) == 2


def test_a_mistake_that_only_a_reference_shows_is_told_and_mended(engine: Engine) -> None:
    """A draft that makes no event, though what it names is known, is a dead letter until it is mended."""
    talk = record("crm.talks", id="T1", at=at(5), who=["p"], kind="T", subject="")
    consume(engine, numbered([talk, record("crm.contacts", id="p", at=at(4), title="Buyer")]), size=1)
    assert bodies(engine) == set()
    assert one(engine, "SELECT count(*) FROM dead_letters WHERE replayed_at IS NULL") == 1
    consume(engine, [FakeRecord("crm.contacts", record("", id="p", at=at(3), account="acme").value, 1)])
    assert len(bodies(engine)) == 1
    assert one(engine, "SELECT count(*) FROM dead_letters WHERE replayed_at IS NULL") == 0


def reprocess(engine: Engine, records: Sequence[FakeRecord], mapper: Mappings, start: int = 0) -> Reprocessed:
    """Read the records again from an offset on, as the command does."""
    ends: dict[str, int] = {}
    for each in records:
        ends[each.topic] = max(ends.get(each.topic, 0), each.offset + 1)
    again = [each for each in records if each.offset >= start]
    with transaction(engine) as connection:
        work = Reprocessing(connection)
        for batch in batches(again, 50):
            said = read(batch, mapper)
            work.take(said.events, said.drafts, said.references, said.dead_letters)
        ranges = [Range(topic, 0, start, end) for topic, end in ends.items()]
        return work.finish(ranges, mapper.mapped(read([])), NOW)


COUNTS = ("SELECT count(*) FROM drafts", "SELECT count(*) FROM reference_data")


def named(engine: Engine) -> set[tuple[int, bytes]]:
    """Which draft names which reference; each draft keeps the same of itself."""
    found = {
        (number, drafts[start : start + 16])
        for number, drafts in rows(engine, "SELECT reference, drafts FROM draft_references")
        for start in range(0, len(drafts), 16)
    }
    kept = rows(engine, "SELECT event_key, names FROM drafts")
    assert found == {(number, key) for key, names in kept for number in unpacked(names)}
    return found


WRONG = (
    ('SYS = "system"', 'SYS = "service"'),  # a code list
    ('account = "customer"', "account = \"'wrong'\""),  # orders of the wrong account
    ("lookup('contact', who[0]).account", "lookup('contact', who[1]).name"),  # talks of the wrong one
    ('parent = "order"', 'parent = "sku"'),  # lines of nothing
    ("people('contact', who)", "[{id: who[0], title: 'Buyer'}]"),
    ('type = "crm.interaction.logged"', 'type = "crm.interaction.logged"\nname = "talk"'),
    ("when = \"kind == 'internal'\"", "when = \"subject == 'preis'\""),  # too much ignored
    ('currency = "currency"', 'currency = "curency"'),  # all orders dead letters
    ('kind = "product"\nid = "sku"', 'kind = "product"\nid = "\'S0\'"'),  # all products taken for one
    ('fields = ["sku", "quantity", "cents"]', 'fields = ["sku", "quantity"]'),
)


@pytest.mark.parametrize(("right", "wrong"), WRONG)
def test_reprocessing_gives_the_state_as_if_it_had_been_right(
    engine: Engine, another: Engine, right: str, wrong: str
) -> None:
    """Whatever the mistake was: events, references, drafts, dead letters and states."""
    assert right in MAPPING
    records = numbered(portfolio())
    consume(engine, records, mappings(MAPPING.replace(right, wrong)))
    states(engine)
    before = bodies(engine)
    consume(another, records)
    assert before != bodies(another)
    done = reprocess(engine, records, mappings())
    assert done.replaced + done.removed > 0
    assert bodies(engine) == bodies(another)
    assert states(engine) == states(another)
    assert one(engine, "SELECT count(*) FROM dead_letters WHERE replayed_at IS NULL") == 0
    for query in COUNTS:
        assert one(engine, query) == one(another, query), query
    assert named(engine) == named(another)


def test_reprocessing_what_was_right_changes_nothing(engine: Engine) -> None:
    """No event is touched and no account is due: nobody is told anything anew."""
    records = numbered(portfolio())
    consume(engine, records)
    found = states(engine)
    due = rows(engine, "SELECT account_id, due_week FROM accounts ORDER BY 1")
    assert reprocess(engine, records, mappings()) == Reprocessed(0, 0, 0, [])
    assert rows(engine, "SELECT account_id, due_week FROM accounts ORDER BY 1") == due
    assert states(engine) == found


def test_only_the_records_read_again_are_weighed(engine: Engine) -> None:
    """What was made of earlier records stays, also where the new mapping would not make it."""
    said = [record("erp.orders", id=f"O{n}", at=at(n), customer="acme", currency="EUR") for n in range(4)]
    records = numbered(said)
    consume(engine, records)
    wrong = mappings(MAPPING.replace('account = "customer"', "account = \"'other'\""))
    reprocess(engine, records, wrong, start=2)
    assert rows(engine, 'SELECT "offset", account_id FROM events ORDER BY 1') == [
        (0, "acme"), (1, "acme"), (2, "other"), (3, "other"),
    ]  # fmt: skip


def test_topics_of_one_name_in_two_clusters_are_kept_apart(engine: Engine) -> None:
    """The same place of another cluster is another record: its events and letters are not touched."""
    good = record("erp.orders", id="O1", at=at(1), customer="acme", currency="EUR")
    bad = record("erp.orders", id="O2", at=at(1), customer=None, currency="EUR")
    lines = record("erp.lines", id="L", at=at(1), order="O1", sku="S", quantity=1, cents=100)
    here = numbered([good, bad, lines])
    there = [of_cluster(each, "eu") for each in numbered([record_of_eu(good), record_of_eu(bad), lines])]
    for records in (here, there):
        take(engine, mappings(), records)
    found = "SELECT cluster, account_id FROM events ORDER BY 1"
    assert rows(engine, found) == [("", "acme"), ("eu", "acme")]
    mended = mappings(MAPPING.replace('account = "customer"', "account = \"customer || 'house'\""))
    with transaction(engine) as connection:
        work = Reprocessing(connection)
        said = read(there[1:2], mended)
        work.take(said.events, said.drafts, said.references, said.dead_letters)
        work.finish([Range("erp.orders", 0, 0, 2, "eu")], mended.mapped(read([])), NOW)
    assert rows(engine, found) == [("", "acme"), ("eu", "house")]
    waiting = "SELECT cluster FROM dead_letters WHERE replayed_at IS NULL"
    assert rows(engine, waiting) == [("",)]
    places = "SELECT cluster FROM reference_data UNION ALL SELECT cluster FROM drafts ORDER BY 1"
    assert rows(engine, places) == [("",), ("",), ("",), ("eu",)]  # the line was told twice and is kept once


def record_of_eu(said: FakeRecord) -> FakeRecord:
    """The same of another order."""
    return replace(said, value=(said.value or b"").replace(b'"O', b'"EU'))


def test_a_reprocess_that_breaks_off_has_changed_nothing(engine: Engine) -> None:
    """It is one transaction: whoever is killed in between runs it again."""
    records = numbered(portfolio())
    consume(engine, records)
    found = bodies(engine)
    wrong = mappings(MAPPING.replace('account = "customer"', "account = \"'other'\""))
    with pytest.raises(RuntimeError), transaction(engine) as connection:  # noqa: PT012
        work = Reprocessing(connection)
        said = read(records, wrong)
        work.take(said.events, said.drafts, said.references, said.dead_letters)
        raise RuntimeError
    assert bodies(engine) == found
    assert reprocess(engine, records, mappings()) == Reprocessed(0, 0, 0, [])


def test_two_members_miss_nothing_of_each_other(postgres_url: str) -> None:
    """A reference and a draft that come at the same time by two members find each other."""
    import threading  # noqa: PLC0415

    migrations.upgrade(postgres_url)
    engine = create_engine(postgres_url)
    contacts = [
        record("crm.contacts", id=f"p{n}", at=at(1), account="acme", title="Buyer") for n in range(60)
    ]
    talks = [
        record("crm.talks", id=f"T{n}", at=at(2), who=[f"p{n}"], kind="T", subject="") for n in range(60)
    ]
    failures: list[BaseException] = []

    def member(records: Sequence[FakeRecord]) -> None:
        try:
            consume(engine, numbered(records), mappings(), size=2)
        except BaseException as error:  # noqa: BLE001  (asserted below)
            failures.append(error)

    threads = [threading.Thread(target=member, args=(part,)) for part in (contacts, talks, talks[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert len(bodies(engine)) == 60
    assert all(b'"title":"Buyer"' in body for body in bodies(engine))
    engine.dispose()


def test_dead_letters_are_read_again_by_the_mended_mapping(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One mended by hand stays, whatever is reprocessed; one that still does not map says why."""
    migrations.upgrade(sqlite_url)
    engine = create_engine(sqlite_url)
    said = [record("erp.orders", id=f"O{n}", at=at(1), customer=None, currency="EUR") for n in range(3)]
    records = numbered(said)
    consume(engine, records)
    file = tmp_path / "mapping.toml"
    file.write_text(MAPPING, "utf-8")
    monkeypatch.setenv("TURNSIGNAL_DATABASE__URL", sqlite_url)
    monkeypatch.setenv("TURNSIGNAL_MAPPING__FILES", str(file))
    value = tmp_path / "mended.json"
    value.write_bytes(record("", id="O0", at=at(1), customer="acme", currency="EUR").value or b"")

    def run(*words: str) -> Result:
        return CliRunner().invoke(app, ["dead-letters", "replay", *words])

    failed = run("2")
    assert failed.exit_code == 1
    assert "does_not_map" in failed.stderr
    assert run("1", "--value", str(value)).exit_code == 0
    file.write_text(MAPPING.replace('account = "customer"', "account = \"customer || 'house'\""), "utf-8")
    assert run("--all").exit_code == 0
    found = "SELECT account_id FROM events ORDER BY 1"
    assert rows(engine, found) == [("acme",), ("house",), ("house",)]
    assert len(reprocess(engine, records, mappings()).letters) == 2
    assert rows(engine, found) == [("acme",)]
    waiting = 'SELECT "offset" FROM dead_letters WHERE replayed_at IS NULL ORDER BY 1'
    assert rows(engine, waiting) == [(1,), (2,)]
    engine.dispose()


def test_a_letter_of_another_cluster_is_mended_there(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a reprocess of that cluster would not know it, and undo what a person has done."""
    migrations.upgrade(sqlite_url)
    engine = create_engine(sqlite_url)
    bad = of_cluster(record("erp.orders", id="O", at=at(1), customer=None, currency="EUR"), "eu")
    take(engine, mappings(), [bad])
    file, value = tmp_path / "mapping.toml", tmp_path / "mended.json"
    file.write_text(MAPPING, "utf-8")
    value.write_bytes(record("", id="O", at=at(1), customer="acme", currency="EUR").value or b"")
    monkeypatch.setenv("TURNSIGNAL_DATABASE__URL", sqlite_url)
    monkeypatch.setenv("TURNSIGNAL_MAPPING__FILES", str(file))
    done = CliRunner().invoke(app, ["dead-letters", "replay", "1", "--value", str(value)])
    assert done.exit_code == 0
    found = 'SELECT cluster, "partition", account_id FROM events'
    assert rows(engine, found) == [("eu", -1, "acme")]
    with transaction(engine) as connection:
        work = Reprocessing(connection)
        said = read([bad], mappings())
        work.take(said.events, said.drafts, said.references, said.dead_letters)
        assert work.finish([Range("erp.orders", 0, 0, 1, "eu")], mappings().mapped(said), NOW).letters == []
    assert rows(engine, found) == [("eu", -1, "acme")]
    engine.dispose()
