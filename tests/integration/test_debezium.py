"""A real Debezium captures a PostgreSQL order table into the real Kafka; the formats read what it wrote."""

import re
from contextlib import closing

import pytest

from consumers.formats import format_of
from consumers.source_record import SourceRecord
from tests.integration.capturing import FIRST_ROW, PATIENCE, Topic, prepared
from tests.parts.broker import Broker
from tests.parts.connect import Debezium
from tests.parts.postgres import PostgresServer
from tests.parts.process import wait_until


def ids(said: list[SourceRecord], operation: str) -> list[int]:
    return [one.fields["id"] for one in said if one.operation == operation]


@pytest.mark.timeout(600)
def test_an_order_table_is_captured(logical_postgres: PostgresServer, apache_kafka: Broker) -> None:
    """A snapshot taken anew, changes, and a crash that repeats them: each change once."""
    apache_kafka.create_topic("shop.public.orders")
    with (
        closing(prepared(logical_postgres, "shop")) as shop,
        Debezium(apache_kafka.bootstrap, logical_postgres, "shop") as connect,
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
    assert first[0].fields == FIRST_ROW


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
