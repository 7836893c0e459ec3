"""`turnsignal reprocess`: the consumed records read again, by the mapping as it is now."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.commands.processes import database_ready, logging, settings, wrong_settings
from service.commands.sources import BEGINNING, START, start_of
from service.failures import Failure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consumers.kafka_config import KafkaConfig
    from consumers.mapping.mappings import Mappings
    from service.ranges import Start
    from storage.engine import Connection, Engine
    from storage.ranges import Range
    from storage.reprocessing import Reprocessed, Reprocessing


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
    from service.configuration import SettingsError
    from service.kafka_clusters import clusters_of
    from service.mappings import mappings_of
    from storage.engine import create_engine

    chosen = settings()
    logging(chosen)
    database_ready(chosen)
    try:
        mappings, clusters = mappings_of(chosen), clusters_of(chosen.kafka)
    except SettingsError as error:
        raise wrong_settings(error) from None
    if not running:
        for cluster in clusters:
            _no_members(cluster)
    engine = create_engine(chosen.database.url.get_secret_value())
    try:
        done, records = _reprocessed(engine, clusters, mappings, topic, start_of(start))
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
    from kafka.errors import KafkaError

    from consumers.kafka_errors import NoKafkaError, in_words
    from service.members import hosts_of

    try:
        hosts = hosts_of(config)
    except NoKafkaError as error:
        raise Failure(str(error), 1) from None
    except KafkaError as error:
        raise Failure(in_words(error, config), 1) from None
    if hosts:
        raise Failure(
            f"{len(hosts)} consumers of group {config.group_id} are running, perhaps by an earlier mapping"
            f" (on {', '.join(sorted(set(hosts)))}). Stop them first; or start them again with the present"
            " one and give --running",
            2,
        )


def _reprocessed(
    engine: "Engine",
    clusters: "Sequence[KafkaConfig]",
    mappings: "Mappings | None",
    topics: "Sequence[str] | None",
    start: "Start",
) -> "tuple[Reprocessed, int]":
    from consumers.mapping.mappings import Mappings
    from storage.engine import transaction
    from storage.reprocessing import Reprocessing

    mapper = mappings or Mappings([])
    with transaction(engine) as connection:
        consumed = _consumed(connection, [each.cluster for each in clusters], mapper, topics)
        work = Reprocessing(connection)
        ranges: list[Range] = []
        records = 0
        for cluster in clusters:
            its = [each for each in consumed if each.cluster == cluster.cluster]
            if its:
                read_again, count = _take(work, mapper, cluster, its, start)
                ranges += read_again
                records += count
        return work.finish(ranges, mapper.mapped(_nothing()), datetime.now(UTC)), records


def _consumed(
    connection: "Connection", clusters: "Sequence[str]", mappings: "Mappings", topics: "Sequence[str] | None"
) -> "list[Range]":
    """What has been consumed of the topics named, else of those that a mapping is or was for."""
    from storage import ranges

    consumed = ranges.consumed(connection, clusters, topics)
    if topics is None:
        before = ranges.mapped_topics(connection)
        return [
            each
            for each in consumed
            if (each.cluster, each.topic) in before or mappings.of(each.topic, each.cluster) is not None
        ]
    for topic in topics:
        if not any(each.topic == topic for each in consumed):
            raise Failure(f"nothing of topic {topic!r} has been consumed", 2)
    return consumed


def _take(
    work: "Reprocessing",
    mappings: "Mappings",
    cluster: "KafkaConfig",
    consumed: "list[Range]",
    start: "Start",
) -> "tuple[list[Range], int]":
    """Read a cluster's records again: what was read of what was consumed, and how many records it was."""
    from rich.console import Console
    from rich.progress import Progress

    from consumers.records import read
    from service.ranges import begun, reader, runs

    count, console = 0, Console(stderr=True)
    with (
        reader(cluster) as consumer,
        Progress(console=console, transient=True, disable=not console.is_terminal) as progress,
    ):
        ranges = begun(consumer, consumed, start)
        name = f"reprocessing {cluster.cluster}".rstrip()
        task = progress.add_task(name, total=sum(each.end - each.start for each in ranges))
        for run in runs(consumer, ranges):
            said = read(run, mappings)
            work.take(said.events, said.drafts, said.references, said.dead_letters)
            count += len(run)
            progress.update(task, advance=len(run))
    return ranges, count


def _nothing() -> Any:
    from consumers.records import read

    return read([])
