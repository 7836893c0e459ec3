"""Documents shown without personal data: what a mapper needs is left, what may be about a person is masked.

The rule is what may be shown, not what must be hidden: null, flags, amounts, moments, ids that cannot be a
name, and codes of few distinct values. Any other text becomes its shape: `Xxxx xxxxx`, `+99 999 9999`. What a
field is called decides first (vocabulary.toml), then what stands in it.

Job titles and departments are shown where the document is of a person and names that person in other fields,
which are masked: a mapping needs them, and without a name they tell of nobody.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from consumers.inspection.codes import choices_of, shown_codes
from consumers.inspection.field_sorts import Sort, names_a_thing, names_an_id, sort_of
from consumers.inspection.identifiers import (
    has_record_ids_form,
    holds_address,
    is_moment,
    is_opaque_id,
    is_plain_id,
    is_token,
)
from consumers.inspection.vocabulary import flat, holds

_LONGEST_TITLE = 80
_LONGEST_SHAPE = 60
_LARGEST_COUNT = 10**9  # a larger whole number may be a telephone's
_YEARS = range(1990, 2100)
_UNITS = (1, 10**3, 10**6, 10**9)


class Masker:
    """Shows documents of one kind; what the values of a field are like is learnt from all of them."""

    def __init__(
        self, documents: Iterable[Mapping[str, Any]], choices: Collection[str] = frozenset()
    ) -> None:
        counted = self._counted = dict[tuple[str, ...], Counter[str]]()
        people = documents_of_people = 0
        for document in documents:
            people += 1
            documents_of_people += _is_person(document)
            seen: dict[tuple[str, ...], set[str]] = {}
            self._learn(document, (), seen)
            for path, values in seen.items():
                counted.setdefault(path, Counter()).update(values)
        self._of_people = people > 0 and documents_of_people * 2 > people
        self._codes = {
            path: shown_codes(path, values, is_choice=path[-1] in choices) for path, values in counted.items()
        }

    def shown(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """The document in its own shape, masked."""
        return {_key(name): self._value(value, (name,)) for name, value in document.items()}

    def codes(self) -> dict[str, Counter[str]]:
        """How often each code comes, by the field that holds it; fields of ids and of moments hold none."""
        return {
            ".".join(path): choices_of({value: self._counted[path][value] for value in codes})
            for path, codes in self._codes.items()
            if codes and sort_of(path) != "id" and not all(is_moment(c) or is_opaque_id(c) for c in codes)
        }

    def _learn(self, value: Any, path: tuple[str, ...], seen: dict[tuple[str, ...], set[str]]) -> None:
        if isinstance(value, Mapping):
            for name, inner in value.items():
                self._learn(inner, (*path, name), seen)
        elif isinstance(value, list):
            for item in value:
                self._learn(item, path, seen)
        elif isinstance(value, str) and value:
            seen.setdefault(path, set()).add(value)

    def _value(self, value: Any, path: tuple[str, ...]) -> Any:
        if isinstance(value, Mapping):
            return {_key(name): self._value(inner, (*path, name)) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._value(item, path) for item in value]
        if isinstance(value, bool) or value is None or value == "":
            return value
        sort = sort_of(path)
        if isinstance(value, str):
            return value if self._is_shown(value, sort, path) else shape(value)
        if isinstance(value, int | float):
            return value if _is_count(value, sort) else _digits(value)
        return shape(str(value))

    def _is_shown(self, text: str, sort: Sort, path: tuple[str, ...]) -> bool:
        if not text.isprintable():
            return False
        if text in self._codes.get(path, ()) or (names_an_id(path) and _is_made_up(text)):
            return True
        if sort == "personal":
            return False
        if sort == "title":
            return self._of_people and len(text) <= _LONGEST_TITLE and not holds_address(text)
        return is_plain_id(text) or _is_harmless(text, sort, path)


def _is_made_up(text: str) -> bool:
    return is_opaque_id(text) or (has_record_ids_form(text) and not holds_address(text))


def _is_harmless(text: str, sort: Sort, path: tuple[str, ...]) -> bool:
    """Moments, amounts, and what is an id by the name of its field."""
    if is_moment(text):
        return sort != "text"
    if _is_number(text):
        return sort not in {"somebody", "name", "text"}
    return sort in {"id", "code"} and names_a_thing(path) and is_token(text)


def _is_person(document: Mapping[str, Any]) -> bool:
    """Whether a document is of a person: it has a name or an address of one in fields of its own."""
    return any(
        holds(name, "personal", "anywhere") or flat(name) in {"name", "contactname"} for name in document
    )


def _is_count(number: float, sort: Sort) -> bool:
    if sort in {"personal", "text"}:
        return False
    return abs(number) < _LARGEST_COUNT or sort == "id" or isinstance(number, float) or _is_since_1970(number)


def _is_since_1970(number: float) -> bool:
    for unit in _UNITS:
        try:
            if datetime.fromtimestamp(number / unit, UTC).year in _YEARS:
                return True
        except (OverflowError, OSError, ValueError):
            continue
    return False


def _is_number(text: str) -> bool:
    """Whether a text is an amount: digits with a point or a sign, that no telephone has."""
    whole, point, rest = text.strip().lstrip("-").partition(".")
    return whole.isdigit() and bool(point) and rest.isdigit() and len(whole) <= 12 and text.isascii()  # noqa: PLR2004


def _digits(number: float) -> int:
    """A number of as many nines."""
    return int("9" * min(len(str(abs(int(number)))), 18))


def shape(text: str) -> str:
    """A text as letters and digits stand in it, and no more of it."""
    masked = "".join(map(_mark, text[:_LONGEST_SHAPE]))
    return masked if len(text) <= _LONGEST_SHAPE else f"{masked}… ({len(text)} characters)"


def _mark(letter: str) -> str:
    if letter.isalpha():
        return "X" if letter.isupper() else "x"
    if letter.isdigit() or letter.isnumeric():
        return "9"
    return letter if letter.isascii() and letter.isprintable() else " " if letter.isspace() else "x"


def _key(name: str) -> str:
    """A field's name; one that is no name of a field, but a value of somebody's, is masked too."""
    if not name.isprintable() or any(letter.isspace() for letter in name) or holds_address(name):
        return shape(name)
    return name
