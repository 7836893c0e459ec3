"""The consumer when the database or the broker goes away, or records are gone."""

import threading
from typing import Any

import pytest
from kafka.errors import KafkaConnectionError, NodeNotReadyError, RetriableError

import migrations
from consumers import metrics
from consumers.consumer import Consumer
from consumers.membership import Membership
from storage.engine import create_engine
from tests.conftest import TopicFactory
from tests.integration.consuming import OPTIONS, body, config, one, reached, running, send, talk
from tests.parts.broker import Broker
from tests.parts.postgres import PostgresServer
from tests.parts.process import free_port, wait_until


def test_a_database_that_crashes_is_waited_for(kafka: Broker, topic: TopicFactory) -> None:
    """The consumer stays in its group while the database is away, and then loses and doubles nothing."""
    name = topic()
    with PostgresServer(fsync=False) as server:
        url = server.create_database()
        migrations.upgrade(url)
        engine = create_engine(url)
        consumer = Consumer(engine, config(kafka.bootstrap, name))
        with running(consumer):
            send(kafka.bootstrap, name, [(body(talk(1)), [])])
            wait_until(reached(engine, 1), 20, "the first record")
            server.kill()
            send(kafka.bootstrap, name, [(body(talk(2)), []), (body(talk(2)), []), (body(talk(3)), [])])
            wait_until(lambda: consumer.unready() is not None, 20, "the consumer to notice")
            server.restart()
            wait_until(reached(engine, 4), 40, "the rest")
            wait_until(lambda: consumer.unready() is None, 20, "readiness")
        assert one(engine, "SELECT count(*) FROM events") == 3
        engine.dispose()


def test_a_broker_that_restarts_is_waited_for(
    apache_kafka: Broker, topic: TopicFactory, sqlite_url: str
) -> None:
    """A broker's restart costs time, not records."""
    name = topic()
    migrations.upgrade(sqlite_url)
    engine = create_engine(sqlite_url)
    with running(Consumer(engine, config(apache_kafka.bootstrap, name))):
        send(apache_kafka.bootstrap, name, [(body(talk(1)), [])])
        wait_until(reached(engine, 1), 20, "the first record")
        apache_kafka.stop()
        apache_kafka.restart()
        send(apache_kafka.bootstrap, name, [(body(talk(2)), [])])
        wait_until(reached(engine, 2), 60, "the second record")
    assert one(engine, "SELECT count(*) FROM events") == 2
    engine.dispose()


def test_asking_in_vain_costs_no_threads(sqlite_url: str) -> None:
    """A broker that is away for days must not use up what the process may have."""
    engine = create_engine(sqlite_url)
    away = config(f"127.0.0.1:{free_port()}", "t", options={"bootstrap_timeout_ms": 100})
    before = threading.active_count()
    for _ in range(3):
        with pytest.raises(RetriableError):
            Membership(engine, away)
    assert threading.active_count() == before


def test_a_broker_that_is_away_at_the_start_is_waited_for(
    apache_kafka: Broker, topic: TopicFactory, sqlite_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """After a power cut everything starts at once; pages and messages must not fall with the consumer."""
    name = topic()
    migrations.upgrade(sqlite_url)
    engine = create_engine(sqlite_url)
    options = OPTIONS | {"bootstrap_timeout_ms": 500}
    consumer = Consumer(engine, config(apache_kafka.bootstrap, name, options=options))
    apache_kafka.stop()
    with running(consumer) as stop:
        wait_until(lambda: stop.is_set() or "kafka_unavailable" in capsys.readouterr().out, 20, "word of it")
        assert "it does not answer (connection refused)" in str(consumer.unready())
        apache_kafka.restart()
        send(apache_kafka.bootstrap, name, [(body(talk(1)), [])])
        wait_until(reached(engine, 1), 60, "the first record")
    engine.dispose()


@pytest.mark.parametrize("call", ["poll", "position"])
def test_a_broker_that_refuses_is_asked_again(
    kafka: Broker, topic: TopicFactory, sqlite_url: str, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """What kafka-python raises while a broker is down does not end the consumer, whatever its moment."""
    from kafka import KafkaConsumer  # noqa: PLC0415  (it warns before pytest knows which to expect)

    name = topic()
    migrations.upgrade(sqlite_url)
    engine = create_engine(sqlite_url)
    real = getattr(KafkaConsumer, call)
    refusals = [KafkaConnectionError("ECONNREFUSED"), NodeNotReadyError("metadata")]

    def refused(*arguments: Any, **named: Any) -> Any:
        if refusals and refuse:
            raise refusals.pop()
        return real(*arguments, **named)

    refuse = False
    monkeypatch.setattr(KafkaConsumer, call, refused)
    with running(Consumer(engine, config(kafka.bootstrap, name))):
        send(kafka.bootstrap, name, [(body(talk(1)), [])])
        wait_until(reached(engine, 1), 20, "the first record")
        refuse = True
        wait_until(lambda: not refusals, 20, "the refusals")
        send(kafka.bootstrap, name, [(body(talk(2)), [])])
        wait_until(reached(engine, 2), 20, "the second record")
    assert one(engine, "SELECT count(*) FROM events") == 2
    engine.dispose()


def test_records_that_retention_took_are_said_and_the_rest_is_read(
    apache_kafka: Broker, topic: TopicFactory, sqlite_url: str
) -> None:
    """An offset that is gone is counted as lost, never skipped in silence; consumption goes on after it."""
    from kafka import KafkaAdminClient, TopicPartition  # noqa: PLC0415

    name = topic()
    migrations.upgrade(sqlite_url)
    engine = create_engine(sqlite_url)
    send(apache_kafka.bootstrap, name, [(body(talk(1)), [])])
    with running(Consumer(engine, config(apache_kafka.bootstrap, name))):
        wait_until(reached(engine, 1), 20, "the first record")
    send(apache_kafka.bootstrap, name, [(body(talk(number)), []) for number in range(2, 7)])
    admin: Any = KafkaAdminClient(bootstrap_servers=apache_kafka.bootstrap)
    admin.delete_records({TopicPartition(name, 0): 4})
    admin.close()
    lost = metrics.records_lost.labels(cluster="", topic=name)._value.get()
    with running(Consumer(engine, config(apache_kafka.bootstrap, name))):
        wait_until(reached(engine, 6), 20, "the last record")
    assert metrics.records_lost.labels(cluster="", topic=name)._value.get() - lost == 3
    assert one(engine, "SELECT count(*) FROM events") == 3
    engine.dispose()
