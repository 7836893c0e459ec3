"""`turnsignal calibrate`: thresholds and priors from a portfolio's own history."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from service.commands.feedback import read_feedback
from service.commands.offsets import Cluster
from service.commands.processes import opened
from service.commands.sources import BEGINNING, MAPPING, ROLES, START, TOPIC, Topics, read_story
from service.failures import Failure

if TYPE_CHECKING:
    from accounts.calibration import Calibration, Learnt
    from accounts.feedback import Labels
    from accounts.replay import Replay
    from accounts.series import Series

_DEFAULT = Path("calibration.json")
_LATEST_DAYS = 365
_DISCOUNT_RATE = 0.10  # a year, for the figures that are printed


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(calibrate)


def calibrate(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Files of canonical events, one a line; - is standard input.")
    ] = None,
    topic: Annotated[list[str] | None, TOPIC] = None,
    cluster: Cluster = "",
    start: Annotated[str, START] = BEGINNING,
    mapping: Annotated[list[str] | None, MAPPING] = None,
    false_alarms: Annotated[
        float, typer.Option(min=0.01, max=100, help="False alarms per 100 account-years to calibrate for.")
    ] = 5.0,
    feedback: Annotated[
        Path | None, typer.Option(help="What people said: a file that `feedback list --json` wrote.")
    ] = None,
    database: Annotated[
        bool,
        typer.Option("--database", help="Read no files: learn from the service's accounts and feedback."),
    ] = False,
    roles: Annotated[Path | None, ROLES] = None,
    out: Annotated[Path, typer.Option(help="Where to write what was learnt.")] = _DEFAULT,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Count unreadable lines and go on.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Read no files: compare the last year's alerts to the budget.")
    ] = False,
) -> None:
    """Learn thresholds, priors and the chain of lifetime value from your own history.

    With them the budget of false alarms holds for you. Accounts that seem to have really turned are left
    out; what the others would have raised counts as false. Where people have answered alerts their word goes
    first: an account that is being handled or lost has turned, and an alarm that is no risk is false. The
    chain counts all accounts.
    At least 30 account-years are needed, better some hundred. Name the file as detection.calibration,
    and let `turnsignal review --again` judge the past by it.

    Example: turnsignal calibrate history.jsonl --out ours.json
    """
    if check:
        _check()
        return
    if bool(files or topic) == database or (database and feedback is not None):
        raise Failure(
            "name files of events to learn from or topics, or give --database (it has the feedback too) "
            "or --check",
            2,
        )
    if database:
        past = _from_database()
    else:
        from service import own_roles

        own_roles.use(roles)
        topics = Topics(topic or (), cluster, start, mapping or ())
        past = _from_story(read_story(files or [], topics, skip_bad=skip_bad), feedback)
    calibration = _learnt_from(past, false_alarms)
    from service.calibrations import write

    write(out, calibration)
    _tell(calibration, out)


class _Past(NamedTuple):
    """What is learnt from: evidence and labels, an entry an account."""

    first: datetime
    last: datetime
    histories: "list[Series]"
    labels: "list[Labels]"


def _from_story(story: "Replay", feedback: Path | None) -> _Past:
    from accounts.feedback import labels
    from accounts.policy import Policy
    from service.commands.replay import end_of

    for said in read_feedback(feedback) if feedback else ():
        story.tell(said)
    end = end_of(story)
    if end is None or story.earliest is None:
        raise Failure("there are no events to learn from", 2)
    states = list(story.states(end, Policy()))
    return _Past(
        story.earliest,
        end,
        [state.series for _, state in states],
        [labels(story.feedback_of(account)) for account, _ in states],
    )


def _from_database() -> _Past:
    from accounts.account import from_bytes
    from accounts.feedback import by_account, labels
    from accounts.weeks import start_of
    from storage import feedback, reviews
    from storage.engine import reading

    with opened() as engine, reading(engine) as connection:
        told = by_account(feedback.find(connection))
        found = {account: from_bytes(body).series for account, body in reviews.states(connection)}
    histories = {account: series for account, series in found.items() if series.length}
    if not histories:
        raise Failure("no account has been reviewed yet: there is nothing to learn from", 2)
    return _Past(
        start_of(min(series.start for series in histories.values())),
        start_of(max(series.end for series in histories.values())),
        list(histories.values()),
        [labels(told.get(account, ())) for account in histories],
    )


def _learnt_from(past: _Past, false_alarms: float) -> "Calibration":
    from accounts.calibration import Calibration

    learnt = _learnt(past, false_alarms)
    return Calibration(
        made_at=datetime.now(UTC),
        first_event=past.first,
        last_event=past.last,
        accounts=len(past.histories),
        left_out=learnt.left_out,
        account_years=round(learnt.account_years, 1),
        false_alarms=false_alarms,
        shift_threshold=learnt.shift_threshold,
        cadence_threshold=learnt.cadence_threshold,
        priors=learnt.priors,
        dispersions=learnt.dispersions,
        rates=learnt.rates,
        chain=learnt.chain,
    )


def _learnt(past: _Past, false_alarms: float) -> "Learnt":
    from rich.console import Console
    from rich.progress import Progress

    from accounts.calibration import learn
    from accounts.policy import Policy

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("learning", total=1.0)

        def tell(done: float) -> None:
            progress.update(task, completed=done)

        try:
            return learn(past.histories, Policy(false_alarms=false_alarms), tell, past.labels)
        except ValueError as error:
            raise Failure(f"too little history: {error}", 2) from None


def _tell(calibration: "Calibration", out: Path) -> None:
    from rich.console import Console
    from rich.table import Table

    from accounts.chain import STATES, lifetime_years

    table = Table(title=f"calibrated for {calibration.false_alarms:g} false alarms per 100 account-years")
    for name in ("", "learnt"):
        table.add_column(name)
    table.add_row("history", f"{calibration.first_event:%Y-%m-%d} to {calibration.last_event:%Y-%m-%d}")
    table.add_row("accounts", f"{calibration.accounts:,}, {calibration.left_out:,} of them turned: left out")
    table.add_row("account-years that stayed quiet", f"{calibration.account_years:,.0f}")
    tests = {"shift": calibration.shift_threshold, "cadence": calibration.cadence_threshold}
    for name, threshold in tests.items():
        rate = calibration.rates[name]
        table.add_row(
            f"{name} test",
            f"h = {threshold.base:g} + {threshold.per_activity:g} · ln(observations a year), "
            f"{rate:g} alarms per 100 account-years",
        )
    for signal, (a, b) in calibration.priors.items():
        table.add_row(f"usual {signal.replace('_', ' ')}", f"{100 * a / (a + b):.0f} % (Beta {a:g}, {b:g})")
    varied = ", ".join(
        f"{signal.replace('_', ' ')} {phi:g}" for signal, phi in calibration.dispersions.items()
    )
    table.add_row("varies, against chance", varied or "too little is known")
    if calibration.chain is not None:
        years = lifetime_years(calibration.chain, _DISCOUNT_RATE)
        named = zip(STATES, years, strict=True)
        worth = ", ".join(f"{name.replace('_', ' ')} {value:.1f}" for name, value in named)
        table.add_row("lifetime value, in years of stable orders, at 10 % a year", worth)
    Console().print(table)
    typer.echo(f'written to {out}; in turnsignal.toml, under [detection]: calibration = "{out}"')


def _check() -> None:
    """Compare the alerts of the last year with the budget, with the uncertainty of so few."""
    from service.commands.processes import database_ready, settings
    from storage.alerts import raised_since
    from storage.engine import create_engine, reading

    chosen = settings()
    database_ready(chosen)
    since = datetime.now(UTC) - timedelta(days=_LATEST_DAYS)
    engine = create_engine(chosen.database.url.get_secret_value())
    with reading(engine) as connection:
        alarms, accounts = raised_since(connection, since)
    engine.dispose()
    budget = chosen.detection.false_alarms
    if not accounts:
        raise Failure("no account has been reviewed yet: there is nothing to check", 1)
    low, high = poisson_interval(alarms)
    rate, least, most = (100 * count / accounts for count in (alarms, low, high))
    typer.echo(
        f"{alarms:,} warnings of {accounts:,} accounts in the last {_LATEST_DAYS} days: {rate:.1f} per 100 "
        f"account-years (95 %: {least:.1f} to {most:.1f}); the budget of false ones is {budget:g}"
    )
    if least > budget:
        typer.echo(
            "More than the budget, even if chance was unkind: either accounts really turn, or the thresholds "
            "no longer fit. Give feedback on the alerts; if most are false, calibrate again."
        )
    elif most < budget:
        typer.echo("Fewer than the budget: the thresholds are stricter than asked for. Calibrate again.")
    else:
        typer.echo("Within what the budget allows.")


def poisson_interval(count: int) -> tuple[float, float]:
    """About 95 % of a Poisson count's mean, by the square root's stable variance (Anscombe 1948)."""
    root = (count + 3 / 8) ** 0.5
    return max(0.0, (root - 0.98) ** 2 - 3 / 8) if count else 0.0, (root + 0.98) ** 2 - 3 / 8
