"""`turnsignal status`: what an operator looks at first."""

from datetime import UTC, datetime
from time import sleep
from typing import TYPE_CHECKING, Annotated

import typer

from service.commands.processes import database_explained, opened, plain, settings, wrong_settings
from service.configuration import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from rich.console import Group
    from rich.table import Table

    from service.status import Cluster, Partition, Status
    from storage.engine import Engine


_REGISTRY_PATIENCE = 3.0  # seconds


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(status)


def status(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Again and again, until Ctrl-C.")] = False,
    seconds: Annotated[float, typer.Option(min=0.1, help="With --watch: between two looks.")] = 5.0,
) -> None:
    """Say how clusters, topics, reviews and queues stand, from the database and the brokers.

    Needs no running service. Exit 0 where all is well, 1 where something wants a person.

    Example: turnsignal status --watch
    """
    from rich.console import Console

    console = Console(markup=False)
    with opened() as engine, database_explained():
        look = _looker(engine)
        found = look()
        if as_json:
            _write(found)
        else:
            console.print(_page(found))
        while watch:
            sleep(seconds)
            found = look()
            if as_json:
                _write(found)
            else:
                console.clear()
                console.print(_page(found))
    raise typer.Exit(1 if found.attention else 0)


def _looker(engine: "Engine") -> "Callable[[], Status]":
    from consumers.formats import FormatError
    from service.kafka_clusters import clusters_of
    from service.mappings import registry_of
    from service.notification import notifier_config
    from service.status import gather

    chosen = settings()
    try:
        clusters, registry = clusters_of(chosen.kafka), registry_of(chosen, _REGISTRY_PATIENCE)
        channels = notifier_config(chosen).channels
    except SettingsError as error:
        raise wrong_settings(error) from None
    except FormatError as error:
        raise wrong_settings(SettingsError([str(error)])) from None

    def look() -> "Status":
        problem = registry.check() if registry is not None else None
        return gather(engine, clusters, chosen.review.clock, datetime.now(UTC), problem, channels)

    return look


def _write(found: "Status") -> None:
    import msgspec

    typer.echo(msgspec.json.encode(found).decode())


def _page(found: "Status") -> "Group":
    from rich.console import Group
    from rich.text import Text

    parts: list[Table | Text] = []
    for cluster in found.clusters:
        named = f"cluster {cluster.name} at " if cluster.name else "Kafka at "
        answers = "does not answer" if cluster.problem and not cluster.partitions else "answers"
        parts.append(Text(f"{named}{', '.join(cluster.bootstrap_servers)}: {answers}", style="bold"))
        if cluster.partitions:
            parts.append(_partitions(cluster))
    parts += [Text(line) for line in _queues(found)]
    style = "bold red" if found.attention else "green"
    parts += [Text(f"! {plain(words, 400)}", style=style) for words in found.attention]
    if not found.attention:
        parts.append(Text("nothing wants a person", style=style))
    return Group(*parts)


def _partitions(cluster: "Cluster") -> "Table":
    from rich.table import Table

    table = Table("topic", "partition", "next offset", "end", "lag", "behind", "", box=None)
    for topic, partitions in _by_topic(cluster.partitions).items():
        if all(one.lag == 0 and not one.paused and not one.records_lost for one in partitions):
            table.add_row(plain(topic), f"all {len(partitions)}", "", "", "0", "0 s", "")
            continue
        for one in partitions:
            _add(table, one)
    return table


def _by_topic(partitions: "Sequence[Partition]") -> "dict[str, list[Partition]]":
    found: dict[str, list[Partition]] = {}
    for one in partitions:
        found.setdefault(one.topic, []).append(one)
    return found


def _add(table: "Table", one: "Partition") -> None:
    numbers = [_number(number) for number in (one.next_offset, one.end_offset, one.lag)]
    behind = "?" if one.seconds_behind is None else f"{one.seconds_behind:,.0f} s"
    note = ", ".join(filter(None, ["paused" * one.paused, "records lost" * bool(one.records_lost)]))
    table.add_row(plain(one.topic), str(one.partition), *numbers, behind, note)


def _number(number: int | None) -> str:
    return "?" if number is None else f"{number:,}"


def _queues(found: "Status") -> "Iterator[str]":
    at = found.review_clock
    clock = f"up to {at:%Y-%m-%d %H:%M:%S} UTC" if at else "stand still"
    yield f"reviews       {clock}, {found.review_backlog:,} accounts wait"
    for one in found.paused:
        which = ":".join(filter(None, [one["cluster"], one["topic"] or "all topics"]))
        because = f" ({plain(one['reason'])})" if one["reason"] else ""
        since = f"{one['paused_at']:%Y-%m-%d %H:%M} UTC"
        yield f"paused        {which} since {since}{because}: no account is judged"
    yield f"dead letters  {_counts(found.dead_letters)}"
    yield f"outbox        {found.outbox_waiting:,} wait, {found.outbox_given_up:,} given up"
    silent = "" if found.channels else "; no channel is set, so nobody is told (docs/alerting.md)"
    yield f"deliveries    {_counts(found.deliveries_waiting)}; {found.deliveries_failed:,} failed{silent}"


def _counts(numbers: "Mapping[str, int]") -> str:
    return ", ".join(f"{number:,} {name}" for name, number in sorted(numbers.items())) or "none wait"
