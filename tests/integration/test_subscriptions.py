"""What is consumed, and from where: patterns, new partitions, beginnings, pauses, several clusters."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

import migrations
from consumers import metrics
from consumers.consumer import Consumer
from consumers.kafka_config import KafkaConfig
from consumers.reviewer import ReviewConfig, Reviewer
from storage import partitions, paused_topics
from storage.engine import create_engine, reading, transaction
from storage.paused_topics import EVERY, PausedTopic
from tests.integration.consuming import OPTIONS, body, one, rows, running, send, talk
from tests.parts.broker import admin_client
from tests.parts.kafka import KafkaBroker
from tests.parts.process import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.engine import Engine
    from tests.conftest import TopicFactory
    from tests.parts.broker import Broker

FAST = {**OPTIONS, "metadata_max_age_ms": 300}


@pytest.fixture
def engine(sqlite_url: str) -> Iterator[Engine]:
    migrations.upgrade(sqlite_url)
    made = create_engine(sqlite_url)
    yield made
    made.dispose()


def config(broker: Broker, *topics: str, **changes: Any) -> KafkaConfig:
    return KafkaConfig([broker.bootstrap], topics, **{"group_id": topics[0], "options": FAST} | changes)


@contextmanager
def consuming(engine: Engine, *configs: KafkaConfig) -> Iterator[list[Consumer]]:
    """A consumer for each, side by side."""
    consumers = [Consumer(engine, one) for one in configs]
    with running(consumers[0]):
        if consumers[1:]:
            with running(consumers[1]):
                yield consumers
        else:
            yield consumers


def events(engine: Engine) -> int:
    return int(one(engine, "SELECT count(*) FROM events"))


def wait_for_events(engine: Engine, count: int) -> None:
    wait_until(lambda: events(engine) >= count, 20, f"{count} events")
    assert events(engine) == count


def wait_until_placed(engine: Engine, count: int) -> None:
    wait_until(lambda: len(rows(engine, "SELECT * FROM partitions")) >= count, 20, f"{count} partitions")


@pytest.mark.parametrize("pattern", [r"^{}\.(crm|orders)", "{}.*"])
def test_a_topic_that_matches_is_consumed_also_when_it_comes_later(
    apache_kafka: Broker, topic: TopicFactory, engine: Engine, pattern: str
) -> None:
    """A team that adds a topic need not tell us; one that does not match is left alone."""
    prefix = topic()
    apache_kafka.create_topic(f"{prefix}.crm")
    apache_kafka.create_topic(f"other.{prefix}.crm")
    send(apache_kafka.bootstrap, f"other.{prefix}.crm", [(body(talk(1)), [])])
    send(apache_kafka.bootstrap, f"{prefix}.crm", [(body(talk(2)), [])])
    wanted = config(apache_kafka, pattern.format(prefix), start="latest")
    with consuming(engine, wanted) as (consumer,):
        wait_until_placed(engine, 1)
        apache_kafka.create_topic(f"{prefix}.orders")
        send(apache_kafka.bootstrap, f"{prefix}.orders", [(body(talk(3)), []), (body(talk(4)), [])])
        wait_for_events(
            engine, 2
        )  # those of the new topic from its first, though the others begin at the end
        assert consumer.unready() is None
    assert {row[0] for row in rows(engine, "SELECT topic FROM partitions")} == {
        f"{prefix}.crm",
        f"{prefix}.orders",
    }


def test_a_pattern_that_means_nothing_is_said(
    apache_kafka: Broker, topic: TopicFactory, engine: Engine
) -> None:
    """A misspelt pattern must not look like a quiet portfolio."""
    with consuming(engine, config(apache_kafka, f"^{topic()}-nothing-.*")) as (consumer,):
        wait_until(lambda: "no topic matches ^" in str(consumer.unready()), 20, "word of it")


def test_a_new_partition_is_picked_up_from_its_first_record(
    apache_kafka: Broker, topic: TopicFactory, engine: Engine
) -> None:
    """Also where topics begin at their end: nobody has chosen to pass over what is in the new one."""
    name = topic()
    send(apache_kafka.bootstrap, name, [(body(talk(1)), [])])
    with consuming(engine, config(apache_kafka, name, start="latest")):
        wait_until_placed(engine, 1)
        admin = admin_client(apache_kafka.bootstrap)
        admin.create_partitions({name: 2})
        admin.close()
        send_to(apache_kafka, name, 1, talk(2), talk(3))
        wait_for_events(engine, 2)


def send_to(broker: Broker, name: str, partition: int, *told: dict[str, Any], **options: Any) -> None:
    from kafka import KafkaProducer  # noqa: PLC0415

    producer: Any = KafkaProducer(bootstrap_servers=broker.bootstrap, acks="all")
    for event in told:
        producer.send(name, value=body(event), partition=partition, **options).get(20)
    producer.close()


@pytest.mark.parametrize(("start", "expected"), [("earliest", 3), ("latest", 0), ("time", 1)])
def test_a_topic_begins_where_it_is_told_to_and_stays_so(
    apache_kafka: Broker, topic: TopicFactory, engine: Engine, start: Any, expected: int
) -> None:
    """The first start decides: what comes while we are down is read, whatever the setting says by then."""
    name, now = topic(partitions=2, **{"retention.ms": "-1"}), datetime.now(UTC)  # or the oldest would go
    for number, days in enumerate((30, 20, 1)):
        millis = int((now - timedelta(days=days)).timestamp() * 1000)
        send_to(apache_kafka, name, number % 2, talk(number), timestamp_ms=millis)
    begins = now - timedelta(days=10) if start == "time" else start
    with consuming(engine, config(apache_kafka, name, start=begins)):
        wait_until_placed(engine, 2)
        wait_for_events(engine, expected)
    send_to(apache_kafka, name, 1, talk(7))
    with consuming(engine, config(apache_kafka, name, start="latest")):
        wait_for_events(engine, expected + 1)


@pytest.mark.parametrize("everything", [False, True])
def test_a_paused_topic_stands_still_and_the_review_clock_with_it(
    apache_kafka: Broker, topic: TopicFactory, engine: Engine, *, everything: bool
) -> None:
    """All members heed it within seconds; nothing is lost, and silence is not taken for the customers'."""
    name, other = topic(), topic()
    wanted = config(apache_kafka, name, other)
    clock = Reviewer(engine, policy(), ReviewConfig([wanted.subscription])).clock
    paused = PausedTopic("", EVERY if everything else name, datetime.now(UTC), "a move")
    with consuming(engine, wanted) as (consumer,):
        send(apache_kafka.bootstrap, name, [(body(talk(1)), [])])
        wait_for_events(engine, 1)
        wait_until(lambda: clock() is not None, 20, "the clock")
        with transaction(engine) as connection:
            assert paused_topics.pause(connection, paused)
        wait_until(lambda: consumer.note() is not None, 20, "the pause")
        assert consumer.unready() is None
        stood = clock()
        send(apache_kafka.bootstrap, name, [(body(talk(2)), [])])
        send(apache_kafka.bootstrap, other, [(body(talk(3)), [])])
        if not everything:
            wait_for_events(engine, 2)
            other_moved = caught_up(engine, other)
            wait_until(lambda: caught_up(engine, other) > other_moved, 20, "the other topic's clock")
        assert (events(engine), clock()) == (1 if everything else 2, stood)
        with transaction(engine) as connection:
            assert paused_topics.resume(connection, "", EVERY) == 1
        wait_for_events(engine, 3)
        wait_until(lambda: clock() != stood, 20, "the clock to go on")
        assert consumer.note() is None


