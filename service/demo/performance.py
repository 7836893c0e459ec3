"""The demo from beginning to end: play, show, sum up, and hold against what the pure core says."""

import json
import logging
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from accounts.alert import Alert
from accounts.events import decode
from accounts.policy import Policy
from accounts.replay import Replay
from accounts.stages import STAGES
from accounts.weeks import start_of, week_of
from service import logs
from service.demo.player import StalledError, play
from service.demo.screen import ScreenSender, counts
from service.demo.stage import Stage, stage
from service.demo.verdict import false_alarms, lead_sentence, lead_table, leads
from service.embedded_broker import BrokerMissingError
from service.failures import Failure
from service.simulation import STORY_ACCOUNT, Event, Truth, portfolio
from storage import deliveries, reviews
from storage.engine import reading

_WEEKS = 156
_WIDTH = 110  # where nobody says how wide the screen is


def perform(accounts: int, seed: int, *, stay: bool) -> int:
    """Play the demo; returns the exit code: 0 only if every alert that should arrive did."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=_WIDTH)
    end = start_of(week_of(datetime.now(UTC)))
    made, truths = portfolio(accounts, _WEEKS, seed, end - timedelta(weeks=_WEEKS), story=True)
    events = [event for event in made if datetime.fromisoformat(event["time"]) < end]
    sender = ScreenSender(console)
    with TemporaryDirectory(prefix="turnsignal-demo-") as folder:
        _log_to(Path(folder) / "service.log")
        console.print(
            f"Three years of {accounts} made accounts, {len(events):,} events: through Kafka (embedded), "
            "consumer, reviews, signed webhook and notifier.\n"
            "Every message below is what an owner would get.\n"
        )
        try:
            with stage(Path(folder), sender) as running:
                seconds = _play(console, running, sender, events, end)
                code = _sum_up(console, running, sender, events, truths, end, seconds)
                if stay:
                    _stay(console, running)
        except (BrokerMissingError, StalledError) as error:
            log = (Path(folder) / "service.log").read_text("utf-8")[-3000:]
            raise Failure(f"{error}\n{log}") from None
        finally:
            logging.shutdown()
            logging.getLogger().handlers.clear()
    return code


def _leave(number: int, _frame: FrameType | None) -> None:
    """As after Ctrl-C: neither the broker nor the folder outlives a closed terminal."""
    raise SystemExit(128 + number)


def _log_to(path: Path) -> None:
    logs.configure("info", "json", stream=path.open("w", encoding="utf-8"))


def _play(
    console: Console, running: Stage, sender: ScreenSender, events: Sequence[Event], end: datetime
) -> float:
    """Play all events; returns the seconds it took until the last message was delivered.

    Raises BrokenPipeError once nobody reads along any more.
    """
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("events"),
        TimeElapsedColumn(),
    )
    begun = time.monotonic()
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=len(events))

        def follow(week_end: datetime, sent: int) -> None:
            progress.update(task, completed=sent, description=f"{week_end:%b %Y}")
            running.wait_until_followed(sent)
            if sender.left:
                raise BrokenPipeError

        play(running.bootstrap, events, on_week=follow, stop=threading.Event())
        running.finish(end)
    return time.monotonic() - begun


def _sum_up(
    console: Console,
    running: Stage,
    sender: ScreenSender,
    events: Sequence[Event],
    truths: Sequence[Truth],
    end: datetime,
    seconds: float,
) -> int:
    expected = _expected(events, end)
    delivered = [alert for alert in expected if alert.id in sender.delivered]
    with reading(running.engine) as connection:
        by_stage = reviews.stages(connection)
        needless = deliveries.held_back(connection, ("inhibited", "ended_before_delivery"))
    console.rule("What happened")
    console.print(
        f"{len(events):,} events in {seconds:.0f} s, {len(events) / seconds:,.0f} events a second,\n"
        "each week reviewed as it closed and every message delivered before the next.\n"
    )
    console.print(counts("Accounts by stage", {s: by_stage[s] for s in STAGES if s in by_stage}))
    console.print(counts("Alerts by kind", dict(Counter(alert.kind for alert in delivered).most_common())))
    found = leads(delivered, truths)
    console.print(lead_table(found))
    console.print(lead_sentence(found))
    rate = false_alarms(delivered, truths, _WEEKS / 52)
    console.print(
        f"False alarms on accounts to which nothing happened: {rate:.1f} per 100 account-years.\n"
        "The portfolio is made; docs/simulator.md says how. It shows how Turnsignal works, not how well it "
        "will do on yours."
    )
    return _verdict(console, expected, sender, needless)


def _expected(events: Sequence[Event], end: datetime) -> list[Alert]:
    """What the pure core says of the same events, without Kafka and database."""
    story = Replay()
    for event in events:
        story.add(decode(json.dumps(event).encode()))
    return story.alerts(end, Policy())


def _verdict(
    console: Console, expected: Sequence[Alert], sender: ScreenSender, needless: Collection[str]
) -> int:
    """`needless` are alerts that nobody had to read: over by their turn, or beside a graver one."""
    silent = [alert for alert in expected if alert.id not in sender.delivered]
    missing = [alert for alert in silent if alert.id not in needless]
    surplus = sender.delivered.keys() - {alert.id for alert in expected}
    if missing or surplus:
        console.print(
            f"[red]{len(missing)} expected alerts did not arrive, {len(surplus)} came unexpected.[/red]"
        )
        return 1
    if not any(a.account_id == STORY_ACCOUNT and a.kind == "buying_centre_shift" for a in expected):
        console.print("[red]The shift of the story's account was not noticed.[/red]")
        return 1
    but = f", but for {len(silent)} that a graver one or its own end made needless" if silent else ""
    console.print(
        f"[green]All {len(expected)} alerts that the pure core expects of these events arrived{but}.[/green]"
    )
    return 0


def _stay(console: Console, running: Stage) -> None:
    console.print(f"\nPages and API stay up at [bold]{running.address}[/bold] (API: /docs). Ctrl-C ends.")
    try:
        while not running.failed():
            time.sleep(0.5)
    except KeyboardInterrupt:
        sys.stderr.write("\n")
