"""What topics have told up to now, as consuming them would have it; nothing is written."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from accounts.events import CanonicalEvent, Unreadable, decode_accepted
from consumers.kafka_config import KafkaConfig
from consumers.mapping.mappings import Mappings
from consumers.mapping.rules import REASON
from consumers.metrics import UNKNOWN_TYPE
from consumers.record import Record, cluster_of
from consumers.records import Readout, read
from consumers.subscription import Subscription
from service.ranges import begun, reader, runs, whole
from service.reference_memory import ReferenceMemory
from storage.draft_rows import DraftRow
from storage.mapped import Filled
from storage.reference_rows import ReferenceRow

Start = int | datetime | None
Place = tuple[str, str, int, int]  # cluster, topic, partition, offset
OnProgress = Callable[[str, int, int], None]  # what is being done, how much of it is done, and of how much
_EVERY = 1000  # drafts between two words of progress
_OWN = "="  # how the kind of a mapping's own memory of whole documents begins
UNTRUE = "the condition of each rule for them does not hold"


@dataclass
class Tally:
    """What became of the records that became no event, and what the events lack; by topic and reason."""

    records: int = 0
    letters: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: dict[tuple[str, str], str] = field(default_factory=dict)  # the first of each, in words
    canonical: set[str] = field(default_factory=set)  # of these the topics that no mapping names
    ignored: Counter[tuple[str, str]] = field(default_factory=Counter)
    waiting: Counter[str] = field(default_factory=Counter)  # would-be events, by the kind they wait for
    awaited: dict[str, str] = field(default_factory=dict)  # the id of the first of each kind
    lacking: Counter[str] = field(default_factory=Counter)  # events, by the kind of which they lack something
    kinds: dict[str, str] = field(default_factory=dict)  # of reference data that came, with an id

    @property
    def letters_by_reason(self) -> Counter[str]:
        """The letters of all topics."""
        found: Counter[str] = Counter()
        for (_, reason), number in self.letters.items():
            found[reason] += number
        return found

    @property
    def never_told(self) -> dict[str, int]:
        """Kinds of which no record tells anything, and how many events asked for one."""
        asked = self.waiting + self.lacking
        return {kind: number for kind, number in asked.most_common() if kind not in self.kinds}

    def letter(self, topic: str, reason: str, detail: str) -> None:
        """Count what the consumer would keep as a dead letter."""
        self.letters[topic, reason] += 1
        self.examples.setdefault((topic, reason), detail)


class Source(NamedTuple):
    """Topics of a cluster: names, or patterns as in `kafka.topics`."""

    config: KafkaConfig
    topics: list[str]

    @property
    def subscription(self) -> Subscription:
        """The topics, told apart into names and patterns."""
        return Subscription(self.topics, self.config.cluster)


class Past:
    """Reads records as the consumer does; events that refer to other records are made when all have come.

    In memory it keeps reference data and drafts, until `rest` has made events of these.
    """

    def __init__(self, mappings: Mappings | None, add: Callable[[CanonicalEvent], None]) -> None:
        """`add` takes each event in; it may raise Unreadable, which is counted as a dead letter."""
        self._mappings = mappings or Mappings([])
        self._add = add
        self._memory = ReferenceMemory(self._mappings)
        self._taken: set[Place] = set()  # records of which a rule made something
        self._untrue: set[Place] = set()  # records of which a rule made nothing
        self.tally = Tally()

    def read(self, records: list[Record]) -> None:
        """Take in a run of records, in whatever order runs come."""
        said = read(records, self._mappings)
        self.tally.records += len(records)
        for key, row in said.events.items():
            record = said.origins[key]
            self._taken.add((cluster_of(record), record.topic, record.partition, record.offset))
            self._take(row.body, record.topic)
        for reference in said.references.values():
            self._memory.add_reference(reference)
            self.tally.kinds.setdefault(reference.kind, reference.id)
            if not reference.kind.startswith(_OWN):
                self._taken.add(_place(reference))
        for draft in said.drafts.values():
            if not self._memory.add_draft(draft):
                told = f"{draft.topic}[{draft.partition}]@{draft.offset}"
                self.tally.letter(draft.topic, "conflicting_duplicate", f"{told}: told before, otherwise")
        self._count(said)

    def rest(self, on_progress: OnProgress) -> None:
        """Make the events that refer to other records; nothing can be read any more."""
        total = self._memory.drafts
        for number, filled in enumerate(self._memory.fill(), start=1):
            self._settle(filled)
            if number % _EVERY == 0:
                on_progress("joining records", number, total)
        self.tally.ignored += Counter((topic, UNTRUE) for _, topic, _, _ in self._untrue - self._taken)

    def _take(self, body: bytes, topic: str) -> None:
        try:
            self._add(decode_accepted(body))
        except Unreadable as error:
            self.tally.letter(topic, error.reason, error.detail)

    def _count(self, said: Readout) -> None:
        for letter in said.dead_letters:
            place = f"{letter.topic}[{letter.partition}]@{letter.offset}"
            self.tally.letter(letter.topic, letter.reason, f"{place}: {letter.detail}")
            if self._mappings.of(letter.topic, letter.cluster) is None:
                self.tally.canonical.add(letter.topic)
        self.tally.ignored += said.ignored
        for (topic, type_), number in said.types.items():
            if type_ == UNKNOWN_TYPE:
                self.tally.ignored[topic, "unknown type"] += number

    def _settle(self, filled: Filled) -> None:
        draft, kinds = filled.draft, {_kind(named) for named in filled.waits}
        made = filled.event is not None or filled.problem is not None or bool(kinds)
        (self._taken if made else self._untrue).add(_place(draft))
        if filled.event is not None:
            self._take(filled.event.body, draft.topic)
            self.tally.lacking.update(kinds | set(filled.without))
        elif filled.problem is not None:
            place = f"{draft.topic}[{draft.partition}]@{draft.offset}"
            self.tally.letter(draft.topic, REASON, f"{place}: {filled.problem}")
        elif kinds:
            self.tally.waiting.update(kinds)
            for kind, _, id_ in (named.partition(" ") for named in filled.waits):
                self.tally.awaited.setdefault(kind, id_)


def _place(row: DraftRow | ReferenceRow) -> Place:
    return row.cluster, row.topic, row.partition, row.offset


def _kind(named: str) -> str:
    """Of `contact 003A`, what kind of thing it is."""
    return named.partition(" ")[0]


def records_of(source: Source, start: Start, on_progress: OnProgress) -> Iterator[list[Record]]:
    """The records of a cluster's topics from a start to their present end, run by run. Raises Failure."""
    with reader(source.config) as consumer:
        ranges = begun(consumer, whole(consumer, source.topics, source.config), start)
        total, done = sum(each.end - each.start for each in ranges), 0
        step = f"reading {source.config.cluster}".rstrip()
        on_progress(step, done, total)
        for run in runs(consumer, ranges):
            yield run
            done += len(run)
            on_progress(step, done, total)


def past_of(
    sources: Iterable[Source],
    start: Start,
    mappings: Mappings | None,
    add: Callable[[CanonicalEvent], None],
    on_progress: OnProgress,
) -> Tally:
    """Add every event that these topics amount to; what became no event is told. Raises Failure."""
    past = Past(mappings, add)
    for source in sources:
        for run in records_of(source, start, on_progress):
            past.read(run)
    past.rest(on_progress)
    return past.tally
