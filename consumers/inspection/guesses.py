"""Which format a topic is in: every reader is tried on samples, and judged by how much it explains.

A reader explains a message as far as it finds what only its own source writes: an envelope that it takes off,
what the document is, when it changed, and what the change is called. A document of plain JSON explains
none of these; so `json` is what remains where nothing else does.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from accounts.events import UnknownType, Unreadable, decode
from consumers.formats import FORMATS, Format, PartlyUnreadable, SourceAway
from consumers.inspection.dataverse_rows import table_of_row
from consumers.inspection.encodings import Encoding, keys_told, value_encoding
from consumers.inspection.identifiers import is_salesforce_id
from consumers.record import Record
from consumers.records import bodies_of
from consumers.source_record import SourceRecord

MakeFormat = Callable[[str, Mapping[str, Any]], Format]

CANONICAL = "canonical events"
_NOWHERE = "\x01"  # a topic's name that tells nothing
_ENOUGH = 0.5  # of what a reader can explain
_PLAIN = 0.4  # what is known of documents that nothing but JSON explains
_PLAUSIBLE = 0.75
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_DIGEST = re.compile(r"(?:^|/)[0-9a-f]{32}\Z")


class Guess(NamedTuple):
    """What a topic seems to hold."""

    format: str | None  # one of FORMATS or CANONICAL; None: unknown, and `why` says what stands in the way
    encoding: str
    options: Mapping[str, Any]
    keys: str
    confidence: float  # of 0 to 1
    why: str  # what it is in words, or why nobody knows
    messages: Sequence[SourceRecord] = ()

    @property
    def entities(self) -> list[str]:
        """What the documents are, as their records say."""
        return sorted({said.entity for said in self.messages if said.entity and said.entity != _NOWHERE})


class _Reading(NamedTuple):
    """How well a reader did."""

    score: float  # of 0 to 1, over all samples
    read: float  # the share that it could read
    messages: list[SourceRecord]


def guess(records: Sequence[Record], make_format: MakeFormat) -> Guess:
    """What these samples of one topic are; see the module."""
    encoding = value_encoding(records)
    keys = keys_told(records)
    if encoding is None:
        return Guess(None, "none", {}, keys, 0, "no record has a value" if records else "the topic is empty")
    if encoding.options is None:
        return Guess(None, encoding.name, {}, keys, 0, encoding.why)
    some = [record for record in records if record.value]
    if (share := _canonical(some)) >= _ENOUGH:
        told = "events of docs/events.md"
        return Guess(
            CANONICAL,
            encoding.name,
            {},
            keys,
            share,
            told,
            _messages("cloudevents", records, encoding, make_format),
        )
    try:
        return _best(records, some, encoding, keys, make_format)
    except SourceAway as error:
        return Guess(None, encoding.name, {}, keys, 0, str(error))


def _best(
    records: Sequence[Record], some: Sequence[Record], encoding: Encoding, keys: str, make: MakeFormat
) -> Guess:
    options = dict(encoding.options or {})
    readings: dict[str, _Reading] = {}
    for name in FORMATS:  # json first: what the others are compared with
        try:
            readings[name] = _reading(make(name, options), some, make("json", options))
        except ValueError as error:  # FormatError, such as of a registry that is not set
            why = f"{error}; set registry.urls" if "registry" in options.values() else str(error)
            return Guess(None, encoding.name, options, keys, 0, why)
    name = max(readings, key=lambda each: (readings[each].score, -FORMATS.index(each)))
    found = readings[name]
    if found.score < _ENOUGH:
        name, found = "json", readings["json"]
        if found.read < _ENOUGH:
            return Guess(None, encoding.name, options, keys, 0, _unread(some, make("json", options)))
    confidence = found.score if name != "json" else _PLAIN * found.read + (1 - _PLAIN) * _sameness(found)
    told = "documents without an envelope" if name == "json" else ""
    messages = _messages(name, records, encoding, make)
    return Guess(name, encoding.name, options, keys, confidence * encoding.share, told, messages)


def _sameness(found: _Reading) -> float:
    """How much documents of plain JSON are alike: the share of fields that most of them have."""
    if not found.messages:
        return 0
    counted: dict[str, int] = {}
    for said in found.messages:
        for field in said.fields:
            counted[field] = counted.get(field, 0) + 1
    return sum(count for count in counted.values()) / (len(found.messages) * max(len(counted), 1))


def _unread(records: Sequence[Record], format_: Format) -> str:
    for record in records:
        try:
            format_.read(record)
        except Unreadable as error:
            return _QUOTED.sub("'…'", error.detail)  # a quoted value may be a person's
    return "no reader makes anything of it"


def _canonical(records: Sequence[Record]) -> float:
    """The share of records that bring canonical events, or events of types we do not read."""
    good = known = 0
    for record in records:
        try:
            for body in bodies_of(record):
                decode(body)
                known += 1
        except UnknownType:
            pass
        except Unreadable:
            continue
        good += 1
    return good / len(records) if known else 0


def _messages(
    name: str, records: Sequence[Record], encoding: Encoding, make: MakeFormat
) -> list[SourceRecord]:
    """All that a reader reads, by the topic's own name."""
    found: list[SourceRecord] = []
    format_ = make(name, dict(encoding.options or {}))
    for record in records:
        try:
            found += format_.read(record)
        except PartlyUnreadable as error:
            found += error.others
        except Unreadable:
            continue
    return found


