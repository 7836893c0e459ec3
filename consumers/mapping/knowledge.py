"""What reference data say as of a moment, and which of them an event asked for.

A field of a reference is what its last version up to the moment said of it; where none had said anything by
then, what the first later one says: data that come late mend what came before. So what an event is told is a
function of the set of versions, whatever the order in which they arrived.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

from consumers.mapping.fields import PERSON

PARENT = "^"  # the field under which a version keeps whose part it is
_PERSON = tuple(PERSON.members)


class Version(NamedTuple):
    """What was said of a reference at a time; versions follow each other in this order."""

    time: int  # microseconds since 1970
    offset: int  # of two at the same moment, the one written later
    version: bytes
    deleted: bool
    id: str
    fields: dict[str, Any]


@lru_cache(100_000)
def reference_of(kind: str, id_: str) -> int:
    """The number under which a reference is kept."""
    return int.from_bytes(blake2b(f"{kind}\0{id_}".encode(), digest_size=8).digest(), signed=True)


def parent_of(kind: str, id_: str) -> int:
    """The number under which the parts of a whole are found."""
    return reference_of(f"{kind}{PARENT}", id_)


def merged(versions: Sequence[Version], at: int) -> dict[str, Any]:
    """What versions, in their order, say as of a moment; not to be changed."""
    if len(versions) == 1:
        return versions[0].fields
    found: dict[str, Any] = {}
    for version in versions:
        if version.time <= at:
            found.update(version.fields)
        else:
            for name, value in version.fields.items():
                found.setdefault(name, value)
    return found


def is_deleted(versions: list[Version], at: int) -> bool:
    """Whether the last version up to a moment, else the first, is a deletion."""
    last = versions[0]
    for version in versions:
        if version.time <= at:
            last = version
    return last.deleted


class Knowledge:
    """The versions that have been loaded, by number, and the parts of each whole."""

    def __init__(self) -> None:
        self.versions: dict[int, list[Version]] = {}
        self.parts: dict[int, set[int]] = {}
        self.loaded: set[int] = set()
        self.loaded_parts: set[int] = set()

    def forget(self, number: int) -> None:
        """Let a reference or a whole be loaded again."""
        self.versions.pop(number, None)
        self.parts.pop(number, None)
        self.loaded.discard(number)
        self.loaded_parts.discard(number)


class Scope:
    """What the functions of one mapping look at; belongs to one thread."""

    def __init__(self) -> None:
        self.knowledge = Knowledge()
        self.at = 0
        self.asked: set[int] = set()
        self.asked_parts: set[int] = set()  # wholes whose parts were asked for
        self.unknown: list[str] = []  # in words, what was asked for and is not there
        self._lacks = False  # something asked for has not been looked for yet

    def begin(self, at: int) -> None:
        """Forget what was asked before."""
        self.at, self.unknown, self._lacks = at, [], False
        self.asked, self.asked_parts = set(), set()

    def is_complete(self) -> bool:
        """Whether all that was asked for has been looked for."""
        return not self._lacks

    def versions(self, number: int, words: str) -> list[Version] | None:
        """All that is known of a reference; None where nothing is, which is noted in these words."""
        self.asked.add(number)
        known = self.knowledge
        found = known.versions.get(number)
        if found is None:
            self.unknown.append(words)
            self._lacks |= number not in known.loaded
        return found

    def functions(self) -> dict[str, Callable[..., Any]]:
        """The functions that look things up."""
        return {"lookup": self.lookup, "person": self.person, "people": self.people, "parts": self.parts}

    def lookup(self, kind: str, id_: Any) -> dict[str, Any] | None:
        """What is known of one thing; null where nothing is."""
        name = text_of(id_)
        if name is None:
            return None
        versions = self.versions(reference_of(kind, name), f"{kind} {name}")
        return None if versions is None else merged(versions, self.at)

    def person(self, kind: str, id_: Any, side: str | None = None) -> dict[str, Any] | None:
        """A person by id; one who is not known yet is an id and nothing else."""
        name = text_of(id_)
        if name is None:
            return None
        known = self.lookup(kind, name) or {}
        found = {field: known[field] for field in _PERSON if known.get(field) is not None}
        if side is not None:
            found.setdefault("side", side)
        return {**found, "id": name}

    def people(self, kind: str, ids: Any, side: str | None = None) -> list[dict[str, Any]]:
        """The people of one id or several."""
        several = ids if isinstance(ids, list) else [ids]
        return [found for each in several if (found := self.person(kind, each, side)) is not None]

    def parts(self, kind: str, whole: Any) -> list[dict[str, Any]]:
        """The things that are part of another, such as the lines of an order, by id."""
        name = text_of(whole)
        if name is None:
            return []
        number, knowledge = parent_of(kind, name), self.knowledge
        self.asked_parts.add(number)
        self._lacks |= number not in knowledge.loaded_parts
        found = []
        for part in knowledge.parts.get(number, ()):
            versions = knowledge.versions[part]
            known = merged(versions, self.at)
            if known.get(PARENT) == name and not is_deleted(versions, self.at):
                found.append((versions[0].id, known))
        return [known for _, known in sorted(found, key=lambda part: part[0])]


def text_of(id_: Any) -> str | None:
    """An id as text; null and empty texts are none."""
    if isinstance(id_, str):
        return id_ or None
    if id_ is None or isinstance(id_, bool | list | dict):
        return None
    return str(int(id_)) if isinstance(id_, float) and id_.is_integer() else str(id_)
