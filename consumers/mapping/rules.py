"""The rules of a mapping: what becomes an event, what is kept as reference data, what is left aside."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple, Protocol

import msgspec

from accounts.events import CanonicalEvent, Unreadable, decode
from consumers.mapping.expressions import META, is_false
from consumers.mapping.fields import TEXT
from consumers.mapping.plans import Plan

REASON = "does_not_map"
UNMATCHED = "no_rule"  # why a record that no rule takes is left aside
_LONGEST_VALUE = 120
_FAILURES = (ValueError, TypeError, ArithmeticError, LookupError, AttributeError, RecursionError)

_encode = msgspec.json.encode


class Matter(NamedTuple):
    """Which records a rule takes."""

    entities: frozenset[str] | None  # None: all
    operations: frozenset[str]
    when: Plan | None

    def takes(self, entity: str | None, operation: str) -> bool:
        """Whether the rule is for such records at all."""
        return operation in self.operations and (self.entities is None or entity in self.entities)


class EventRule(NamedTuple):
    """How a record becomes an event of one type."""

    name: str
    stamp: str  # the name, and a digest of all that the rule says
    type: str
    matter: Matter
    whole: bool  # of the document as its changes up to then tell it, not of what this record says of it
    once: bool  # one event of the document as all its changes tell it, however many these are
    each: Plan | None  # one event for each item
    account: Plan
    time: Plan | None
    id: Plan | None
    data: list[tuple[str, Plan]]
    made: Callable[[Any], dict[str, Any]]  # all of the data at once

    @property
    def plans(self) -> list[tuple[str, Plan]]:
        """All that is evaluated, by the name it has in the mapping file."""
        named = [("when", self.matter.when), ("account", self.account), ("time", self.time), ("id", self.id)]
        return [(name, plan) for name, plan in named if plan] + [(f"data.{n}", p) for n, p in self.data]

    @property
    def asks(self) -> bool:
        """Whether the event depends on more than its record."""
        return self.whole or self.once or any(plan.asks for _, plan in self.plans)


class ReferenceRule(NamedTuple):
    """What of a record is kept to be looked up."""

    name: str
    kind: str
    matter: Matter
    id: Plan
    parent: Plan | None
    fields: list[tuple[str, Plan]]
    whole: bool = False  # kept for rules of whole documents: all fields under their own names, or `raw`
    raw: frozenset[str] | None = None


class IgnoreRule(NamedTuple):
    """Which records are left aside on purpose, and why."""

    reason: str
    matter: Matter


class Told(msgspec.Struct, frozen=True, gc=False):
    """What is known of an event before its rule is applied."""

    source: str
    identity: str
    time: str | datetime | None  # when the record says it happened


def applies(matter: Matter, root: Any) -> bool:
    """Whether the condition holds."""
    return matter.when is None or not is_false(matter.when.call(root))


class Asked(Protocol):
    """What an evaluation has asked reference data for."""

    @property
    def unknown(self) -> Sequence[str]:
        """What nobody has told of yet, in words."""
        ...

    def is_complete(self) -> bool:
        """Whether all that was asked for has been looked for."""
        ...


def event_of(
    rule: EventRule,
    root: Mapping[str, Any],
    told: Told,
    at: Callable[[Any], None] | None = None,
    asked: Asked | None = None,
) -> tuple[CanonicalEvent, bytes] | None:
    """The event that a rule makes of a root, read as strictly as any; None where its condition fails.

    `at` is told the time that a rule gives before anything is looked up as of it. Where something was looked
    up that is still to be loaded, or fails for want of what nobody has told of, there is no event yet. Raises
    Unreadable.
    """
    try:
        time = told.time
        if rule.time is not None:
            time = rule.time.call(root)
            if at is not None:
                at(time)
        if not applies(rule.matter, root):
            return None
        account = rule.account.call(root)
        data = rule.made(root)
    except _FAILURES:
        if asked is not None and asked.unknown:
            return None
        raise _explained(rule, root) from None
    if asked is not None and not asked.is_complete():
        return None
    event = {
        "specversion": "1.0",
        "type": rule.type,
        "source": told.source,
        "id": told.identity,
        "subject": account,
        "time": time,
        "data": data,
    }
    try:
        body = _encode(event)
        return decode(body), body
    except Unreadable as error:
        if asked is not None and asked.unknown:
            return None
        raise _misfit(rule, root, event, error) from None
    except (TypeError, ValueError) as error:
        raise Unreadable(REASON, f"rule {rule.name}: {error}") from None


def _explained(rule: EventRule, root: Any) -> Unreadable:
    """Which of the expressions failed."""
    for name, plan in rule.plans:
        try:
            plan.call(root)
        except _FAILURES as error:
            return Unreadable(
                REASON, f"rule {rule.name}: {name} = {plan.text}: {' '.join(str(error).split())}"
            )
    return Unreadable(REASON, f"rule {rule.name} fails")


def _misfit(rule: EventRule, root: Any, event: Mapping[str, Any], error: Unreadable) -> Unreadable:
    """What of the event does not fit, and which expression gave it."""
    names = {"subject": "account", "time": "time", "id": "id"}
    missing = [ours for theirs, ours in names.items() if event[theirs] is None]
    named = dict(rule.plans)
    said, _, path = error.detail.partition(" - at `$.")
    field = missing[0] if missing else _named(path, error.detail, named)
    plan = named.get(field)
    if plan is None:
        reason = "the record tells no time; give the rule one" if field == "time" else error.detail
        return Unreadable(REASON, f"rule {rule.name}: {field or rule.type}: {reason}")
    value = repr(plan.call(root))
    shown = value if len(value) <= _LONGEST_VALUE else value[:_LONGEST_VALUE] + "…"
    where = f" at {path.rstrip('`')}" if path.count(".") > 1 or "[" in path else ""
    reason = "nothing, and it is needed" if missing else f"{shown}{where}: {said}"
    return Unreadable(REASON, f"rule {rule.name}: {field} = {plan.text} gives {reason}")


def _named(path: str, detail: str, plans: Mapping[str, Plan]) -> str:
    """The name in the mapping file of the place in an event that an error tells."""
    parts = path.rstrip("`").split(".")
    if parts[0].startswith("data") and len(parts) > 1:
        return f"data.{parts[1].partition('[')[0]}"
    for name in plans:
        if name.startswith("data.") and f"`{name.removeprefix('data.')}`" in detail:
            return name
    return {"subject": "account", "time": "time", "id": "id"}.get(parts[0], "")


class Kept(NamedTuple):
    """A version of reference data as its rule makes it."""

    id: str
    parent: str | None
    fields: dict[str, Any]


def kept_of(rule: ReferenceRule, root: Mapping[str, Any], *, partial: bool) -> Kept | None:
    """What a rule keeps of a root; None where its condition fails. Raises Unreadable.

    Where a root is `partial`, what it does not say is as it was, its id too. Else a document without a field
    had none then, whatever is said of it later.
    """
    try:
        if not applies(rule.matter, root):
            return None
        id_ = TEXT.fit(rule.id.call(root))
        parent = None if rule.parent is None else TEXT.fit(rule.parent.call(root))
        if rule.whole:
            names = root.keys() if rule.raw is None else rule.raw
            said = (name for name in names if name != META and (name in root or not partial))
            fields = {name: root.get(name) for name in said}
        else:
            fields = {name: plan.call(root) for name, plan in rule.fields if _is_said(plan, root)}
    except _FAILURES as error:
        raise Unreadable(REASON, f"reference {rule.name}: {' '.join(str(error).split())}") from None
    if id_ is None and partial and not _is_said(rule.id, root):
        return None
    if not isinstance(id_, str):
        raise Unreadable(
            REASON,
            f"reference {rule.name}: id = {rule.id.text} gives {id_!r}, no id; "
            f'where a record may have none, say so: when = "{rule.id.text}"',
        )
    return Kept(id_, parent if isinstance(parent, str) else None, fields)


def _is_said(plan: Plan, root: Mapping[str, Any]) -> bool:
    """Whether a record, which may tell only what has changed, says anything of a field."""
    names = {name for uses in plan.uses for name in uses.names}
    return not names or any(name in root for name in names) or any(uses.everything for uses in plan.uses)


def names_of(plans: Iterable[Plan]) -> frozenset[str] | None:
    """What these read of a root; None: everything."""
    uses = [each for plan in plans for each in plan.uses]
    if any(each.everything for each in uses):
        return None
    return frozenset(name for each in uses for name in each.names) - {META}


Operation = Literal["created", "updated", "deleted", "read", "event"]
OPERATIONS: tuple[Operation, ...] = ("created", "updated", "deleted", "read", "event")
