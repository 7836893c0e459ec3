"""Which values of a field are codes, which `topics --samples` and a draft show alike, and all else is not.

A code is one of few values that come again and again, in a field that is not called as those of people and of
free texts are. The choices of several, which stand in one text with ; between them, are codes one by one.
"""

from collections import Counter
from collections.abc import Mapping

from consumers.inspection.field_sorts import sort_of
from consumers.inspection.identifiers import holds_address, is_plain_id
from consumers.inspection.vocabulary import names, parts

_MOST = 40  # distinct values that a list of codes has
_AGAIN = 3  # how often one comes, on average, where the field's name does not say that it holds codes
_LONGEST, _LONGEST_CHOICE = 40, 60
_MOST_WORDS = 3


def shown_codes(
    path: tuple[str, ...], counted: Mapping[str, int], *, is_choice: bool = False
) -> frozenset[str]:
    """Those of a field's values, counted by document, that are codes.

    `is_choice`: a ready mapping reads the field as a list of codes, for its system makes people choose.
    """
    sort = sort_of(path)
    if sort in {"personal", "name", "text", "title"} and not is_choice:
        return frozenset()
    if sort == "somebody" and parts(path[-1])[-1:] not in ([word] for word in names("codes", "anywhere")):
        return frozenset()
    if is_choice:
        return frozenset(value for value in counted if _is_clean(value) and len(value) <= _LONGEST_CHOICE)
    choices = choices_of(counted)
    if len(choices) > _MOST:
        return frozenset()
    known = sort == "code" or choices.total() >= _AGAIN * len(choices)
    return frozenset(
        value for value in counted if (known or is_plain_id(value)) and all(map(_is_code, _parts(value)))
    )


def choices_of(counted: Mapping[str, int]) -> Counter[str]:
    """How often each choice comes, of fields that may hold several."""
    found: Counter[str] = Counter()
    for value, count in counted.items():
        for part in _parts(value):
            found[part] += count
    return found


def _parts(value: str) -> list[str]:
    return [part.strip() for part in value.split(";") if part.strip()] or [value]


def _is_code(text: str) -> bool:
    return (
        _is_clean(text)
        and len(text) <= _LONGEST
        and len(text.split()) <= _MOST_WORDS
        and not any(letter in "{}[]<>" for letter in text)
    )


def _is_clean(text: str) -> bool:
    return text.isprintable() and not holds_address(text)
