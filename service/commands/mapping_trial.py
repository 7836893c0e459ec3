"""`turnsignal mapping test`: what records become, told and not kept."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.commands.offsets import Cluster
from service.commands.processes import plain
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
    from consumers.mapping.mappings import Mappings
    from service.past import Source
    from service.trial import Verdict
    from storage.ranges import Range

_MOST_EACH = 60  # verdicts that are told one by one where nothing is said
_PROBLEMS = 3  # of a kind that are told
_DETAIL = 400
_PIPED_WIDTH = 160


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
    limit: Annotated[int, typer.Option(min=1, help="Records of a topic or file, at most.")] = 10_000,
    mapping: Annotated[list[str] | None, MAPPING] = None,
    each: Annotated[
        bool | None,
        typer.Option(
            "--each/--summary",
            help=f"Every record, or how many became what. [default: by number, {_MOST_EACH}]",
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One object a line, with the events whole.")
    ] = False,
) -> None:
    """Say what records become, or why they become nothing. Nothing is written.

    What refers to other records (contacts, products, lines) is made of what comes in the same files and
    topics: name those too.

    Example: turnsignal mapping test --topic crm.contacts --topic crm.tasks --each
    """
    from consumers.formats import SourceAway
    from service.trial import Trial

    mappings = mappings_needed(mapping or ())
    if not files and not topic:
        raise Failure("name files, or topics with --topic", 2)
    sources = sources_of(topic or (), cluster)
    for source in sources:
        for name in source.subscription.names:
            if mappings.of(name, source.config.cluster) is None:
                unnamed = _unnamed(mappings, name, source.config.cluster)
                raise Failure(f"{unnamed}: its records are canonical events", 2)
    work = Trial(mappings)
    try:
        for file in files or ():
            work.read(_of_file(file, _topic_of(mappings, as_topic, cluster), cluster, limit))
        for source in sources:
            work.read(_of_topics(source, start, limit))
    except SourceAway as error:
        raise Failure(str(error), 1) from None
    _tell(list(work.verdicts()), each=each, as_json=as_json)


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


def _of_file(file: Path, topic: str, cluster: str, limit: int) -> Iterator[Any]:
    from consumers.record import ClusterRecord

    try:
        with file.open("rb") as lines:
            for number, line in enumerate(lines):
                if number >= limit:
                    return
                if line.strip():
                    yield ClusterRecord(topic, 0, number, 0, None, line, (), cluster)
    except OSError as error:
        raise Failure(f"cannot read {file}: {error.strerror}", 2) from None


def _of_topics(source: "Source", start: str, limit: int) -> Iterator[Any]:
    from service.ranges import begun, reader, runs, whole

    with reader(source.config) as consumer:
        found = begun(consumer, whole(consumer, source.topics, source.config), start_of(start))
        for run in runs(consumer, _cut(found, limit)):
            yield from run


def _cut(ranges: "Sequence[Range]", limit: int) -> "list[Range]":
    """The beginning of each topic's partitions; what is left out is said."""
    from collections import Counter

    partitions = Counter(each.topic for each in ranges)
    cut = [
        each._replace(end=min(each.end, each.start + max(1, limit // partitions[each.topic])))
        for each in ranges
    ]
    for topic in partitions:
        whole, read = (
            sum(each.end - each.start for each in some if each.topic == topic) for some in (ranges, cut)
        )
        if read < whole:
            words = (
                f"of {topic} the first {read:,} of {whole:,} records; what others refer to may be in the rest"
            )
            typer.echo(f"{words} (--limit)", err=True)
    return cut


def _tell(verdicts: "Sequence[Verdict]", *, each: bool | None, as_json: bool) -> None:
    from collections import Counter

    if as_json:
        for verdict in verdicts:
            event = None if verdict.event is None else json.loads(verdict.event)
            typer.echo(json.dumps(verdict._asdict() | {"event": event}, ensure_ascii=False))
    elif each or (each is None and len(verdicts) <= _MOST_EACH):
        _tell_each(verdicts)
    else:
        _tell_summary(verdicts)
    counted = Counter(verdict.became for verdict in verdicts)
    told = ", ".join(f"{count:,} {name}" for name, count in counted.most_common())
    typer.echo(told or "no records", err=True)


def _tell_each(verdicts: "Sequence[Verdict]") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("topic", "offset", "message", "became", "account", "detail", box=None)
    for verdict in verdicts:
        place = f"{verdict.partition}:{verdict.offset}"
        cells = (
            verdict.topic,
            place,
            _message(verdict),
            verdict.became,
            verdict.account or "",
            verdict.detail,
        )
        table.add_row(*(plain(cell) for cell in cells))
    if verdicts:
        Console(markup=False).print(table)


def _tell_summary(verdicts: "Sequence[Verdict]") -> None:
    """For each topic and kind of message how much became what, with an example, and the first problems."""
    from rich.console import Console

    from service.trial import grouped

    console = Console(markup=False, highlight=False)
    if not console.is_terminal:
        console = Console(markup=False, highlight=False, width=_PIPED_WIDTH)
    for (topic, message), kinds in grouped(verdicts, _message).items():
        console.print(plain(f"{topic}  {message}"), style="bold")
        for (became, why), some in kinds:
            example = "" if why else some[0].detail
            head = f"{len(some):>9,}  {became}" + (f": {why}" if why else "")
            console.print(plain(f"{head:<36} {example}".rstrip(), console.width), no_wrap=True)
            if some[0].is_problem:
                for one in some[:_PROBLEMS]:
                    said = plain(f"{one.partition}:{one.offset} {one.detail}", _DETAIL)
                    console.print(f"           {said}", soft_wrap=True)
    typer.echo("every record by itself: --each; as JSON with the events whole: --json", err=True)


def _message(verdict: "Verdict") -> str:
    return " ".join(part for part in (verdict.entity, verdict.operation) if part)
