"""`turnsignal backtest`: one's own past, judged."""

import json
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from accounts.weeks import start_of
from service.commands.offsets import Cluster
from service.commands.processes import plain
from service.commands.replay import end_of
from service.commands.sources import BEGINNING, MAPPING, ROLES, START, TOPIC, Topics, read_past
from service.commands.times import moment
from service.failures import Failure

if TYPE_CHECKING:
    from rich.table import Table

    from accounts.replay import Replay
    from service.backtest.outcomes import Outcome
    from service.backtest.run import Backtest
    from service.backtest.scores import Score
    from service.past import Tally

_NEEDED = ("numpy", "scipy")
_PIPED_WIDTH = 140
_SENTENCE = 1000  # characters
_READ_SO = (
    "In time: warned of at least 8 weeks before the loss. Late: warned of after that. After: noticed only "
    "once it had happened. Median lead: of all losses; under half: most were not warned of. Alarms and "
    "warnings are a year per 100 accounts; all warnings are the false ones and those of losses."
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(backtest)


def backtest(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Files of canonical events, one a line; - is standard input.")
    ] = None,
    topic: Annotated[list[str] | None, TOPIC] = None,
    cluster: Cluster = "",
    start: Annotated[str, START] = BEGINNING,
    mapping: Annotated[list[str] | None, MAPPING] = None,
    database: Annotated[
        bool, typer.Option("--database", help="Look back on what the service has consumed.")
    ] = False,
    losses: Annotated[
        Path | None,
        typer.Option(help="A CSV with account_id,lost_on, or a truth file; else derived from the orders."),
    ] = None,
    false_alarms: Annotated[
        float, typer.Option(min=0.01, max=100, help="The budget: false alarms a year per 100 accounts.")
    ] = 5.0,
    calibration: Annotated[
        Path | None, typer.Option(help="A file that `turnsignal calibrate` wrote; else the built-in numbers.")
    ] = None,
    roles: Annotated[Path | None, ROLES] = None,
    until: Annotated[
        datetime | None,
        typer.Option(parser=moment, metavar="TIME", help="Stop there; else at the last event up to now."),
    ] = None,
    report: Annotated[Path, typer.Option("--html", "--report", help="Where the HTML report goes.")] = Path(
        "backtest.html"
    ),
    as_json: Annotated[bool, typer.Option("--json", help="The figures as JSON on standard output.")] = False,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Count unreadable lines and go on.")] = False,
) -> None:
    """Tell what would have been warned of in your own past, how early, and against three simpler rules.

    Nothing is sent and nothing is written but the report, which is one HTML file to read or to pass on.
    Topics are read to their present end by the mapping of the settings, as the consumer would, without a
    group; name those too that others refer to (contacts, products, lines).

    Example: turnsignal backtest history.jsonl --losses lost.csv --html backtest.html

    Example: turnsignal backtest --topic 'salesforce.*' --topic erp:orders --topic erp:products
    """
    if [bool(files), bool(topic), database].count(True) != 1:
        raise Failure(
            "name files of events, or topics with --topic, or give --database; "
            "`turnsignal backtest --help` shows how",
            2,
        )
    if missing := [name for name in _NEEDED if find_spec(name) is None]:
        raise Failure(f"{' and '.join(missing)} are needed; install turnsignal[backtest]", 2)
    from service import own_roles
    from service.backtest import outcomes
    from service.backtest.report import html

    own_roles.use(roles)
    told = outcomes.read(losses) if losses else None
    topics = Topics(topic or (), cluster, start, mapping or ())
    story, read = read_past(files or [], topics, database=database, skip_bad=skip_bad)
    end = until or end_of(story)
    if end is None:
        raise Failure("there are no events to look back on", 2)
    _check(told or {}, story)
    found = _run(story, end, false_alarms, calibration, told)
    found = found._replace(mistakes=_mistakes(found, story, read, told or {}, ends_here=until is not None))
    try:
        report.write_text(html(found), "utf-8")
    except OSError as error:
        raise Failure(f"cannot write {report}: {error.strerror}", 2) from None
    if as_json:
        typer.echo(json.dumps(_figures(found)))
    else:
        _print(found)
    typer.echo(f"the report is in {report}", err=True)


def _lost(told: "dict[str, Outcome]") -> list[str]:
    return [account for account, outcome in told.items() if outcome.lost is not None]


