"""What a misspelt name was meant to be."""

import difflib
from collections.abc import Iterable

_MOST_SHOWN = 12


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of a sentence: the closest name, or all of them where they are few."""
    choices = sorted(known)
    close = difflib.get_close_matches(name, choices, n=1)
    if close:
        return f"; did you mean {close[0]}?"
    if not choices:
        return "; there are none"
    shown = ", ".join(choices[:_MOST_SHOWN])
    return f"; known: {shown}{' …' if len(choices) > _MOST_SHOWN else ''}"
