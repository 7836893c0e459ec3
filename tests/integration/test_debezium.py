"""A real Debezium captures a PostgreSQL order table into the real Kafka; the formats read what it wrote."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import psycopg
import pytest
from psycopg import sql

from consumers.formats import Format, format_of
from consumers.source_record import SourceRecord
from tests.parts.broker import Broker
from tests.parts.connect import Debezium
from tests.parts.postgres import PostgresServer
from tests.parts.process import wait_until

TABLE = """CREATE TABLE orders (
  id int PRIMARY KEY, account text NOT NULL, total numeric(12,2) NOT NULL, rate numeric, due date,
  placed timestamptz NOT NULL, local timestamp, extra jsonb, quantity bigint NOT NULL DEFAULT 7)"""
FIRST = """INSERT INTO orders VALUES
  (1, 'acme', 12.30, 1.5, '2024-06-01', '2024-05-06T07:08:09.123456Z', '2024-05-06 07:08:09', '{"a": 1}', 3),
  (2, 'globex', 5, NULL, NULL, '2024-05-07T00:00:00Z', NULL, NULL, 1)"""
PATIENCE = 60


class Topic:
    """What has come on a topic so far, in order."""

    def __init__(self, bootstrap: str, name: str, kind: Format) -> None:
        from kafka import KafkaConsumer  # noqa: PLC0415  (it warns before pytest knows which to expect)

        self._consumer: Any = KafkaConsumer(
            name, bootstrap_servers=bootstrap, auto_offset_reset="earliest", metadata_max_age_ms=200
        )
        self._kind = kind
        self.values: list[bytes | None] = []
        self.said: list[SourceRecord] = []

    def wait(self, done: Callable[[list[SourceRecord]], bool], connect: Debezium) -> list[SourceRecord]:
        """Read on until enough has come."""
        deadline = time.monotonic() + PATIENCE
        while not done(self.said):
            assert time.monotonic() < deadline, f"{self.said}\n{connect.log_tail()}"
            for records in self._consumer.poll(timeout_ms=200).values():
                for record in records:
                    self.values.append(record.value)
                    self.said += self._kind.read(record)
        return self.said

    def close(self) -> None:
        self._consumer.close(autocommit=False)


@pytest.fixture(scope="module")
def database() -> Iterator[PostgresServer]:
    """A server that keeps what logical decoding needs."""
    with PostgresServer(fsync=False, settings={"wal_level": "logical"}) as server:
        yield server


def prepared(server: PostgresServer, name: str) -> psycopg.Connection[Any]:
    with psycopg.connect(server.conninfo(), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    connection = psycopg.connect(server.conninfo(name), autocommit=True)
    connection.execute(TABLE)
    connection.execute(FIRST)
    return connection


def ids(said: list[SourceRecord], operation: str) -> list[int]:
    return [one.fields["id"] for one in said if one.operation == operation]


def test_an_order_table_is_captured(database: PostgresServer, apache_kafka: Broker) -> None:
    """A snapshot taken anew, changes, and a crash that repeats them: each change once."""
    apache_kafka.create_topic("shop.public.orders")
    with (
        closing(prepared(database, "shop")) as shop,
        Debezium(apache_kafka.bootstrap, database, "shop") as connect,
        closing(Topic(apache_kafka.bootstrap, "shop.public.orders", format_of("debezium", {}))) as topic,
    ):
        first = list(topic.wait(lambda said: len(said) >= 2, connect))
        connect.kill()
        connect.place = None
        connect.start()
        topic.wait(lambda said: ids(said, "read") == [1, 2, 1, 2], connect)
        shop.execute("INSERT INTO orders VALUES (3, 'acme', 0.07, 2, NULL, '2024-05-08T00:00:00Z')")
        topic.wait(lambda said: ids(said, "created") == [3], connect)
        place = _place_after(topic.said[-1], connect)
        shop.execute("UPDATE orders SET total = 12.31 WHERE id = 1")
        shop.execute("DELETE FROM orders WHERE id = 2")
        topic.wait(lambda said: ids(said, "deleted") == [2], connect)
        connect.kill()
        connect.place = place
        shop.execute("ALTER TABLE orders REPLICA IDENTITY FULL")
        shop.execute("DELETE FROM orders WHERE id = 3")
        connect.start()
        topic.wait(lambda said: ids(said, "deleted") == [2, 2, 3], connect)
    _check_snapshot(first)
    _check_changes(topic.said)
    assert None in topic.values, "a tombstone follows a deletion"


def _place_after(change: SourceRecord, connect: Debezium) -> bytes:
    """Where the connector stands once it has noted a change."""
    lsn = int(change.identity.split("lsn=")[1].split("/")[0])

    def noted() -> bool:
        found = re.findall(rb'"lsn":(\d+)', connect.place or b"")
        return bool(found) and int(found[0]) >= lsn

    wait_until(noted, PATIENCE, "the connector's note of a change")
    assert connect.place is not None
    return connect.place


def _check_snapshot(first: list[SourceRecord]) -> None:
    assert [(one.operation, one.entity) for one in first] == [("read", "orders")] * 2
    assert first[0].fields == {
        "id": 1,
        "account": "acme",
        "total": 12.3,
        "rate": 1.5,
        "due": "2024-06-01",
        "placed": "2024-05-06T07:08:09.123456Z",
        "local": "2024-05-06T07:08:09Z",
        "extra": {"a": 1},
        "quantity": 3,
    }


def _check_changes(said: list[SourceRecord]) -> None:
    changes = {one.identity: one for one in said}
    for one in said:
        same = changes[one.identity]
        assert (same.fields, same.operation, same.time) == (one.fields, one.operation, one.time)
    once = list(changes.values())
    assert len(said) >= len(once) + 4, "two rows of the second snapshot, two changes told again"
    assert ids(once, "read") == [1, 2]
    assert (ids(once, "created"), ids(once, "updated")) == ([3], [1])
    deleted = {one.fields["id"]: one for one in once if one.operation == "deleted"}
    assert (deleted[2].fields, deleted[2].meta["partial"]) == ({"id": 2}, True)
    assert (deleted[3].fields["account"], deleted[3].fields["total"]) == ("acme", 0.07)
    assert all(one.time is not None for one in once if one.operation != "read")
