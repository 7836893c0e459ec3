"""JMESPath expressions as Python: an interpreter that walks the tree anew for each record is too slow.

What each node means is the specification's (jmespath.org) and that of the library jmespath, which parses;
functions that take expressions (`sort_by(x, &y)`) are left to the library altogether. A property test holds
the two against each other.
"""

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any, NamedTuple

import jmespath
from jmespath import exceptions
from jmespath.functions import Functions
from jmespath.visitor import TreeInterpreter

from consumers.mapping.program import ROOT, Program
from consumers.mapping.suggestions import did_you_mean

Node = dict[str, Any]

META = "_"  # the reserved name under which a root has what is not of the document itself
_BUILT_IN = Functions()
_INTERPRETER = TreeInterpreter()
_ORDER = {"lt": "<", "gt": ">", "lte": "<=", "gte": ">="}


class ExpressionError(ValueError):
    """An expression that cannot be read; the message says where and what is allowed."""


class Uses(NamedTuple):
    """What an expression reads of its root."""

    names: frozenset[str]
    meta: frozenset[str]  # names below `_`
    everything: bool  # `@` or `*`: all names there are
    functions: frozenset[str]
    named: frozenset[tuple[str, str]] = frozenset()  # functions and the literal text each is given first


class Expression(NamedTuple):
    """A parsed expression, and the Python expression of ROOT that it is."""

    text: str
    code: str
    uses: Uses
    node: Node


def compiled(text: str, program: Program) -> Expression:
    """Compile an expression for a program; raises ExpressionError."""
    functions = program.functions
    try:
        node: Any = jmespath.compile(text).parsed
    except exceptions.JMESPathError as error:
        reason = " ".join(str(error).split())
        raise ExpressionError(f"not a JMESPath expression: {reason}") from None
    uses = uses_of(node)
    known = {*functions, *_BUILT_IN.FUNCTION_TABLE}
    for name in sorted(uses.functions - known):
        raise ExpressionError(f"there is no function {name}(){did_you_mean(name, known)}")
    return Expression(text, _Compiler(program).build(node, ROOT), uses, node)


def uses_of(node: Node) -> Uses:
    """What an expression reads of its root."""
    names: set[str] = set()
    meta: set[str] = set()
    whole = False
    for found in _at_root(node):
        if found["type"] == "field":
            names.add(found["value"])
        elif found["type"] == META:
            meta.add(found["value"])
        else:
            whole = True
    calls = [each for each in _walk(node) if each["type"] == "function_expression"]
    functions = frozenset(call["value"] for call in calls)
    return Uses(frozenset(names), frozenset(meta), whole, functions, frozenset(_named(calls)))


def _named(calls: Iterable[Node]) -> Iterator[tuple[str, str]]:
    for call in calls:
        first = call["children"][0] if call["children"] else None
        if first is not None and first["type"] == "literal" and isinstance(first["value"], str):
            yield call["value"], first["value"]


_ALL_AT_ROOT = {
    "comparator",
    "or_expression",
    "and_expression",
    "not_expression",
    "multi_select_list",
    "multi_select_dict",
    "key_val_pair",
    "function_expression",
}


def _at_root(node: Node) -> Iterator[Node]:
    """The nodes that read the root itself."""
    kind, children = node["type"], node["children"]
    if kind in {"field", "current", "identity"}:
        yield node
    elif kind == "subexpression" and _is_meta(node):
        yield {"type": META, "value": children[1]["value"]}
    elif kind in _ALL_AT_ROOT:
        for child in children:
            yield from _at_root(child)
    elif children and isinstance(children[0], dict) and kind != "expref":
        yield from _at_root(children[0])  # the others read what this one gives


def _is_meta(node: Node) -> bool:
    first, second, *_ = node["children"]
    return bool(first["type"] == "field" and first["value"] == META and second["type"] == "field")


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for child in node["children"]:
        if isinstance(child, dict):
            yield from _walk(child)


def is_false(value: Any) -> bool:
    """What counts as false: null, false, and empty texts, lists and objects; not 0."""
    return value is None or value is False or (not value and isinstance(value, str | list | dict))


