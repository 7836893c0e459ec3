"""Debezium: one change of one row, in its envelope or flattened by ExtractNewRecordState.

What a change is called: the source's own place of it (log sequence number, file and position, …) and the
row's key, so that a connector that starts over tells of the same change. A row of a snapshot has no such
place: it is called by its key and its version, or its content.
"""

import base64
import binascii
from typing import Any

import msgspec

from accounts.events import Unreadable
from consumers.formats.content import Content
from consumers.formats.debezium_source import (
    OPERATIONS,
    Deleted,
    key_text,
    known_of_deleted,
    position_of,
    time_of,
    without_none,
    without_unavailable,
)
from consumers.formats.documents import at
from consumers.formats.identity import digest_of, identity_of, name_of, place_of
from consumers.formats.moments import moment_of, written
from consumers.formats.plain import json_of
from consumers.record import Record
from consumers.source_record import Operation, SourceRecord


class DebeziumOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the envelope does not say."""

    version: str | None = None  # the column that changes with the row, a moment or a number; for snapshots
    entity: str | None = None  # in place of the table's name
    deleted: Deleted = "auto"  # `whole`, where PostgreSQL's tables have REPLICA IDENTITY FULL


_NAME = ("connector", "db", "schema")  # of a table, before its own


class Debezium:
    """Reads whole envelopes."""

    name = "debezium"

    def __init__(self, content: Content, options: DebeziumOptions) -> None:
        self._content = content
        self._options = options

    def read(self, record: Record) -> list[SourceRecord]:
        """The change of a record; nothing of tombstones, heartbeats, schema changes and transaction ends."""
        if record.value is None:
            return []
        envelope = self._content.value_of(record)
        if not isinstance(envelope, dict):
            raise Unreadable("does_not_fit", f"expected an envelope, got {type(envelope).__name__}")
        operation = envelope.get("op")
        if isinstance(operation, str) and operation in OPERATIONS:
            return [self._change(envelope, OPERATIONS[operation], record)]
        if operation == "m":
            return [_message(envelope)]
        if operation == "t":
            table = _source_of(envelope).get("table")
            raise Unreadable(
                "gap", f"table {table} was emptied by TRUNCATE; its rows are not told one by one"
            )
        if operation is None and _is_housekeeping(envelope):
            return []
        raise Unreadable("does_not_fit", f"no envelope of Debezium: op is {operation!r}")

    def _how(self, source: dict[str, Any]) -> Deleted:
        """Only PostgreSQL leaves columns of deleted rows out."""
        how = self._options.deleted
        return "whole" if how == "auto" and source.get("connector") != "postgresql" else how

    def _change(self, envelope: dict[str, Any], operation: Operation, record: Record) -> SourceRecord:
        source = _source_of(envelope)
        before, after = _row(envelope, "before"), _row(envelope, "after")
        key = self._content.key_of(record)
        row = before if operation == "deleted" else after
        if row is None:
            raise Unreadable("does_not_fit", f"op {envelope['op']} without {_side(operation)}")
        meta = _meta_of(envelope, source, key)
        fields = without_unavailable(row, before if operation == "updated" else None, meta)
        if operation == "deleted" and isinstance(key, dict):
            fields = known_of_deleted(fields, key, self._how(source), meta)
        entity = self._options.entity or name_of(source.get("table"), source.get("collection"))
        name = [said for part in _NAME if (said := source.get(part)) is not None]
        if operation == "read":
            meta["read_at"] = None if (read := time_of(source)) is None else written(read)
            version = at(fields, self._options.version) if self._options.version else None
            own = identity_of(*name, entity, key_text(key, row), "read", version or digest_of(row))
            return SourceRecord(fields, None, "read", entity, moment_of(version), own, meta)
        position = position_of(source) or [place_of(record)]
        own = identity_of(*name, entity, key_text(key, row), *position, envelope["op"])
        return SourceRecord(fields, before, operation, entity, time_of(source), own, meta)


def _source_of(envelope: dict[str, Any]) -> dict[str, Any]:
    source = envelope.get("source")
    if not isinstance(source, dict):
        raise Unreadable("does_not_fit", "an envelope without `source`")
    return source


def _row(envelope: dict[str, Any], side: str) -> dict[str, Any] | None:
    """A row; of MongoDB, a document as text."""
    row = envelope.get(side)
    if isinstance(row, str):
        row = json_of(row)
    if row is not None and not isinstance(row, dict):
        raise Unreadable("does_not_fit", f"expected a row as `{side}`, got {type(row).__name__}")
    return row


def _side(operation: Operation) -> str:
    return "`before`" if operation == "deleted" else "`after`"


def _meta_of(envelope: dict[str, Any], source: dict[str, Any], key: Any) -> dict[str, Any]:
    meta: dict[str, Any] = {} if key is None else {"key": key}
    if (transaction := source.get("txId")) is not None:
        meta["transaction"] = transaction
    if isinstance(within := envelope.get("transaction"), dict):
        meta["transaction"] = within.get("id")
        meta["transaction_order"] = within.get("total_order")
    return meta


def _is_housekeeping(value: dict[str, Any]) -> bool:
    """Whether it is a heartbeat, the beginning or end of a transaction, or a change of a table's columns."""
    return (
        value.keys() == {"ts_ms"}
        or (value.get("status") in ("BEGIN", "END") and "id" in value)
        or ("ddl" in value and "source" in value)
        or ("tableChanges" in value and "source" in value)
    )


def _message(envelope: dict[str, Any]) -> SourceRecord:
    """What pg_logical_emit_message wrote: no row, but a message of a transaction."""
    source, message = _source_of(envelope), envelope.get("message")
    if not isinstance(message, dict):
        raise Unreadable("does_not_fit", "op m without `message`")
    fields = {"prefix": message.get("prefix"), "content": _content_of(message.get("content"))}
    position = position_of(source) or [digest_of(fields)]
    name = without_none([source.get("connector"), source.get("db")])
    own = identity_of(*name, "message", *position)
    return SourceRecord(
        fields, None, "event", "message", time_of(source), own, _meta_of(envelope, source, None)
    )


def _content_of(content: Any) -> Any:
    """JSON, else text, else the base64 that it came as."""
    try:
        plain = base64.b64decode(content, validate=True).decode()
    except (TypeError, ValueError, binascii.Error):
        return content
    try:
        return json_of(plain)
    except Unreadable:
        return plain