def caught_up(engine: Engine, topic: str) -> datetime:
    with reading(engine) as connection:
        (row,) = (row for row in partitions.progress(connection) if row.topic == topic)
    return row.caught_up_at or datetime.min.replace(tzinfo=UTC)


def policy() -> Any:
    from accounts.policy import Policy  # noqa: PLC0415

    return Policy()


def test_a_pause_holds_for_a_member_that_comes_later(
    apache_kafka: Broker, topic: TopicFactory, engine: Engine
) -> None:
    """A restart, or a rebalance, must not let a paused topic slip through."""
    name, other = topic(), topic()
    send(apache_kafka.bootstrap, name, [(body(talk(1)), [])])
    send(apache_kafka.bootstrap, other, [(body(talk(2)), [])])
    with transaction(engine) as connection:
        paused_topics.pause(connection, PausedTopic("", name, datetime.now(UTC), ""))
    with consuming(engine, config(apache_kafka, name, other)) as (consumer,):
        wait_for_events(engine, 1)
        assert name in str(consumer.note())


def test_what_retention_took_is_kept_until_somebody_knows(
    apache_kafka: Broker, topic: TopicFactory, engine: Engine
) -> None:
    """The loss stands in the database, counted once, and consumption goes on after it."""
    name = topic()
    send(apache_kafka.bootstrap, name, [(body(talk(1)), [])])
    with consuming(engine, config(apache_kafka, name)):
        wait_for_events(engine, 1)
    send(apache_kafka.bootstrap, name, [(body(talk(number)), []) for number in range(2, 7)])
    from kafka import TopicPartition  # noqa: PLC0415

    admin = admin_client(apache_kafka.bootstrap)
    admin.delete_records({TopicPartition(name, 0): 4})
    admin.close()
    counted = metrics.records_lost.labels(cluster="", topic=name)
    before = counted._value.get()
    for _ in range(2):
        with consuming(engine, config(apache_kafka, name)):
            wait_for_events(engine, 3)
    assert counted._value.get() - before == 3
    assert rows(engine, "SELECT next_offset, records_lost FROM partitions") == [(6, 3)]
    with transaction(engine) as connection:
        assert partitions.acknowledge_loss(connection, "", name) == 3
    assert rows(engine, "SELECT records_lost, lost_at FROM partitions") == [(0, None)]


