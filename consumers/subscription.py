"""Which topics of which cluster are consumed: by name, by regular expression, or with wildcards."""

import re
from collections.abc import Iterable, Sequence
from fnmatch import translate
from typing import NamedTuple


class Subscription(NamedTuple):
    """Topics of one cluster; a name that begins with ^ is a regular expression, * and ? are wildcards."""

    topics: Sequence[str]
    cluster: str = ""

    @property
    def names(self) -> list[str]:
        """The topics that are named in full."""
        return [topic for topic in self.topics if not is_pattern(topic)]

    @property
    def patterns(self) -> list[str]:
        """The others."""
        return [topic for topic in self.topics if is_pattern(topic)]

    @property
    def expression(self) -> str | None:
        """One regular expression for all topics; None where each is named in full."""
        return "|".join(f"(?:{_expression(topic)})" for topic in self.topics) if self.patterns else None

    def unmet(self, topics: Iterable[str]) -> tuple[list[str], list[str]]:
        """The names that are not among these topics, and the patterns that match none of them."""
        seen = set(topics)
        names = [name for name in self.names if name not in seen]
        return names, [p for p in self.patterns if not any(re.match(_expression(p), topic) for topic in seen)]

    def covers(self, topic: str) -> bool:
        """Whether a topic of this cluster is consumed."""
        return any(re.match(_expression(wanted), topic) for wanted in self.topics)


def is_pattern(topic: str) -> bool:
    """Whether more than one topic may be meant."""
    return topic.startswith("^") or any(letter in topic for letter in "*?[")


def _expression(topic: str) -> str:
    """What matches the whole of a topic's name."""
    if topic.startswith("^"):
        return rf"(?:{topic})\Z"
    return translate(topic) if is_pattern(topic) else re.escape(topic) + r"\Z"
