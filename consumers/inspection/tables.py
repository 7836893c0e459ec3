"""What documents of one kind hold, column by column: values, how often, and what these can be."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

from consumers.inspection.codes import shown_codes
from consumers.inspection.identifiers import holds_address
from consumers.mapping.functions import moment_of
from consumers.source_record import SourceRecord

_DEEPEST = 2  # objects within objects whose fields are columns too
_MOST = 0.9  # of the values, to be sure
_YEARS = range(1990, 2100)
_CURRENCY = re.compile(r"[A-Za-z]{3}")
_MOST_CODES, _LONGEST_CODE = 40, 60
_LONGEST_ID = 80


class Column:
    """The values of one field that are not null or empty."""

    def __init__(self, path: str, rows: int) -> None:
        self.path = path
        self.rows = rows
        self.values: list[Any] = []

    @cached_property
    def counted(self) -> Counter[str]:
        """How often each value comes, as text."""
        return Counter(map(text_of, self.values))

    @property
    def filled(self) -> float:
        """The share of documents in which there is a value."""
        return len(self.values) / max(self.rows, 1)

    @property
    def is_flag(self) -> bool:
        """Whether all are true or false."""
        return all(isinstance(value, bool) for value in self.values)

    def is_id(self) -> bool:
        """Whether all may be ids."""
        return not self.is_flag and all(
            isinstance(value, int | str)
            and len(text_of(value)) <= _LONGEST_ID
            and not any(letter.isspace() for letter in text_of(value).strip())
            for value in self.values
        )

    def is_unique(self) -> bool:
        """Whether the values come about once; rows that changed come several times."""
        return len(self.counted) * 3 >= len(self.values)

    def is_number(self) -> bool:
        """Whether nearly all are numbers."""
        return self._most(lambda value: decimal_of(value) is not None)

    def is_moment(self) -> bool:
        """Whether nearly all are moments or days of our time."""
        return self._most(_is_moment)

    def is_always_moment(self) -> bool:
        """Whether all are; SAP has 00000000 for none."""
        return bool(self.values) and all(map(_is_moment, self.values))

    def is_currency(self) -> bool:
        """Whether nearly all are codes of currencies."""
        return self._most(
            lambda value: isinstance(value, str) and _CURRENCY.fullmatch(value.strip()) is not None
        )

    def is_code(self) -> bool:
        """Whether they are few, and none tells of a person."""
        return len(self.counted) <= _MOST_CODES and all(
            len(value) <= _LONGEST_CODE and value.isprintable() and not holds_address(value)
            for value in self.counted
        )

    @cached_property
    def codes(self) -> Counter[str]:
        """What a draft may list of them, and how often: what `topics --samples` does not mask either."""
        shown = shown_codes(tuple(self.path.split("\0")), self.counted)
        return Counter({value: count for value, count in self.counted.items() if value in shown})

    def is_listed(self) -> bool:
        """Whether most may be listed."""
        return self.codes.total() * 2 >= self.counted.total()

    def is_padded(self) -> bool:
        """Whether texts have space around them."""
        return any(isinstance(value, str) and value != value.strip() for value in self.values)

    def _most(self, holds: Any) -> bool:
        return bool(self.values) and sum(map(holds, self.values)) >= _MOST * len(self.values)


class Table:
    """Documents of one kind, from one topic."""

    def __init__(self, topic: str, entity: str | None, messages: Sequence[SourceRecord]) -> None:
        self.topic = topic
        self.entity = entity
        self.messages = messages
        self.documents = [said.fields for said in messages if said.operation != "deleted"]
        self.columns: dict[str, Column] = {}
        self.lists: dict[str, list[dict[str, Any]]] = {}  # objects within the documents, by path
        for document in self.documents:
            self._add(document, "", 0)

    def _add(self, document: Mapping[str, Any], before: str, depth: int) -> None:
        for name, value in document.items():
            path = f"{before}{name}" if before else name
            if isinstance(value, dict) and depth < _DEEPEST:
                self._add(value, f"{path}\0", depth + 1)
            elif isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
                self.lists.setdefault(path, []).extend(value)
            elif isinstance(value, str | int | float) and value != "":
                column = self.columns.setdefault(path, Column(path, len(self.documents)))
                column.values.append(value)

    @property
    def name(self) -> str:
        """What the documents are called: the entity, else the last part of the topic's name."""
        return self.entity or re.split(r"[./:]", self.topic)[-1]

    def within(self, path: str) -> "Table":
        """The objects that its documents hold at a path, as documents of their own."""
        inner = [SourceRecord(item, None, "event", None, None, "", {}) for item in self.lists[path]]
        return Table(self.topic, path, inner)


def tables_of(topic: str, messages: Iterable[SourceRecord]) -> list[Table]:
    """The tables of a topic, by what their documents are."""
    by_entity: dict[str | None, list[SourceRecord]] = {}
    for said in messages:
        by_entity.setdefault(said.entity, []).append(said)
    return [Table(topic, entity, several) for entity, several in by_entity.items()]


def expression(path: str) -> str:
    """How an expression names a column."""
    return ".".join(
        name if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) else '"' + _escaped(name) + '"'
        for name in path.split("\0")
    )


def _escaped(name: str) -> str:
    return name.replace("\\", "\\\\").replace('"', '\\"')


def said(path: str) -> str:
    """A column's name in a comment."""
    return "".join(letter if letter.isprintable() else "?" for letter in path.replace("\0", "."))


def text_of(value: Any) -> str:
    """A value as ids and codes are compared."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def decimal_of(value: Any) -> Decimal | None:
    """The number of a value; None where it is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _is_moment(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return False
    try:
        return moment_of(value).year in _YEARS
    except (ValueError, TypeError, OverflowError):
        return False
