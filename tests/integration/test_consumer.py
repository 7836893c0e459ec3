"""The consumer on a real broker and both databases."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

import migrations
from accounts.events import decode
from consumers import metrics
from consumers.consumer import Consumer
from storage import dead_letters, intake, partitions
from storage.engine import Engine, create_engine, reading, transaction
from storage.partitions import FencedError
from tests.conftest import TopicFactory
from tests.integration.consuming import (
    OPTIONS,
    body,
    config,
    consume,
    offset,
    one,
    reached,
    rows,
    running,
    send,
    talk,
)
from tests.parts.broker import Broker
from tests.parts.process import wait_until

DEEP = b'{"type":"order.placed","x":' + b"[" * 200_000 + b"]" * 200_000 + b"}"


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A migrated database."""
    migrations.upgrade(database_url)
    made = create_engine(database_url)
    yield made
    made.dispose()


def test_structured_and_binary_events_are_kept_once(
    kafka: Broker, topic: TopicFactory, engine: Engine
) -> None:
    """Both forms of CloudEvents are read; a repeated event has no second effect, whatever its form."""
    name = topic()
    event = talk(2)
    headers = [
        (f"ce_{key}", event[key].encode())
        for key in ("specversion", "id", "source", "type", "subject", "time")
    ]
    data = json.dumps(event["data"]).encode()
    send(
        kafka.bootstrap, name, [(body(talk(1)), []), (data, headers), (body(talk(1)), []), (body(event), [])]
    )
    consume(engine, config(kafka.bootstrap, name), 4)
    kept = rows(engine, "SELECT body FROM events")
    assert {decode(bytes(value)).id for (value,) in kept} == {"acme-1", "acme-2"}
    assert len(kept) == 2
    assert one(engine, "SELECT count(*) FROM dead_letters") == 0


BAD: list[tuple[str, bytes | None, str]] = [
    ("an empty value", b"", "empty"),
    ("a tombstone", None, "empty"),
    ("broken JSON", b'{"type": ', "not_json"),
    ("5 MB", body(talk(9, note="x" * 5_000_000)), "too_large"),
    ("deep nesting", DEEP, "nested_too_deep"),
    ("a wrong type", body(talk(9, data={"channel": 7})), "does_not_fit"),
    ("NaN", body(talk(9)).replace(b'"topics"', b'"weight": NaN, "topics"'), "not_json"),
    ("a date without a zone", body(talk(9, time="2024-01-01T00:00:00")), "does_not_fit"),
    ("the year 9999", body(talk(9, time="9999-12-31T00:00:00Z")), "does_not_fit"),
    ("NUL in the subject", body(talk(9, subject="a\0b")), "does_not_fit"),
    ("a lone surrogate", body(talk(9)).replace(b"acme-9", b"\\ud800"), "not_json"),
    ("no subject", body({key: value for key, value in talk(9).items() if key != "subject"}), "does_not_fit"),
]


def test_bad_input_is_kept_with_its_reason_and_the_rest_goes_on(
    apache_kafka: Broker, topic: TopicFactory, engine: Engine
) -> None:
    """Each kind of unreadable record becomes a dead letter, whole; its neighbours are consumed."""
    name = topic()
    records: list[tuple[bytes | None, list[tuple[str, bytes]]]] = []
    for number, (_, value, _) in enumerate(BAD):
        records += [(value, []), (body(talk(100 + number)), [])]
    records.append((body(talk(8, type="crm.weather.changed")), []))
    send(apache_kafka.bootstrap, name, records)
    consume(engine, config(apache_kafka.bootstrap, name), len(records))
    with reading(engine) as connection:
        filed = dead_letters.find(connection)
    assert [f.letter.reason for f in filed] == [reason for _, _, reason in BAD]
    assert [f.letter.value or None for f in filed] == [value or None for _, value, _ in BAD]
    assert all(f.letter.detail for f in filed)
    assert one(engine, "SELECT count(*) FROM events") == len(BAD)


