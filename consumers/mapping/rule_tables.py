"""From the tables of a mapping file to rules."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from accounts.events import TYPES
from consumers.mapping.fields import FIELDS, MOMENT, TEXT
from consumers.mapping.plans import LOOKUPS, Plan, Planner
from consumers.mapping.rules import OPERATIONS, EventRule, IgnoreRule, Matter, ReferenceRule
from consumers.mapping.suggestions import did_you_mean
from consumers.mapping.table import Table

_NOTHING = Plan("", "None", lambda _root: None, ())
_ALL = frozenset(OPERATIONS)
_LIVING = _ALL - {"deleted"}
LONGEST_REASON = 64
_SELF_SUFFICIENT = {"event": "type", "reference": "kind"}  # a rule that says it is whole by itself


def event_rule(table: Table, planner: Planner, lists: object) -> EventRule | None:
    """A rule of [[mapping.event]]; None where something is wrong with it.

    `lists` are the codes and words that it may look at.
    """
    before = len(table.problems)
    type_ = table.text("type", required=True, allowed=TYPES) or ""
    name = table.text("name") or type_
    matter = _matter(table, planner, _LIVING)
    whole, once = table.flag("whole"), table.flag("once")
    each = _expression(table, planner, "each")
    if each is not None and (each.asks or whole or once):
        table.note("cannot look anything up or be of a whole document; write each = … within data", "each")
    account = _field(table, planner, "account", TEXT, required=True)
    time = _field(table, planner, "time", MOMENT)
    id_ = _field(table, planner, "id", TEXT)
    if id_ is not None and id_.asks:
        table.note("cannot look anything up: an event is the same whatever is known by now", "id")
    if once and (time is None or id_ is not None):
        table.note("needs the field that tells its time, and gives the id itself", "once")
    said = table.table("data")
    data = planner.members(said, FIELDS[type_], f"{table.place}.data") if type_ in FIELDS else []
    told = {field for field, _ in data}
    several = [field for field, known in FIELDS.get(type_, {}).items() if known.kind.name == "list"]
    data += [(field, planner.empty_list()) for field in several if field not in told]
    table.finish()
    plans = [plan for plan in (matter.when, account, time, *(plan for _, plan in data)) if plan]
    if once and any(uses.meta for plan in plans for uses in plan.uses):
        table.note("is of the document, whichever change tells it, and cannot read what stands below _")
    if len(table.problems) > before:
        return None
    stamp = f"{name}@{table.digest(lists)}"
    return EventRule(
        name,
        stamp,
        type_,
        matter,
        whole or once,
        once,
        each,
        account or _NOTHING,
        time,
        id_,
        data,
        planner.data(data),
    )


def reference_rule(table: Table, planner: Planner) -> ReferenceRule | None:
    """A rule of [[mapping.reference]]."""
    before = len(table.problems)
    kind = table.text("kind", required=True) or ""
    name = table.text("name") or kind
    matter = _matter(table, planner, _ALL)
    id_ = _field(table, planner, "id", TEXT, required=True)
    parent = _field(table, planner, "parent", TEXT)
    fields = _reference_fields(table, planner, kind)
    table.finish()
    plans = [plan for plan in (matter.when, id_, parent, *(plan for _, plan in fields)) if plan]
    if any(plan.asks for plan in plans):
        table.note(f"cannot look anything up ({', '.join(sorted(LOOKUPS))}): reference data stand alone")
    if len(table.problems) > before:
        return None
    return ReferenceRule(name, kind, matter, id_ or _NOTHING, parent, fields)


def _reference_fields(table: Table, planner: Planner, kind: str) -> list[tuple[str, Plan]]:
    said = table.take("fields")
    if isinstance(said, list):  # under their own names
        said = {name: f'"{name}"' for name in said if isinstance(name, str)}
    if said is None:
        return []
    if not isinstance(said, dict):
        table.note("must be a table of expressions, or a list of names", "fields")
        return []
    plans = [
        (name, planner.kept(value, f"{table.place}.fields.{name}", kind, name))
        for name, value in said.items()
    ]
    return [(name, plan) for name, plan in plans if plan is not None]


def ignore_rule(table: Table, planner: Planner) -> IgnoreRule | None:
    """A rule of [[mapping.ignore]]."""
    before = len(table.problems)
    reason = table.text("reason", required=True) or ""
    if len(reason) > LONGEST_REASON:
        table.note(f"must have at most {LONGEST_REASON} characters: it is counted by", "reason")
    matter = _matter(table, planner, _ALL)
    if matter.when is not None and matter.when.asks:
        table.note("cannot look anything up", "when")
    table.finish()
    return IgnoreRule(reason, matter) if len(table.problems) == before else None


def _matter(table: Table, planner: Planner, usual: frozenset[str]) -> Matter:
    entities = table.texts("entity")
    operations = table.texts("on", allowed=OPERATIONS)
    return Matter(
        None if entities is None else frozenset(entities),
        usual if operations is None else frozenset(operations),
        _expression(table, planner, "when"),
    )


def _expression(table: Table, planner: Planner, name: str) -> Plan | None:
    text = table.take(name)
    return None if text is None else planner.expression(text, f"{table.place}.{name}")


def _field(table: Table, planner: Planner, name: str, kind: Any, *, required: bool = False) -> Plan | None:
    value = table.take(name)
    if value is None:
        if required:
            table.note("missing", name)
        return None
    return planner.of(value, kind, f"{table.place}.{name}")


def named_rules(
    table: Table, base: Table, kind: str, left_out: Sequence[str], rule_of: Callable[[Table], Any]
) -> list[Any]:
    """Rules by name: one's own go over those that come along, or take their place."""
    found: dict[str, Any] = {}
    own: set[str] = set()
    ready = {said.get("name"): said for said in base.tables(kind)}
    for number, said in enumerate(table.tables(kind), start=1):
        goes_over = None if _SELF_SUFFICIENT[kind] in said else ready.get(said.get("name"))
        whole = _amended(goes_over, said) if goes_over else said
        if ready and _SELF_SUFFICIENT[kind] not in said and "name" in said and not goes_over:
            meant = did_you_mean(str(said["name"]), map(str, ready))
            table.note(f"{kind} {number}.name: there is no ready rule {said['name']!r}{meant}")
        rule = rule_of(Table(whole, f"{table.place}, {kind} {number}", table.problems))
        if rule is None:
            own.add(said.get("name", "") if isinstance(said, dict) else "")
        elif rule.name in found:
            table.note(f"{kind} {number}: there is a rule {rule.name!r} already; give this one a name")
        else:
            found[rule.name] = rule
    for number, said in enumerate(base.tables(kind), start=1):
        name = said.get("name")
        if name not in left_out and name not in found and name not in own:
            rule = rule_of(Table(said, f"{base.place}, {kind} {number}", table.problems))
            if rule is not None:
                found[rule.name] = rule
    return list(found.values())


def _amended(ready: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """A rule that comes along, with what one's own says over it; of data and fields, one by one."""
    found = {**ready, **own}
    for name in ("data", "fields"):
        if name in ready and name in own:
            found[name] = _over(_by_name(ready[name]), _by_name(own[name]))
    return found


def _over(ready: Any, own: Any) -> Any:
    """The fields of both, one's own first; a constant has none."""
    if not isinstance(ready, dict) or not isinstance(own, dict) or "value" in own:
        return own
    return {**ready, **{name: _over(ready.get(name), said) for name, said in own.items()}}


def _by_name(fields: Any) -> Any:
    """Fields with their expressions; a list has each under its own name."""
    return {str(name): name for name in fields} if isinstance(fields, list) else fields


def merged_tables(ready: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Lists of codes or words, one's own entries over those that come along."""
    names = [*ready, *(name for name in own if name not in ready)]
    return {name: {**_table(ready.get(name)), **_table(own.get(name))} for name in names}


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
