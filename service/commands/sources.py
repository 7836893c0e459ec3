"""Where commands that look back get their events: files, topics of the configured Kafka, or the database."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import typer

from service.commands.processes import kafka_cluster, opened, plain, settings, wrong_settings
from service.commands.replay import read_events
from service.commands.times import moment
from service.failures import Failure

if TYPE_CHECKING:
    from collections import Counter

    from accounts.events import CanonicalEvent
    from accounts.replay import Replay
    from consumers.mapping.mappings import Mappings
    from service.past import Source, Tally

BEGINNING = "beginning"
TOPIC = typer.Option(
    help="Read this topic of the configured Kafka, as the consumer does, by its mapping; may be repeated, "
    "and be a pattern. CLUSTER:TOPIC is one of another cluster."
)
START = typer.Option(
    "--from", metavar="START", help="Of topics: beginning, an offset, or a time (2024-01-31)."
)
MAPPING = typer.Option(
    "--mapping", metavar="FILE", help="Of topics: this mapping file, in place of those of the settings."
)
ROLES = typer.Option("--roles", help="Your own reading of titles (docs/roles.md), before the built-in words.")
_SHOWN_REASONS = 8
_DETAIL = 300


class Topics(NamedTuple):
    """Topics to look back on, as the command line names them."""

    named: Sequence[str]
    cluster: str = ""
    start: str = BEGINNING
    mapping: Sequence[str] = ()  # files, in place of those of the settings


def read_story(
    files: Sequence[Path], topics: Topics | None = None, *, database: bool = False, skip_bad: bool = False
) -> "Replay":
    """All events of the files, topics or the database; what is none is counted aloud. Raises Failure."""
    return read_past(files, topics, database=database, skip_bad=skip_bad)[0]


def read_past(
    files: Sequence[Path], topics: Topics | None = None, *, database: bool = False, skip_bad: bool = False
) -> "tuple[Replay, Tally]":
    """The same, with what became no event, as far as it is known."""
    from accounts.replay import Replay
    from service.past import Tally

    story, tally = Replay(), Tally()
    for path in files:
        if skipped := read_events(path, story, skip_bad=skip_bad):
            tally.letters[str(path), "unreadable"] += skipped
    if tally.letters:
        typer.echo(f"{tally.letters.total():,} lines that are no events were passed over", err=True)
    if topics and topics.named:
        tally = read_topics(topics, story.add)
        say_of(tally, story.events, len(story.accounts), story.repeated)
        if not story.events:
            raise nothing_of(tally, topics)
    if database:
        _read_database(story, tally)
    return story, tally


def _read_database(story: "Replay", tally: "Tally") -> None:
    """Add every event that has been consumed, and count the dead letters."""
    from accounts.events import decode_accepted
    from storage import reviews
    from storage import unmade as left
    from storage.engine import reading

    with opened() as engine, reading(engine) as connection:
        for body in reviews.all_bodies(connection):
            story.add(decode_accepted(body))
        for letters in left.letters(connection):
            tally.letters[letters.topic, letters.reason] += letters.number
            tally.examples[letters.topic, letters.reason] = letters.first
    if not story.events:
        raise Failure("the database has no events yet: consume some, or name files or topics", 2)


def read_topics(topics: Topics, add: "Callable[[CanonicalEvent], None]") -> "Tally":
    """Add what the topics' records amount to; returns what became of the others. Raises Failure."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from consumers.formats import SourceAway
    from service.past import past_of

    console, sources = Console(stderr=True), sources_of(topics.named, topics.cluster)
    mappings = _mappings(topics.mapping)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("reading topics", total=None)

        def tell(step: str, done: int, total: int) -> None:
            progress.update(task, description=step, completed=done, total=total)

        try:
            return past_of(sources, start_of(topics.start), mappings, add, tell)
        except SourceAway as error:
            raise Failure(str(error), 1) from None


