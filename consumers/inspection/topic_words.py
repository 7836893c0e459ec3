"""How topics are named in a draft: as they were asked for, where that means them and no other."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from consumers.subscription import Subscription, is_pattern


class TopicWords(NamedTuple):
    """The topics that were looked at, and the names and patterns they were asked for by."""

    seen: Sequence[str] = ()
    wanted: Sequence[str] = ()

    def of(self, topics: Iterable[str]) -> list[str]:
        """These topics: a pattern for those it takes, where it takes none but these."""
        rest = list(topics)
        given = set(rest)
        for pattern in filter(is_pattern, self.wanted):
            covers = Subscription((pattern,)).covers
            taken = {topic for topic in self.seen if covers(topic)}
            if taken and taken <= given and (left := [topic for topic in rest if topic in taken]):
                rest[rest.index(left[0])] = pattern
                rest = [topic for topic in rest if topic not in taken]
        return rest
