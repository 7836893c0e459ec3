"""The rules of a mapping: what becomes an event, what is kept as reference data, what is left aside."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple

import msgspec

from accounts.events import Unreadable
from consumers.mapping.expressions import META, is_false
from consumers.mapping.fields import TEXT
from consumers.mapping.plans import Plan

REASON = "does_not_map"
UNMATCHED = "no_rule"  # why a record that no rule takes is left aside
ABSENT = "the record has no field "
OWN_DOCUMENT = "its own document"  # what a rule of a whole document waits for, in words
FAILURES = (ValueError, TypeError, ArithmeticError, LookupError, AttributeError, RecursionError)


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
    except FAILURES as error:
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
