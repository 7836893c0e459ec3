"""What a talk of some kind is about, by the words of the kind's name."""

from collections.abc import Callable
from functools import cache

from consumers.inspection.ready import meaning_of
from consumers.mapping.files import default_words
from consumers.mapping.functions import search_of


def topic_of(value: str) -> str | None:
    """What a talk of this kind is about, by its words; None where they do not tell."""
    lowered = value.casefold()
    found = next((topic for topic, search in _topic_words().items() if search(lowered)), None)
    return found or meaning_of("talk_topics", value)


@cache
def _topic_words() -> dict[str, Callable[[str], object]]:
    return {topic: search_of(words) for topic, words in default_words()["topics"].items()}
