"""`turnsignal topics`: what is on a broker."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.commands.offsets import Cluster
from service.commands.processes import kafka_cluster, plain, settings

if TYPE_CHECKING:
    from consumers.mapping.mappings import Mappings
    from service.settings import Settings
    from service.topic_overview import Overview

_MOST_KINDS = 6  # in a cell of the table
_LONG = 100_000
_WIDE = 110  # columns from which there is room for when records were written
_LONGEST_TOPIC = 34  # that is kept in one line
_NARROWEST = 12
_OTHERS = 52  # columns that the rest of the table wants
_SURE = 0.995


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(topics)


def topics(
    pattern: Annotated[
        list[str] | None,
        typer.Argument(help="Names, or patterns as in kafka.topics (crm.*, ^erp[.]); else every topic."),
    ] = None,
    cluster: Cluster = "",
    limit: Annotated[
        int, typer.Option(min=3, max=10_000, help="Records of each topic that are looked at, at most.")
    ] = 90,
    samples: Annotated[
        bool, typer.Option("--samples", help="Show some documents, with what may be personal masked.")
    ] = False,
    unmasked: Annotated[
        bool, typer.Option("--unmasked", help="Show them as they are: names, addresses, texts of people.")
    ] = False,
    internal: Annotated[
        bool,
        typer.Option("--internal", help="Also what Kafka, Connect, registries keep for themselves."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One object a line.")] = False,
) -> None:
    """List the topics of a broker: how much is in them, since when, in which format, and what reads it.

    Looks at records from start, middle and end of each partition. Nothing is committed or written.

    Example: turnsignal topics "crm.*" --samples
    """
    from service.mappings import format_maker
    from service.topic_overview import overviews

    chosen = settings()
    config = kafka_cluster(cluster)
    if unmasked:
        typer.echo("names, addresses and texts of people are shown as they are", err=True)
    with progress() as (begin, done):
        found = overviews(
            config,
            pattern or (),
            limit,
            format_maker(chosen),
            _mappings(chosen),
            internal=internal,
            begin=begin,
            done=done,
        )
        several = []
        for each in found:
            if as_json:
                _tell(each, cluster, samples=samples or unmasked, masked=not unmasked)
            else:
                several.append(each)
    if not as_json:
        show(several, samples=samples or unmasked, masked=not unmasked)


def _mappings(chosen: "Settings") -> "Mappings | None":
    from service.configuration import SettingsError
    from service.mappings import mappings_of

    try:
        return mappings_of(chosen)
    except SettingsError as error:
        count = len(error.problems)
        typer.echo(f"the mappings are wrong in {count} places; see turnsignal mapping check", err=True)
        return None


@contextmanager
def progress() -> Iterator[Any]:
    """What is called with the number of topics, and with each that is done."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("topics", total=None)
        yield (
            lambda count: progress.update(task, total=count),
            lambda topic: progress.update(task, advance=1, description=topic),
        )


def show(found: "Sequence[Overview]", *, samples: bool, masked: bool) -> None:
    """Print the table, and below it the samples."""
    from rich.console import Console
    from rich.table import Table

    from service.topic_samples import show_samples

    console = Console(markup=False, highlight=False)
    wide = console.width >= _WIDE
    longest = max((len(each.surveyed.topic) for each in found), default=0)
    # Not a least width: rich adds that to a table which fills the screen, and cuts what stands on the right.
    width = min(longest, _LONGEST_TOPIC, max(_NARROWEST, console.width - _OTHERS))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("topic", overflow="fold", width=max(width, len("topic")))
    table.add_column("records", justify="right")
    if wide:
        table.add_column("written", no_wrap=True)
    table.add_column("holds", overflow="fold")
    table.add_column("read by", overflow="fold")
    for each in found:
        period = [_period(each)] if wide else []
        table.add_row(*map(_cell, (each.surveyed.topic, _count(each), *period, _holds(each), _readers(each))))
    if found:
        console.print(table)
    if samples:
        for each in found:
            show_samples(console, each, masked=masked)
    unread = sum(1 for each in found if each.surveyed.problem)
    more = f", {unread} of them cannot be read" if unread else ""
    typer.echo(f"{len(found)} topic{'s' * (len(found) != 1)}{more}", err=True)


def _cell(text: str) -> str:
    return "\n".join(plain(line, _LONG) for line in text.split("\n"))


def _count(each: "Overview") -> str:
    return "" if each.surveyed.problem else f"{each.surveyed.records:,}"


def _period(each: "Overview") -> str:
    from service.topic_overview import moment

    first, last = moment(each.surveyed.oldest), moment(each.surveyed.newest)
    return first if first == last else f"{first} to {last}"


def _holds(each: "Overview") -> str:
    guess = each.guess
    if guess.format is None:
        known = f"unknown, {guess.encoding}" if guess.encoding not in {"none", "unknown"} else "unknown"
        return guess.why if each.surveyed.problem else f"{known}: {guess.why}"
    named = "plain documents" if guess.format == "json" else guess.format
    as_ = f" in {guess.encoding}" if guess.encoding != "json" else ""
    keys = ", no keys" if guess.keys == "none" else ""
    like = each.looks_like
    kinds = [f"{name} ({like[name]}?)" if name in like else name for name, _ in each.holds]
    if len(each.holds) == 1 and each.surveyed.topic.endswith(each.holds[0][0]):
        kinds = []  # the topic has its name
    if not kinds:
        kinds = [f"{kind}?" for kind in like.values()]
    told = ", ".join(kinds[:_MOST_KINDS]) + (" …" if len(kinds) > _MOST_KINDS else "")
    sure = "" if guess.confidence >= _SURE else f", {guess.confidence:.0%} sure"
    return f"{named}{as_}{sure}{keys}" + (f": {told}" if told else "")


def _readers(each: "Overview") -> str:
    from service.topic_overview import short_place

    how = short_place(each.mapping) if each.mapping is not None else "canonical events"
    if each.consumed:
        told = f"consumed: {how}"
    else:
        told = "nobody" if each.mapping is None else f"nobody, though mapped: {how}"
    if each.fit is None or each.mapping is not None:
        return told
    return f"{told}\nready: {each.fit.name}" if each.consumed else f"ready: {each.fit.name}"


def _tell(each: "Overview", cluster: str, *, samples: bool, masked: bool) -> None:
    from service.topic_samples import samples_told

    surveyed, guess = each.surveyed, each.guess
    told: dict[str, Any] = {
        "topic": surveyed.topic,
        "cluster": cluster,
        "partitions": surveyed.partitions,
        "records": surveyed.records,
        "oldest": _written(surveyed.oldest),
        "newest": _written(surveyed.newest),
        "format": guess.format,
        "encoding": guess.encoding,
        "options": dict(guess.options),
        "keys": guess.keys,
        "confidence": round(guess.confidence, 2),
        "why": guess.why or None,
        "entities": dict(each.holds),
        "looks_like": each.looks_like,
        "ready": each.fit.name if each.fit else None,
        "consumed": each.consumed,
        "mapping": each.mapping,
        "problem": surveyed.problem or None,
    }
    if samples:
        told |= samples_told(each, masked=masked)
    typer.echo(_escaped(json.dumps(told, ensure_ascii=False)))


def _written(millis: int | None) -> str | None:
    from datetime import UTC, datetime

    if millis is None or millis < 0:
        return None
    return datetime.fromtimestamp(millis / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _escaped(text: str) -> str:
    """JSON without what would move a terminal's cursor."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)
