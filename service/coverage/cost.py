"""What gaps cost in detection, measured on a made portfolio whose truth is known.

Each made account is given the gaps of one account of the data, drawn by lot; then the core judges it as it
would live. Each piece is then given back alone. The same accounts are judged each time, so what differs is
the piece: its interval is that of a bootstrap over the lost accounts (Efron 1979).
"""

# ruff: noqa: S311  (chance for a simulation: it must repeat for its seed)

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from random import Random
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

from accounts.account import unaged
from accounts.events import CanonicalEvent
from accounts.policy import Policy
from accounts.weeks import week_of
from service.backtest.outcomes import Outcome
from service.backtest.run import WARNINGS
from service.backtest.scores import Score, score
from service.coverage.gaps import ALL_KINDS, Gaps, Kinds
from service.coverage.pieces import BY_NAME, Piece, amount_of, kinds_of, missing
from service.coverage.tally import Account, Tally
from service.simulation import portfolio

if TYPE_CHECKING:
    from accounts.series import Series

ACCOUNTS, WEEKS, SEED = 600, 182, 1
# Losses that a shift comes before, and accounts to which nothing happens: what comes from one day to the
# next nobody sees, whatever the data holds.
MIX: Mapping[str, float] = MappingProxyType(
    {
        "shift_then_loss": 0.40,
        "sparse_shift_then_loss": 0.15,
        "stable": 0.15,
        "seasonal": 0.10,
        "passing_buyers": 0.10,
        "purchasing_led": 0.05,
        "sparse": 0.05,
    }
)
_START = datetime(2022, 1, 3, tzinfo=UTC)
_RESAMPLED = 2000
_WITHIN = (2.5, 97.5)

Kept = dict[str, float]


class Difference(NamedTuple):
    """What is better than with the gaps: points of losses warned of in time, false alarms a 100 years."""

    points: float
    low: float  # 95 %, of chance in which accounts there are
    high: float
    false_alarms: float

    @property
    def seen(self) -> bool:
        """Whether it is more than chance."""
        return self.low > 0 or self.high < 0


class Mended(NamedTuple):
    """One piece given back alone."""

    piece: str
    score: Score
    gain: Difference


class Cost(NamedTuple):
    """What the gaps come to."""

    accounts: int
    weeks: int
    seed: int
    budget: float
    whole: Score
    found: Score
    loss: Difference  # of the whole against what was found
    mended: list[Mended]  # the most worth first


class _Judged(NamedTuple):
    """What was raised of an account, and what that was worth."""

    alarms: list[int]
    score: Score


class Made:
    """The made portfolio, and what the core makes of it with all it has."""

    def __init__(self, accounts: int, weeks: int, seed: int, policy: Policy) -> None:
        events, truths = portfolio(accounts, weeks, seed, _START, mix=MIX)
        self.policy, self.until = policy, week_of(_START) + weeks
        self.events: dict[str, list[CanonicalEvent]] = {truth.account_id: [] for truth in truths}
        self.tally = Tally(datetime.max.replace(tzinfo=UTC))
        for raw in events:
            event = msgspec.convert(raw, CanonicalEvent)
            self.events[event.subject].append(event)
            self.tally.add(event)
        self._ends = {
            truth.account_id: Outcome(_week(truth.collapse_at), _week(truth.shift_at)) for truth in truths
        }
        self._series: dict[str, Series] = {}
        self.whole = {account: self.judge(account, self.events[account]) for account in self.events}

    def judge(self, account: str, events: Iterable[CanonicalEvent]) -> _Judged:
        """What would have been raised by these events; years are those of the whole ones."""
        state = unaged(events, self.until, self.policy)
        alarms = [mark.week for mark in state.fold.marks if mark.kind in WARNINGS]
        series = self._series.setdefault(account, state.series)
        found = score({account: alarms}, {account: series}, {account: self._ends[account]})
        return _Judged(alarms, found)

    def total(self, judged: Mapping[str, _Judged]) -> Score:
        """All accounts together."""
        alarms = {account: one.alarms for account, one in judged.items()}
        return score(alarms, self._series, self._ends)


def _week(at: datetime | None) -> int | None:
    return None if at is None else week_of(at)


