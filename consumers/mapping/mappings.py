"""All mappings of a service: which topic has which, and what a consumer reads by them."""

from collections.abc import Iterable, Sequence

from accounts.events import Unreadable, decode_accepted
from consumers.formats import PartlyUnreadable
from consumers.mapping.filling import Filler
from consumers.mapping.knowledge import Scope
from consumers.mapping.rules import REASON
from consumers.mapping.topic import Outcome, TopicMapping
from consumers.record import Record, cluster_of
from consumers.records import Readout, check_same, dead_letter
from storage.dead_letters import OF_DRAFT, DeadLetter
from storage.draft_rows import DraftRow
from storage.mapped import Mapped


class Mappings:
    """The first mapping that names a topic is the topic's; a topic that none names is canonical."""

    def __init__(
        self, mappings: Sequence[TopicMapping], scope: Scope | None = None, doubts: Sequence[str] = ()
    ) -> None:
        self.all = tuple(mappings)
        self.doubts = doubts  # what is likely to be a mistake, though it can be read
        self._found: dict[tuple[str, str], TopicMapping | None] = {}
        self.filler = Filler(scope or Scope(), self.of)

    def of(self, topic: str, cluster: str = "") -> TopicMapping | None:
        """The mapping of a topic of a cluster."""
        try:
            return self._found[topic, cluster]
        except KeyError:
            found = next((mapping for mapping in self.all if mapping.matches(topic, cluster)), None)
            self._found[topic, cluster] = found
            return found

    def read(self, record: Record, readout: Readout) -> int | None:
        """Add what a record says; see consumers.records.Mapper."""
        mapping = self.of(record.topic, cluster_of(record))
        if mapping is None:
            return None
        problems: list[Unreadable] = []
        try:
            messages = mapping.format.read(record)
        except PartlyUnreadable as error:
            problems.append(error)
            messages = error.others
        except Unreadable as error:
            readout.dead_letters.append(dead_letter(record, error.reason, error.detail))
            return 0
        again = 0
        for message in messages:
            again += _add(mapping.read(message, record), record, readout, problems)
        if problems:
            readout.dead_letters.append(_letter(record, problems))
        return again

    def mapped(self, readout: Readout) -> Mapped:
        """What the consuming transaction needs of a readout."""

        def letter_of(draft: DraftRow, problem: str) -> DeadLetter:
            record = readout.origins.get(draft.event_key)
            if record is not None:
                return _letter(record, [Unreadable(REASON, problem)])
            place = (draft.topic, draft.partition, draft.offset)
            detail = Unreadable(REASON, f"{draft.topic}: {problem}").detail
            return DeadLetter(*place, None, draft.body, [(OF_DRAFT, b"")], REASON, detail, draft.cluster)

        return Mapped(readout.references, readout.drafts, self.filler, letter_of)


def _add(outcome: Outcome, record: Record, readout: Readout, problems: list[Unreadable]) -> int:
    """Add what a message became; returns how many events of it had come before in the run."""
    again = 0
    for type_, row in outcome.events:
        before = readout.events.get(row.event_key)
        if before is None:
            readout.types[record.topic, type_] += 1
            readout.events[row.event_key] = row
            readout.origins[row.event_key] = record
            continue
        again += 1
        if before.body != row.body:
            try:
                check_same(before, decode_accepted(row.body))
            except Unreadable as error:
                problems.append(error)
    for draft in outcome.drafts:
        earlier = readout.drafts.setdefault(draft.event_key, draft)
        if earlier is draft:
            readout.origins[draft.event_key] = record
        elif earlier.body != draft.body:
            problems.append(Unreadable("conflicting_duplicate", "the same change was told before, otherwise"))
    for reference in outcome.references:
        readout.references.setdefault((reference.reference, reference.version), reference)
    if outcome.ignored is not None:
        readout.ignored[record.topic, outcome.ignored] += 1
    problems.extend(outcome.problems)
    return again


def _letter(record: Record, problems: Iterable[Unreadable]) -> DeadLetter:
    """One dead letter for all that is wrong with a record."""
    several = list(problems)
    details = "; ".join(dict.fromkeys(problem.detail for problem in several))
    return dead_letter(record, several[0].reason, Unreadable(REASON, f"{record.topic}: {details}").detail)