def test_one_id_with_two_bodies_is_told(kafka: Broker, topic: TopicFactory, engine: Engine) -> None:
    """The first statement stands; a contradiction is a dead letter, in the same batch and in a later one."""
    name = topic()
    other = talk(1, data=talk(1)["data"] | {"channel": "visit"})
    send(kafka.bootstrap, name, [(body(talk(1)), []), (body(other), [])])
    consume(engine, config(kafka.bootstrap, name), 2)
    send(kafka.bootstrap, name, [(body(other), []), (body(talk(2)), [])])
    consume(engine, config(kafka.bootstrap, name), 4)
    assert one(engine, "SELECT count(*) FROM events") == 2
    found = rows(engine, 'SELECT reason, "offset" FROM dead_letters ORDER BY id')
    assert found == [("conflicting_duplicate", 1), ("conflicting_duplicate", 2)]


def test_dead_letters_go_to_their_topic_too(kafka: Broker, topic: TopicFactory, engine: Engine) -> None:
    """Those who watch Kafka see the record with its reason and place."""
    from kafka import KafkaConsumer, TopicPartition  # noqa: PLC0415

    name, letters = topic(), topic(prefix="letters")
    send(kafka.bootstrap, name, [(b"{", [("origin", b"test")])])
    consume(engine, config(kafka.bootstrap, name, dead_letter_topic=letters), 1)
    watcher: Any = KafkaConsumer(bootstrap_servers=kafka.bootstrap, enable_auto_commit=False)
    watcher.assign([TopicPartition(letters, 0)])
    watcher.seek_to_beginning()
    polled: list[dict[Any, list[Any]]] = [{}]

    def arrived() -> bool:
        polled.append(watcher.poll(500))
        return bool(polled[-1])

    wait_until(arrived, 20, "the dead letter")
    watcher.close()
    (seen,) = polled[-1].values()
    headers = dict(seen[0].headers)
    assert seen[0].value == b"{"
    assert headers["origin"] == b"test"
    assert headers["turnsignal_reason"] == b"not_json"
    assert headers["turnsignal_from"] == f"{name}[0]@0".encode()


STEPS = [
    (partitions, "advance"),
    (dead_letters, "file"),
    (intake, "accept"),
]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("module", "step"), STEPS, ids=[name for _, name in STEPS])
def test_a_crash_at_any_step_leaves_nothing_behind(
    kafka: Broker,
    topic: TopicFactory,
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
    module: Any,
    step: str,
    after: bool,  # noqa: FBT001
) -> None:
    """Whatever line the process dies at, the restarted one ends with the tables of an undisturbed run."""
    name = topic()
    send(kafka.bootstrap, name, [(body(talk(1)), []), (b"{", []), (body(talk(2)), [])])
    real = getattr(module, step)

    def dying(*arguments: Any, **named: Any) -> Any:
        if after:
            real(*arguments, **named)
        raise ProcessLookupError("killed here")

    monkeypatch.setattr(module, step, dying)
    with pytest.raises(ProcessLookupError):
        consume(engine, config(kafka.bootstrap, name), 3)
    written = [table for table in TABLES if table != "partitions"]  # which has where to begin
    assert [one(engine, f"SELECT count(*) FROM {table}") for table in written] == [0, 0, 0]  # noqa: S608
    assert offset(engine) == 0
    monkeypatch.undo()
    consume(engine, config(kafka.bootstrap, name), 3)
    assert [one(engine, f"SELECT count(*) FROM {table}") for table in TABLES] == [2, 1, 1, 1]  # noqa: S608


TABLES = ("events", "accounts", "partitions", "dead_letters")


