"""`turnsignal mapping test`: what records become, told and not kept."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.commands.offsets import Cluster
from service.commands.sources import (
    BEGINNING,
    MAPPING,
    START,
    TOPIC,
    cluster_name,
    mappings_needed,
    sources_of,
    start_of,
)
from service.failures import Failure

if TYPE_CHECKING:
    from collections import Counter

    from consumers.mapping.mappings import Mappings
    from consumers.record import Record
    from service.past import Source
    from storage.ranges import Range

MOST_EACH = 60  # verdicts that are told one by one where nothing is said


def trial(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Files of records' values, JSON, one a line.")
    ] = None,
    as_topic: Annotated[
        str | None, typer.Option("--as", metavar="TOPIC", help="The topic that the files' records are of.")
    ] = None,
    topic: Annotated[list[str] | None, TOPIC] = None,
    cluster: Cluster = "",
    start: Annotated[str, START] = BEGINNING,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Records of a topic or file, at most. [default: all]")
    ] = None,
    mapping: Annotated[list[str] | None, MAPPING] = None,
    each: Annotated[
        bool | None,
        typer.Option(
            "--each/--summary",
            help=f"Every record, or how many became what. [default: by number, {MOST_EACH}]",
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One object a line, with the events whole.")
    ] = False,
) -> None:
    """Say what records become, or why they become nothing. Nothing is written.

    What refers to other records (contacts, products, lines) is made of what comes in the same files and
    topics: name those too. The exit code is 1 where there would be a dead letter.

    Example: turnsignal mapping test --topic crm.contacts --topic crm.tasks --each
    """
    from collections import Counter

    from consumers.formats import SourceAway
    from service.commands.trial_report import tell
    from service.trial import Trial

    mappings = mappings_needed(mapping or ())
    if not files and not topic:
        raise Failure("name files, or topics with --topic", 2)
    work, unmapped = Trial(mappings), Counter[str]()
    try:
        for file in files or ():
            work.read(_of_file(file, _topic_of(mappings, as_topic, cluster), cluster, limit))
        for source in sources_of(topic or (), cluster):
            work.read(_of_topics(source, start, limit, mappings, unmapped))
    except SourceAway as error:
        raise Failure(str(error), 1) from None
    verdicts = list(work.verdicts())
    tell(verdicts, unmapped, each=each, as_json=as_json)
    if any(verdict.is_problem for verdict in verdicts):
        raise typer.Exit(1)


def _topic_of(mappings: "Mappings", named: str | None, cluster: str) -> str:
    """The topic of records in files."""
    exact = [topic for mapping in mappings.all if mapping.is_of(cluster) for topic in mapping.topics]
    if named is None and len(exact) == 1:
        return exact[0]
    if named is None:
        raise Failure(f"say with --as which topic the records are of: {', '.join(exact)}", 2)
    if mappings.of(named, cluster) is None:
        raise Failure(_unnamed(mappings, named, cluster), 2)
    return named


def _unnamed(mappings: "Mappings", topic: str, cluster: str) -> str:
    """That no mapping names a topic here, and where one does."""
    said = f"no mapping names the topic {topic!r}"
    others = {name for mapping in mappings.all for name in mapping.clusters or ()}
    found = sorted(name for name in others if mappings.of(topic, name) is not None)
    if not found:
        return said
    return f"{said} of {cluster_name(cluster)}, but one does of {', '.join(map(cluster_name, found))}"


def _of_file(file: Path, topic: str, cluster: str, limit: int | None) -> Iterator[Any]:
    from consumers.record import ClusterRecord

    try:
        with file.open("rb") as lines:
            for number, line in enumerate(lines):
                if limit is not None and number >= limit:
                    return
                if line.strip():
                    yield ClusterRecord(topic, 0, number, 0, None, line, (), cluster)
    except OSError as error:
        raise Failure(f"cannot read {file}: {error.strerror}", 2) from None


def _of_topics(
    source: "Source", start: str, limit: int | None, mappings: "Mappings", unmapped: "Counter[str]"
) -> "Iterator[Record]":
    """The records of the topics that have a mapping; those of the others are counted."""
    from service.ranges import begun, reader, runs, whole

    config = source.config
    with reader(config) as consumer:
        _check_names(source, consumer.topics(), mappings)
        found = begun(consumer, whole(consumer, source.topics, config), start_of(start))
        mapped = []
        for each in found:
            if mappings.of(each.topic, config.cluster) is None:
                unmapped[each.topic] += each.end - each.start
            else:
                mapped.append(each)
        cut = mapped if limit is None else _cut(mapped, limit)
        with _progress(sum(each.end - each.start for each in cut)) as advance:
            for run in runs(consumer, cut):
                yield from run
                advance(len(run))


def _check_names(source: "Source", there: Iterable[str], mappings: "Mappings") -> None:
    """Raise Failure for a topic by name that is not there, or has no mapping."""
    from consumers.kafka_errors import not_seen
    from consumers.mapping.suggestions import did_you_mean

    topics = set(there)
    for name in source.subscription.names:
        if name not in topics:
            raise Failure(f"{not_seen([name], source.config)}{did_you_mean(name, topics)}", 2)
        if mappings.of(name, source.config.cluster) is None:
            unnamed = _unnamed(mappings, name, source.config.cluster)
            raise Failure(f"{unnamed}: its records are canonical events", 2)


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    """How far the reading is, on a terminal."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("reading topics", total=total)
        yield lambda done: progress.advance(task, done)


def _cut(ranges: "Sequence[Range]", limit: int) -> "list[Range]":
    """The beginning of each topic's partitions, `limit` records of it in all; what is left out is said."""
    cut: list[Range] = []
    for topic in dict.fromkeys(each.topic for each in ranges):
        whole = sorted(
            (each for each in ranges if each.topic == topic), key=lambda each: each.end - each.start
        )
        left = limit
        for number, each in enumerate(whole):  # the shortest first: what it does not use is the others'
            size = min(each.end - each.start, left // (len(whole) - number))
            cut.append(each._replace(end=each.start + size))
            left -= size
        if (there := sum(each.end - each.start for each in whole)) > limit:
            words = f"of {topic} the first {limit:,} of {there:,} records (--limit)"
            typer.echo(f"{words}; what others refer to may be in the rest", err=True)
    return cut
