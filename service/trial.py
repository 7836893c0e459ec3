"""What a mapping makes of records, told and not kept."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import NamedTuple

from accounts.events import CanonicalEvent, OrderChanged, OrderPlaced, Unreadable, decode_accepted, type_of
from consumers.formats import PartlyUnreadable
from consumers.mapping.mappings import Mappings
from consumers.mapping.rules import ABSENT
from consumers.mapping.suggestions import did_you_mean
from consumers.mapping.topic import TopicMapping
from consumers.record import Record, cluster_of
from consumers.source_record import SourceRecord
from service.reference_memory import ReferenceMemory
from storage.mapped import Filled

UNTRUE = "its condition does not hold"
_NO_PROBLEMS = frozenset(("reference", "waits", "ignored"))


class Verdict(NamedTuple):
    """What one message became, or why it became nothing."""

    topic: str
    partition: int
    offset: int
    entity: str | None
    operation: str | None
    became: str  # an event type, "reference", "waits", "ignored", or the reason of a dead letter
    account: str | None
    detail: str
    event: bytes | None = None

    @property
    def is_problem(self) -> bool:
        """Whether it would be a dead letter."""
        return self.event is None and self.became not in _NO_PROBLEMS

    @property
    def is_passed_over(self) -> bool:
        """Whether the condition of a rule did not hold, which may be as it should be."""
        return self.became == "ignored" and self.detail.endswith(UNTRUE)


class Trial:
    """Reads records by mappings; what refers to other records is made at the end, of all that came."""

    def __init__(self, mappings: Mappings) -> None:
        self._mappings = mappings
        self._verdicts: list[Verdict] = []
        self._memory = ReferenceMemory(mappings)
        self._names: dict[tuple[str, str | None], set[str]] = {}  # of fields, by topic and entity

    def read(self, records: Iterable[Record]) -> None:
        """Read records of topics that have a mapping."""
        for record in records:
            mapping = self._mappings.of(record.topic, cluster_of(record))
            if mapping is not None:
                self._read(record, mapping)

    def verdicts(self) -> Iterator[Verdict]:
        """All of them, each where its record stood."""
        filled = {one.draft.event_key: one for one in self._memory.fill()}
        for verdict in self._verdicts:
            key = verdict.event if verdict.became == "" else None
            yield self._meant(verdict if key is None else _filled(verdict, filled.get(key)))

    def _meant(self, verdict: Verdict) -> Verdict:
        """A problem with the field that was meant, where the one that a rule names is not there."""
        _, absent, names = verdict.detail.partition(ABSENT) if verdict.is_problem else ("", "", "")
        known = self._names.get((verdict.topic, verdict.entity), ())
        meant = [name for name in names.split(", ") if absent and get_close_matches(name, known, n=1)]
        if not meant:
            return verdict
        return verdict._replace(detail=verdict.detail + did_you_mean(meant[0], known))

    def _read(self, record: Record, mapping: TopicMapping) -> None:
        place = (record.topic, record.partition, record.offset)
        try:
            messages = mapping.format.read(record)
        except PartlyUnreadable as error:
            self._verdicts.append(Verdict(*place, None, None, error.reason, None, error.detail))
            messages = error.others
        except Unreadable as error:
            self._verdicts.append(Verdict(*place, None, None, error.reason, None, error.detail))
            return
        if not messages:
            detail = "nothing to read, such as a tombstone"
            self._verdicts.append(Verdict(*place, None, None, "ignored", None, detail))
        for message in messages:
            self._judge(place, message, mapping, record)

    def _judge(
        self, place: tuple[str, int, int], message: SourceRecord, mapping: TopicMapping, record: Record
    ) -> None:
        names = self._names.setdefault((record.topic, message.entity), set())
        names.update(message.fields)
        outcome = mapping.read(message, record)
        head = (*place, message.entity, message.operation)
        say = self._verdicts.append
        self._verdicts += [
            Verdict(*head, type_, row.account_id, summary(decode_accepted(row.body)), row.body)
            for type_, row in outcome.events
        ]
        for draft in outcome.drafts:
            rule = mapping.stamped[draft.rule].name
            verdict = Verdict(*head, "", None, rule, draft.event_key)
            self._memory.add_draft(draft)
            say(verdict)
        for reference in outcome.references:
            self._memory.add_reference(reference)
            if not reference.kind.startswith("="):  # else the mapping's own memory of a whole document
                named = f"{reference.kind} {reference.id}"
                say(Verdict(*head, "reference", None, f"{named}: {reference.fields.decode()}"))
        self._verdicts += [Verdict(*head, each.reason, None, each.detail) for each in outcome.problems]
        if outcome.ignored is not None:
            say(Verdict(*head, "ignored", None, outcome.ignored))


def _filled(verdict: Verdict, filled: Filled | None) -> Verdict:
    if filled is None or (filled.event is None and filled.problem is None):
        why = (
            f"for {', '.join(dict.fromkeys(filled.waits))}"
            if filled and filled.waits
            else f"rule {verdict.detail}: {UNTRUE}"
        )
        became = "waits" if filled and filled.waits else "ignored"
        return verdict._replace(became=became, detail=why, event=None)
    if filled.event is None:
        return verdict._replace(became="does_not_map", detail=filled.problem or "", event=None)
    event = decode_accepted(filled.event.body)
    missing = f" (not known yet: {', '.join(dict.fromkeys(filled.waits))})" if filled.waits else ""
    return verdict._replace(
        became=type_of(event),
        account=filled.event.account_id,
        detail=summary(event) + missing,
        event=filled.event.body,
    )


_TOLD = ("order_id", "opportunity_id", "ticket_id", "status", "channel", "direction", "topics")


def summary(event: CanonicalEvent) -> str:
    """The gist of an event in a line."""
    data = event.data
    told = [getattr(data, name, None) for name in _TOLD]
    said = [f"{event.time:%Y-%m-%d}"]
    said += [
        ", ".join(value) if isinstance(value, list) else str(value) for value in told if value is not None
    ]
    if isinstance(event, OrderPlaced | OrderChanged):
        worth = sum(line.quantity * line.unit_price for line in event.data.lines)
        said.append(f"{len(event.data.lines)} lines, {worth:,.2f} {event.data.currency}")
    people = [*getattr(data, "participants", ()), *getattr(data, "deciders", ())]
    others = [found for name in ("contact", "buyer", "requester") if (found := getattr(data, name, None))]
    said.extend(f"{person.id} ({person.role()}, {person.side})" for person in (*people, *others))
    return "; ".join(part for part in said if part)