def test_a_zombies_batch_rolls_back_whole(kafka: Broker, topic: TopicFactory, engine: Engine) -> None:
    """A member that stood still while another consumed must not write, and goes on from the right place."""
    name = topic()
    send(kafka.bootstrap, name, [(body(talk(1)), [])])
    zombie = Consumer(engine, config(kafka.bootstrap, name))
    with running(zombie):
        wait_until(reached(engine, 1), 20, "the first record")
        # Another member has meanwhile consumed offset 1, as the database says.
        with engine.begin() as connection:
            connection.exec_driver_sql("UPDATE partitions SET next_offset = 2")
        send(kafka.bootstrap, name, [(body(talk(2)), []), (body(talk(3)), [])])
        wait_until(reached(engine, 3), 20, "the third record")
    ids = {decode(bytes(value)).id for (value,) in rows(engine, "SELECT body FROM events")}
    assert ids == {"acme-1", "acme-3"}


def test_of_two_members_with_the_same_record_in_hand_one_writes(
    apache_kafka: Broker, topic: TopicFactory, postgres_url: str
) -> None:
    """A member stuck in its commit is evicted; another takes over and reads the same record again.

    Both batches are in the database at once: one is committed, the other is fenced, and its member goes on
    from where the database stands.
    """
    migrations.upgrade(postgres_url)
    engine, name = create_engine(postgres_url), topic()
    options = OPTIONS | {"max_poll_interval_ms": 2000}
    kafka_config = config(apache_kafka.bootstrap, name, options=options)
    fenced = metrics.fenced._value.get()
    with running(Consumer(engine, kafka_config)), ExitStack() as stack:
        with transaction(engine) as held:
            held.exec_driver_sql("LOCK TABLE events IN EXCLUSIVE MODE")  # comes after the offset's row
            send(apache_kafka.bootstrap, name, [(body(talk(1)), [])])
            wait_until(lambda: waiting(engine) == 1, 20, "the first member's batch")
            stack.enter_context(running(Consumer(engine, kafka_config)))
            wait_until(lambda: waiting(engine) == 2, 40, "the second member's batch")
            assert metrics.fenced._value.get() == fenced
        wait_until(lambda: metrics.fenced._value.get() > fenced, 20, "one to be fenced")
        send(apache_kafka.bootstrap, name, [(body(talk(2)), [])])
        wait_until(reached(engine, 2), 40, "the second record")
    ids = [decode(bytes(value)).id for (value,) in rows(engine, "SELECT body FROM events")]
    assert sorted(ids) == ["acme-1", "acme-2"]
    engine.dispose()


def waiting(engine: Engine) -> int:
    """How many transactions wait for another's lock."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    return int(one(engine, f"{query} AND datname = current_database()"))


def test_an_offset_is_moved_only_by_who_knows_it(engine: Engine) -> None:
    """The fence itself: the wrong start raises and changes nothing."""
    first = partitions.Advance("t", 0, 0, 5, None, None)
    with engine.begin() as connection:
        partitions.begin(connection, "", {("t", 0): 0})
        partitions.advance(connection, [first])
    with pytest.raises(FencedError), engine.begin() as connection:
        partitions.advance(connection, [first._replace(started=4, next_offset=9)])
    assert offset(engine) == 5


def test_a_second_member_takes_its_share_and_gives_it_back(
    kafka: Broker, topic: TopicFactory, postgres_url: str
) -> None:
    """Rebalances while records flow lose and double nothing."""
    migrations.upgrade(postgres_url)
    engine = create_engine(postgres_url)
    name = topic(partitions=4)
    kafka_config = config(kafka.bootstrap, name, batch_records=20)
    with running(Consumer(engine, kafka_config)):
        _spread(kafka.bootstrap, name, range(400))
        with running(Consumer(engine, kafka_config)):
            _spread(kafka.bootstrap, name, range(400, 1200))
        _spread(kafka.bootstrap, name, range(1200, 1600))
        wait_until(reached(engine, 1600), 30, "all records")
    assert one(engine, "SELECT count(*) FROM events") == 1600
    engine.dispose()


def _spread(bootstrap: str, topic: str, numbers: range) -> None:
    from kafka import KafkaProducer  # noqa: PLC0415

    producer: Any = KafkaProducer(bootstrap_servers=bootstrap, acks="all")
    for number in numbers:
        producer.send(topic, value=body(talk(number)), partition=number % 4)
    producer.flush()
    producer.close()
