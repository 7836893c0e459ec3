"""`turnsignal offsets`: where consumption stands, and where it is to go on."""

from typing import TYPE_CHECKING, Annotated

import typer

from service.commands.processes import kafka_cluster, opened
from service.commands.times import moment
from service.failures import Failure

if TYPE_CHECKING:
    from service.offsets import Target
    from storage.partitions import Progress

Topic = Annotated[str, typer.Option(help="Its name.")]
Cluster = Annotated[str, typer.Option(help="One of kafka.clusters by its name; else the one without a name.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    offsets = typer.Typer(no_args_is_help=True, help="Where consumption stands, and where it is to go on.")
    offsets.command()(show)
    offsets.command(name="set")(put)
    offsets.command(name="acknowledge-loss")(acknowledge_loss)
    app.add_typer(offsets, name="offsets")


def show(
    topic: Annotated[str | None, typer.Option(help="Only this one.")] = None,
    cluster: Annotated[str | None, typer.Option(help="Only this one of kafka.clusters.")] = None,
) -> None:
    """List the stored offset of each partition, as the database has it; `turnsignal status` adds the lag.

    Example: turnsignal offsets show --topic crm.events
    """
    from rich.console import Console

    from storage import partitions
    from storage.engine import reading

    with opened() as engine, reading(engine) as connection:
        rows = [
            row
            for row in partitions.progress(connection)
            if topic in {None, row.topic} and cluster in {None, row.cluster}
        ]
    if rows:
        Console(markup=False).print(_table(rows))
    typer.echo(f"{len(rows)} partitions", err=True)


def _table(rows: "list[Progress]") -> object:
    from rich.table import Table

    table = Table("cluster", "topic", "partition", "next offset", "consumed up to", "lost", box=None)
    for row in rows:
        until = f"{row.moment:%Y-%m-%d %H:%M:%S}" if row.moment else "nothing yet"
        place = (row.cluster, row.topic, str(row.partition))
        table.add_row(*place, str(row.next_offset), until, str(row.records_lost or ""))
    return table


def put(
    topic: Topic,
    to: Annotated[str, typer.Option(help="earliest, latest, a time (2026-03-31), or an offset.")],
    partition: Annotated[int | None, typer.Option(min=0, help="Only this one of its partitions.")] = None,
    cluster: Cluster = "",
) -> None:
    """Let consumption of a topic go on from somewhere else; refused while a member of the group is active.

    What is read again does no harm: each event counts once. What is passed over is not consumed.

    Example: turnsignal offsets set --topic crm.events --to 2026-01-01
    """
    from service.offsets import put as put_offsets

    with opened() as engine:
        chosen = put_offsets(engine, kafka_cluster(cluster), topic, _target(to), partition)
    for number, offset in sorted(chosen.items()):
        typer.echo(f"{topic}[{number}] goes on at {offset}")


def _target(text: str) -> "Target":
    match text:
        case "earliest":
            return "earliest"
        case "latest":
            return "latest"
    return int(text) if text.isdecimal() else moment(text)


def acknowledge_loss(topic: Topic, cluster: Cluster = "") -> None:
    """Say that you know which records of a topic retention took; `turnsignal status` warns no more.

    Example: turnsignal offsets acknowledge-loss --topic crm.events
    """
    from storage import partitions
    from storage.engine import transaction

    with opened() as engine, transaction(engine) as connection:
        lost = partitions.acknowledge_loss(connection, cluster, topic)
    if not lost:
        raise Failure(f"no records of {topic!r} were lost that nobody has acknowledged")
    typer.echo(f"{topic}: {lost:,} lost records acknowledged")
