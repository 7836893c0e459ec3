"""Changes of rows as Debezium tells them; the PostgreSQL shapes were written by a real Debezium 3.6."""

from datetime import UTC, datetime
from typing import Any

import pytest

from consumers.formats.debezium_source import position_of
from tests.unit.consumers.formats.reading import keyed, only, read, record, shape, why


def test_a_snapshot_is_read_with_its_types() -> None:
    """Decimals, days, moments and JSON columns are what they mean, not how they travel."""
    said = only("debezium", keyed("debezium-postgres-snapshot"))
    assert said.fields == {
        "id": 1,
        "account": "acme",
        "total": 12.3,
        "rate": 1.5,
        "placed": "2024-05-06T07:08:09.123456Z",
        "due": "2024-06-01",
        "at_local": "2024-05-06T07:08:09Z",
        "note": "n",
        "extra": {"a": 1},
        "qty": 3,
        "ok": True,
    }
    assert (said.operation, said.entity, said.before) == ("read", "orders", None)
    assert said.time is None, "a snapshot does not say when the row changed"
    assert said.meta["key"] == {"id": 1}
    assert said.meta["read_at"].startswith("2026-")


def test_changes_say_when_in_which_transaction_and_of_what() -> None:
    """Time is the database's, not the connector's, which tells another one after a restart."""
    update = only("debezium", keyed("debezium-postgres-update-full-identity"))
    assert (update.operation, update.entity) == ("updated", "orders")
    assert update.before is not None
    assert (update.before["total"], update.fields["total"]) == (13.31, 13.32)
    assert update.time == datetime(2026, 11, 25, 19, 5, 26, 923876, tzinfo=UTC)
    assert update.meta["transaction"].startswith("733:")
    insert = only("debezium", keyed("debezium-postgres-insert"))
    assert (insert.operation, insert.before) == ("created", None)
    assert only("debezium", keyed("debezium-postgres-update")).before is None


def test_a_deleted_row_is_what_is_known_of_it() -> None:
    """With the default identity Debezium fills NOT NULL columns with zeros: none of them is true."""
    told = only("debezium", keyed("debezium-postgres-delete-default-identity"))
    assert (told.operation, told.fields, told.meta["partial"]) == ("deleted", {"id": 2}, True)
    whole = only("debezium", keyed("debezium-postgres-delete-full-identity"))
    assert (whole.fields["account"], whole.fields["total"]) == ("acme", 13.32)
    assert "partial" not in whole.meta


def test_zeros_of_a_whole_row_stay() -> None:
    """An order of nothing that is deleted is still that order."""
    both = shape("debezium-mysql-update")
    both["value"] |= {
        "op": "d",
        "before": {"id": 1, "account": "acme", "qty": 0, "note": None},
        "after": None,
    }
    told = only("debezium", record(both["value"], {"id": 1}))
    assert told.fields == {"id": 1, "account": "acme", "qty": 0, "note": None}
    both["value"]["source"]["connector"] = "postgresql"
    assert only("debezium", record(both["value"], {"id": 1})).fields == told.fields


def test_a_default_of_a_column_is_no_value_of_a_deleted_row() -> None:
    """Where one column shows that the row was filled, none can be trusted, unless one was told so."""
    both = shape("debezium-mysql-update")
    both["value"] |= {"op": "d", "before": {"id": 1, "account": "", "state": "open"}, "after": None}
    both["value"]["source"]["connector"] = "postgresql"
    one = record(both["value"], {"id": 1})
    assert only("debezium", one).fields == {"id": 1}
    assert only("debezium", one, deleted="key").fields == {"id": 1}
    assert only("debezium", one, deleted="whole").fields == {"id": 1, "account": "", "state": "open"}


@pytest.mark.parametrize(
    "name",
    [
        "debezium-transaction-begin",
        "debezium-transaction-end",
        "debezium-heartbeat",
        "debezium-mysql-schema-change",
    ],
)
def test_housekeeping_says_nothing(name: str) -> None:
    """Topics of transactions, heartbeats and table changes may be among the topics of a pattern."""
    assert read("debezium", keyed(name)) == []


