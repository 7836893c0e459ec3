"""From Kafka records to a batch: CloudEvents, structured, binary or several; dead letters for the rest.

A record of several events (`application/cloudevents-batch+json`, or simply a list) has one dead letter for
all that cannot be read of it, which names them by index; the others are read. A replay of it reads these
again, and they count as repeated.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, Protocol

import msgspec

from accounts.events import (
    MAX_BYTES,
    CanonicalEvent,
    UnknownType,
    Unreadable,
    decode,
    document_of,
    event_key,
    type_of,
)
from accounts.weeks import week_of
from consumers.metrics import UNKNOWN_TYPE
from consumers.record import MOST_MESSAGES, cluster_of
from consumers.record import Record as Record  # noqa: PLC0414  (others know it from here)
from storage.dead_letters import DeadLetter
from storage.draft_rows import DraftRow
from storage.event_rows import EventRow
from storage.reference_rows import ReferenceRow

_events = msgspec.json.Decoder(list[msgspec.Raw]).decode
_ATTRIBUTES = ("specversion", "id", "source", "type", "subject", "time")


class Readout(NamedTuple):
    """What a run of records said."""

    events: dict[bytes, EventRow]  # by event_key
    origins: dict[bytes, Record]  # the record of each event, should it contradict an earlier one
    dead_letters: list[DeadLetter]
    types: Counter[tuple[str, str]]  # events read, by topic and type
    repeated: int  # events that came twice in this run
    drafts: dict[bytes, DraftRow]  # by event_key
    references: dict[tuple[int, bytes], ReferenceRow]
    ignored: Counter[tuple[str, str]]  # messages left aside, by topic and reason


class Mapper(Protocol):
    """Knows what the records of other systems mean."""

    def read(self, record: Record, readout: Readout) -> int | None:
        """Add to the readout what a record says, and return how many events came again in it.

        None where its topic has no mapping: its records are canonical events.
        """
        ...


def read(records: Iterable[Record], mapper: Mapper | None = None) -> Readout:
    """Read records one by one; a bad one never stops the next."""
    readout = Readout({}, {}, [], Counter(), 0, {}, {}, Counter())
    events, origins, types = readout.events, readout.origins, readout.types
    repeated = 0
    for record in records:
        if mapper is not None and (again := mapper.read(record, readout)) is not None:
            repeated += again
            continue
        try:
            bodies = bodies_of(record)
        except Unreadable as error:
            readout.dead_letters.append(dead_letter(record, error.reason, error.detail))
            continue
        bad: list[tuple[int, Unreadable]] = []
        for index, body in enumerate(bodies):
            try:
                event = decode(body)
                row = row_of(event, body)
                if (before := events.get(row.event_key)) is not None:
                    check_same(before, event)
                    repeated += 1
                    continue
            except UnknownType:
                types[record.topic, UNKNOWN_TYPE] += 1
                continue
            except Unreadable as error:
                bad.append((index, error))
                continue
            types[record.topic, type_of(event)] += 1
            events[row.event_key] = row
            origins[row.event_key] = record
        if bad:
            readout.dead_letters.append(dead_letter(record, *_said_of(bad, len(bodies))))
    return readout._replace(repeated=repeated)


def _said_of(bad: list[tuple[int, Unreadable]], bodies: int) -> tuple[str, str]:
    """Reason and detail of what cannot be read of a record; of a batch, with its places."""
    if bodies == 1:
        return bad[0][1].reason, bad[0][1].detail
    told = Unreadable(bad[0][1].reason, "; ".join([f"event {index}: {error.detail}" for index, error in bad]))
    return told.reason, told.detail


def row_of(
    event: CanonicalEvent,
    body: bytes,
    topic: str | None = None,
    partition: int | None = None,
    offset: int | None = None,
    cluster: str = "",
) -> EventRow:
    """The row that keeps an event; of one that a mapping has made, with the place of its record."""
    week, document = week_of(event.time), document_of(event)
    return EventRow(event_key(event), event.subject, week, document, body, topic, partition, offset, cluster)


def rows_of(bodies: Sequence[bytes]) -> dict[bytes, EventRow]:
    """The rows of events; raises Unreadable or UnknownType. Of a batch, unknown types are left out."""
    rows = {}
    for body in bodies:
        try:
            row = row_of(decode(body), body)
        except UnknownType:
            if len(bodies) == 1:
                raise
            continue
        rows[row.event_key] = row
    return rows


def bodies_of(record: Record) -> Sequence[bytes]:
    """The structured CloudEvents of a record; raises Unreadable where there is nothing to read."""
    if record.headers:
        return bodies_of_parts(record.headers, record.value)
    return _separated(record.value) if record.value else (b"",)


def bodies_of_parts(headers: Sequence[tuple[str, bytes | None]], value: bytes | None) -> Sequence[bytes]:
    """The structured CloudEvents of headers and value; the binary form is put together."""
    attributes = {name[3:].lower(): said for name, said in headers if name[:3].lower() == "ce_"}
    if attributes:
        return (_structured(attributes, value),)
    return _separated(value) if value else (b"",)


def _separated(value: bytes) -> Sequence[bytes]:
    """The events of a list, each as it was written; what is no list is one event, or a dead letter."""
    if value[:1] == b"{" or value.lstrip()[:1] != b"[":
        return (value,)
    if len(value) > MAX_BYTES:
        raise Unreadable("too_large", f"{len(value)} bytes; at most {MAX_BYTES} are read")
    try:
        events = _events(value)
    except RecursionError as error:
        raise Unreadable("nested_too_deep", "the JSON is nested too deep to be events") from error
    except ValueError as error:  # msgspec.DecodeError and UnicodeDecodeError
        raise Unreadable("not_json", str(error)) from error
    if len(events) > MOST_MESSAGES:
        raise Unreadable("too_large", f"{len(events)} events in one record; at most {MOST_MESSAGES} are read")
    return [bytes(event) for event in events]


def _structured(attributes: dict[str, bytes | None], data: bytes | None) -> bytes:
    if not data:
        raise Unreadable("empty", "a binary CloudEvent without data")
    if len(data) > MAX_BYTES:
        raise Unreadable("too_large", f"{len(data)} bytes; at most {MAX_BYTES} are read")
    try:
        event: dict[str, object] = {
            name: value.decode() for name in _ATTRIBUTES if (value := attributes.get(name)) is not None
        }
        msgspec.json.decode(data, type=msgspec.Raw)  # or broken data would reach past its own field
    except UnicodeDecodeError as error:
        raise Unreadable("does_not_fit", f"a header that is not UTF-8: {error}") from error
    except msgspec.DecodeError as error:
        raise Unreadable("not_json", str(error)) from error
    except RecursionError as error:
        raise Unreadable("nested_too_deep", "the JSON is nested too deep to be an event") from error
    event["data"] = msgspec.Raw(data)
    return msgspec.json.encode(event)


def dead_letter(record: Record, reason: str, detail: str) -> DeadLetter:
    """A record as it came, with the reason why it could not be read."""
    return DeadLetter(
        record.topic,
        record.partition,
        record.offset,
        record.key,
        record.value,
        list(record.headers or ()),
        reason,
        detail,
        cluster_of(record),
        record.timestamp,
    )


def contradiction_of(readout: Readout) -> Callable[[bytes], DeadLetter]:
    """What makes a dead letter of an event that turns out to contradict one of an earlier batch."""

    def letter(key: bytes) -> DeadLetter:
        row = readout.events.get(key)
        event_id = decode(row.body).id if row else key.hex()
        return dead_letter(readout.origins[key], "conflicting_duplicate", _contradiction(event_id))

    return letter


def check_same(before: EventRow, event: CanonicalEvent) -> None:
    """Raise Unreadable where two events of one id say different things."""
    if decode(before.body) != event:
        raise Unreadable("conflicting_duplicate", _contradiction(event.id))


def _contradiction(event_id: str) -> str:
    """What to say of an event that repeats an id with another body."""
    return f"id {event_id!r} has come before, with another body; an event that changes needs an id of its own"
