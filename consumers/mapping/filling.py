"""From a draft and what reference data say to the event."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import msgspec

from accounts.events import Unreadable
from consumers.mapping.expressions import META
from consumers.mapping.knowledge import Knowledge, Scope, Version, merged, reference_of
from consumers.mapping.rules import EventRule, Told, event_of
from consumers.mapping.topic import Draft, TopicMapping, micros
from consumers.records import row_of
from storage.dead_letters import DeadLetter
from storage.event_rows import EventRow
from storage.mapped import DraftRow, Filled, Load, ReferenceRow

_decode = msgspec.json.Decoder(Draft).decode
_MOST_ROUNDS = 8  # a reference that names a reference that names a reference


class Filler:
    """Fills drafts by the present mapping; belongs to one thread."""

    def __init__(self, scope: Scope, mapping_of: Callable[[str], TopicMapping | None]) -> None:
        self._scope = scope
        self._mapping_of = mapping_of

    def fill(self, rows: Sequence[DraftRow], load: Load) -> list[Filled]:
        """What becomes of these drafts; what they name is loaded as they ask for it."""
        knowledge = self._scope.knowledge = Knowledge()
        found: dict[bytes, Filled] = {}
        waiting = [(row, _decode(row.body)) for row in rows]
        for _ in range(_MOST_ROUNDS):
            missing: set[int] = set()
            again = []
            for row, draft in waiting:
                filled = found[row.event_key] = self._filled(row, draft)
                if not filled.asked <= knowledge.loaded:
                    missing |= filled.asked - knowledge.loaded
                    again.append((row, draft))
            if not missing:
                break
            _learn(knowledge, missing, load(missing))
            waiting = again
        return list(found.values())

    def _filled(self, row: DraftRow, draft: Draft) -> Filled:
        mapping = self._mapping_of(row.topic)
        rule = None if mapping is None else mapping.events.get(row.rule)
        scope = self._scope
        scope.begin(row.at)
        if mapping is None or rule is None or not rule.asks:  # of an earlier mapping: see reprocess
            return Filled(row, None, frozenset(), None)
        event, letter = None, None
        try:
            root = self._root(mapping, rule, row, draft)
            made = event_of(rule, root, Told(draft.source, draft.id, draft.time), self._at)
            if made is not None:
                event = EventRow(*row_of(*made)[:5], row.topic, row.partition, row.offset)
        except Unreadable as error:
            if not scope.unknown:  # else it may only wait for what is still to come
                letter = _letter(row, error)
        return Filled(row, event, frozenset(scope.asked), letter)

    def _root(self, mapping: TopicMapping, rule: EventRule, row: DraftRow, draft: Draft) -> dict[str, Any]:
        if not rule.whole or draft.key is None:
            return draft.root
        entity = mapping.whole_entity(row.rule)
        number = reference_of(f"={draft.source}/{entity}", draft.key)
        self._scope.asked.add(number)
        versions = self._scope.knowledge.versions.get(number, [])
        at = row.at if draft.time is None else micros(draft.time)
        return {**merged(versions, at), META: draft.root.get(META, {})}

    def _at(self, time: Any) -> None:
        """Look everything else up as of when the event happened."""
        if time is not None:
            self._scope.at = micros(time)


def _learn(knowledge: Knowledge, numbers: Iterable[int], rows: Iterator[ReferenceRow]) -> None:
    """Add the versions of references, and of the parts of wholes."""
    fresh: dict[int, set[Version]] = {}
    decode = msgspec.json.decode
    seen: set[tuple[int, bytes]] = set()
    for row in rows:
        if (row.reference, row.version) in seen:
            continue
        seen.add((row.reference, row.version))
        version = Version(row.time, row.offset, row.version, row.deleted, row.id, decode(row.fields))
        knowledge.versions.setdefault(row.reference, []).append(version)
    knowledge.loaded.update(numbers)
    _ = fresh


def _letter(row: DraftRow, error: Unreadable) -> DeadLetter:
    place = (row.topic, row.partition, row.offset)
    return DeadLetter(*place, None, row.body, [], error.reason, f"{row.topic}: {error.detail}")
