"""`turnsignal reprocess`: the consumed records read again, by the mapping as it is now."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.commands.processes import database_ready, logging, settings, wrong_settings
from service.commands.sources import BEGINNING, START, start_of
from service.failures import Failure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consumers.mapping.mappings import Mappings
    from consumers.membership import KafkaConfig
    from service.ranges import Start
    from storage.engine import Connection, Engine
    from storage.reprocessing import Range, Reprocessed


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(reprocess)


def reprocess(
    start: Annotated[str, START] = BEGINNING,
    topic: Annotated[
        list[str] | None, typer.Option(help="Only this topic; may be repeated. Else all mapped ones.")
    ] = None,
    running: Annotated[
        bool, typer.Option("--running", help="Consumers run, and have the present mapping already.")
    ] = False,
) -> None:
    """Read what has been consumed again, by the mapping as it is now.

    Afterwards the state is what it would be had the mapping been so from the start: what the records make now
    replaces what they made, and what they no longer make is taken away. Accounts are judged anew where their
    events have changed; of their alerts only what is different is told. All of it happens in one transaction:
    broken off, nothing has changed.

    Example: turnsignal reprocess --from 2026-01-01 --topic salesforce.tasks
    """
    from consumers.formats import SourceAway
    from service.assembly import kafka_config
    from service.configuration import SettingsError
    from service.mappings import mappings_of
    from storage.engine import create_engine

    chosen = settings()
    logging(chosen)
    database_ready(chosen)
    try:
        mappings = mappings_of(chosen)
    except SettingsError as error:
        raise wrong_settings(error) from None
    config = kafka_config(chosen)
    if not running:
        _no_members(config)
    engine = create_engine(chosen.database.url.get_secret_value())
    try:
        done, records = _reprocessed(engine, config, mappings, topic, start_of(start))
    except SourceAway as error:
        raise Failure(f"{error}; nothing has been changed", 1) from None
    finally:
        engine.dispose()
    typer.echo(
        f"{records:,} records read again: {done.replaced:,} events new or changed,"
        f" {done.removed:,} taken away, {done.accounts:,} accounts to be judged anew,"
        f" {len(done.letters):,} records make no event"
    )


def _no_members(config: "KafkaConfig") -> None:
    from service.ranges import members_of

    if count := members_of(config):
        raise Failure(
            f"{count} consumers of group {config.group_id} are running, perhaps by an earlier mapping. Stop"
            " them first; or start them again with the present one and give --running",
            2,
        )


def _reprocessed(
    engine: "Engine",
    config: "KafkaConfig",
    mappings: "Mappings | None",
    topics: "Sequence[str] | None",
    start: "Start",
) -> "tuple[Reprocessed, int]":
    from consumers.mapping.mappings import Mappings
    from service.ranges import begun, reader, runs
    from storage.engine import transaction
    from storage.reprocessing import Reprocessing

    mapper = mappings or Mappings([])
    with reader(config) as consumer, transaction(engine) as connection:
        ranges = begun(consumer, _consumed(connection, mapper, topics), start)
        work = Reprocessing(connection)
        records = _take(work, mapper, runs(consumer, ranges), sum(each.end - each.start for each in ranges))
        return work.finish(ranges, mapper.mapped(_nothing()), datetime.now(UTC)), records


def _consumed(
    connection: "Connection", mappings: "Mappings", topics: "Sequence[str] | None"
) -> "list[Range]":
    """What has been consumed of the topics named, else of those that a mapping is or was for."""
    from storage import reprocessing

    consumed = reprocessing.consumed(connection, topics)
    if topics is None:
        before = reprocessing.mapped_topics(connection)
        return [each for each in consumed if each.topic in before or mappings.of(each.topic) is not None]
    for topic in topics:
        if not any(each.topic == topic for each in consumed):
            raise Failure(f"nothing of topic {topic!r} has been consumed", 2)
    return consumed


def _take(work: Any, mappings: "Mappings", records: Any, total: int) -> int:
    from rich.console import Console
    from rich.progress import Progress

    from consumers.records import read

    count, console = 0, Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("reprocessing", total=total)
        for run in records:
            said = read(run, mappings)
            work.take(said.events, said.drafts, said.references, said.dead_letters)
            count += len(run)
            progress.update(task, advance=len(run))
    return count


def _nothing() -> Any:
    from consumers.records import read

    return read([])