def test_two_clusters_have_the_same_topic_and_one_may_be_away(
    apache_kafka: Broker, topic: TopicFactory, engine: Engine
) -> None:
    """Offsets and dead letters are kept apart; the one that is there goes on, and no account is judged."""
    name = topic()
    with KafkaBroker(heap="384m") as second:
        second.create_topic(name)
        both = [config(apache_kafka, name), config(second, name, cluster="eu")]
        clock = Reviewer(engine, policy(), ReviewConfig([one.subscription for one in both])).clock
        send(apache_kafka.bootstrap, name, [(body(talk(1)), []), (b"{", [])])
        send(second.bootstrap, name, [(body(talk(2)), []), (b"{", []), (body(talk(3)), [])])
        with consuming(engine, *both) as (_, eu):
            wait_for_events(engine, 3)
            wait_until(lambda: clock() is not None, 20, "the clock")
            second.stop()
            wait_until(lambda: "Kafka (cluster 'eu' at " in str(eu.unready()), 20, "word of it")
            stood = caught_up_of(engine, "eu")
            send(apache_kafka.bootstrap, name, [(body(talk(4)), [])])
            wait_for_events(engine, 4)
            for _ in range(3):  # as often as the other member has looked meanwhile
                wait_until_caught_up_after(engine, "", caught_up_of(engine, ""))
            assert clock() == stood
            second.start()
            send(second.bootstrap, name, [(body(talk(5)), [])])
            wait_for_events(engine, 5)
            wait_until(lambda: eu.unready() is None, 20, "readiness")
    told = rows(engine, "SELECT cluster, next_offset FROM partitions ORDER BY cluster")
    assert told == [("", 3), ("eu", 4)]
    letters = rows(engine, 'SELECT cluster, "offset" FROM dead_letters ORDER BY cluster')
    assert letters == [("", 1), ("eu", 1)]


def wait_until_caught_up_after(engine: Engine, cluster: str, before: datetime) -> None:
    wait_until(lambda: caught_up_of(engine, cluster) > before, 20, "the clock of the cluster that is there")


def caught_up_of(engine: Engine, cluster: str) -> datetime:
    with reading(engine) as connection:
        (row,) = (row for row in partitions.progress(connection) if row.cluster == cluster)
    return row.caught_up_at or datetime.min.replace(tzinfo=UTC)
