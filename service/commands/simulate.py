"""`turnsignal simulate`: a made portfolio."""

import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from service.commands.times import moment
from service.failures import Failure

_YEARS = range(1990, 2099)  # no event of another year would be read
_START = datetime(2023, 1, 2, tzinfo=UTC)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(simulate)


def simulate(
    accounts: Annotated[int, typer.Option(min=0, help="How many accounts.")] = 200,
    weeks: Annotated[int, typer.Option(min=26, help="How many weeks.")] = 156,
    seed: Annotated[int, typer.Option(help="The same seed gives the same portfolio.")] = 1,
    start: Annotated[datetime, typer.Option(parser=moment, metavar="TIME", help="The first day.")] = _START,
    out: Annotated[Path | None, typer.Option(help="File for the events; else standard output.")] = None,
    truth: Annotated[Path, typer.Option(help="File for what really happens to each account.")] = Path(
        "truth.jsonl"
    ),
    story: Annotated[bool, typer.Option("--story", help="Add the account of the demo's story.")] = False,
) -> None:
    """Write the canonical events of a made portfolio, one a line, and its truth into a second file.

    Example: turnsignal simulate --accounts 300 --out events.jsonl && turnsignal replay events.jsonl
    """
    if out == truth:
        raise Failure(f"events and truth cannot both go to {truth}", 2)
    if start.year not in _YEARS or weeks / 52 >= _YEARS.stop - start.year:
        raise Failure(f"the portfolio must lie between {_YEARS.start} and {_YEARS.stop - 1}", 2)

    from service.simulation import portfolio, write_events, write_truth

    events, truths = portfolio(accounts, weeks, seed, start, story=story)
    try:
        with ExitStack() as files:
            target = files.enter_context(out.open("w", encoding="utf-8")) if out else sys.stdout
            told = files.enter_context(truth.open("w", encoding="utf-8"))
            count = write_events(events, target)
            write_truth(truths, told)
            target.flush()
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        raise Failure(f"cannot write {error.filename}: {error.strerror}", 2) from None
    typer.echo(f"{count:,} events of {len(truths)} accounts; the truth is in {truth}", err=True)
