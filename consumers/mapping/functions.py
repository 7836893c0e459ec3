"""The functions that mappings have besides JMESPath's own. Each gives null for what it is given as null."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from consumers.mapping.suggestions import did_you_mean

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Whole numbers within the years 1990 to 2099, by what they may count since 1970; the ranges do not meet.
_UNITS: tuple[tuple[int, timedelta | None, int], ...] = (
    (10**5, timedelta(days=1), 1),
    (10**11, timedelta(seconds=1), 1),
    (10**14, timedelta(milliseconds=1), 1),
    (10**17, timedelta(microseconds=1), 1),
    (10**20, None, 1000),  # nanoseconds
)


Search = Callable[[str], object]


class Codes(NamedTuple):
    """A code list: what a foreign code means, and what any other does."""

    meanings: Mapping[str, Any]
    default: Any


def pure_functions(
    codes: Mapping[str, Codes], words: Mapping[str, Mapping[str, Search]]
) -> dict[str, Callable[..., Any]]:
    """The functions that need nothing but their arguments and the lists of the mapping file."""

    def code(name: str, value: Any, *default: Any) -> Any:
        found = codes.get(name)
        if found is None:
            raise ValueError(f"there is no code list {name!r}{did_you_mean(name, codes)}")
        fallback = default[0] if default else found.default
        return fallback if value is None else found.meanings.get(_folded(value), fallback)

    def words_of(name: str, *texts: Any) -> list[str]:
        lists = words.get(name)
        if lists is None:
            raise ValueError(f"there is no word list {name!r}{did_you_mean(name, words)}")
        text = " ".join([each for each in texts if isinstance(each, str)]).casefold()
        return [meaning for meaning, search in lists.items() if search(text)]

    return {
        "code": code,
        "words": words_of,
        "split": _split,
        "lower": lambda text: text.lower() if isinstance(text, str) else text,
        "upper": lambda text: text.upper() if isinstance(text, str) else text,
        "trim": lambda text: text.strip() if isinstance(text, str) else text,
        "before": lambda text, mark: text.partition(mark)[0] if isinstance(text, str) else text,
        "after": lambda text, mark: text.partition(mark)[2] if isinstance(text, str) else text,
        "times": lambda left, right: _calculated(left, right, Decimal.__mul__),
        "divided": lambda left, right: _calculated(left, right, _divided),
        "plus": lambda left, right: _calculated(left, right, Decimal.__add__),
        "minus": lambda left, right: _calculated(left, right, Decimal.__sub__),
        "moment": lambda value: None if value is None else written(moment_of(value)),
        "list": lambda value: value if isinstance(value, list) else [] if value is None else [value],
    }


def _folded(value: Any) -> str:
    """A code as it is looked up: as text, without regard to case and to space around it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).strip().casefold()


def codes_of(meanings: Mapping[str, Any], default: Any) -> Codes:
    """A code list from how it is written."""
    return Codes({_folded(code): meaning for code, meaning in meanings.items()}, default)


def search_of(words: Sequence[str]) -> Search:
    """Whether a text has a word that begins with one of these; Chinese and Japanese ones stand anywhere."""
    parts = [
        re.escape(folded) if folded[0] > _LAST_OF_ALPHABETS else rf"(?<!\w){re.escape(folded)}"
        for folded in map(str.casefold, words)
    ]
    return re.compile("|".join(parts)).search


_LAST_OF_ALPHABETS = "\u2e7f"  # from there on come writings without spaces between words


def _split(text: Any, mark: str) -> list[str]:
    if text is None:
        return []
    return [part for each in str(text).split(mark) if (part := each.strip())]


def _calculated(left: Any, right: Any, operation: Callable[[Decimal, Decimal], Decimal]) -> str | None:
    """The result as text: no number of JSON's keeps all decimals."""
    if left is None or right is None:
        return None
    try:
        result = operation(_decimal(left), _decimal(right)).normalize()
    except InvalidOperation:
        raise ValueError(f"{left!r} and {right!r} are no two numbers") from None
    return f"{result:f}"


def _decimal(value: Any) -> Decimal:
    return Decimal(str(value)) if isinstance(value, float) else Decimal(value)


def _divided(left: Decimal, right: Decimal) -> Decimal:
    if not right:
        raise ValueError("a division by 0")
    return left / right


def moment_of(value: Any) -> datetime:
    """The moment that a source means: ISO 8601 text, or a number of days, s, ms, µs or ns since 1970.

    Without a zone it is UTC, without a time of day its first moment. Raises ValueError.
    """
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, str):
        if value.isascii() and value.removeprefix("-").isdigit() and len(value) != len("20240131"):
            return _counted(int(value[:_LONGEST]))
        read = datetime.fromisoformat(value.strip())
        return read if read.tzinfo else read.replace(tzinfo=UTC)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _counted(int(value))
    raise ValueError(f"{value!r} is no moment")


_LONGEST = 21


def _counted(number: int) -> datetime:
    for limit, unit, divisor in _UNITS:
        if abs(number) < limit:
            return _EPOCH + number // divisor * (unit or timedelta(microseconds=1))
    raise ValueError(f"{number} is no moment")


def written(moment: datetime) -> str:
    """RFC 3339 in UTC, as all moments within roots are written."""
    return (moment if moment.tzinfo is UTC else moment.astimezone(UTC)).isoformat()[:-6] + "Z"
