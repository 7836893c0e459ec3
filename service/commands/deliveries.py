"""`turnsignal deliveries`: messages to people that could not be delivered."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from service.commands.processes import HIGHEST, opened, plain
from service.failures import Failure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from storage.deliveries import Failed

_Channel = Annotated[str | None, typer.Option(help="Only those of this channel: slack or email.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    deliveries = typer.Typer(
        no_args_is_help=True, help="Messages to people that were given up, and a second chance for them."
    )
    deliveries.command(name="list")(listing)
    deliveries.command()(retry)
    app.add_typer(deliveries, name="deliveries")


def listing(
    channel: _Channel = None,
    limit: Annotated[int, typer.Option(min=1, max=HIGHEST, help="At most this many.")] = 100,
) -> None:
    """List failed deliveries: id, channel, receiver, account, when they were given up, and why.

    Example: turnsignal deliveries list --channel email
    """
    from rich.console import Console

    from storage import deliveries
    from storage.engine import reading

    with opened() as engine, reading(engine) as connection:
        found = deliveries.failed(connection, channel=_known(channel), limit=limit)
    if found:
        Console(markup=False).print(_table(found))
    typer.echo(f"{len(found)} failed deliveries", err=True)


def retry(
    ids: Annotated[list[str] | None, typer.Argument(help="Their ids in the list.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that have failed.")] = False,
    channel: Annotated[
        str | None, typer.Option(help="With --all: only those of this channel: slack or email.")
    ] = None,
) -> None:
    """Try failed deliveries again, as after a wrong password: at once, then on the usual schedule.

    A running `notify` (or `run`) sends them. An alert that was retracted meanwhile is not sent.
    Exit 1 where an id is none of a failed delivery.

    Example: turnsignal deliveries retry --all --channel slack
    """
    from alerts.second_chance import retry as open_again

    if bool(ids) == everything or (channel is not None and not everything):
        raise Failure("name deliveries by id or give --all; --channel goes with --all", 2)
    with opened() as engine:
        done = open_again(engine, datetime.now(UTC), ids=ids or None, channel=_known(channel))
    missing = sorted(set(ids or ()) - set(done))
    for one in missing:
        typer.echo(f"{plain(one)}: there is no failed delivery of this id", err=True)
    typer.echo(f"{len(done)} tried again")
    if missing:
        raise typer.Exit(1)


def _known(channel: str | None) -> str | None:
    from alerts.config import CHANNELS

    if channel is not None and channel not in CHANNELS:
        raise Failure(f"--channel {plain(channel)}: there are {' and '.join(CHANNELS)}", 2)
    return channel


def _table(found: "Sequence[Failed]") -> "Table":
    from rich.table import Table

    table = Table(
        "id", "channel", "receiver", "account", "notice", "attempts", "given up", "reason", box=None
    )
    for one in found:
        account = plain(str(one.body.get("account_id", "")), 40)
        given_up = f"{one.finished_at:%Y-%m-%d %H:%M}"
        words = (plain(one.receiver, 60), account, one.notice, str(one.attempts), given_up)
        table.add_row(one.delivery_id, one.channel, *words, plain(one.last_error))
    return table