def test_a_tombstone_says_nothing() -> None:
    """The deletion before it has said it."""
    assert read("debezium", record(None, {"id": 1})) == []


def test_a_truncated_table_is_a_dead_letter() -> None:
    """Its rows are gone, and nobody says which they were: never in silence."""
    reason, detail = why("debezium", keyed("debezium-postgres-truncate"))
    assert reason == "gap"
    assert "orders" in detail


def test_a_message_of_a_transaction_is_an_event() -> None:
    """pg_logical_emit_message is how outboxes without a table work."""
    said = only("debezium", keyed("debezium-message"))
    assert (said.operation, said.entity) == ("event", "message")
    assert said.fields == {"prefix": "outbox", "content": {"x": 1}}


def test_other_databases_have_other_places() -> None:
    """The same row changed twice has two names, whatever its log counts in."""
    mysql, server, mongo = (
        only("debezium", keyed(f"debezium-{name}"))
        for name in ("mysql-update", "sqlserver-insert", "mongodb-insert")
    )
    assert mysql.identity.startswith("mysql/shop/products/111/")
    assert "pos=2090" in mysql.identity
    assert "change_lsn=0000002b:000002e3:0002" in server.identity
    assert mongo.fields["total"] == 12.5
    assert mongo.entity == "orders"
    assert "ord=31/ts_ms=1715000000000" in mongo.identity


def test_the_same_change_told_again_has_the_same_name() -> None:
    """A connector that starts over repeats what it told, later, and perhaps under another prefix."""
    first = shape("debezium-mysql-update")
    again = shape("debezium-mysql-update")
    again["value"]["ts_ms"] += 5000
    again["value"]["source"] |= {"name": "erp2", "version": "3.6.1.Final"}
    one, other = (only("debezium", record(both["value"], both["key"], offset=7)) for both in (first, again))
    assert one.identity == other.identity
    assert one.time == other.time
    again["value"]["source"]["pos"] += 1
    assert only("debezium", record(again["value"], again["key"])).identity != one.identity


def snapshot(row: dict[str, Any], lsn: int, ts_ms: int) -> dict[str, Any]:
    source = shape("debezium-mysql-update")["value"]["source"]
    source |= {"connector": "postgresql", "lsn": lsn, "ts_ms": ts_ms, "snapshot": "true"}
    return {"before": None, "after": row, "source": source, "op": "r", "ts_ms": ts_ms}


def test_a_second_snapshot_of_an_unchanged_row_is_the_same_change() -> None:
    """Snapshots are taken anew; orders must not be counted anew."""
    row = {"id": 1, "total": 5, "updated_at": "2024-05-06T07:08:09Z"}
    key = {"id": 1}
    first, again, changed = (
        only("debezium", record(snapshot(said, lsn, 1715000000000 + lsn), key))
        for said, lsn in ((row, 1), (dict(reversed(row.items())), 2), (row | {"total": 6}, 3))
    )
    assert first.identity == again.identity != changed.identity
    assert first.time is again.time is None


def test_the_version_of_a_row_names_it_in_snapshots() -> None:
    """Then also columns that change by themselves do not make it another, and it has a time."""
    rows = [{"id": 1, "views": views, "updated_at": "2024-05-06T07:08:09+02:00"} for views in (1, 2)]
    one, other = (
        only("debezium", record(snapshot(row, 1, 1715000000000), {"id": 1}), version="updated_at")
        for row in rows
    )
    assert one.identity == other.identity
    assert one.time == other.time == datetime(2024, 5, 6, 5, 8, 9, tzinfo=UTC)


def test_values_that_the_log_leaves_out_are_left_out() -> None:
    """PostgreSQL does not log long values that stay as they were; the placeholder is no value."""
    both = shape("debezium-mysql-update")
    after = {
        "id": 1,
        "note": "__debezium_unavailable_value",
        "list": ["__debezium_unavailable_value"],
        "x": 1,
    }
    both["value"] |= {"after": after, "before": None}
    said = only("debezium", record(both["value"], both["key"]))
    assert (said.fields, said.meta["partial"]) == ({"id": 1, "x": 1}, True)
    both["value"]["before"] = {"id": 1, "note": "long", "list": [1], "x": 0}
    said = only("debezium", record(both["value"], both["key"]))
    assert said.fields == {"id": 1, "note": "long", "list": [1], "x": 1}
    assert "partial" not in said.meta


