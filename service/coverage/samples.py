"""A few of very many names, the same ones in whatever order they come."""

from collections.abc import Iterator
from heapq import heappush, heappushpop
from zlib import crc32

_KEPT = 256


class Sample:
    """Keeps those names whose digests are the highest."""

    def __init__(self) -> None:
        self._kept: list[tuple[int, tuple[str, str]]] = []
        self._known: set[tuple[str, str]] = set()

    def add(self, account: str, document: str) -> None:
        """Take in a name; it may come again."""
        name = (account, document)
        if name in self._known:
            return
        item = (crc32(f"{account}\0{document}".encode("utf-8", "surrogatepass")), name)
        self._known.add(name)
        if len(self._kept) < _KEPT:
            heappush(self._kept, item)
        else:
            self._known.discard(heappushpop(self._kept, item)[1])

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(sorted(self._known))
