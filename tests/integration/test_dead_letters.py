"""Dead letters: kept whole, found, replayed; and no record that stops those behind it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

import migrations
from accounts.events import decode
from consumers import metrics
from consumers.records import bodies_of_parts, row_of
from storage import dead_letters, intake, partitions
from storage.dead_letters import DeadLetter
from storage.engine import Engine, create_engine, reading, transaction
from storage.intake import EventRow, Outcome
from tests.conftest import TopicFactory
from tests.integration.consuming import body, config, consume, one, rows, send, talk
from tests.parts.broker import Broker
from tests.parts.process import wait_until

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A migrated database."""
    migrations.upgrade(database_url)
    made = create_engine(database_url)
    yield made
    made.dispose()


@pytest.fixture
def fresh_sqlite(sqlite_url: str) -> Iterator[Engine]:
    """A migrated database, on SQLite alone, where the database is not what is tested."""
    migrations.upgrade(sqlite_url)
    made = create_engine(sqlite_url)
    yield made
    made.dispose()


def letter(offset: int, **changes: Any) -> DeadLetter:
    return DeadLetter("t", 0, offset, b"acme", b"{", [], "not_json", "broken")._replace(**changes)


def test_letters_are_kept_whole_and_found_by_reason_and_number(engine: Engine) -> None:
    """What a person lists is what came, byte for byte; filing it again changes nothing."""
    odd = [("a\0b", b"\xff\0"), ("empty", b""), ("none", None), ("twice", b"1"), ("twice", b"2")]
    filed = [letter(0), letter(1, key=None, value=None, reason="empty"), letter(2, headers=odd)]
    with transaction(engine) as connection:
        dead_letters.file(connection, filed, NOW)
    with transaction(engine) as connection:
        dead_letters.file(connection, [letter(0, detail="another")], NOW)
    with reading(engine) as connection:
        found = dead_letters.find(connection)
        numbers = [f.id for f in found]
        assert [f.letter for f in found] == filed
        assert {f.recorded_at for f in found} == {NOW}
        assert [f.id for f in dead_letters.find(connection, reason="empty")] == numbers[1:2]
        assert [f.id for f in dead_letters.find(connection, ids=numbers[1:])] == numbers[1:]
        assert dead_letters.find(connection, ids=[]) == []
        page = dead_letters.find(connection, after=numbers[0], limit=1)
        assert [f.id for f in page] == numbers[1:2]
        assert dead_letters.count_by_reason(connection) == {"not_json": 2, "empty": 1}


def test_a_resolved_letter_waits_no_longer_but_stays(engine: Engine) -> None:
    """What has been replayed leaves the list of what waits, and its record remains."""
    with transaction(engine) as connection:
        dead_letters.file(connection, [letter(0), letter(1)], NOW)
        first, second = dead_letters.find(connection)
        dead_letters.resolve(connection, [first.id], NOW)
    with reading(engine) as connection:
        assert [f.id for f in dead_letters.find(connection)] == [second.id]
        assert dead_letters.find(connection, ids=[first.id], unresolved=False)[0].replayed_at == NOW
        assert dead_letters.count_by_reason(connection) == {"not_json": 1}


def accept(engine: Engine, row: EventRow) -> Outcome:
    """Accept one event, as a replay does."""
    with transaction(engine) as connection:
        return intake.accept(connection, {row.event_key: row})


def test_a_mended_letter_is_accepted_once(kafka: Broker, topic: TopicFactory, engine: Engine) -> None:
    """A letter that was mended becomes an event with its account due; replayed twice it is one event."""
    name = topic()
    broken = body(talk(1)).replace(b'"call"', b'"telegraph"')
    send(kafka.bootstrap, name, [(broken, [])])
    consume(engine, config(kafka.bootstrap, name), 1)
    with reading(engine) as connection:
        (filed,) = dead_letters.find(connection)
    assert "telegraph" in filed.letter.detail
    assert filed.letter.value is not None
    (mended,) = bodies_of_parts(filed.letter.headers, filed.letter.value.replace(b"telegraph", b"call"))
    row = row_of(decode(mended), mended)
    other = body(talk(1, subject="globex"))
    contradiction = row_of(decode(other), other)
    assert accept(engine, row) == (1, 0, [])
    assert accept(engine, row) == (0, 1, [])
    assert accept(engine, contradiction) == (0, 0, [contradiction])
    assert rows(engine, "SELECT account_id, due_week FROM accounts") == [("acme", row.week)]


def ticket(number: int, length: int) -> dict[str, Any]:
    """Ids of rare Chinese characters: four bytes each, and nothing that a database could compress."""
    dice = Random(number)
    account, name = ("".join(chr(dice.randrange(0x20000, 0x2A6D0)) for _ in range(length)) for _ in "12")
    data = {"ticket_id": name, "status": "opened"}
    return talk(number, subject=account, type="crm.ticket.changed", data=data)