def cost(
    tally: Tally,
    policy: Policy,
    accounts: int = ACCOUNTS,
    weeks: int = WEEKS,
    seed: int = SEED,
    progress: Callable[[str, float], None] = lambda _step, _share: None,
) -> Cost:
    """What this data's gaps cost; the same arguments give the same answer."""
    progress("making a portfolio", 0.0)
    made = Made(accounts, weeks, seed, policy)
    gaps = missing(tally)
    kept = _drawn(tally, made, [piece.name for piece in gaps], seed)
    kinds = kinds_of(tally) if any(piece.name == "kinds" for piece in gaps) else ALL_KINDS
    steps = len(gaps) + 1
    progress("with the gaps", 0.15)
    found = {
        account: _judged(made, account, kept[account], kinds, seed, made.whole[account])
        for account in made.events
    }
    mended = []
    for number, piece in enumerate(gaps, start=1):
        progress(f"with {piece.told}", 0.15 + 0.85 * number / steps)
        given = _mended(made, found, kept, kinds, seed, piece)
        mended.append(Mended(piece.name, made.total(given), _difference(given, found, seed)))
    mended.sort(key=lambda one: (not one.gain.seen, -one.gain.points, one.piece))
    whole = made.whole
    return Cost(
        accounts, weeks, seed, policy.false_alarms,
        made.total(whole), made.total(found), _difference(whole, found, seed), mended,
    )  # fmt: skip


def _mended(
    made: Made, found: Mapping[str, _Judged], kept: Mapping[str, Kept], kinds: Kinds, seed: int, piece: Piece
) -> dict[str, _Judged]:
    """What is judged with one piece whole; accounts that had it whole stay as they were."""
    given = dict(found)
    known = ALL_KINDS if piece.name == "kinds" else kinds
    for account, shares in kept.items():
        if shares.get(piece.name, 1.0) < 1 or known != kinds:
            better = {name: share for name, share in shares.items() if name != piece.name}
            given[account] = _judged(made, account, better, known, seed, made.whole[account])
    return given


def _judged(made: Made, account: str, kept: Kept, kinds: Kinds, seed: int, whole: _Judged) -> _Judged:
    if kinds == ALL_KINDS and all(share >= 1 for share in kept.values()):
        return whole
    return made.judge(account, list(Gaps(seed, kept, kinds).of(made.events[account])))


def _drawn(tally: Tally, made: Made, gaps: Sequence[str], seed: int) -> dict[str, Kept]:
    """For each made account the share that is kept of each piece: those of one account of the data.

    What that account could not have is taken from another that could. Shares are of what the made portfolio
    has itself.
    """
    usual = {name: amount_of(BY_NAME[name], made.tally).share or 1.0 for name in gaps}
    customers = _sorted(tally.customers)
    everybody = _sorted(tally.accounts)
    able = {name: _able(BY_NAME[name], customers) or _able(BY_NAME[name], everybody) for name in gaps}
    chance, kept = Random(f"turnsignal coverage {seed}"), {}
    for account in made.events:
        like = chance.choice(customers)
        shares = {}
        for name in gaps:
            piece, others = BY_NAME[name], able[name]
            if piece.of is None:
                shares[name] = 0.0
                continue
            having, of = piece.of(like)
            if not of and others:
                having, of = chance.choice(others)
            shares[name] = min(1.0, having / of / usual[name]) if of else 1.0
        kept[account] = {name: share for name, share in shares.items() if name != "kinds"}
    return kept


def _sorted(accounts: Mapping[str, Account]) -> list[Account]:
    return [accounts[name] for name in sorted(accounts)]


def _able(piece: Piece, accounts: Iterable[Account]) -> list[tuple[int, int]]:
    if piece.of is None:
        return []
    return [part for part in map(piece.of, accounts) if part[1]]


def _difference(better: Mapping[str, _Judged], found: Mapping[str, _Judged], seed: int) -> Difference:
    """What is better, with the chance in which lost accounts there happened to be."""
    lost = [account for account, one in found.items() if one.score.losses]
    gains = np.array([better[a].score.in_time - found[a].score.in_time for a in lost], dtype=np.float64)
    alarms = sum(better[a].score.false_alarms - found[a].score.false_alarms for a in found)
    years = sum(one.score.quiet_years for one in found.values())
    rate = 100 * alarms / years if years else 0.0
    if not len(gains):
        return Difference(0.0, 0.0, 0.0, rate)
    chance = np.random.default_rng(seed)
    picked = chance.integers(0, len(gains), (_RESAMPLED, len(gains)))
    low, high = np.percentile(100 * gains[picked].mean(axis=1), _WITHIN)
    return Difference(float(100 * gains.mean()), float(low), float(high), rate)
