"""From the values of a mapping file to functions of a root: expressions, constants, lists, tables."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

from consumers.mapping.code_lists import CodeUses
from consumers.mapping.expressions import META, Expression, ExpressionError, Uses, compiled
from consumers.mapping.fields import ANYTHING, PERSON, Field, Kind
from consumers.mapping.program import ROOT, Program
from consumers.mapping.suggestions import did_you_mean
from consumers.mapping.table import Problems

LOOKUPS = frozenset({"lookup", "person", "people", "parts"})
RECORD = "record"  # below `_`, of the items of a list: the record that has the list
META_NAMES = ("op", "entity", "time", "before", "key", "topic", "meta", RECORD)


class Plan(NamedTuple):
    """How a value is made of a root; `call` may raise, and so may `code`, the same as Python."""

    text: str
    code: str
    call: Callable[[Any], Any]
    uses: tuple[Uses, ...]

    @property
    def asks(self) -> bool:
        """Whether it looks anything up."""
        return any(uses.functions & LOOKUPS for uses in self.uses)


class Planner:
    """Compiles the values of one mapping file; what is wrong is noted, and gives None."""

    def __init__(
        self,
        functions: Mapping[str, Callable[..., Any]],
        lists: Mapping[str, Collection[str]],
        problems: Problems,
        codes: CodeUses,
    ) -> None:
        self.codes = codes
        self._program = Program(functions)
        self._lists = lists  # the names that the first argument of these functions may have
        self._problems = problems
        self.kinds: list[tuple[str, str]] = []  # of reference data that are looked up, with the place

    def expression(self, text: Any, place: str) -> Plan | None:
        """An expression whose value is taken as it is."""
        read = self._read(text, place)
        return None if read is None else self._plan(read.text, read.code, (read.uses,))

    def kept(self, text: Any, place: str, kind: str, field: str) -> Plan | None:
        """A value that a reference of a kind keeps as its field."""
        plan = self.of(text, ANYTHING, place)
        if plan is not None and isinstance(text, str):
            self.codes.keep(compiled(text, self._program).node, kind, field)
        return plan

    def of(self, value: Any, kind: Kind, place: str) -> Plan | None:
        """A value for a field of this kind."""
        if isinstance(value, str):
            return self._fitted(value, kind, place)
        if isinstance(value, bool | int | float):
            return self._constant(value, kind, place)
        if isinstance(value, list):
            return self._list(value, kind, place)
        if isinstance(value, dict):
            if set(value) == {"value"}:
                return self._constant(value["value"], kind, place)
            return self._table(value, kind, place)
        self._problems.note(place, f"{value!r}: must be an expression, a constant, a list or a table")
        return None

    def empty_list(self) -> Plan:
        """The list that an event has where the mapping names none."""
        return self._plan("[]", "[]", ())

    def data(self, plans: Sequence[tuple[str, Plan]]) -> Callable[[Any], dict[str, Any]]:
        """One function that makes an object of all its fields; what is null is left out."""
        return self._program.function(_object_lines(plans))

    def _plan(self, text: str, code: str, uses: tuple[Uses, ...]) -> Plan:
        return Plan(text, code, self._program.function([f"return {code}"]), uses)

    def _read(self, text: Any, place: str) -> Expression | None:
        if not isinstance(text, str):
            self._problems.note(place, f"must be an expression, a text, not {text!r}")
            return None
        try:
            read = compiled(text, self._program)
        except ExpressionError as error:
            self._problems.note(place, f"{text!r}: {error}")
            return None
        self.codes.read(read.node)
        for name in sorted(read.uses.meta.difference(META_NAMES)):
            self._problems.note(place, f"{text!r}: there is no _.{name}{did_you_mean(name, META_NAMES)}")
        for function, name in sorted(read.uses.named):
            known = self._lists.get(function)
            if known is not None and name not in known:
                self._problems.note(place, f"{text!r}: there is no list {name!r}{did_you_mean(name, known)}")
            if function in LOOKUPS:
                self.kinds.append((name, place))
        return read

    def _fitted(self, text: str, kind: Kind, place: str) -> Plan | None:
        read = self._read(text, place)
        if read is None:
            return None
        node = read.node
        if node["type"] == "literal":
            return self._constant(node["value"], kind, place, text)
        if node["type"] == "field" and node["value"] in kind.choices:
            said = node["value"]
            self._problems.note(
                place, f"{text!r} is the field {said} of the record; the constant is written \"'{said}'\""
            )
            return None
        if kind.choices:
            self.codes.fill(node, kind.choices)
        made = node["type"] == "function_expression" and node["value"]
        if kind.members == PERSON.members and made == ("people" if kind.item else "person"):
            return self._plan(text, read.code, (read.uses,))  # in form as they are
        return self._plan(text, self._fit(kind, read.code), (read.uses,))

    def _fit(self, kind: Kind, code: str) -> str:
        """The code of a value brought into its form; most texts have it already."""
        if kind is ANYTHING:
            return code
        fit = self._program.constant(kind.fit)
        if kind.name not in {"text", "choice", "number"}:
            return f"{fit}({code})"
        name = self._program.variable()
        if kind.name == "number":
            return f"(None if ({name} := {code}) == '' else {name})"
        return f"({name} if ({name} := {code}).__class__ is str and {name} else {fit}({name}))"

    def _constant(self, value: Any, kind: Kind, place: str, text: str | None = None) -> Plan | None:
        said = value if isinstance(value, list) else [value]
        for each in said:
            if kind.choices and each not in kind.choices:
                self._problems.note(place, f"{each!r} is not allowed{did_you_mean(str(each), kind.choices)}")
                return None
        try:
            fitted = kind.fit(value)
        except ValueError as error:
            self._problems.note(place, str(error))
            return None
        return self._plan(text or repr(value), self._program.constant(fitted), ())

    def _list(self, values: list[Any], kind: Kind, place: str) -> Plan | None:
        if kind.item is None:
            self._problems.note(place, "is a list, but the field takes one value")
            return None
        item = kind.item
        loose = ANYTHING._replace(choices=item.choices, members=item.members)
        plans = [self.of(each, loose, f"{place}[{number}]") for number, each in enumerate(values)]
        parts = [plan for plan in plans if plan is not None]
        text = "[" + ", ".join(plan.text for plan in parts) + "]"
        code = "[" + ", ".join(plan.code for plan in parts) + "]"
        uses = tuple(each for plan in parts for each in plan.uses)
        return self._plan(text, f"{self._program.constant(kind.fit)}({code})", uses)

    def _table(self, values: dict[str, Any], kind: Kind, place: str) -> Plan | None:
        if not kind.members:
            self._problems.note(place, "is a table, but the field takes a value; a constant is {value = …}")
            return None
        rest = dict(values)
        each = rest.pop("each", None)
        plans = self.members(rest, kind.members, place)
        one = self._program.constant(self._program.function(_object_lines(plans, named="id" in kind.members)))
        text = "{" + ", ".join(f"{name} = {plan.text}" for name, plan in plans) + "}"
        inner = tuple(uses for _, plan in plans for uses in plan.uses)
        if each is None:
            code = f"{one}({ROOT})"
            return self._plan(text, code if kind.item is None else _listed(self._program, code), inner)
        items = self.expression(each, f"{place}.each")
        if items is None:
            return None
        if kind.item is None:
            self._problems.note(place, "each: the field takes one value, not several")
            return None
        outer = items.uses + tuple(_of_item(uses) for uses in inner)
        return self._plan(f"for each of {each}: {text}", self._for_each(items.code, one, inner), outer)

    def _for_each(self, items: str, one: str, uses: tuple[Uses, ...]) -> str:
        item, found, several = (self._program.variable() for _ in range(3))
        self._program.know(item_root=item_root)
        root = f"item_root({item}, {ROOT})"
        if not any(each.meta or each.everything or META in each.names for each in uses):
            root = f"({item} if {item}.__class__ is dict else {{'value': {item}}})"
        made = f"[{found} for {item} in {several} if ({found} := {one}({root})) is not None]"
        return f"({made} if ({several} := {items}) else [])"

    def members(
        self, values: Mapping[str, Any], known: Mapping[str, Field], place: str
    ) -> list[tuple[str, Plan]]:
        """The fields of an object; those that it needs must be there, but lists, which may be empty."""
        plans = []
        for name, value in values.items():
            if name not in known:
                self._problems.note(f"{place}.{name}", f"there is no such field{did_you_mean(name, known)}")
            elif (plan := self.of(value, known[name].kind, f"{place}.{name}")) is not None:
                plans.append((name, plan))
        for name, field in known.items():
            if field.required and name not in values and (field.kind.name != "list" or name == "lines"):
                self._problems.note(place, f"{name} is missing, which the event needs")
        return plans


def _object_lines(plans: Sequence[tuple[str, Plan]], *, named: bool = False) -> list[str]:
    """The body of a function that makes an object; of a thing with an id, nothing where it has none."""
    lines = ["found = {}"]
    for name, plan in plans:
        lines += [f"value = {plan.code}", f"if value is not None: found[{name!r}] = value"]
    return [*lines, "return found if 'id' in found else None" if named else "return found"]


def _listed(program: Program, code: str) -> str:
    name = program.variable()
    return f"([{name}] if ({name} := {code}) is not None else [])"


def item_root(item: Any, root: Mapping[str, Any]) -> dict[str, Any]:
    """An item of a list as a root of its own."""
    fields = item if isinstance(item, dict) else {"value": item}
    return {**fields, META: {**root.get(META, {}), RECORD: root}}


def _of_item(uses: Uses) -> Uses:
    """What is used of an item, as use of the record: all that may be reached through `_.record`."""
    return Uses(frozenset(), uses.meta - {RECORD}, RECORD in uses.meta, uses.functions, uses.named)
