"""`turnsignal import`: history from files into Kafka."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.commands.processes import plain, settings, wrong_settings
from service.configuration import SettingsError
from service.failures import Failure

if TYPE_CHECKING:
    from consumers.event_writer import EventWriter
    from service.importing import BadLine, Progress

_MOST_TOLD = 20  # bad lines of a file


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="import")(import_files)


def import_files(
    files: Annotated[list[Path], typer.Argument(help="JSON Lines of canonical events, or .csv.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and judge, and write nothing.")] = False,
    again: Annotated[
        bool, typer.Option("--again", help="From the first line, whatever was imported before.")
    ] = False,
    event_time: Annotated[
        bool,
        typer.Option("--event-time", help="Stamp records with the events' own times (review.clock=records)."),
    ] = False,
) -> None:
    """Write files of events into Kafka; after an interruption the same command goes on where it stopped.

    A CSV file has a column for each field, named by its path: type, source, id, subject, time, data.channel,
    data.participants[0].id and so on; an empty cell says nothing. Anything else wants a mapping, or a script
    that writes JSON Lines. How far a file has come is kept beside it, in FILE.turnsignal-import.

    Exit 1 where lines were no events (they are named, and passed over), 3 where Kafka did not take them.

    Example: turnsignal import --dry-run history.jsonl && turnsignal import history.jsonl
    """
    bad = 0
    writer = None if dry_run else _writer()
    try:
        for path in files:
            bad += _import(path, writer, again=again, event_time=event_time)
    finally:
        if writer is not None:
            writer.close()
    if bad:
        raise typer.Exit(1)


def _writer() -> "EventWriter":
    from service.kafka_clusters import writer_of
    from service.mappings import mapped_writes, mappings_of

    chosen = settings()
    try:
        return writer_of(chosen.kafka, mapped_writes(chosen.kafka, mappings_of(chosen)))
    except SettingsError as error:
        raise wrong_settings(error) from None


def _import(path: Path, writer: "EventWriter | None", *, again: bool, event_time: bool) -> int:
    """Import one file; returns how many of its lines were no events."""
    import csv

    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    from consumers.record_writer import NotWrittenError
    from service.importing import Importer

    console, told = Console(stderr=True, markup=False, highlight=False), 0

    def tell(line: "BadLine") -> None:
        nonlocal told
        told += 1
        if told <= _MOST_TOLD:
            console.print(f"{path}:{line.number}: {plain(line.reason, 300)}")

    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn()
    try:
        with Bar(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
            task = bar.add_task(path.name, total=path.stat().st_size)
            importer = Importer(
                writer,
                event_time=event_time,
                on_progress=lambda offset: bar.update(task, completed=offset),
                on_bad=tell,
            )
            progress = importer.run(path, again=again)
    except NotWrittenError as error:
        raise Failure(f"{error}\n  run the same command again: it goes on where it stopped", 3) from None
    except OSError as error:
        raise Failure(f"{error.filename or path}: {error.strerror}", 2) from None
    except (ValueError, csv.Error) as error:
        raise Failure(f"{path}: {error}", 2) from None
    if told > _MOST_TOLD:
        console.print(f"{path}: and {told - _MOST_TOLD:,} more lines that are no events")
    _sum_up(path, progress, dry_run=writer is None)
    return progress.bad


def _sum_up(path: Path, progress: "Progress", *, dry_run: bool) -> None:
    verb = "would be written" if dry_run else "written"
    ignored = f", {progress.ignored:,} of types that nobody reads" if progress.ignored else ""
    bad = f", {progress.bad:,} lines that are no events" if progress.bad else ""
    typer.echo(f"{path}: {progress.written:,} events {verb}{ignored}{bad}")
