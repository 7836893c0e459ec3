"""From a draft and what reference data say to the event."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec
import structlog

from accounts.events import CanonicalEvent, Unreadable, document_of
from accounts.weeks import week_of
from consumers.formats.moments import moment
from consumers.mapping.drafts import Draft
from consumers.mapping.events import event_of
from consumers.mapping.expressions import META
from consumers.mapping.knowledge import Knowledge, Scope, Version, is_deleted
from consumers.mapping.roots import micros
from consumers.mapping.rules import OWN_DOCUMENT, EventRule, Told
from consumers.mapping.topic import TopicMapping
from storage.draft_rows import FOREVER, DraftRow
from storage.event_rows import EventRow
from storage.mapped import Filled, Load
from storage.reference_rows import ReferenceRow

log = structlog.get_logger()

_decode = msgspec.json.Decoder(Draft).decode
_decode_fields = msgspec.json.Decoder(dict[str, Any]).decode
_MOST_KEPT = 100_000  # references that are remembered from batch to batch
_MOST_ROUNDS = 8  # a reference that names a reference that names a reference


class Filler:
    """Fills drafts by the present mapping; belongs to one thread.

    A draft of a rule that reads otherwise now stays as it is: the new rule may need what the draft does not
    hold, and `turnsignal reprocess` makes it anew.
    """

    def __init__(self, scope: Scope, mapping_of: Callable[[str, str], TopicMapping | None]) -> None:
        self._scope = scope
        self._mapping_of = mapping_of
        self._state = b""

    def trust(
        self, known: bytes, now: bytes, changed: Iterable[int], versions: Iterable[ReferenceRow] = ()
    ) -> None:
        """Forget what no longer holds; see storage.mapped.Filler."""
        knowledge = self._scope.knowledge
        if known != self._state or len(knowledge.loaded) + len(knowledge.loaded_parts) > _MOST_KEPT:
            knowledge = self._scope.knowledge = Knowledge()
        for number in changed:
            knowledge.forget(number)
        _learn(knowledge, versions)
        self._state = now

    def fill(self, rows: Sequence[DraftRow], load: Load) -> list[Filled]:
        """What becomes of these drafts; what they name is loaded as they ask for it."""
        found: dict[bytes, Filled] = {}
        waiting: Sequence[DraftRow] = rows
        for _ in range(_MOST_ROUNDS):
            again = []
            for row in waiting:
                mapping = self._mapping_of(row.topic, row.cluster)
                rule = None if mapping is None else mapping.stamped.get(row.rule)
                if rule is None:
                    continue
                found[row.event_key] = self._filled(row, rule, _decode(row.body))
                if not self._scope.is_complete():
                    again.append(row)
            if not again:
                break
            self._load(load)
            waiting = again
        if count := len(rows) - len(found):
            log.warning("drafts of an earlier mapping; reprocess", action="drafts_outdated", count=count)
        return list(found.values())

    def _load(self, load: Load) -> None:
        """Look for what was asked for and has not been looked for yet."""
        scope, knowledge = self._scope, self._scope.knowledge
        references, wholes = scope.missing, scope.missing_parts
        scope.missing, scope.missing_parts = set(), set()
        knowledge.loaded |= references
        knowledge.loaded_parts |= wholes  # all versions of the parts are loaded too
        _learn(knowledge, load(references, wholes))

    def _filled(self, row: DraftRow, rule: EventRule, draft: Draft) -> Filled:
        scope = self._scope
        scope.begin(FOREVER if draft.time is None else draft.time)
        event, problem = None, None
        told = Told(draft.source, draft.id, None if draft.time is None else moment(draft.time, "us"))
        root = draft.root if draft.whole is None else self._whole(draft, draft.whole)
        try:
            if not (rule.once and self._is_gone(draft)):
                made = event_of(rule, root, told, self._at, scope)
                event = None if made is None else _row_of(row, *made)
        except Unreadable as error:
            problem = error.detail
        return Filled(row, event, scope.asked, problem, scope.unknown, scope.without)

    def _whole(self, draft: Draft, number: int) -> dict[str, Any]:
        """The document as its changes up to the event tell it."""
        document = self._scope.thing(number, OWN_DOCUMENT)
        told = {} if document is None else document.at(self._scope.at)
        return {**told, META: draft.root.get(META, {})}

    def _is_gone(self, draft: Draft) -> bool:
        """Whether the document has been deleted."""
        document = self._scope.knowledge.things.get(draft.whole or 0)
        return document is not None and is_deleted(document.versions, FOREVER)

    def _at(self, time: Any) -> None:
        """Look everything else up as of when the event happened."""
        if time is not None:
            self._scope.at = micros(time)


def _row_of(row: DraftRow, event: CanonicalEvent, body: bytes) -> EventRow:
    place = row.topic, row.partition, row.offset, row.cluster
    return EventRow(row.event_key, event.subject, week_of(event.time), document_of(event), body, *place)


def _learn(knowledge: Knowledge, rows: Iterable[ReferenceRow]) -> None:
    """Add references with all their versions; of wholes that are known they may be parts."""
    found: dict[tuple[str, str, int], dict[bytes, Version]] = {}
    for row in rows:
        version = Version(row.time, row.offset, row.version, row.deleted, row.id, _decode_fields(row.fields))
        found.setdefault((row.kind, row.id, row.reference), {})[row.version] = version
        if row.parent is not None and row.parent in knowledge.loaded_parts:
            knowledge.parts.setdefault(row.parent, set()).add(row.reference)
    for name, versions in found.items():
        knowledge.learn(*name, versions.values())
