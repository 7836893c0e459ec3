"""`turnsignal feedback`: what people say of alerts, and how useful these were."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.commands.processes import opened, plain
from service.commands.times import moment
from service.failures import Failure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from accounts.feedback import Feedback
    from alerts.usefulness import Count, Usefulness

_PIPED_WIDTH = 180
_LONGEST = 200  # of what is wrong with an answer


def register(app: typer.Typer) -> None:
    """Add the commands."""
    feedback = typer.Typer(
        no_args_is_help=True, help="What people say of alerts, and how useful the alerts were."
    )
    feedback.command()(add)
    feedback.command(name="list")(listing)
    feedback.command()(report)
    app.add_typer(feedback, name="feedback")


def add(
    alert: Annotated[str, typer.Argument(help="The alert's id.")],
    verdict: Annotated[str, typer.Argument(help="not_a_risk, being_handled, lost or they_stay.")],
    reason: Annotated[str, typer.Option(help="Why, in words for people.")] = "",
    author: Annotated[str, typer.Option(help="Who says so.")] = "cli",
) -> None:
    """Say what an alert came to.

    not_a_risk: what the account does now is its normal, and is learnt as such from the next review on.
    they_stay: the same for everything that holds an alert up on the account. being_handled and lost: the
    alert was right. An author's verdict on an alert is kept once.

    Example: turnsignal feedback add alert_0b1c8e52 not_a_risk --reason "new framework contract" --author dana
    """
    from alerts.feedback import InvalidAnswerError, UnknownAlertError, answer_of, give

    try:
        answer = answer_of(verdict, author, reason)
    except InvalidAnswerError as error:
        raise Failure(plain(str(error), _LONGEST), 2) from None
    with opened() as engine:
        try:
            given = give(engine, alert, answer, datetime.now(UTC))
        except UnknownAlertError:
            raise Failure(f"there is no alert {plain(alert)!r}") from None
    said = given.feedback
    heeded = f", heeded from the week of {said.applies_from:%Y-%m-%d} on" if said.applies_from else ""
    typer.echo(f"{said.alert_id}: {said.verdict} {f'stored{heeded}' if given.new else 'was said before'}")


def listing(
    account: Annotated[str | None, typer.Option(help="Only of this account.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line, as replay and calibrate read it.")
    ] = False,
) -> None:
    """List feedback, the oldest first.

    Example: turnsignal feedback list --json > feedback.jsonl
    """
    import msgspec

    from storage import feedback
    from storage.engine import reading

    with opened() as engine, reading(engine) as connection:
        found = feedback.find(connection, account_id=account)
    if as_json:
        for said in found:
            sys.stdout.buffer.write(msgspec.json.encode(said) + b"\n")
        sys.stdout.buffer.flush()
    elif found:
        _print(_table(found))
    typer.echo(f"{len(found)} answers", err=True)


def report(
    since: Annotated[
        datetime | None,
        typer.Option(parser=moment, metavar="TIME", help="Only alerts raised from then on (RFC 3339)."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")] = False,
) -> None:
    """Tell which share of the alerts was useful, by kind and by owner, and how many were answered at all.

    The last answer to an alert counts: being_handled and lost are useful, not_a_risk is not. they_stay is
    neither, since nobody can tell whether the alert was false or helped to keep them. Alerts of kind
    `recovered` ask for no answer.

    Example: turnsignal feedback report --since 2026-01-01
    """
    import msgspec

    from alerts.usefulness import usefulness
    from storage import feedback
    from storage.engine import reading

    with opened() as engine, reading(engine) as connection:
        found = usefulness(feedback.answered(connection, since))
    if as_json:
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")
        sys.stdout.buffer.flush()
        return
    _print(_report(found))


def read_feedback(path: Path) -> "list[Feedback]":
    """What `feedback list --json` wrote; raises Failure with the line that is none."""
    import msgspec

    from accounts.feedback import Feedback

    decoder, found = msgspec.json.Decoder(Feedback), []
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise Failure(f"cannot read {path}: {error.strerror}", 2) from None
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            found.append(decoder.decode(line))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Failure(f"{path}:{number}: no feedback: {error}", 2) from None
    return found


def _print(table: "Table") -> None:
    from rich.console import Console

    console = Console(markup=False)
    (console if console.is_terminal else Console(markup=False, width=_PIPED_WIDTH)).print(table)


def _table(found: "Sequence[Feedback]") -> "Table":
    from rich.table import Table

    table = Table(box=None)
    for name in ("given", "alert", "account", "kind", "verdict"):  # to be copied: never cut
        table.add_column(name, no_wrap=name != "account", overflow="fold")
    for name in ("author", "reason"):
        table.add_column(name)
    for said in found:
        names = (plain(said.alert_id, 40), plain(said.account_id, 40), said.kind, said.verdict)
        table.add_row(f"{said.at:%Y-%m-%d %H:%M}", *names, plain(said.author, 40), plain(said.reason))
    return table


def _report(found: "Usefulness") -> "Table":
    from rich.table import Table

    table = Table(box=None)
    table.add_column("", overflow="fold")
    for name in ("alerts", "answered", "useful", "not useful", "they stay", "share useful"):
        table.add_column(name, justify="right", no_wrap=True)
    for count in found.by_kind:
        table.add_row(count.name, *_figures(count))
    table.add_section()
    for count in found.by_owner:
        table.add_row(plain(count.name or "no owner", 60), *_figures(count))
    table.add_section()
    table.add_row("all", *_figures(found.total))
    return table


def _figures(count: "Count") -> list[str]:
    share = "" if count.share is None else f"{100 * count.share:.0f} %"
    return [
        *(f"{number:,}" for number in (count.alerts, count.answered, count.useful, count.not_useful)),
        f"{count.open:,}",
        share,
    ]
