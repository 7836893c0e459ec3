"""`turnsignal webhooks`: alerts for other programs."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from service.commands import webhook_deliveries, webhook_listen
from service.commands.endpoint_failures import explained
from service.commands.processes import opened, plain, settings
from service.failures import Failure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from alerts.config import WebhooksConfig
    from storage.webhook_endpoints import Endpoint

T = TypeVar("T")

_Id = Annotated[str, typer.Argument(metavar="ENDPOINT", help="Its id in the list.")]
_Events = Annotated[
    list[str] | None,
    typer.Option(
        "--event", help="Only events of this type, as alert.raised or alert.re*; may be given often."
    ),
]
_PIPED_WIDTH = 200


def register(app: typer.Typer) -> None:
    """Add the commands."""
    webhooks = typer.Typer(
        no_args_is_help=True,
        help="Alerts for other programs: endpoints that are posted to, signed by Standard Webhooks.",
    )
    webhooks.command(name="list")(listing)
    webhooks.command()(add)
    webhooks.command()(change)
    webhooks.command()(rotate)
    webhooks.command()(remove)
    webhook_deliveries.register(webhooks)
    webhook_listen.register(webhooks)
    app.add_typer(webhooks, name="webhooks")


def listing() -> None:
    """List endpoints, the newest first, and how they fare.

    Example: turnsignal webhooks list
    """
    from rich.console import Console

    from storage import webhook_endpoints
    from storage.engine import reading

    with opened() as engine, reading(engine) as connection:
        found = webhook_endpoints.find(connection, limit=10_000)
    if found:
        console = Console(markup=False)
        (console if console.is_terminal else Console(markup=False, width=_PIPED_WIDTH)).print(_table(found))
    typer.echo(f"{len(found)} endpoints", err=True)


def add(
    url: Annotated[str, typer.Argument(help="https:// and a public address.")],
    description: Annotated[str, typer.Option(help="What it is, in words for people.")] = "",
    event: _Events = None,
    secret: Annotated[
        str | None, typer.Option(help="A whsec_… secret that the receiver has already; else one is made.")
    ] = None,
) -> None:
    """Post alerts to an address from now on. Prints the endpoint's id, and once its secret.

    Example: turnsignal webhooks add https://hooks.example.com/in --event alert.raised --description CRM
    """
    from alerts.endpoint_admin import AskedEndpoint, create

    given = {"url": url, "description": description, "event_types": event or []}
    asked = _asked({**given, "secret": secret} if secret else given, AskedEndpoint)
    config = _config()
    with opened() as engine:
        made = explained(lambda: create(engine, config, asked, datetime.now(UTC)))
    typer.echo(made.endpoint_id)
    typer.echo(made.secrets[0]["secret"])
    typer.echo("The receiver verifies with this secret, which is not shown again.", err=True)


def change(
    endpoint: _Id,
    url: Annotated[str | None, typer.Option(help="Another address.")] = None,
    description: Annotated[str | None, typer.Option(help="Another description.")] = None,
    event: _Events = None,
    all_events: Annotated[bool, typer.Option("--all-events", help="Events of every type.")] = False,
    enable: Annotated[
        bool | None, typer.Option("--enable/--disable", help="Post to it again, or for now no more.")
    ] = None,
) -> None:
    """Change what is given. What an endpoint missed while it was disabled is sent by `replay` alone.

    Example: turnsignal webhooks change ep_5f0c81 --enable
    """
    from alerts.endpoint_admin import AskedChange
    from alerts.endpoint_admin import change as change_it

    if event and all_events:
        raise Failure("--event and --all-events exclude each other", 2)
    events = [] if all_events else event
    named = {"url": url, "description": description, "event_types": events, "enabled": enable}
    given = {name: value for name, value in named.items() if value is not None}
    if not given:
        raise Failure("say what is to be changed; --help lists it", 2)
    asked, config = _asked(given, AskedChange), _config()
    with opened() as engine:
        changed = explained(lambda: change_it(engine, config, endpoint, asked, datetime.now(UTC)))
    typer.echo(f"{changed.endpoint_id}: {changed.state}")


def rotate(endpoint: _Id) -> None:
    """Sign with a new secret, printed once. For 24 hours the one before signs, too.

    Example: turnsignal webhooks rotate ep_5f0c81
    """
    from alerts.endpoint_admin import rotate as rotate_it

    with opened() as engine:
        changed = explained(lambda: rotate_it(engine, endpoint, datetime.now(UTC)))
    typer.echo(changed.secrets[0]["secret"])
    typer.echo(f"The secret before signs until {changed.secrets[1]['expires_at'][:16]} UTC.", err=True)


def remove(endpoint: _Id) -> None:
    """Post nothing to it any more. What was sent stays recorded; what waits for it is dropped.

    Example: turnsignal webhooks remove ep_5f0c81
    """
    from alerts.endpoint_admin import remove as remove_it

    with opened() as engine:
        explained(lambda: remove_it(engine, endpoint))
    typer.echo(f"{endpoint}: removed")


def _asked(given: dict[str, Any], kind: type[T]) -> T:
    import msgspec

    try:
        return msgspec.convert(given, kind)
    except msgspec.ValidationError as error:
        raise Failure(plain(str(error), 300), 2) from None


def _config() -> "WebhooksConfig":
    from service.outgoing import webhooks_config

    return webhooks_config(settings())


def _table(found: "Sequence[Endpoint]") -> "Table":
    from rich.table import Table

    table = Table(box=None)
    for name in ("id", "state", "address", "events", "description", "since", "reason"):
        table.add_column(name, no_wrap=name in {"id", "state"}, overflow="fold")
    for one in found:
        since = one.disabled_at or one.failing_since
        events = plain(", ".join(one.event_types) or "all")
        moment = f"{since:%Y-%m-%d %H:%M}" if since else ""
        words = (plain(one.url), events, plain(one.description, 60), moment, plain(one.disabled_reason or ""))
        table.add_row(one.endpoint_id, one.state, *words)
    return table
