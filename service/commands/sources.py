"""Where commands that look back get their events: files, or topics of the configured Kafka."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from service.commands.replay import read_events
from service.commands.times import moment

if TYPE_CHECKING:
    from accounts.replay import Replay

BEGINNING = "beginning"
TOPIC = typer.Option(help="Read this topic of the configured Kafka instead of files; may be repeated.")
START = typer.Option(
    "--from", metavar="START", help="Of topics: beginning, an offset, or a time (2024-01-31)."
)
ROLES = typer.Option("--roles", help="Your own reading of titles (docs/roles.md), before the built-in words.")
_EVERY = 20_000  # records between two looks at the progress


def read_story(files: Sequence[Path], topics: Sequence[str], start: str, *, skip_bad: bool) -> "Replay":
    """All events of the files and topics; what is none is counted aloud. Raises Failure."""
    from accounts.replay import Replay

    story = Replay()
    skipped = sum(read_events(path, story, skip_bad=skip_bad) for path in files)
    if topics:
        skipped += _read_topics(story, topics, start_of(start))
    if skipped:
        typer.echo(f"{skipped:,} lines or records that are no events were passed over", err=True)
    return story


def _read_topics(story: "Replay", topics: Sequence[str], start: int | datetime | None) -> int:
    """Add the topics' events; returns how many records were none."""
    from rich.console import Console
    from rich.progress import Progress

    from accounts.events import UnknownType, Unreadable, decode
    from service.commands.processes import kafka_cluster
    from service.topics import bodies

    skipped, console = 0, Console(stderr=True)
    cluster = kafka_cluster()
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(", ".join(topics), total=None)
        for number, body in enumerate(bodies(cluster, topics, start), start=1):
            try:
                story.add(decode(body))
            except (UnknownType, Unreadable):
                skipped += 1
            if number % _EVERY == 0:
                progress.update(task, completed=number)
    return skipped


def start_of(text: str) -> int | datetime | None:
    """Where to begin: None is the beginning."""
    if text == BEGINNING:
        return None
    return int(text) if text.isdigit() else moment(text)
