"""All that is told of a portfolio's data."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from accounts.policy import Policy
from service.coverage import unmade
from service.coverage.findings import findings, weeks_of
from service.coverage.matching import Finding
from service.coverage.pieces import BY_NAME, Amount, Piece, amount_of, missing
from service.coverage.signals import Row, rows
from service.coverage.tally import Tally
from service.unknown_titles import Census

if TYPE_CHECKING:  # what they stand on is an extra
    from service.backtest.scores import Score
    from service.coverage.cost import Cost, Difference

SHOWN_TITLES = 5
_ORDERED = {"orders", "lines", "kinds"}  # pieces that go with the records of orders


class Gap(NamedTuple):
    """A piece that the data lacks, and what it would win."""

    piece: Piece
    amount: Amount
    mend: str
    gain: "Difference | None"  # None: not measured


class Report(NamedTuple):
    """What the data can tell."""

    events: int
    accounts: int
    customers: int
    first: datetime | None
    last: datetime | None
    rows: list[Row]
    gaps: list[Gap]  # those most worth mending first
    findings: list[Finding]
    census: Census
    weeks: list[int]
    cost: "Cost | None"
    words: str  # that name the same data to another command, each after a blank

    @property
    def whole(self) -> bool:
        """Whether nothing at all stands in the way of the detection."""
        wrong = any(finding.loud or finding.name in unmade.NAMES for finding in self.findings)
        return not wrong and not self.gaps and not any(row.verdict == "not at all" for row in self.rows)


def report(
    tally: Tally,
    policy: Policy,
    cost: "Cost | None",
    told: Sequence[Finding] = (),
    now: datetime | None = None,
    words: str = "",
) -> Report:
    """Put it together; `told` is what was found while reading: it comes first, before what it may cause."""
    gains = {} if cost is None else {one.piece: one.gain for one in cost.mended}
    order = list(gains)
    lost = any(finding.loud for finding in told)
    gaps = [
        Gap(
            piece,
            amount := amount_of(piece, tally),
            _mend(piece, amount, words, lost=lost),
            gains.get(piece.name),
        )
        for piece in missing(tally)
    ]
    gaps.sort(key=lambda gap: order.index(gap.piece.name) if gap.piece.name in gains else len(order))
    of_events = findings(tally, policy, now)
    if lost:
        of_events = [finding for finding in of_events if finding.name not in unmade.CAUSED]
    found = sorted([*told, *of_events], key=lambda finding: not finding.loud)
    return Report(
        tally.events, len(tally.accounts), len(tally.customers), tally.first, tally.end,
        rows(tally, policy), gaps, found, tally.census, weeks_of(tally), cost, words,
    )  # fmt: skip


def _mend(piece: Piece, amount: Amount, words: str, *, lost: bool) -> str:
    """How a piece is mended; where all of it is missing, records that became no event may be all of it."""
    mend = piece.mend.replace("turnsignal roles unknown", f"turnsignal roles unknown{words}")
    if not lost or amount.having:
        return mend
    first = "first mend what stands above behind !, and look again: this may come of it"
    return first if piece.name in _ORDERED else f"{mend}; but {first}"


def figures(told: Report) -> dict[str, object]:
    """The same for programs."""
    return {
        "events": told.events,
        "accounts": told.accounts,
        "customers": told.customers,
        "first": told.first.isoformat() if told.first else None,
        "last": told.last.isoformat() if told.last else None,
        "signals": [_signal(row) for row in told.rows],
        "gaps": [_gap(gap) for gap in told.gaps],
        "findings": [finding._asdict() for finding in told.findings],
        "unknown_titles": [row._asdict() for row in told.census.unknown[:50]],
        "people": {
            "all": told.census.people,
            "untitled": told.census.untitled,
            "with_unknown_title": told.census.silent,
        },
        "cost": None if told.cost is None else _cost(told.cost),
    }


def _signal(row: Row) -> dict[str, object]:
    return {
        "signal": row.signal.name,
        "of": row.signal.units or "accounts",
        "having": row.having,
        "units": row.of,
        "share": round(row.share, 4),
        "accounts_judged": row.judged,
        "share_of_accounts": round(row.share_of_accounts, 4),
        "verdict": row.verdict,
        "reason": row.reason,
        "mend": {name: BY_NAME[name].mend for name in row.signal.pieces},
    }


def _gap(gap: Gap) -> dict[str, object]:
    return {
        "piece": gap.piece.name,
        "of": gap.piece.told,
        "having": gap.amount.having,
        "units": gap.amount.of,
        "accounts_without": gap.amount.accounts_without,
        "accounts": gap.amount.accounts,
        "mend": gap.mend,
        "gain": None if gap.gain is None else _difference(gap.gain),
    }


def _cost(cost: "Cost") -> dict[str, object]:
    return {
        "made_portfolio": {"accounts": cost.accounts, "weeks": cost.weeks, "seed": cost.seed},
        "budget": cost.budget,
        "whole": _score(cost.whole),
        "found": _score(cost.found),
        "loss": _difference(cost.loss),
    }


def _score(score: "Score") -> dict[str, object]:
    return {
        "losses": score.losses,
        "warned_in_time": score.in_time,
        "median_lead_weeks": score.median_lead,
        "false_alarms_per_100_account_years": round(score.false_rate, 2),
    }


def _difference(gain: "Difference") -> dict[str, object]:
    return {
        "points_in_time": round(gain.points, 1),
        "low": round(gain.low, 1),
        "high": round(gain.high, 1),
        "beyond_chance": gain.seen,
        "false_alarms_per_100_account_years": round(gain.false_alarms, 2),
    }
