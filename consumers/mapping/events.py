"""From a rule and a root to the event, or why there is none."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from accounts.events import CanonicalEvent, Unreadable, decode
from consumers.mapping.plans import Plan
from consumers.mapping.rules import (
    ABSENT,
    FAILURES,
    OWN_DOCUMENT,
    REASON,
    EventRule,
    Told,
    applies,
    names_of,
)

_LONGEST_VALUE = 120
_encode = msgspec.json.encode


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
    except FAILURES:
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
        except FAILURES as error:
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
