"""`turnsignal replay`: the pure core over files of events."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, Protocol

import typer

from service.commands.feedback import read_feedback
from service.commands.times import moment
from service.failures import Failure

if TYPE_CHECKING:
    from accounts.events import CanonicalEvent
    from accounts.replay import Replay

_EVERY = 20_000  # lines between two looks at the progress
# Clocks and time zones of other systems may be wrong by so much; what lies further ahead has not happened.
_AHEAD = timedelta(days=1)
_STRAY = 0.01  # of the events: no more of them are taken for mistyped


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(replay)


def replay(
    files: Annotated[
        list[Path], typer.Argument(help="Files of canonical events, one a line; - is standard input.")
    ],
    false_alarms: Annotated[
        float,
        typer.Option(min=0.01, max=100, help="False alarms per 100 account-years that are put up with."),
    ] = 5.0,
    until: Annotated[
        datetime | None,
        typer.Option(parser=moment, metavar="TIME", help="Stop there; else at the last event up to now."),
    ] = None,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Count unreadable lines and go on.")] = False,
    calibration: Annotated[
        Path | None, typer.Option(help="A file that `turnsignal calibrate` wrote; else the built-in numbers.")
    ] = None,
    plays: Annotated[
        Path | None, typer.Option(help="Your own plays (docs/plays.md), beside the built-in ones.")
    ] = None,
    roles: Annotated[
        Path | None,
        typer.Option(help="Your own reading of titles (docs/roles.md), before the built-in words."),
    ] = None,
    rate: Annotated[
        list[str] | None,
        typer.Option(metavar="CODE=WORTH", help="What one unit of a currency is worth in the base one."),
    ] = None,
    base_currency: Annotated[
        str, typer.Option(metavar="CODE", help="The currency that accounts are compared in.")
    ] = "EUR",
    feedback: Annotated[
        Path | None, typer.Option(help="What people said: a file that `feedback list --json` wrote.")
    ] = None,
    states: Annotated[
        Path | None, typer.Option(help="Also write each account's state here: id, tab, hexadecimal.")
    ] = None,
) -> None:
    """Tell every alert that these events would have raised: one JSON object a line, by `raised_at`.

    No Kafka, no database, and no clock but the events' own, with a review each week. The order of the lines
    does not matter. Where up to one event in a hundred is dated more than a day ahead, these are taken for
    mistyped and do not move that clock; --until looks further. With the service's own feedback each
    account ends in the state that the service has of it.

    Example: turnsignal replay history.jsonl | jq -r '[.raised_at, .kind, .account_id] | @tsv'
    """
    from accounts.advice import Advice
    from accounts.alert import to_json
    from accounts.replay import Replay
    from accounts.value import Valuation
    from service import own_roles
    from service.calibrations import chain_of, policy_of
    from service.exchange import rates_given
    from service.playbook import library

    own_roles.use(roles)
    rates = rates_given(base_currency, rate or [])
    story, policy = Replay(), policy_of(false_alarms, calibration)
    advice = Advice(library(plays), Valuation(rates, chain_of(calibration)))
    skipped = sum(read_events(path, story, skip_bad=skip_bad) for path in files)
    for said in read_feedback(feedback) if feedback else ():
        story.tell(said)
    end = until or end_of(story)
    alerts = story.alerts(end, policy, advice) if end else []
    for alert in alerts:
        sys.stdout.buffer.write(to_json(alert) + b"\n")
    sys.stdout.buffer.flush()
    if states is not None and end is not None:
        lines = (f"{name}\t{state.to_bytes().hex()}\n" for name, state in story.states(end, policy))
        try:
            states.write_text("".join(lines), "utf-8")
        except OSError as error:
            raise Failure(f"cannot write {states}: {error.strerror}", 2) from None
    typer.echo(
        f"{story.events:,} events of {len(story.accounts):,} accounts, {story.repeated:,} repeated, "
        f"{skipped:,} lines skipped: {len(alerts):,} alerts",
        err=True,
    )


def end_of(story: "Replay") -> datetime | None:
    """The last event; but where a few lie ahead of now, the last one before them.

    A mistyped year must not make everybody else fall silent; a portfolio that is made for years to come has
    a clock of its own.
    """
    end, ahead = story.newest(datetime.now(UTC) + _AHEAD)
    if ahead > _STRAY * story.events:
        return story.latest
    if ahead:
        typer.echo(
            f"events more than a day ahead of now: {ahead:,}, the furthest at {story.latest}; they move "
            "no clock, and their weeks are not judged (--until TIME does)",
            err=True,
        )
    return end


class Taker(Protocol):
    """What events are added to."""

    def add(self, event: "CanonicalEvent") -> None:
        """Take an event in; raises Unreadable for one that contradicts another."""
        ...


def read_events(path: Path, story: Taker, *, skip_bad: bool) -> int:
    """Add a file's events; returns how many lines were skipped."""
    from accounts.events import UnknownType, Unreadable, decode

    skipped = 0
    for number, line in _lines(path):
        try:
            story.add(decode(line))
        except UnknownType:
            skipped += 1
        except Unreadable as error:
            if not skip_bad:
                raise Failure(f"{path}:{number}: {error}", 2) from None
            skipped += 1
    return skipped


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """(number, line) of each line that is not blank; progress goes to a terminal's standard error."""
    from rich.console import Console
    from rich.progress import Progress

    try:
        file: BinaryIO = sys.stdin.buffer if str(path) == "-" else path.open("rb")
    except OSError as error:
        raise Failure(f"cannot read {path}: {error.strerror}", 2) from None
    size = path.stat().st_size if path.is_file() else None
    console = Console(stderr=True)
    with file, Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(str(path), total=size)
        done = 0
        for number, line in enumerate(file, start=1):
            done += len(line)
            if number % _EVERY == 0:
                progress.update(task, completed=done)
            if body := line.strip():
                yield number, body