class _Compiler:
    """Writes each node of a tree as a Python expression of the variable that holds its input."""

    def __init__(self, program: Program) -> None:
        self._program = program
        program.know(is_false=is_false, equal=_equal, comparable=_is_comparable, negated=_negated)

    def build(self, node: Node, of: str) -> str:
        build: Callable[[Node, str], str] = getattr(self, f"_{node['type']}")
        return build(node, of)

    def _held(self, node: Node, of: str) -> tuple[str, str]:
        """A variable, and the expression that gives it the node's value."""
        name = self._program.variable()
        return name, f"({name} := {self.build(node, of)})"

    def _field(self, node: Node, of: str) -> str:
        return f"({of}.get({node['value']!r}) if {of}.__class__ is dict else None)"

    def _subexpression(self, node: Node, of: str) -> str:
        return self._then(node["children"], of)

    _pipe = _index_expression = _subexpression

    def _then(self, nodes: list[Node], of: str) -> str:
        """Each node of what the one before gives."""
        code = self.build(nodes[0], of)
        for node in nodes[1:]:
            name = self._program.variable()
            follows, held = self.build(node, name), f"({name} := {code})"
            if node["type"] in {"field", "index", "slice"}:  # which look at their input's class first
                code = follows.replace(f"{name}.__class__", f"{held}.__class__", 1)
            else:
                code = f"({held}, {follows})[1]"
        return code

    def _current(self, _node: Node, of: str) -> str:
        return of

    _identity = _current

    def _literal(self, node: Node, _of: str) -> str:
        return self._program.constant(node["value"])

    def _index(self, node: Node, of: str) -> str:
        number = node["value"]
        return f"({of}[{number}] if {of}.__class__ is list and -len({of}) <= {number} < len({of}) else None)"

    def _slice(self, node: Node, of: str) -> str:
        part = self._program.constant(slice(*node["children"]))
        return f"({of}[{part}] if {of}.__class__ is list else None)"

    def _comparator(self, node: Node, of: str) -> str:
        kind = node["value"]
        first, second = node["children"]
        if kind in _ORDER:
            (left, hold_left), (right, hold_right) = self._held(first, of), self._held(second, of)
            both = f"comparable({hold_left}) & comparable({hold_right})"
            return f"({left} {_ORDER[kind]} {right} if {both} else None)"
        left, right = self.build(first, of), self.build(second, of)
        literals = [child["value"] for child in node["children"] if child["type"] == "literal"]
        simple = any(isinstance(value, str) or value is None for value in literals)
        same = f"({left} == {right})" if simple else f"equal({left}, {right})"
        return same if kind == "eq" else f"(not {same})"

    def _or_expression(self, node: Node, of: str) -> str:
        left, right = node["children"]
        name, held = self._held(left, of)
        false = f"not {held}" if left["type"] in _TRUTHS else f"is_false({held})"
        return f"({self.build(right, of)} if {false} else {name})"

    def _and_expression(self, node: Node, of: str) -> str:
        left, right = node["children"]
        name, held = self._held(left, of)
        false = f"not {held}" if left["type"] in _TRUTHS else f"is_false({held})"
        return f"({name} if {false} else {self.build(right, of)})"

    def _not_expression(self, node: Node, of: str) -> str:
        return f"negated({self.build(node['children'][0], of)})"

    def _multi_select_list(self, node: Node, of: str) -> str:
        parts = ", ".join(self.build(child, of) for child in node["children"])
        return f"([{parts}] if {of} is not None else None)"

    def _multi_select_dict(self, node: Node, of: str) -> str:
        parts = ", ".join(
            f"{child['value']!r}: {self.build(child['children'][0], of)}" for child in node["children"]
        )
        return f"({{{parts}}} if {of} is not None else None)"

    def _projection(self, node: Node, of: str) -> str:
        base, each = node["children"]
        return self._each(base, each, of, "list", "{}")

    def _value_projection(self, node: Node, of: str) -> str:
        base, each = node["children"]
        return self._each(base, each, of, "dict", "{}.values()")

    def _filter_projection(self, node: Node, of: str) -> str:
        base, each, condition = node["children"]
        return self._each(base, each, of, "list", "{}", condition)

    def _each(
        self, base: Node, each: Node, of: str, kind: str, items: str, condition: Node | None = None
    ) -> str:
        name, held = self._held(base, of)
        item, found = self._program.variable(), self._program.variable()
        kept = "" if condition is None else f"not is_false({self.build(condition, item)}) and "
        collected = (
            f"[{found} for {item} in {items.format(name)}"
            f" if {kept}({found} := {self.build(each, item)}) is not None]"
        )
        return f"({collected} if {held}.__class__ is {kind} else None)"

    def _flatten(self, node: Node, of: str) -> str:
        name, held = self._held(node["children"][0], of)
        self._program.know(flat=_flat)
        return f"(flat({name}) if {held}.__class__ is list else None)"

    def _function_expression(self, node: Node, of: str) -> str:
        name, children = node["value"], node["children"]
        if any(child["type"] == "expref" for child in children):
            if own := {each["value"] for each in _walk(node) if _is_call(each)} & {*self._program.functions}:
                raise ExpressionError(f"{min(own)}() cannot stand within {name}(…, &…)")
            tree: Any = node
            whole = self._program.constant(lambda value: _INTERPRETER.visit(tree, value))
            return f"{whole}({of})"
        arguments = ", ".join(self.build(child, of) for child in children)
        function = self._program.functions.get(name)
        if function is not None:
            return f"{self._program.constant(function)}({arguments})"
        called = self._program.constant(lambda *values: _BUILT_IN.call_function(name, list(values)))
        return f"{called}({arguments})"


_TRUTHS = {"comparator", "not_expression"}  # which give true, false or null


def _is_call(node: Node) -> bool:
    return bool(node["type"] == "function_expression")


def _negated(value: Any) -> bool:
    return False if _is_number(value) and value == 0 else not value


def _flat(items: list[Any]) -> list[Any]:
    merged: list[Any] = []
    for item in items:
        merged.extend(item) if isinstance(item, list) else merged.append(item)
    return merged


def _equal(left: Any, right: Any) -> bool:
    """As jmespath has it: 0 and 1 are no booleans, as they are in Python."""
    if isinstance(left, bool) != isinstance(right, bool) and (_is_bit(left) or _is_bit(right)):
        return False
    return bool(left == right)


def _is_bit(value: Any) -> bool:
    return _is_number(value) and value in {0, 1}


def _is_number(value: Any) -> bool:
    return not isinstance(value, bool) and isinstance(value, int | float | Decimal)


def _is_comparable(value: Any) -> bool:
    return _is_number(value) or isinstance(value, str)
