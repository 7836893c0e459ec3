"""What code lists may say: a value that goes into a field must be one the field takes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from consumers.mapping.expressions import Node
from consumers.mapping.suggestions import did_you_mean
from consumers.mapping.table import Problems

ANY_OTHER = "*"  # the entry of a code list for all other codes
_CODE, _LOOKUP = "code", "lookup"
_LAST = {"and_expression", "subexpression", "pipe", "index_expression", "projection", "value_projection"}


class Origin(NamedTuple):
    """Where a value comes from: a code list by name, or a field of a kind of reference data."""

    function: str
    name: str
    field: str = ""


def origins(node: Node) -> Iterator[Origin]:
    """The code lists and references whose values an expression may give as they are."""
    kind, children = node["type"], node["children"]
    if kind == "function_expression":
        if node["value"] == _CODE and (name := _first(node)):
            yield Origin(_CODE, name)
    elif kind == "subexpression" and children[0].get("value") == _LOOKUP and children[1]["type"] == "field":
        if name := _first(children[0]):
            yield Origin(_LOOKUP, name, children[1]["value"])
    elif kind in {"or_expression", "multi_select_list"}:
        for child in children:
            yield from origins(child)
    elif kind in _LAST:
        yield from origins(children[1])
    elif kind in {"flatten", "filter_projection"}:
        yield from origins(children[0 if kind == "flatten" else 1])


def compared(node: Node) -> Iterator[tuple[str, str]]:
    """The code lists that an expression compares with constants, and the constants."""
    children = node["children"]
    if node["type"] == "comparator":
        lists = [name for child in children for _, name, _ in origins(child) if name]
        values = [child["value"] for child in children if child["type"] == "literal"]
        yield from ((name, value) for name in lists for value in values if isinstance(value, str))
    for child in children:
        if isinstance(child, dict):
            yield from compared(child)


def _first(call: Node) -> str | None:
    """The text that a function is given first."""
    first = call["children"][0] if call["children"] else None
    is_text = first is not None and first["type"] == "literal" and isinstance(first["value"], str)
    return first["value"] if first is not None and is_text else None


class CodeUses:
    """What the expressions of one mapping do with code lists."""

    def __init__(self, file: str, lists: Mapping[str, Mapping[str, Any]]) -> None:
        self._file = file
        self._lists = lists
        self._filled: list[tuple[Origin, tuple[str, ...]]] = []  # with what the fields allow
        self.kept: dict[tuple[str, str], list[str]] = {}  # lists whose values references keep
        self._compared: dict[str, set[str]] = {}

    def read(self, node: Node) -> None:
        """Any expression."""
        for name, value in compared(node):
            self._compared.setdefault(name, set()).add(value)

    def fill(self, node: Node, choices: tuple[str, ...]) -> None:
        """An expression that fills a field with so many choices."""
        self._filled += [(origin, choices) for origin in origins(node)]

    def keep(self, node: Node, kind: str, field: str) -> None:
        """An expression that a reference keeps."""
        lists = [origin.name for origin in origins(node) if origin.function == _CODE]
        self.kept.setdefault((kind, field), []).extend(lists)

    def problems(self, others: "Sequence[CodeUses]") -> Iterator[tuple[str, str]]:
        """Values that a field does not take, each with its place; a reference may be another mapping's."""
        for origin, choices in self._filled:
            if origin.function == _CODE:
                yield from self.unfit(origin.name, choices)
            else:
                for uses in others:
                    for name in uses.kept.get((origin.name, origin.field), ()):
                        yield from uses.unfit(name, choices)

    def unfit(self, name: str, choices: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        """Values of a list that are none of the choices."""
        for code, said in self._lists.get(name, {}).items():
            for value in said if isinstance(said, list) else [said]:
                if value is not None and value != "" and value not in choices:
                    meant = did_you_mean(str(value), choices)
                    allowed = f"{value!r} is none of {', '.join(choices)}"
                    yield f"{self._file}: codes.{name}.{code}", allowed + (meant if "mean" in meant else "")

    def doubts(self) -> Iterator[str]:
        """Values of lists that are only compared with constants, and with others than these."""
        into = {origin.name for origin, _ in self._filled if origin.function == _CODE}
        into.update(name for names in self.kept.values() for name in names)
        for name, known in self._compared.items():
            said = self._lists.get(name, {})
            usual = {*known, said.get(ANY_OTHER)} if ANY_OTHER in said else known
            for value in dict.fromkeys(value for value in said.values() if isinstance(value, str)):
                if name not in into and value and value not in usual:
                    said_of = f"{value!r} is compared with nowhere; compared with: {', '.join(sorted(known))}"
                    yield f"{self._file}: codes.{name}: {said_of}"


def note_misfits(mappings: Sequence[CodeUses], problems: Problems) -> None:
    """Note each value that a field does not take, once."""
    found = [problem for uses in mappings for problem in uses.problems(mappings)]
    for place, what in dict.fromkeys(found):
        problems.note(place, what)


def doubts(mappings: Iterable[CodeUses]) -> list[str]:
    """What is likely to be misspelt, though nothing forbids it; each once."""
    return list(dict.fromkeys(doubt for uses in mappings for doubt in uses.doubts()))
