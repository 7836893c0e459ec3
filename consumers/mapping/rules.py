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
ABSENT = "the record has no field "
OWN_DOCUMENT = "its own document"  # what a rule of a whole document waits for, in words
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

    def lacks(self, plan: Plan, root: Any) -> bool:
        """Whether this very plan asks for what nobody has told of yet."""
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
        field, explained = _explained(rule, root)
        if asked is not None and (not asked.is_complete() or _may_be_mended(rule, root, field, asked)):
            return None
        raise explained from None
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
        problem = _problem(rule, root, event, error, asked)
        if problem is None:
            return None
        raise problem from None
    except (TypeError, ValueError) as error:
        raise Unreadable(REASON, f"rule {rule.name}: {error}") from None


def _may_be_mended(rule: EventRule, root: Any, field: str, asked: Asked) -> bool:
    """Whether another value of a field, or none of the event, may follow from what is still to be told."""
    if not asked.unknown or OWN_DOCUMENT in asked.unknown:
        return bool(asked.unknown)
    named = dict(rule.plans)
    plan = named.get(field)
    decisive = ["when", field]
    if plan is not None and plan.asks:
        decisive.append("time")  # as of which it looks up
    return any(name in named and asked.lacks(named[name], root) for name in decisive)


def _problem(
    rule: EventRule, root: Any, event: Mapping[str, Any], error: Unreadable, asked: Asked | None
) -> Unreadable | None:
    """What no reference can mend; None where the event may only wait."""
    field = _misfitting(rule, event, error)
    if asked is None or not _may_be_mended(rule, root, field, asked):
        return _misfit(rule, root, field, event, error)
    if field != "account":
        return None
    event = {**event, "subject": "?"}  # whoever it will be: does the rest fit?
    try:
        decode(_encode(event))
    except Unreadable as other:
        return _problem(rule, root, event, other, asked)
    return None


def _explained(rule: EventRule, root: Any) -> tuple[str, Unreadable]:
    """Which of the expressions failed."""
    for name, plan in rule.plans:
        try:
            plan.call(root)
        except _FAILURES as error:
            said = f"rule {rule.name}: {name} = {plan.text}: {' '.join(str(error).split())}"
            return name, Unreadable(REASON, said)
    return "", Unreadable(REASON, f"rule {rule.name} fails")


_ATTRIBUTES = {"subject": "account", "time": "time", "id": "id"}  # of an event, as mapping files have them


def _misfitting(rule: EventRule, event: Mapping[str, Any], error: Unreadable) -> str:
    """The field, as the mapping file names it, that does not fit."""
    missing = [ours for theirs, ours in _ATTRIBUTES.items() if event[theirs] is None]
    path = error.detail.partition(" - at `$.")[2]
    return missing[0] if missing else _named(path, error.detail, dict(rule.plans))


def _misfit(
    rule: EventRule, root: Any, field: str, event: Mapping[str, Any], error: Unreadable
) -> Unreadable:
    """What of the event does not fit, and which expression gave it; what is wrong comes first."""
    said, _, path = error.detail.partition(" - at `$.")
    plan = dict(rule.plans).get(field)
    if plan is None:
        reason = "the record tells no time; give the rule one" if field == "time" else error.detail
        return Unreadable(REASON, f"rule {rule.name}: {field or rule.type}: {reason}")
    if any(event[theirs] is None for theirs, ours in _ATTRIBUTES.items() if ours == field):
        reason = f"nothing, and it is needed{_absent(rule, plan, root)}"
        return Unreadable(REASON, f"rule {rule.name}: {field} = {plan.text} gives {reason}")
    value = repr(plan.call(root))
    shown = value if len(value) <= _LONGEST_VALUE else value[:_LONGEST_VALUE] + "…"
    where = f" at {path.rstrip('`')}" if path.count(".") > 1 or "[" in path else ""
    return Unreadable(REASON, f"rule {rule.name}: {field}: {said}{where}: {plan.text} gives {shown}")


def _absent(rule: EventRule, plan: Plan, root: Any) -> str:
    """The names that an expression reads and the record does not have."""
    names = sorted(names_of([plan]) or ()) if not rule.each else []
    absent = [name for name in names if name not in root]
    return f"; {ABSENT}{', '.join(absent)}" if absent else ""


def _named(path: str, detail: str, plans: Mapping[str, Plan]) -> str:
    """The name in the mapping file of the place in an event that an error tells."""
    parts = path.rstrip("`").split(".")
    if parts[0].startswith("data") and len(parts) > 1:
        return f"data.{parts[1].partition('[')[0]}"
    for name in plans:
        if name.startswith("data.") and f"`{name.removeprefix('data.')}`" in detail:
            return name
    return _ATTRIBUTES.get(parts[0], "")


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
