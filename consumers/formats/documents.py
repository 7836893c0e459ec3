"""Flat JSON: a record is a document, or a list of them, without an envelope."""

from typing import Any, Literal

import msgspec

from accounts.events import Unreadable
from consumers.formats.content import Content
from consumers.formats.identity import identity_of, place_of, text_of
from consumers.formats.moments import moment_of
from consumers.formats.several import read_each
from consumers.record import Record
from consumers.source_record import SourceRecord


class DocumentOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the fields of a document say what an envelope would; a path has dots."""

    entity: str | None = None  # what all documents of the topic are
    identity: list[str] = []  # fields that together name a change; none: the record's own place
    time: str | None = None  # the field that says when it happened
    tombstones: Literal["ignore", "delete"] = "ignore"  # what a key without a value says


class Documents:
    """Reads documents as they are."""

    name = "json"

    def __init__(self, content: Content, options: DocumentOptions) -> None:
        self._content = content
        self._options = options

    def read(self, record: Record) -> list[SourceRecord]:
        """The documents of a record; see Format."""
        if record.value is None:
            return self._tombstone(record)
        value = self._content.value_of(record)
        meta = {} if (key := self._content.key_of(record)) is None else {"key": key}
        if isinstance(value, list):
            return read_each(value, lambda one, index: self._document(one, place_of(record, index), meta))
        return [self._document(value, place_of(record), meta)]

    def _document(self, fields: Any, place: str, meta: dict[str, Any]) -> SourceRecord:
        if not isinstance(fields, dict):
            raise Unreadable("does_not_fit", f"expected an object, got {type(fields).__name__}")
        options = self._options
        parts = [found for path in options.identity if (found := at(fields, path)) is not None]
        whole = options.identity and len(parts) == len(options.identity)
        identity = identity_of(options.entity or "", *map(text_of, parts)) if whole else place
        time = moment_of(at(fields, options.time)) if options.time else None
        return SourceRecord(fields, None, "event", options.entity, time, identity, meta)

    def _tombstone(self, record: Record) -> list[SourceRecord]:
        key = self._content.key_of(record)
        if self._options.tombstones == "ignore" or key is None:
            return []
        fields = key if isinstance(key, dict) else {}
        meta = {"key": key, "tombstone": True, "partial": True}
        return [SourceRecord(fields, None, "deleted", self._options.entity, None, place_of(record), meta)]


def at(fields: Any, path: str) -> Any:
    """What stands at a path with dots; None where there is nothing."""
    for name in path.split("."):
        if not isinstance(fields, dict):
            return None
        fields = fields.get(name)
    return fields
