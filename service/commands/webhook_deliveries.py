"""`turnsignal webhooks deliveries`, `replay` and `test`: what was posted to an endpoint, and again."""

from datetime import UTC, datetime
from time import monotonic, sleep
from typing import TYPE_CHECKING, Annotated

import typer

from service.commands.endpoint_failures import explained
from service.commands.processes import HIGHEST, opened, plain
from service.commands.times import moment
from service.failures import Failure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from storage.engine import Engine
    from storage.webhook_log import Posted

_Id = Annotated[str, typer.Argument(metavar="ENDPOINT", help="Its id in `turnsignal webhooks list`.")]
_STATUSES = ("pending", "delivered", "failed", "suppressed")
_PIPED_WIDTH = 200
_LOOK_SECONDS = 0.2


def register(webhooks: typer.Typer) -> None:
    """Add the commands."""
    webhooks.command()(deliveries)
    webhooks.command()(replay)
    webhooks.command(name="test")(try_out)


def deliveries(
    endpoint: _Id,
    status: Annotated[str | None, typer.Option(help=f"Only {', '.join(_STATUSES)}.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=HIGHEST, help="At most this many.")] = 50,
) -> None:
    """List what was posted to an endpoint, the newest first; the id is its webhook-id at every attempt.

    Example: turnsignal webhooks deliveries ep_5f0c81 --status failed
    """
    from rich.console import Console

    from storage import webhook_log
    from storage.engine import reading

    if status is not None and status not in _STATUSES:
        raise Failure(f"--status {plain(status)}: there are {', '.join(_STATUSES)}", 2)
    with opened() as engine, reading(engine) as connection:
        found = webhook_log.find(connection, endpoint, status=status, limit=limit)
    if found:
        console = Console(markup=False)
        (console if console.is_terminal else Console(markup=False, width=_PIPED_WIDTH)).print(_table(found))
    typer.echo(f"{len(found)} deliveries", err=True)


def replay(
    endpoint: _Id,
    delivery: Annotated[str | None, typer.Option(help="One delivery, whether it failed or not.")] = None,
    since: Annotated[
        datetime | None, typer.Option(parser=moment, metavar="TIME", help="Those from then on,")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(parser=moment, metavar="TIME", help="and before then, that failed;")
    ] = None,
    delivered_too: Annotated[
        bool, typer.Option("--delivered-too", help="those that were delivered as well.")
    ] = False,
) -> None:
    """Post again, under the same ids: a receiver that goes by webhook-id acts on nothing twice.

    A range is of what was given up, or dropped while the endpoint was disabled. A running `notify` (or
    `run`) posts it, in the order of each alert.

    Example: turnsignal webhooks replay ep_5f0c81 --since 2026-03-01 --until 2026-03-08
    """
    from alerts.endpoint_admin import AskedReplay
    from alerts.endpoint_admin import replay as replay_it

    asked = AskedReplay(delivery_id=delivery, since=since, until=until, delivered_too=delivered_too)
    with opened() as engine:
        count = explained(lambda: replay_it(engine, endpoint, asked, datetime.now(UTC)))
    typer.echo(f"{count} posted again")


def try_out(
    endpoint: _Id,
    wait: Annotated[float, typer.Option(min=0, max=600, help="Seconds to wait for the outcome.")] = 20.0,
) -> None:
    """Have an `endpoint.test` posted by a running `notify` (or `run`), and tell how that went.

    Exit 1 where it was not delivered in time.

    Example: turnsignal webhooks test ep_5f0c81
    """
    from alerts.endpoint_admin import send_test

    with opened() as engine:
        delivery_id = explained(lambda: send_test(engine, endpoint, datetime.now(UTC)))
        found = _outcome(engine, delivery_id, wait)
    if found is not None and found.status == "delivered":
        typer.echo(f"{delivery_id}: delivered")
        return
    attempted = found is not None and found.attempts
    error = plain((found.last_error if found else None) or "no answer yet")
    why = error if attempted else "nobody has posted it yet: is `turnsignal notify` or `run` at work?"
    typer.echo(f"{delivery_id}: not delivered: {why}", err=True)
    raise typer.Exit(1)


def _outcome(engine: "Engine", delivery_id: str, seconds: float) -> "Posted | None":
    """The delivery as soon as its first attempt has ended, or as it stands when time is up."""
    from storage import webhook_log
    from storage.engine import reading

    until = monotonic() + seconds
    while True:
        with reading(engine) as connection:
            found = webhook_log.one(connection, delivery_id)
        done = found is None or found.status != "pending" or found.last_error is not None
        if done or monotonic() >= until:
            return found
        sleep(_LOOK_SECONDS)


def _table(found: "Sequence[Posted]") -> "Table":
    from rich.table import Table

    from alerts.endpoints import event_type

    table = Table(box=None)
    for name in ("id", "event", "account", "status", "attempts", "came", "next", "last error or reason"):
        table.add_column(name, no_wrap=name in {"id", "event", "status"}, overflow="fold")
    for one in found:
        came = f"{one.created_at:%Y-%m-%d %H:%M}"
        due = f"{one.due_at:%Y-%m-%d %H:%M}" if one.due_at else ""
        words = (plain(str(one.body.get("account_id", "")), 40), one.status, str(one.attempts), came, due)
        why = plain(one.reason or one.last_error or "")
        table.add_row(one.delivery_id, event_type(one.notice), *words, why)
    return table
