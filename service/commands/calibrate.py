"""`turnsignal calibrate`: thresholds and priors from a portfolio's own history."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.failures import Failure

if TYPE_CHECKING:
    from accounts.calibration import Calibration, Learnt
    from accounts.replay import Replay

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
    false_alarms: Annotated[
        float, typer.Option(min=0.01, max=100, help="False alarms per 100 account-years to calibrate for.")
    ] = 5.0,
    out: Annotated[Path, typer.Option(help="Where to write what was learnt.")] = _DEFAULT,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Count unreadable lines and go on.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Read no files: compare the last year's alerts to the budget.")
    ] = False,
) -> None:
    """Learn thresholds, priors and the chain of lifetime value from your own history.

    With them the budget of false alarms holds for you. Accounts that seem to have really turned are left
    out; what the others would have raised counts as false. The chain counts all of them.
    At least 30 account-years are needed, better some hundred. Name the file as detection.calibration,
    and let `turnsignal review --again` judge the past by it.

    Example: turnsignal calibrate history.jsonl --out ours.json
    """
    if check:
        _check()
        return
    if not files:
        raise Failure("name the files of events to learn from, or --check", 2)
    calibration = _learnt_from(files, false_alarms, skip_bad=skip_bad)
    from service.calibrations import write

    write(out, calibration)
    _tell(calibration, out)


def _learnt_from(files: list[Path], false_alarms: float, *, skip_bad: bool) -> "Calibration":
    from accounts.calibration import Calibration
    from accounts.replay import Replay
    from service.commands.replay import end_of, read_events

    story = Replay()
    for path in files:
        read_events(path, story, skip_bad=skip_bad)
    end = end_of(story)
    if end is None or story.earliest is None:
        raise Failure("there are no events to learn from", 2)
    learnt = _learnt(story, end, false_alarms)
    return Calibration(
        made_at=datetime.now(UTC),
        first_event=story.earliest,
        last_event=end,
        accounts=len(story.accounts),
        left_out=learnt.left_out,
        account_years=round(learnt.account_years, 1),
        false_alarms=false_alarms,
        shift_threshold=learnt.shift_threshold,
        cadence_threshold=learnt.cadence_threshold,
        priors=learnt.priors,
        rates=learnt.rates,
        chain=learnt.chain,
    )


def _learnt(story: "Replay", end: datetime, false_alarms: float) -> "Learnt":
    from rich.console import Console
    from rich.progress import Progress

    from accounts.calibration import learn
    from accounts.policy import Policy

    policy = Policy(false_alarms=false_alarms)
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("learning", total=1.0)
        histories = [state.series for _, state in story.states(end, policy)]
        try:
            return learn(histories, policy, lambda done: progress.update(task, completed=done))
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