def _mappings(files: Sequence[str]) -> "Mappings | None":
    from service.configuration import SettingsError
    from service.mappings import mappings_of

    try:
        return mappings_of(settings(), files)
    except SettingsError as error:
        raise wrong_settings(error) from None


def mappings_needed(files: Sequence[str]) -> "Mappings":
    """The mappings of these files, or of the settings; raises Failure where there are none."""
    found = _mappings(files)
    if found is None:
        raise Failure("there is no mapping; name files, or set mapping.files", 2)
    return found


def cluster_name(cluster: str) -> str:
    """A cluster, in words."""
    return f"cluster {cluster}" if cluster else "[kafka] itself"


def sources_of(topics: Sequence[str], cluster: str) -> "list[Source]":
    """The topics of each cluster: of `cluster`, or of the one that is named before a colon."""
    from service.past import Source

    found: dict[str, list[str]] = {}
    for topic in topics:
        name, colon, rest = topic.partition(":")  # no topic's name has a colon in it
        elsewhere = bool(colon) and not topic.startswith("^")
        found.setdefault(name if elsewhere else cluster, []).append(rest if elsewhere else topic)
    return [Source(kafka_cluster(name), named) for name, named in found.items()]


def say_of(tally: "Tally", events: int, accounts: int, repeated: int) -> None:
    """Say what was read, and what became nothing of it and why, on standard error."""
    again = f", {repeated:,} told again" if repeated else ""
    said = [f"{tally.records:,} records read: {events:,} events of {accounts:,} accounts{again}"]
    if tally.letters:
        said.append(f"{tally.letters.total():,} could not be read or mapped, and would be dead letters:")
        for (topic, reason), number in tally.letters.most_common(_SHOWN_REASONS):
            example = plain(tally.examples[topic, reason], _DETAIL)
            said.append(f"  {number:,} {reason} of {topic}, the first: {example}")
        said += _more(tally.letters)
        if tally.canonical:
            named = ", ".join(sorted(tally.canonical))
            said.append(f"  no mapping names {named}: read as canonical events (docs/connecting.md)")
    if tally.ignored:
        said.append("left aside, since no rule took them:")
        for (topic, reason), number in tally.ignored.most_common(_SHOWN_REASONS):
            said.append(f"  {number:,} of {topic}: {reason}")
        said += _more(tally.ignored)
    if tally.waiting:
        said.append(f"events that nobody can make yet, for want of reference data: {_listed(tally.waiting)}")
    if never := tally.never_told:
        told = ", ".join(f"{kind} (asked for by {number:,} events)" for kind, number in never.items())
        said.append(f"no record read tells of any {told}: is there a topic that does?")
    typer.echo("\n".join(said), err=True)


def _more(counted: "Counter[tuple[str, str]]") -> list[str]:
    more = sum(number for _, number in counted.most_common()[_SHOWN_REASONS:])
    return [f"  {more:,} of other topics and reasons"] if more else []


def _listed(counted: "Counter[str]") -> str:
    return ", ".join(f"{number:,} ({kind})" for kind, number in counted.most_common())


def nothing_of(tally: "Tally", topics: Topics) -> Failure:
    """Why there is nothing to look back on."""
    if not tally.records:
        return Failure("the topics hold no records from there on", 2)
    if not (topics.mapping or settings().mapping.files):
        words = "none of the records is a canonical event, and there is no mapping that says what they mean"
        return Failure(f"{words}: set mapping.files, or name one with --mapping (docs/connecting.md)", 2)
    named = " ".join(f"--topic {topic}" for topic in topics.named)
    if topics.cluster:
        named += f" --cluster {topics.cluster}"
    return Failure(f"none of the records became an event; `turnsignal mapping test {named}` says why", 2)


def start_of(text: str) -> int | datetime | None:
    """Where to begin: None is the beginning."""
    if text == BEGINNING:
        return None
    return int(text) if text.isdigit() else moment(text)
