"""`turnsignal routes`: the tree of routes, and which way an alert goes."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from accounts.stages import Kind, Stage
from service.commands.processes import opened, plain, settings, wrong_settings
from service.commands.times import moment
from service.failures import Failure

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from rich.table import Table

    from accounts.alert import Alert
    from alerts.config import NotifierConfig
    from alerts.planning import Planned

Severity = Literal["info", "warning", "critical"]

_Words = Annotated[str | None, typer.Option()]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    routes = typer.Typer(no_args_is_help=True, help="To whom alerts go, how fast, and why.")
    routes.command()(show)
    routes.command(name="test")(follow)
    app.add_typer(routes, name="routes")


def show() -> None:
    """Print the tree of routes of the settings.

    Example: turnsignal routes show
    """
    from rich.console import Console

    from service.routes_tree import whole

    Console(markup=False, highlight=False).print(whole(_config().routes))


def follow(
    alert: Annotated[
        str | None,
        typer.Argument(
            help="An alert's id in the database, a file with one as JSON, or - for standard input."
        ),
    ] = None,
    account: Annotated[str, typer.Option(help="Without an alert: one made up, of this account.")] = "C-1042",
    segment: _Words = None,
    owner: Annotated[str | None, typer.Option(help="The owner's email address.")] = None,
    manager: Annotated[str | None, typer.Option(help="The manager's email address.")] = None,
    kind: Annotated[Kind, typer.Option()] = "buying_centre_shift",
    stage: Annotated[Stage, typer.Option()] = "shifted",
    severity: Annotated[Severity, typer.Option()] = "warning",
    at_risk: Annotated[float, typer.Option(help="Value at risk, in the base currency.")] = 0.0,
    product_line: _Words = None,
    timezone: Annotated[str | None, typer.Option(help="The account's, such as Asia/Shanghai.")] = None,
    at: Annotated[
        datetime | None, typer.Option(parser=moment, metavar="TIME", help="As if it came in then; else now.")
    ] = None,
) -> None:
    """Show which way an alert goes through the routes and why, who would be told, and when.

    Each route that is looked at is shown, with what does not fit. Nothing is sent or written. Silences and
    answers are heeded where the alert is in the database. Exit 1 where nobody would be told.

    Example: turnsignal routes test --segment "machine builders" --severity critical --at-risk 250000
    """
    from rich.console import Console

    from service.routes_tree import followed

    config, now = _config(), at or datetime.now(UTC)
    if alert is None:
        chosen = _made_up(
            account, segment, owner, manager, kind, stage, severity, at_risk, product_line, timezone, now
        )
        planned = _planned(chosen, config, now)
    else:
        chosen, planned = _given(alert, config, now)
    console = Console(markup=False, highlight=False, width=None if sys.stdout.isatty() else 160)
    console.print(followed(config.routes, chosen))
    console.print(_table(planned, chosen, config))
    if not any(one.destination.receiver for one in planned):
        typer.echo("nobody would be told: no channel is configured, or no receiver is known", err=True)
        raise typer.Exit(1)


def _config() -> "NotifierConfig":
    from service.configuration import SettingsError
    from service.notification import notifier_config

    try:
        return notifier_config(settings())
    except SettingsError as error:
        raise wrong_settings(error) from None


def _given(where: str, config: "NotifierConfig", now: datetime) -> "tuple[Alert, list[Planned]]":
    from alerts.intake import InvalidAlertError, MalformedAlertError, read_alert

    if where == "-" or Path(where).exists():
        try:
            body = sys.stdin.buffer.read() if where == "-" else Path(where).read_bytes()
            alert = read_alert(body)
        except (InvalidAlertError, MalformedAlertError, OSError) as error:
            raise Failure(f"{plain(where)}: not an alert: {error}", 2) from None
        return alert, _planned(alert, config, now)
    return _stored(where, config, now)


def _stored(alert_id: str, config: "NotifierConfig", now: datetime) -> "tuple[Alert, list[Planned]]":
    import msgspec

    from accounts.alert import Alert
    from alerts.destinations import destinations
    from alerts.planning import plan
    from alerts.standing import known
    from storage import queries
    from storage.engine import reading

    with opened() as engine, reading(engine) as connection:
        body = queries.alert(connection, alert_id)
        if body is None:
            raise Failure(f"there is neither an alert {plain(alert_id)!r} nor a file of that name")
        alert = msgspec.convert(body, Alert)
        receivers = {one.receiver for one in destinations(alert, config)}
        facts = known(connection, [alert], receivers, now)
    return alert, plan(None, alert, known=facts, told=(), endpoints=[], now=now, config=config)[1]


def _planned(alert: "Alert", config: "NotifierConfig", now: datetime) -> "list[Planned]":
    from alerts.planning import plan
    from alerts.standing import Known

    nothing = Known((), {}, {}, {}, ())
    return plan(None, alert, known=nothing, told=(), endpoints=[], now=now, config=config)[1]


def _made_up(
    account: str,
    segment: str | None,
    owner: str | None,
    manager: str | None,
    kind: Kind,
    stage: Stage,
    severity: Severity,
    at_risk: float,
    product_line: str | None,
    timezone: str | None,
    now: datetime,
) -> "Alert":
    """An alert that is of nobody; its figures are those asked for."""
    from accounts.alert import AccountCard, Alert, Contact, Evidence, Play, Value

    lines = [Evidence("product_lines", 0.0, "", [], [], {product_line: 1.0})] if product_line else []
    people = [Contact(address, address) if address else None for address in (owner, manager)]
    return Alert(
        id="alert_made_up",
        account_id=account,
        kind=kind,
        stage=stage,
        previous_stage="stable",
        led_by="purchasing",
        previously_led_by="development",
        severity=severity,
        onset_at=now,
        raised_at=now,
        evidence=lines,
        value=Value(None, None, at_risk, None),
        play=Play("", "", []),
        status="firing",
        account=AccountCard(segment=segment, timezone=timezone, owner=people[0], manager=people[1]),
    )


def _table(planned: "list[Planned]", alert: "Alert", config: "NotifierConfig") -> "Table":
    from rich.table import Table

    from alerts.destinations import zone

    table = Table("channel", "receiver", "as", "route", "what happens", box=None)
    for one in planned:
        to = one.destination
        table.add_row(
            to.channel,
            plain(to.receiver) or "–",
            plain(to.role),
            plain(to.route),
            _happens(one, zone(to.role, alert, config)),
        )
    return table


def _happens(one: "Planned", zone: "ZoneInfo") -> str:
    from alerts.decision import Drop, Wait

    match one.decision:
        case Drop(reason):
            return f"not sent: {reason}"
        case Wait(reason, until):
            return f"waits until {until.astimezone(zone):%a %Y-%m-%d %H:%M %Z}: {reason}"
    handling = one.destination.handling
    after = [
        f"again after {handling.repeat_days} days" if handling.repeat_days else "",
        f"the manager after {handling.escalate_days} working days" if handling.escalate_days else "",
    ]
    return ", ".join(["sent at once", *filter(None, after)])
