"""Which values of a field are codes, which `topics --samples` and a draft show alike, and all else is not.

A code is one of few values that come again and again, in a field that is not called as those of people and of
free texts are. The choices of several, which stand in one text with ; between them, are codes one by one.
"""

from collections import Counter
from collections.abc import Mapping

from consumers.inspection.field_sorts import sort_of
from consumers.inspection.identifiers import holds_address
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
    choices = choices_of(counted)
    if len(choices) > _MOST:
        return frozenset()
    if sort != "code" and not is_choice and choices.total() < _AGAIN * len(choices):
        return frozenset()
    return frozenset(
        value for value in counted if all(_is_code(part, is_choice=is_choice) for part in _parts(value))
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


def _is_code(text: str, *, is_choice: bool) -> bool:
    if not text.isprintable() or holds_address(text) or any(letter in "{}[]<>" for letter in text):
        return False
    if is_choice:
        return len(text) <= _LONGEST_CHOICE
    return len(text) <= _LONGEST and len(text.split()) <= _MOST_WORDS
