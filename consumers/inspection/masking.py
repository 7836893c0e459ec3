"""Documents shown without personal data: what a mapper needs is left, what may be about a person is masked.

The rule is what may be shown, not what must be hidden: null, flags, amounts, moments, ids that cannot be a
name, and codes of few distinct values. Any other text becomes its shape: `Xxxx xxxxx`, `+99 999 9999`. What a
field is called decides first (vocabulary.toml), then what stands in it.

Job titles and departments are shown where the document is of a person and names that person in other fields,
which are masked: a mapping needs them, and without a name they tell of nobody.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from consumers.inspection.identifiers import holds_address, is_moment, is_opaque_id, is_plain_id, is_token
from consumers.inspection.vocabulary import flat, holds, names, parts

Sort = Literal["personal", "somebody", "name", "text", "title", "code", "id", "other"]

_MOST_CODES = 40  # distinct values that a list of codes has
_FEW = 12  # distinct values of a field whose name says nothing
_OFTEN = 2  # how often each of these is seen
_LONGEST_CODE, _MOST_WORDS = 40, 3
_LONGEST_TITLE = 80
_LONGEST_SHAPE = 60
_LARGEST_COUNT = 10**9  # a larger whole number may be a telephone's
_YEARS = range(1990, 2100)
_UNITS = (1, 10**3, 10**6, 10**9)


class Masker:
    """Shows documents of one kind; what the values of a field are like is learnt from all of them."""

    def __init__(self, documents: Iterable[Mapping[str, Any]]) -> None:
        self._values: dict[tuple[str, ...], Counter[str]] = {}
        people = documents_of_people = 0
        for document in documents:
            people += 1
            documents_of_people += _is_person(document)
            self._learn(document, ())
        self._of_people = people > 0 and documents_of_people * 2 > people

    def shown(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """The document in its own shape, masked."""
        return {_key(name): self._value(value, (name,)) for name, value in document.items()}

    def _learn(self, value: Any, path: tuple[str, ...]) -> None:
        if isinstance(value, Mapping):
            for name, inner in value.items():
                self._learn(inner, (*path, name))
        elif isinstance(value, list):
            for item in value:
                self._learn(item, path)
        elif isinstance(value, str):
            self._values.setdefault(path, Counter())[value] += 1

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
        if sort == "personal":
            return _names_an_id(path) and is_opaque_id(text)
        if sort == "title":
            return self._of_people and len(text) <= _LONGEST_TITLE and not holds_address(text)
        return is_plain_id(text) or self._is_harmless(text, sort, path)

    def _is_harmless(self, text: str, sort: Sort, path: tuple[str, ...]) -> bool:
        """Moments, amounts, and what is a code or an id by the name of its field."""
        if is_moment(text):
            return sort != "text"
        if _is_number(text):
            return sort not in {"somebody", "name", "text"}
        if sort == "code" and self._is_code(text, path):
            return True
        if sort == "other":
            return self._is_often(text, path)
        return sort in {"id", "code"} and _names_a_thing(path) and is_token(text)

    def _is_code(self, text: str, path: tuple[str, ...]) -> bool:
        return (
            len(self._values.get(path, ())) <= _MOST_CODES
            and len(text) <= _LONGEST_CODE
            and len(text.split()) <= _MOST_WORDS
            and not holds_address(text)
        )

    def _is_often(self, text: str, path: tuple[str, ...]) -> bool:
        """One of few words, each of which comes again: in a field of which nothing is known."""
        counted = self._values.get(path, Counter())
        return (
            len(counted) <= _FEW
            and min(counted.values(), default=0) >= _OFTEN
            and len(text) <= _LONGEST_CODE
            and not any(letter.isspace() or letter in "{}[]<>\"'" for letter in text)
            and not holds_address(text)
        )


def sort_of(path: tuple[str, ...]) -> Sort:  # noqa: PLR0911  (one question after another)
    """What a field's name says of its values; a field within one of people's is theirs."""
    if any(holds(name, "personal", "anywhere") for name in path):
        return "personal"
    name = path[-1]
    if any(holds(each, "personal", "somebody") for each in path):
        return "somebody"
    if flat(name) in {*names("job_titles", "names"), *names("job_titles", "departments")}:
        return "title"
    is_code = bool({*parts(name), flat(name)} & {*names("codes", "anywhere")})
    if holds(name, "free_text", "anywhere") and not is_code:
        return "text"
    if is_code:
        return "code"
    if _names_an_id(path):
        return "id"
    if any(holds(each, "personal", "name") for each in path):
        return "name"
    return "other"


def _names_an_id(path: tuple[str, ...]) -> bool:
    name = path[-1]
    return bool({*parts(name)[-1:]} & {*names("ids", "endings")}) or flat(name) in names("ids", "names")


def _names_a_thing(path: tuple[str, ...]) -> bool:
    """Whether ids of the field may hold words: of things, not of people, who are called by their names."""
    return _names_an_id(path) and not holds(path[-1], "personal", "name")


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
