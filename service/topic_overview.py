"""What each topic of a broker seems to hold, and what reads it already."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from consumers.inspection.guesses import CANONICAL, Guess, MakeFormat, guess
from consumers.inspection.kinds import kind_of
from consumers.inspection.masking import Masker
from consumers.inspection.ready import Fit, choice_fields, fit_of
from consumers.inspection.tables import tables_of
from consumers.kafka_config import KafkaConfig
from consumers.mapping.mappings import Mappings
from consumers.source_record import SourceRecord
from service.failures import Failure
from service.ranges import reader
from service.survey import Surveyed, survey, topics_of

_FETCHED = 256 << 10  # bytes of a partition at a time: samples, not the topic


class Shown(NamedTuple):
    """What is shown of the documents of one kind."""

    kind: str
    documents: Sequence[tuple[str, dict[str, Any]]]  # what happened to each, and the document
    operations: Counter[str]  # of all samples
    codes: Mapping[str, Counter[str]]  # the same of each field of codes


class Overview(NamedTuple):
    """A topic, and what is known of it."""

    surveyed: Surveyed
    guess: Guess
    fit: Fit | None
    consumed: bool
    mapping: str | None  # the mapping that reads it; None: canonical events

    @property
    def holds(self) -> list[tuple[str, int]]:
        """What the documents are, the most frequent first."""
        if self.fit is not None and (entity := self.fit.options.get("entity")):
            return [(str(entity), len(self.guess.messages))]
        counted = Counter(said.entity or "" for said in self.guess.messages)
        return [(name, count) for name, count in counted.most_common() if name]

    @property
    def looks_like(self) -> dict[str, str]:
        """Orders, lines, products, …, by the name of the documents; where no ready mapping knows better."""
        if self.fit is not None or self.guess.format in {None, CANONICAL}:
            return {}
        tables = tables_of(self.surveyed.topic, self.guess.messages)
        return {table.name: kind for table in tables if (kind := kind_of(table)) is not None}

    def shown(self, most: int, *, masked: bool) -> Iterator[Shown]:
        """Of each kind a few documents, and what its fields of codes hold."""
        choices = choice_fields(self.fit.name) if self.fit is not None else frozenset()
        for table in tables_of(self.surveyed.topic, self.guess.messages):
            masker = Masker(table.documents, choices)
            changes = [said for said in table.messages if said.operation != "deleted"]
            some = [
                (said.operation, masker.shown(said.fields) if masked else said.fields)
                for said in _spread(changes, most)
            ]
            operations: Counter[str] = Counter(said.operation for said in table.messages)
            if operations.keys() == {"event"}:
                operations.clear()  # plain documents: nothing tells
            yield Shown(table.name, some, operations, masker.codes())


def overviews(
    config: KafkaConfig,
    wanted: Sequence[str],
    limit: int,
    make_format: MakeFormat,
    mappings: Mappings | None,
    *,
    internal: bool = False,
    begin: Callable[[int], None] = lambda _count: None,
    done: Callable[[str], None] = lambda _topic: None,
) -> Iterator[Overview]:
    """All topics that are meant, those last that cannot be seen; raises Failure where no broker answers."""
    # What retention takes while we read is no reason to stop.
    options = {"max_partition_fetch_bytes": _FETCHED, "auto_offset_reset": "earliest"}
    with reader(config, **options) as consumer:
        topics, unseen = topics_of(consumer, config, wanted, internal=internal)
        if unseen and not topics:
            raise Failure("\n  ".join(each.problem for each in unseen), 2)
        begin(len(topics))
        for surveyed in survey(consumer, config, topics, limit, done):
            yield _judged(surveyed, config, make_format, mappings)
        for surveyed in unseen:
            yield _judged(surveyed, config, make_format, mappings)


def _judged(
    surveyed: Surveyed, config: KafkaConfig, make_format: MakeFormat, mappings: Mappings | None
) -> Overview:
    found = guess(surveyed.samples, make_format)
    if surveyed.problem:
        found = found._replace(why=surveyed.problem)
    elif surveyed.gone:
        found = found._replace(why="empty now: retention has taken all its records")
    elif surveyed.records and not surveyed.samples:
        found = found._replace(why="no record came in time")
    mapping = mappings.of(surveyed.topic, config.cluster) if mappings is not None else None
    consumed = config.subscription.covers(surveyed.topic)
    return Overview(surveyed, found, fit_of(found), consumed, None if mapping is None else mapping.place)


def _spread(documents: Sequence[SourceRecord], most: int) -> list[SourceRecord]:
    """Some of them, from the first to the last."""
    if len(documents) <= most:
        return list(documents)
    step = (len(documents) - 1) / max(most - 1, 1)
    return [documents[round(number * step)] for number in range(most)]


def moment(millis: int | None) -> str:
    """A day in UTC; of no record, nothing."""
    if millis is None or millis < 0:
        return ""
    return f"{datetime.fromtimestamp(millis / 1000, UTC):%Y-%m-%d}"


def short_place(place: str) -> str:
    """A mapping's place, by the file's name alone."""
    return re.sub(r"^.*[/\\]", "", place)
