"""Drafts: what a record itself says of an event that refers to more."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import msgspec

from consumers.mapping.roots import micros
from consumers.mapping.rules import EventRule, names_of
from consumers.record import Record, cluster_of
from storage.draft_rows import FOREVER, DraftRow

_encode = msgspec.json.Encoder(order="deterministic").encode
_LONGEST_ID = 400


class Draft(msgspec.Struct, frozen=True, gc=False, array_like=True, omit_defaults=True):
    """The body of a draft: what its rule needs of the record."""

    root: dict[str, Any]
    source: str
    id: str
    time: int | None  # when the record says it happened, in microseconds since 1970
    whole: int | None = None  # the document's number, where the rule is of the whole of it


def draft_row(rule: EventRule, draft: Draft, at: int, record: Record) -> DraftRow:
    """The row that keeps a draft; `at` is from when on later versions of references do not concern it."""
    event_key = blake2b(f"{draft.source}\0{draft.id}".encode(), digest_size=16).digest()
    place = record.topic, record.partition, record.offset, cluster_of(record)
    return DraftRow(event_key, rule.stamp, at, _encode(draft), *place)


def short(identity: str) -> str:
    """An identity that an event's id has room for."""
    if len(identity) <= _LONGEST_ID:
        return identity
    return blake2b(identity.encode("utf-8", "replace"), digest_size=16).hexdigest()


def concerned_from(rule: EventRule, root: Mapping[str, Any], changed: int) -> int:
    """From when on what is said later of a reference does not concern an event."""
    if rule.time is None:
        return changed
    if rule.whole or rule.time.asks:
        return FOREVER
    try:
        return max(changed, micros(rule.time.call(root)))
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError):
        return FOREVER  # filling it says what is wrong


def pruning(rule: EventRule) -> tuple[frozenset[str] | None, frozenset[str]]:
    """What a rule reads of the record itself: the names of fields, all where None, and those below `_`."""
    plans = [plan for _, plan in rule.plans]
    names = frozenset[str]() if rule.whole else names_of(plans)
    return names, frozenset(name for plan in plans for uses in plan.uses for name in uses.meta)
