"""`turnsignal outbox`: alerts that the webhook has not accepted."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from service.commands.processes import HIGHEST, opened, plain
from service.failures import Failure

if TYPE_CHECKING:
    from storage.engine import Engine
    from storage.outbox import GivenUp

_BATCH = 500


def register(app: typer.Typer) -> None:
    """Add the commands."""
    outbox = typer.Typer(
        no_args_is_help=True, help="Alerts that the webhook refused for good, and a second chance for them."
    )
    outbox.command(name="list")(listing)
    outbox.command()(retry)
    app.add_typer(outbox, name="outbox")


def listing(limit: Annotated[int, typer.Option(min=1, max=HIGHEST, help="At most this many.")] = 100) -> None:
    """List alerts that were given up on their way to the webhook: number, alert, size, and its answer.

    "overtaken" says that a later message of the same alert was accepted: nothing is missing.

    Example: turnsignal outbox list
    """
    from rich.console import Console
    from rich.table import Table

    from storage import outbox
    from storage.engine import reading

    with opened() as engine, reading(engine) as connection:
        found = outbox.given_up(connection, limit=limit)
    table = Table("number", "alert", "account", "kind", "bytes", "decided", "attempts", "reason", box=None)
    for one in found:
        alert = json.loads(one.body)
        reason = ("overtaken; " if one.overtaken else "") + plain(one.last_error or "")
        decided = f"{one.created_at:%Y-%m-%d %H:%M}"
        words = (one.alert_id, plain(alert["account_id"], 40), alert["kind"], f"{len(one.body.encode()):,}")
        table.add_row(str(one.id), *words, decided, str(one.attempts), reason)
    if found:
        Console(markup=False).print(table)
    typer.echo(f"{len(found)} alerts given up", err=True)


def retry(
    numbers: Annotated[
        list[int] | None, typer.Argument(min=1, max=HIGHEST, help="Their numbers in the list.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that were given up.")] = False,
) -> None:
    """Post alerts that were given up again, as after the webhook was away for more than a day.

    A running `consume` (or `run`) posts them. An alert of which a later message was accepted is passed over:
    its older state must not come back. Exit 1 where a number is none in the list.

    Example: turnsignal outbox retry --all
    """
    if bool(numbers) == everything:
        raise Failure("name alerts by number or give --all", 2)
    with opened() as engine:
        found = _reopened(engine, numbers or None)
    overtaken = sum(one.overtaken for one in found)
    missing = sorted(set(numbers or ()) - {one.id for one in found})
    for number in missing:
        typer.echo(f"{number}: no alert of this number was given up", err=True)
    typer.echo(f"{len(found) - overtaken} tried again, {overtaken} overtaken by later messages")
    if missing:
        raise typer.Exit(1)


def _reopened(engine: "Engine", numbers: list[int] | None) -> "list[GivenUp]":
    from storage import outbox
    from storage.engine import transaction

    everything: list[GivenUp] = []
    now, after = datetime.now(UTC), 0
    while True:
        with transaction(engine) as connection:
            found = outbox.given_up(connection, ids=numbers, after=after, limit=_BATCH)
            outbox.reopen(connection, [one.id for one in found if not one.overtaken], now)
        if not found:
            return everything
        everything += found
        after = found[-1].id
