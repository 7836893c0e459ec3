"""JMESPath expressions as closures: an interpreter that walks the tree anew for each record is too slow.

What each node means is the specification's (jmespath.org) and that of the library jmespath, which parses;
functions that take expressions (`sort_by(x, &y)`) are left to the library altogether. A property test holds
the two against each other.
"""

import operator
from decimal import Decimal
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import jmespath
from jmespath import exceptions
from jmespath.functions import Functions
from jmespath.visitor import TreeInterpreter

from consumers.mapping.suggestions import did_you_mean

Call = Callable[[Any], Any]
Node = dict[str, Any]

META = "_"  # the reserved name under which a root has what is not of the document itself
_BUILT_IN = Functions()
_INTERPRETER = TreeInterpreter()
_ORDER = {"lt": operator.lt, "gt": operator.gt, "lte": operator.le, "gte": operator.ge}


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
    """A compiled expression; `call` may raise what jmespath raises, and TypeError."""

    text: str
    call: Call
    uses: Uses
    node: Node


def compiled(text: str, functions: Mapping[str, Callable[..., Any]]) -> Expression:
    """Compile an expression; `functions` are called by name, with their arguments' values.

    Raises ExpressionError.
    """
    try:
        node: Node = jmespath.compile(text).parsed
    except exceptions.JMESPathError as error:
        reason = " ".join(str(error).split())
        raise ExpressionError(f"not a JMESPath expression: {reason}") from None
    uses = uses_of(node)
    known = {*functions, *_BUILT_IN.FUNCTION_TABLE}
    for name in sorted(uses.functions - known):
        raise ExpressionError(f"there is no function {name}(){did_you_mean(name, known)}")
    return Expression(text, _Compiler(functions).build(node), uses, node)


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
    first, second = node["children"]
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
    """Builds a closure for each node of a tree."""

    def __init__(self, functions: Mapping[str, Callable[..., Any]]) -> None:
        self._functions = functions

    def build(self, node: Node) -> Call:
        build: Callable[[Node], Call] = getattr(self, f"_{node['type']}")
        return build(node)

    def _children(self, node: Node) -> list[Call]:
        return [self.build(child) for child in node["children"]]

    def _field(self, node: Node) -> Call:
        name = node["value"]

        def field(value: Any) -> Any:
            return value.get(name) if isinstance(value, dict) else None

        return field

    def _subexpression(self, node: Node) -> Call:
        first, second = node["children"]
        if second["type"] == "field":
            name, inner = second["value"], self.build(first)

            def member(value: Any) -> Any:
                value = inner(value)
                return value.get(name) if isinstance(value, dict) else None

            return member
        return self._pipe(node)

    def _pipe(self, node: Node) -> Call:
        steps = self._children(node)

        def pipe(value: Any) -> Any:
            for step in steps:
                value = step(value)
            return value

        return pipe

    _index_expression = _pipe

    def _current(self, _node: Node) -> Call:
        return lambda value: value

    _identity = _current

    def _literal(self, node: Node) -> Call:
        constant = node["value"]
        return lambda _value: constant

    def _index(self, node: Node) -> Call:
        number = node["value"]

        def index(value: Any) -> Any:
            if not isinstance(value, list) or not -len(value) <= number < len(value):
                return None
            return value[number]

        return index

    def _slice(self, node: Node) -> Call:
        part = slice(*node["children"])
        return lambda value: value[part] if isinstance(value, list) else None

    def _comparator(self, node: Node) -> Call:
        left, right = self._children(node)
        kind = node["value"]
        if kind in _ORDER:
            return _ordering(_ORDER[kind], left, right)
        texts = [child["value"] for child in node["children"] if child["type"] == "literal"]
        same = operator.eq if any(isinstance(text, str) for text in texts) else _equal
        if kind == "eq":
            return lambda value: same(left(value), right(value))
        return lambda value: not same(left(value), right(value))

    def _or_expression(self, node: Node) -> Call:
        left, right = self._children(node)

        def either(value: Any) -> Any:
            found = left(value)
            return right(value) if is_false(found) else found

        return either

    def _and_expression(self, node: Node) -> Call:
        left, right = self._children(node)

        def both(value: Any) -> Any:
            found = left(value)
            return found if is_false(found) else right(value)

        return both

    def _not_expression(self, node: Node) -> Call:
        (inner,) = self._children(node)

        def negated(value: Any) -> bool:
            found = inner(value)
            return False if _is_number(found) and found == 0 else not found

        return negated

    def _multi_select_list(self, node: Node) -> Call:
        parts = self._children(node)
        return lambda value: None if value is None else [part(value) for part in parts]

    def _multi_select_dict(self, node: Node) -> Call:
        parts = [(child["value"], self.build(child["children"][0])) for child in node["children"]]
        return lambda value: None if value is None else {name: part(value) for name, part in parts}

    def _projection(self, node: Node) -> Call:
        base, each = self._children(node)
        return lambda value: _each(found, each) if isinstance(found := base(value), list) else None

    def _value_projection(self, node: Node) -> Call:
        base, each = self._children(node)
        return lambda value: _each(found.values(), each) if isinstance(found := base(value), dict) else None

    def _filter_projection(self, node: Node) -> Call:
        base, each, condition = self._children(node)

        def filtered(value: Any) -> Any:
            found = base(value)
            if not isinstance(found, list):
                return None
            return _each([item for item in found if not is_false(condition(item))], each)

        return filtered

    def _flatten(self, node: Node) -> Call:
        (inner,) = self._children(node)

        def flat(value: Any) -> Any:
            found = inner(value)
            if not isinstance(found, list):
                return None
            merged: list[Any] = []
            for item in found:
                merged.extend(item) if isinstance(item, list) else merged.append(item)
            return merged

        return flat

    def _function_expression(self, node: Node) -> Call:
        name = node["value"]
        if any(child["type"] == "expref" for child in node["children"]):
            if own := {each["value"] for each in _walk(node) if "value" in each} & set(self._functions):
                raise ExpressionError(f"{sorted(own)[0]}() cannot stand within {name}(…, &…)")
            return lambda value: _INTERPRETER.visit(node, value)
        arguments = self._children(node)
        function = self._functions.get(name)
        if function is None:
            return lambda value: _BUILT_IN.call_function(name, [each(value) for each in arguments])
        if len(arguments) == 1:
            (only,) = arguments
            return lambda value: function(only(value))
        return lambda value: function(*[each(value) for each in arguments])


def _ordering(compare: Callable[[Any, Any], bool], left: Call, right: Call) -> Call:
    def ordered(value: Any) -> bool | None:
        first, second = left(value), right(value)
        if not (_is_comparable(first) and _is_comparable(second)):
            return None
        return compare(first, second)

    return ordered


def _each(items: Any, call: Call) -> list[Any]:
    return [found for item in items if (found := call(item)) is not None]


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
