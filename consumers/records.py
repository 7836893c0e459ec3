"""From Kafka records to a batch: CloudEvents in structured or binary form, dead letters for the rest."""

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
from consumers.record import Record as Record  # noqa: PLC0414  (others know it from here)
from storage.dead_letters import DeadLetter
from storage.event_rows import EventRow
from storage.mapped import DraftRow, ReferenceRow

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
            body = body_of(record)
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
            readout.dead_letters.append(dead_letter(record, error.reason, error.detail))
            continue
        types[record.topic, type_of(event)] += 1
        events[row.event_key] = row
        origins[row.event_key] = record
    return readout._replace(repeated=repeated)


def row_of(event: CanonicalEvent, body: bytes) -> EventRow:
    """The row that keeps an event."""
    return EventRow(event_key(event), event.subject, week_of(event.time), document_of(event), body)


def body_of(record: Record) -> bytes:
    """The structured CloudEvent of a record; raises Unreadable where there is nothing to read."""
    return body_of_parts(record.headers, record.value) if record.headers else record.value or b""


def body_of_parts(headers: Sequence[tuple[str, bytes | None]], value: bytes | None) -> bytes:
    """The structured CloudEvent of headers and value; the binary form is put together."""
    attributes = {name[3:].lower(): said for name, said in headers if name[:3].lower() == "ce_"}
    return _structured(attributes, value) if attributes else value or b""


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
