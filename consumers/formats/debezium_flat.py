"""Debezium's rows without their envelopes, as ExtractNewRecordState writes them."""

from typing import Annotated, Any, Literal

import msgspec

from accounts.events import Unreadable
from consumers.formats.content import Content
from consumers.formats.debezium import DebeziumOptions
from consumers.formats.debezium_source import (
    OPERATIONS,
    key_text,
    known_of_deleted,
    position_of,
    time_of,
    without_none,
    without_unavailable,
)
from consumers.formats.documents import at
from consumers.formats.identity import digest_of, identity_of, name_of, place_of
from consumers.formats.moments import moment_of
from consumers.formats.plain import json_of
from consumers.record import Record
from consumers.source_record import SourceRecord


class FlatOptions(DebeziumOptions, frozen=True, forbid_unknown_fields=True):
    """What ExtractNewRecordState was told."""

    prefix: Annotated[str, msgspec.Meta(min_length=1)] = "__"  # add.fields.prefix
    tombstones: Literal["delete", "ignore"] = "delete"  # by default nothing else tells of deleted rows


class FlatDebezium:
    """Reads rows that ExtractNewRecordState has taken out of their envelopes."""

    name = "debezium-flat"

    def __init__(self, content: Content, options: FlatOptions) -> None:
        self._content = content
        self._options = options

    def read(self, record: Record) -> list[SourceRecord]:
        """The row of a record; see Format."""
        key = self._content.key_of(record)
        if record.value is None:
            return self._tombstone(key, record)
        value = self._content.value_of(record)
        if not isinstance(value, dict):
            raise Unreadable("does_not_fit", f"expected a row, got {type(value).__name__}")
        prefix = self._options.prefix
        length, told, row = len(prefix), {}, {}
        for name, said in value.items():
            if name[:length] == prefix:
                told[name[length:]] = said
            else:
                row[name] = said
        if record.headers:
            told |= _headers_of(record, prefix)
        return [self._change(row, told, key, record)]

    def _change(self, row: dict[str, Any], told: dict[str, Any], key: Any, record: Record) -> SourceRecord:
        source = told | {
            name.removeprefix("source_"): said for name, said in told.items() if name.startswith("source_")
        }
        operation = OPERATIONS.get(str(told.get("op")), "updated")
        if str(told.get("deleted", "")).lower() == "true":
            operation = "deleted"
        meta: dict[str, Any] = {} if key is None else {"key": key}
        fields = without_unavailable(row, None, meta)
        if operation == "deleted" and isinstance(key, dict):
            fields = known_of_deleted(fields, key, self._options.deleted, meta)
        entity = name_of(self._options.entity, source.get("table"), record.topic.rpartition(".")[2])
        name = [source.get(part) for part in ("connector", "db", "schema")]
        version = at(fields, self._options.version) if self._options.version else None
        time = time_of(source) if operation != "read" else None
        place = None if operation == "read" else position_of(source)
        if place is None:
            place = [
                "read" if operation == "read" else str(source.get("ts_ms", "")),
                version or digest_of(row),
            ]
        own = identity_of(*without_none(name), entity, key_text(key, row), *place)
        return SourceRecord(fields, None, operation, entity, time or moment_of(version), own, meta)

    def _tombstone(self, key: Any, record: Record) -> list[SourceRecord]:
        if self._options.tombstones == "ignore" or key is None:
            return []
        entity = self._options.entity or record.topic.rpartition(".")[2]
        meta = {"key": key, "tombstone": True, "partial": True}
        fields = dict(key) if isinstance(key, dict) else {}
        return [SourceRecord(fields, None, "deleted", entity, None, place_of(record), meta)]


def _headers_of(record: Record, prefix: str) -> dict[str, Any]:
    """What `add.headers` put beside the row."""
    told = {}
    for name, value in record.headers or ():
        if value is not None and name.startswith(prefix) and "." not in name:  # `__debezium.context.…`
            told[name[len(prefix) :]] = _header(value)
    return told


def _header(value: bytes) -> Any:
    """A header as Connect's JSON converter or its plain one writes it."""
    try:
        said = json_of(value)
    except Unreadable:
        return value.decode("utf-8", "replace")
    return said.get("payload") if isinstance(said, dict) and "payload" in said else said
