"""`turnsignal mapping coverage`: how much of each signal the data can feed, and what the gaps cost."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from service.commands.consumed import consumed
from service.commands.offsets import Cluster
from service.commands.processes import settings
from service.commands.replay import read_events
from service.commands.sources import (
    BEGINNING,
    MAPPING,
    ROLES,
    START,
    TOPIC,
    Topics,
    nothing_of,
    read_topics,
    say_of,
)
from service.failures import Failure

if TYPE_CHECKING:
    from rich.progress import Progress

    from accounts.events import CanonicalEvent
    from accounts.policy import Policy
    from service.coverage.cost import Cost
    from service.coverage.matching import Finding
    from service.coverage.report import Report
    from service.coverage.tally import Tally
    from storage.engine import Engine

_NEEDED = ("numpy", "scipy")  # by the cost alone
_AHEAD = timedelta(days=1)
_WIDTH = 80  # columns
_EVERY = 5000  # events between two looks at the progress


def coverage(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Files of canonical events (- is standard input); else the database."),
    ] = None,
    topic: Annotated[list[str] | None, TOPIC] = None,
    cluster: Cluster = "",
    start: Annotated[str, START] = BEGINNING,
    mapping: Annotated[list[str] | None, MAPPING] = None,
    roles: Annotated[Path | None, ROLES] = None,
    fast: Annotated[
        bool, typer.Option("--fast", "--no-cost", help="Leave out what the gaps cost: seconds, not a minute.")
    ] = False,
    false_alarms: Annotated[
        float, typer.Option(min=0.01, max=100, help="The budget: false alarms a year per 100 accounts.")
    ] = 5.0,
    accounts: Annotated[
        int, typer.Option(min=50, max=20_000, help="Of the made portfolio on which the cost is measured.")
    ] = 600,
    seed: Annotated[int, typer.Option(help="Of that portfolio: another one shows what is chance.")] = 1,
    html: Annotated[Path | None, typer.Option("--html", help="Also write the report as a page.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The figures as JSON on standard output.")] = False,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Of files: pass over unreadable lines.")
    ] = False,
) -> None:
    """Tell how much of each signal the data can feed, what to map to mend it, and what the gaps cost.

    Of what has been consumed (the database of the settings), of topics, or of files of canonical events.
    Nothing is written. Topics are read as the service would read them, with all that they refer to: name
    those of contacts, products and lines too.

    The cost is measured on a made portfolio that is given your gaps: a simulation, no promise. It tells
    which gap is most worth mending.

    Example: turnsignal mapping coverage --topic crm.contacts --topic crm.tasks --topic erp.orders
    """
    if files and topic:
        raise Failure("name files or topics, not both", 2)
    from accounts.policy import Policy
    from service import own_roles
    from service.coverage.report import figures, report
    from service.coverage.tally import Tally

    own_roles.use(roles or (None if files else settings().detection.roles))
    now = datetime.now(UTC)
    tally, policy = Tally(now + _AHEAD), Policy(false_alarms=false_alarms)
    topics = Topics(topic or (), cluster, start, mapping or ())
    told = _read(tally, files or [], topics, skip_bad=skip_bad)
    if not tally.events:
        raise Failure("there are no events to look at; consume some first, or name files or topics", 2)
    cost = None if fast else _cost(tally, policy, accounts, seed)
    found = report(tally, policy, cost, told, now, _words(files or [], topics, roles))
    if as_json:
        typer.echo(json.dumps(figures(found), ensure_ascii=False))
    _show(found, html, silent=as_json)


def _words(files: Sequence[Path], topics: Topics, roles: Path | None) -> str:
    """The words that name the same data, and the same reading of titles, to another command."""
    words = [("--topic", topic) for topic in topics.named] + [("--mapping", file) for file in topics.mapping]
    if topics.cluster:
        words.append(("--cluster", topics.cluster))
    if topics.start != BEGINNING:
        words.append(("--from", topics.start))
    if roles is not None:
        words.append(("--roles", str(roles)))
    said = [word for pair in words for word in pair] + [str(file) for file in files]
    return "".join(f" {quote(word)}" for word in said)


def _read(tally: "Tally", files: Sequence[Path], topics: Topics, *, skip_bad: bool) -> "list[Finding]":
    """Count all events; returns what was found on the way."""
    if files:
        once = _Once(tally)
        skipped = sum(read_events(path, once, skip_bad=skip_bad) for path in files)
        if skipped:
            typer.echo(f"{skipped:,} lines that are no events were passed over", err=True)
        return []
    if topics.named:
        return _of_topics(tally, topics)
    with consumed() as engine:
        return _of_database(tally, engine)


class _Once:
    """Passes each event on the first time it comes; of what came it keeps a number."""

    def __init__(self, tally: "Tally") -> None:
        self._tally = tally
        self._seen: set[bytes] = set()
        self.repeated = 0

    def add(self, event: "CanonicalEvent") -> None:
        from accounts.events import event_key

        key = event_key(event)
        if key in self._seen:
            self.repeated += 1
            return
        self._seen.add(key)
        self._tally.add(event)


def _of_topics(tally: "Tally", topics: Topics) -> "list[Finding]":
    from service.coverage.unmade import Letters, Unmade, unmade

    once = _Once(tally)
    read = read_topics(topics, once.add)
    say_of(read, tally.events, len(tally.accounts), once.repeated)
    if not tally.events:
        raise nothing_of(read, topics)
    letters = [
        Letters(topic, reason, number, read.examples[topic, reason])
        for (topic, reason), number in read.letters.items()
    ]
    left = Unmade(letters, read.waiting, read.lacking, read.kinds, read.awaited)
    return list(unmade(left, tally.events))


def _of_database(tally: "Tally", engine: "Engine") -> "list[Finding]":
    from accounts.events import decode_accepted
    from service.coverage.unmade import Letters, Unmade, unmade
    from storage import reviews
    from storage import unmade as stored
    from storage.engine import reading

    with reading(engine) as connection, _progress() as bar:
        task = bar.add_task("counting", total=None)
        for number, body in enumerate(reviews.all_bodies(connection), start=1):
            tally.add(decode_accepted(body))
            if number % _EVERY == 0:
                bar.update(task, completed=number)
        letters = [Letters(*one) for one in stored.letters(connection)]
        left = Unmade(letters, waiting_of=stored.waiting(connection))
        return list(unmade(left, tally.events))


def _cost(tally: "Tally", policy: "Policy", accounts: int, seed: int) -> "Cost | None":
    if lacking := [name for name in _NEEDED if find_spec(name) is None]:
        typer.echo(
            f"what the gaps cost is left out: it needs {' and '.join(lacking)} (turnsignal[backtest])",
            err=True,
        )
        return None
    from service.coverage.cost import cost
    from service.coverage.pieces import missing

    if not missing(tally):
        return None
    with _progress() as bar:
        task = bar.add_task("", total=1.0)
        return cost(
            tally,
            policy,
            accounts,
            seed=seed,
            progress=lambda step, share: bar.update(task, description=step, completed=share),
        )


@contextmanager
def _progress() -> "Iterator[Progress]":
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        yield bar


def _show(found: "Report", html: Path | None, *, silent: bool) -> None:
    from rich.console import Console

    from service.coverage.screen import show

    if not silent:
        width = None if Console().is_terminal else _WIDTH
        show(found, Console(markup=False, highlight=False, width=width))
    if html is None:
        return
    from service.coverage.page import page

    try:
        html.write_text(page(found), "utf-8")
    except OSError as error:
        raise Failure(f"cannot write {html}: {error.strerror}", 2) from None
    typer.echo(f"the report is in {html}", err=True)
