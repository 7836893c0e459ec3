"""What the core sees in made portfolios: warnings in time, their lead, and false alarms, a row a scenario.

    .venv/bin/python bench/detection.py --accounts 300 --weeks 182 --seeds 101 102
    .venv/bin/python bench/detection.py --budgets 2 5 10 20

A warning counts from the moment the shift began (or, without one, the orders collapsed); whatever was raised
before that, and whatever is raised of an account where nothing happens, is a false alarm.
"""

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import msgspec

from accounts.alert import Alert
from accounts.events import decode
from accounts.policy import Policy
from accounts.replay import Replay
from accounts.stages import Kind
from service.simulation import MIX, Truth, portfolio

START = datetime(2022, 1, 3, tzinfo=UTC)
YEAR_DAYS = 365.25
IN_TIME_WEEKS = 8
WARNINGS: tuple[Kind, ...] = ("buying_centre_shift", "decline", "at_risk")
FALSE: tuple[Kind, ...] = (*WARNINGS, "lost")


@dataclass
class Row:
    """What happened to the accounts of one scenario."""

    accounts: int = 0
    ended: int = 0
    leads: list[float] = field(default_factory=list)  # weeks from the first warning to the collapse
    noticed: list[float] = field(default_factory=list)  # weeks from the collapse to the first alert after it
    false: Counter[Kind] = field(default_factory=Counter)
    quiet_years: float = 0.0

    def add(self, truth: Truth, alerts: Iterable[Alert], until: datetime) -> None:
        """Judge one account's alerts by its truth."""
        self.accounts += 1
        changed = truth.shift_at or truth.collapse_at or until
        self.quiet_years += (changed - START).days / YEAR_DAYS
        warned: list[datetime] = []
        seen: list[datetime] = []
        for alert in alerts:
            if alert.raised_at < changed:
                self.false[alert.kind] += 1
                continue
            seen.append(alert.raised_at)
            if alert.kind in WARNINGS:
                warned.append(alert.raised_at)
        if truth.collapse_at:
            self.ended += 1
            if warned:
                self.leads.append((truth.collapse_at - min(warned)) / timedelta(weeks=1))
            if seen:
                self.noticed.append((min(seen) - truth.collapse_at) / timedelta(weeks=1))

    def merge(self, other: "Row") -> None:
        """Take in the accounts of another row."""
        self.accounts += other.accounts
        self.ended += other.ended
        self.leads += other.leads
        self.noticed += other.noticed
        self.false += other.false
        self.quiet_years += other.quiet_years

    def rate(self, *kinds: Kind) -> float:
        """False alarms per 100 account-years."""
        return 100 * sum(self.false[kind] for kind in kinds) / self.quiet_years if self.quiet_years else 0.0

    def line(self, name: str) -> str:
        """The row in print."""
        rates = "".join(f"{self.rate(kind):8.1f}" for kind in FALSE)
        return f"{name:24}{self.accounts:6}{self._found()}{rates}{self.rate(*FALSE):8.1f}"

    def _found(self) -> str:
        """Warned in time, their median lead; noticed at all, and the median weeks after the collapse."""
        if not self.ended:
            return " " * 30
        # What was never warned of counts as a lead shorter than any.
        leads = sorted([float("-inf")] * (self.ended - len(self.leads)) + self.leads)
        in_time = 100 * sum(lead >= IN_TIME_WEEKS for lead in leads) / self.ended
        noticed = 100 * len(self.noticed) / self.ended
        return f"{in_time:5.0f} %{median(leads):+7.1f}{noticed:7.0f} %{median(self.noticed or [0]):+8.1f}"


HEAD = f"{'scenario':24}{'n':>6}{'>=8 w':>7}{'lead':>7}{'noticed':>9}{'after':>8}" + "".join(
    f"{name:>8}" for name in ("shift", "decline", "at risk", "lost", "all")
)


def load(accounts: int, weeks: int, seed: int) -> tuple[Replay, list[Truth]]:
    """A portfolio as the core reads it, and its truth."""
    events, truths = portfolio(accounts, weeks, seed, START)
    replay = Replay()
    for event in events:
        replay.add(decode(msgspec.json.encode(event)))
    return replay, truths


def judge(replay: Replay, truths: list[Truth], until: datetime, policy: Policy) -> dict[str, Row]:
    """A row a scenario."""
    of: defaultdict[str, list[Alert]] = defaultdict(list)
    for alert in replay.alerts(until, policy):
        of[alert.account_id].append(alert)
    rows = {scenario: Row() for scenario in MIX}
    for truth in truths:
        rows[truth.scenario].add(truth, of[truth.account_id], until)
    return rows


def summed(rows: Iterable[Row]) -> Row:
    """All scenarios together."""
    total = Row()
    for row in rows:
        total.merge(row)
    return total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--accounts", type=int, default=300)
    parser.add_argument("--weeks", type=int, default=182)
    parser.add_argument("--seeds", type=int, nargs="+", default=[101, 102])
    parser.add_argument("--budgets", type=float, nargs="+", default=[Policy().false_alarms])
    options = parser.parse_args()
    until = START + timedelta(weeks=options.weeks)
    portfolios = [load(options.accounts, options.weeks, seed) for seed in options.seeds]
    for budget in options.budgets:
        rows = {scenario: Row() for scenario in MIX}
        for replay, truths in portfolios:
            for scenario, row in judge(replay, truths, until, Policy(false_alarms=budget)).items():
                rows[scenario].merge(row)
        print(f"\nbudget {budget:g} a 100 account-years; false alarms a 100 account-years, by kind")
        print(HEAD)
        for scenario, row in rows.items():
            print(row.line(scenario))
        print(summed(rows.values()).line("all"))


if __name__ == "__main__":
    main()