def _reading(format_: Format, records: Sequence[Record], plain: Format) -> _Reading:
    total, read = 0.0, 0
    messages: list[SourceRecord] = []
    for record in records:
        share = 1.0
        try:
            found = format_.read(_nameless(record))
        except PartlyUnreadable as error:
            if not error.others:
                continue
            found, share = error.others, _ENOUGH
        except Unreadable as error:
            # A gap, or an emptied table, is what a source says and no other would.
            total += error.reason == "gap"
            read += error.reason == "gap"
            continue
        read += 1
        messages += found
        explained = sum(_explained(said, record, format_, plain) for said in found)
        total += share * (explained / len(found) if found else 1)
    return _Reading(total / len(records), read / len(records), messages)


def _explained(said: SourceRecord, record: Record, format_: Format, plain: Format) -> float:
    """What a reader has found that is not just the document's fields: of four things, how many."""
    if format_.name == "json":
        return 0
    time = said.time is not None or "read_at" in said.meta
    by_content = _DIGEST.search(said.identity) is not None and not time and said.operation == "updated"
    named = f"{_NOWHERE}/{record.partition}/{record.offset}" not in said.identity and not by_content
    entity = said.entity is not None and said.entity != _NOWHERE
    if format_.name == "salesforce" and said.operation == "read" and not entity:
        # A record of a query tells nothing of its own but its id, which has a form that others have not.
        return _PLAUSIBLE if is_salesforce_id(said.fields.get("Id")) else 0
    if format_.name == "dataverse" and said.operation == "read":
        return _PLAUSIBLE if table_of_row(said.fields) is not None else 0
    if format_.name == "debezium-flat" and not entity:
        return 0
    return (_is_enveloped(said, record, plain) + entity + time + named) / 4


def _is_enveloped(said: SourceRecord, record: Record, plain: Format) -> bool:
    """Whether a reader took something off: fields of the record that are not the document's."""
    try:
        whole = plain.read(_nameless(record))
    except Unreadable:
        return True
    return not (len(whole) == 1 and whole[0].fields.keys() <= said.fields.keys())


class _Nameless(msgspec.Struct):
    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]


def _nameless(record: Record) -> Record:
    """The record as if of a topic whose name tells nothing: what an entity is must stand in the record."""
    return _Nameless(
        _NOWHERE,
        record.partition,
        record.offset,
        record.timestamp,
        record.key,
        record.value,
        record.headers,
    )
