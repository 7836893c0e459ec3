"""What reference data say as of a moment, and which of them an event asked for.

A field of a reference is what its last version up to the moment said of it; where none had said anything by
then, what the first later one says: data that come late mend what came before. So what an event is told is a
function of the set of versions, whatever the order in which they arrived.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

from consumers.mapping.fields import PERSON

PARENT = "^"  # the field under which a version keeps whose part it is
_NAME_PARTS = ("first_name", "last_name")  # in place of a name, where changes tell one without the other


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


def _person(known: Mapping[str, Any], id_: str, side: Any) -> dict[str, Any]:
    found = {}
    for name, field in PERSON.members.items():
        if (value := field.kind.fit(known.get(name))) is not None:
            found[name] = value
    if "name" not in found and (parts := [known[part] for part in _NAME_PARTS if known.get(part)]):
        found["name"] = " ".join(map(str, parts))
    if side is not None:
        found.setdefault("side", side)
    found["id"] = id_
    return found


def is_deleted(versions: list[Version], at: int) -> bool:
    """Whether the last version up to a moment, else the first, is a deletion."""
    last = versions[0]
    for version in versions:
        if version.time <= at:
            last = version
    return last.deleted


class Thing:
    """One reference: its versions, in their order."""

    __slots__ = ("number", "people", "said", "versions")

    def __init__(self, number: int, versions: list[Version]) -> None:
        self.number = number
        self.versions = versions
        self.said = versions[0].fields if len(versions) == 1 else None  # whenever it is asked
        self.people: dict[str | None, dict[str, Any]] = {}  # the same as a person, by side

    def at(self, moment: int) -> dict[str, Any]:
        """What is said of it as of a moment; not to be changed."""
        return merged(self.versions, moment) if self.said is None else self.said


class Knowledge:
    """What has been loaded: references by number and by kind and id, and the parts of each whole."""

    def __init__(self) -> None:
        self.things: dict[int, Thing] = {}
        self.named: dict[str, dict[str, Thing]] = {}
        self.parts: dict[int, set[int]] = {}
        self.loaded: set[int] = set()  # also those of which nothing is known
        self.loaded_parts: set[int] = set()

    def learn(self, kind: str, id_: str, number: int, versions: Iterable[Version]) -> None:
        """Know all versions of a reference."""
        thing = Thing(number, sorted(versions, key=lambda version: version[:3]))
        self.things[number] = self.named.setdefault(kind, {})[id_] = thing
        self.loaded.add(number)

    def forget(self, number: int) -> None:
        """Let a reference or a whole be loaded again."""
        thing = self.things.pop(number, None)
        if thing is not None:
            for named in self.named.values():
                if named.get(thing.versions[0].id) is thing:
                    del named[thing.versions[0].id]
        self.parts.pop(number, None)
        self.loaded.discard(number)
        self.loaded_parts.discard(number)


class Scope:
    """What the functions of one mapping look at; belongs to one thread."""

    def __init__(self) -> None:
        self.knowledge = Knowledge()
        self.at = 0
        self.asked: set[int] = set()  # references, and wholes whose parts were asked for
        self.unknown: Sequence[str] = ()  # in words, what was asked for and is not there
        self.without: Sequence[str] = ()  # kinds of parts that were asked for, where a whole has none
        self.missing: set[int] = set()  # references that are still to be looked for
        self.missing_parts: set[int] = set()  # wholes whose parts are
        self._is_complete = True

    def begin(self, at: int) -> None:
        """Another event, as of a moment: forget what was asked before."""
        self.at, self.asked, self.unknown, self.without, self._is_complete = at, set(), (), (), True

    def is_complete(self) -> bool:
        """Whether all that was asked for has been looked for."""
        return self._is_complete

    def thing(self, number: int, words: str) -> Thing | None:
        """What is known of a reference; that nothing is, is noted in these words."""
        self.asked.add(number)
        found = self.knowledge.things.get(number)
        if found is None:
            self.unknown = (*self.unknown, words)
            if number not in self.knowledge.loaded:
                self.missing.add(number)
                self._is_complete = False
        return found

    def _named(self, kind: str, name: str) -> Thing | None:
        try:
            found = self.knowledge.named[kind][name]
        except KeyError:
            return self.thing(reference_of(kind, name), f"{kind} {name}")
        self.asked.add(found.number)
        return found

    def functions(self) -> dict[str, Callable[..., Any]]:
        """The functions that look things up."""
        return {"lookup": self.lookup, "person": self.person, "people": self.people, "parts": self.parts}

    def lookup(self, kind: str, id_: Any) -> dict[str, Any] | None:
        """What is known of one thing; null where nothing is."""
        name = id_ if id_.__class__ is str else text_of(id_)
        found = self._named(kind, name) if name else None
        return None if found is None else found.at(self.at)

    def person(self, kind: str, id_: Any, side: str | None = None) -> dict[str, Any] | None:
        """A person by id, as events have one; who is not known yet is an id and nothing else."""
        name = id_ if id_.__class__ is str else text_of(id_)
        if not name:
            return None
        found = self._named(kind, name)
        if found is None:
            return _person({}, name, side)
        if found.said is None:
            return _person(found.at(self.at), name, side)
        if side not in found.people:
            found.people[side] = _person(found.said, name, side)
        return found.people[side]

    def people(self, kind: str, ids: Any, side: str | None = None) -> list[dict[str, Any]]:
        """The people of one id or several, each once."""
        several = dict.fromkeys(map(text_of, ids if isinstance(ids, list) else [ids]))
        return [found for each in several if (found := self.person(kind, each, side)) is not None]

    def parts(self, kind: str, whole: Any) -> list[dict[str, Any]]:
        """The things that are part of another, such as the lines of an order, by id."""
        name = text_of(whole)
        if name is None:
            return []
        number, knowledge = parent_of(kind, name), self.knowledge
        self.asked.add(number)
        if number not in knowledge.loaded_parts:
            self.missing_parts.add(number)
            self._is_complete = False
        found = []
        for part in knowledge.parts.get(number, ()):
            thing = knowledge.things[part]
            known = thing.at(self.at)
            if known.get(PARENT) == name and not is_deleted(thing.versions, self.at):
                found.append((thing.versions[0].id, known))
        if not found:
            self.without = (*self.without, kind)
        return [known for _, known in sorted(found, key=lambda part: part[0])]


def text_of(id_: Any) -> str | None:
    """An id as text; null and empty texts are none."""
    if isinstance(id_, str):
        return id_ or None
    if id_ is None or isinstance(id_, bool | list | dict):
        return None
    return str(int(id_)) if isinstance(id_, float) and id_.is_integer() else str(id_)