def _check(told: "dict[str, Outcome]", story: "Replay") -> None:
    """Raise Failure where none of the lost accounts has events: nothing could be judged."""
    from service.backtest.mistakes import unmatched

    lost, accounts = sorted(_lost(told)), set(story.accounts)
    if lost and not accounts.intersection(lost):
        raise Failure(f"{unmatched(lost, len(lost), accounts)} Write the ids as the events have them", 2)


def _mistakes(
    found: "Backtest", story: "Replay", read: "Tally", told: "dict[str, Outcome]", *, ends_here: bool
) -> list[str]:
    from service.backtest.mistakes import mistakes, unmatched

    strangers = [unmatched(found.unknown, len(_lost(told)), story.accounts)] if found.unknown else []
    now = None if ends_here else datetime.now(UTC)
    return [*strangers, *mistakes(story, read, now, found.policy)]


def _run(
    story: "Replay",
    end: datetime,
    false_alarms: float,
    calibration: Path | None,
    told: "dict[str, Outcome] | None",
) -> "Backtest":
    from rich.console import Console
    from rich.progress import Progress

    from service.backtest.run import backtest as run
    from service.calibrations import policy_of

    policy = policy_of(false_alarms, calibration)
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=1)
        return run(
            story,
            end,
            policy,
            told,
            lambda step, share: bar.update(task, description=step, completed=share),
        )


def _figures(found: "Backtest") -> dict[str, object]:
    return {
        "begin": found.begin.isoformat(),
        "end": found.end.isoformat(),
        "accounts": found.accounts,
        "events": found.events,
        "losses_derived": found.derived,
        "mistakes": list(found.mistakes),
        "budget": found.budget,
        "turnsignal": _score(found.chosen),
        "budgets": [{"budget": point.threshold, **_score(point.score)} for point in found.budgets],
        "rules": {
            curve.name: {"threshold": curve.equal.threshold, **_score(curve.equal.score)}
            if curve.equal
            else None
            for curve in found.curves
        },
        "lost": [
            {
                "account_id": lost.account_id,
                "lost_on": start_of(lost.lost).date().isoformat(),
                "lead_weeks": lost.lead,
                "warned_by": lost.warning.kind if lost.warning else None,
                "noticed_weeks_after": lost.noticed,
            }
            for lost in found.lost
        ],
    }


def _score(score: "Score") -> dict[str, object]:
    return {
        "losses": score.losses,
        "warned_in_time": score.in_time,
        "median_lead_weeks": score.median_lead,
        "false_alarms": score.false_alarms,
        "false_alarms_per_100_account_years": round(score.false_rate, 2),
        "alarms_per_100_account_years": round(score.alarm_rate, 2),
    }


def _print(found: "Backtest") -> None:
    from rich.console import Console

    from service.backtest.wording import allowance, answer, cautions, overrun

    console = Console(markup=False, highlight=False)
    if not console.is_terminal:
        console = Console(markup=False, highlight=False, width=_PIPED_WIDTH)
    if found.mistakes:
        console.print("What is wrong with this data")
        for sentence in found.mistakes:
            console.print(f"! {plain(sentence, _SENTENCE)}")
        console.print()
    console.print(*answer(found), "", sep="\n")
    for sentence in cautions(found):
        console.print(sentence, "", sep="\n")
    console.print(_rules(found), "", allowance(found), sep="\n")
    if (why := overrun(found)) is not None:
        console.print(why)
    console.print("", _budgets(found), "", _READ_SO, sep="\n")


def _rules(found: "Backtest") -> "Table":
    from service.backtest.wording import rows

    table = _table("", "in time", "late", "after", "median lead", "false alarms")
    for row in rows(found):
        table.add_row(row.name, row.in_time, row.late, row.after, row.median, row.false_alarms)
    return table


def _budgets(found: "Backtest") -> "Table":
    from service.backtest.wording import in_time, lead

    table = _table("budget", "in time", "median lead", "false alarms", "all warnings")
    for point in found.budgets:
        score = point.score
        rates = (f"{score.false_rate:.1f}", f"{score.alarm_rate:.1f}")
        table.add_row(f"{point.threshold:g}", in_time(score), lead(score), *rates)
    return table


def _table(first: str, *figures: str) -> "Table":
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column(first, no_wrap=True)
    for name in figures:
        table.add_column(name, justify="right", no_wrap=True)
    return table