def test_names_too_long_for_an_index_are_told(kafka: Broker, topic: TopicFactory, engine: Engine) -> None:
    """PostgreSQL's indexes hold 2,704 bytes; a longer name must not stop its partition for good."""
    name = topic()
    longest, too_long = ticket(1, 256), ticket(2, 257)
    send(kafka.bootstrap, name, [(body(too_long), []), (body(longest), []), (body(talk(3)), [])])
    consume(engine, config(kafka.bootstrap, name), 3)
    accounts = {account for (account,) in rows(engine, "SELECT account_id FROM events")}
    assert accounts == {longest["subject"], "acme"}
    assert rows(engine, 'SELECT "offset", reason FROM dead_letters') == [(0, "does_not_fit")]


def test_a_record_timestamp_beyond_all_calendars_stops_nothing(
    kafka: Broker, topic: TopicFactory, fresh_sqlite: Engine
) -> None:
    """A producer with a broken clock neither stops its partition nor carries the review clock ahead."""
    from kafka import KafkaProducer  # noqa: PLC0415

    name = topic(1, "topic", **{"message.timestamp.after.max.ms": str(2**63 - 1)})
    producer: Any = KafkaProducer(bootstrap_servers=kafka.bootstrap, acks="all")
    for number, timestamp in enumerate((10**17, 4_000_000_000_000)):
        producer.send(name, value=body(talk(number)), timestamp_ms=timestamp)
        producer.flush()
    producer.close()
    consume(fresh_sqlite, config(kafka.bootstrap, name), 2)
    with reading(fresh_sqlite) as connection:
        (partition,) = partitions.progress(connection)
    assert partition.record_time is not None
    assert partition.record_time <= datetime.now(UTC)


def watched(bootstrap: str, name: str, count: int) -> list[Any]:
    """The first records of a topic."""
    from kafka import KafkaConsumer, TopicPartition  # noqa: PLC0415

    watcher: Any = KafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    watcher.assign([TopicPartition(name, 0)])
    watcher.seek_to_beginning()
    seen: list[Any] = []

    def arrived() -> bool:
        for run in watcher.poll(500).values():
            seen.extend(run)
        return len(seen) >= count

    try:
        wait_until(arrived, 20, f"{count} records of {name}")
    finally:
        watcher.close()
    return seen


def test_a_letter_too_large_for_its_topic_is_announced_there(
    apache_kafka: Broker, topic: TopicFactory, fresh_sqlite: Engine
) -> None:
    """5 MB do not stop consumption where the topic of dead letters takes 1 MB: reason and place go there."""
    name, letters = topic(), topic(1, "letters", **{"max.message.bytes": "100000"})
    values = (b"x" * 5_000_000, b"y" * 500_000, b"{", None)
    send(apache_kafka.bootstrap, name, [*((value, []) for value in values), (body(talk(1)), [])])
    consume(fresh_sqlite, config(apache_kafka.bootstrap, name, dead_letter_topic=letters), 5)
    seen = watched(apache_kafka.bootstrap, letters, 4)
    assert sorted(record.value for record in seen) == [b"", b"", b"", b"{"]
    origins = {dict(record.headers)["turnsignal_from"].decode() for record in seen}
    assert origins == {f"{name}[0]@{number}" for number in range(4)}
    assert one(fresh_sqlite, "SELECT count(*) FROM dead_letters") == 4
    assert one(fresh_sqlite, "SELECT count(*) FROM events") == 1


def test_a_missing_topic_of_dead_letters_does_not_stop_the_events(
    kafka: Broker, topic: TopicFactory, fresh_sqlite: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    """The database keeps every letter; the copy for those who watch Kafka is not worth a standstill."""
    name = topic()
    send(kafka.bootstrap, name, [(b"{", []), (body(talk(1)), [])])
    consume(fresh_sqlite, config(kafka.bootstrap, name, dead_letter_topic="no-such-topic"), 2)
    assert one(fresh_sqlite, "SELECT count(*) FROM dead_letters") == 1
    assert one(fresh_sqlite, "SELECT count(*) FROM events") == 1
    assert "dead_letter_topic_failed" in capsys.readouterr().out


def test_unknown_types_are_counted_and_skipped(
    kafka: Broker, topic: TopicFactory, fresh_sqlite: Engine
) -> None:
    """An event of a type that nothing here reads is no error, but it is not silent either."""
    name = topic()
    strange = body(talk(1, type="crm.weather.changed"))
    send(kafka.bootstrap, name, [(strange, []), (strange, []), (body(talk(2)), [])])
    consume(fresh_sqlite, config(kafka.bootstrap, name), 3)
    counted = {
        sample.labels["type"]: sample.value
        for family in metrics.events.collect()
        for sample in family.samples
        if sample.labels["topic"] == name and sample.name.endswith("_total") and sample.value
    }
    assert counted == {"unknown": 2, "crm.interaction.logged": 1}
    assert one(fresh_sqlite, "SELECT count(*) FROM dead_letters") == 0