def test_a_table_without_a_key_is_read() -> None:
    """Each row is then known by its content and its place in the log."""
    both = shape("debezium-mysql-update")
    assert "pos=2090" in only("debezium", record(both["value"])).identity


def test_what_is_no_envelope_is_a_dead_letter() -> None:
    """It says what is wrong with it."""
    assert why("debezium", record({"id": 1}))[0] == "does_not_fit"
    assert why("debezium", record([1]))[0] == "does_not_fit"
    assert why("debezium", record({"op": "c", "source": {}, "after": None}))[0] == "does_not_fit"
    assert why("debezium", record({"op": "c", "after": {}}))[0] == "does_not_fit"
    assert why("debezium", record({"op": "c", "source": {}, "after": 5}))[0] == "does_not_fit"
    assert why("debezium", record({"op": "x", "source": {}}))[0] == "does_not_fit"
    assert why("debezium", record(b"{"))[0] == "not_json"
    assert why("debezium", record(b""))[0] == "empty"


def test_a_payload_that_is_not_of_its_schema_is_a_dead_letter() -> None:
    """A converter that was changed midway."""
    both = shape("debezium-postgres-insert")
    both["value"]["payload"]["after"]["due"] = "tomorrow"
    assert why("debezium", record(both["value"], both["key"]))[0] == "does_not_fit"
    both["value"]["schema"] = {
        "type": "struct",
        "fields": [{"type": "int32", "name": "io.debezium.time.Date"}],
    }
    assert why("debezium", record(both["value"], both["key"]))[0] == "does_not_fit"


def test_flattened_rows_say_the_same() -> None:
    """ExtractNewRecordState with add.fields keeps what names a change."""
    said = only("debezium-flat", keyed("debezium-flat-insert"))
    assert said.fields == {"id": 7, "total": "12.30"}
    assert (said.operation, said.entity) == ("created", "orders")
    assert said.time == datetime(2024, 5, 6, 12, 53, 20, tzinfo=UTC)
    assert said.identity == "orders/7/lsn=123456789"
    gone = only("debezium-flat", keyed("debezium-flat-delete-rewrite"))
    assert (gone.operation, gone.fields, gone.meta["partial"]) == ("deleted", {"id": 7}, True)


def test_bare_rows_are_known_by_what_they_hold() -> None:
    """Without add.fields nothing but the row and its key is left."""
    rows = [{"id": 7, "total": 1}, {"id": 7, "total": 1}, {"id": 7, "total": 2}]
    one, same, other = (
        only("debezium-flat", record(row, {"id": 7}, topic="erp.public.orders", offset=number))
        for number, row in enumerate(rows)
    )
    assert one.identity == same.identity != other.identity
    assert (one.entity, one.operation, one.time) == ("orders", "updated", None)


def test_a_tombstone_deletes_a_flattened_row_unless_told_otherwise() -> None:
    """By default ExtractNewRecordState drops the deletion and leaves the tombstone alone."""
    gone = only("debezium-flat", record(None, {"id": 7}, topic="erp.public.orders"))
    assert (gone.operation, gone.entity, gone.fields) == ("deleted", "orders", {"id": 7})
    assert gone.meta["tombstone"] is True
    assert read("debezium-flat", record(None, {"id": 7}), tombstones="ignore") == []


def test_what_is_told_in_headers_counts() -> None:
    """`add.headers`, as either JSON converter writes it."""
    headers = [
        ("__op", b'{"schema":{"type":"string"},"payload":"d"}'),
        ("__source_ts_ms", b"1715000000000"),
        ("__debezium.context.runId", b"x"),
        ("__table", b"orders"),
    ]
    said = only("debezium-flat", record({"id": 7, "total": 3}, "7", headers))
    assert (said.operation, said.entity) == ("deleted", "orders")
    assert said.time == datetime(2024, 5, 6, 12, 53, 20, tzinfo=UTC)


def test_a_place_needs_a_log() -> None:
    """A row number alone names nothing."""
    assert position_of({"row": 0, "file": "x"}) is None
