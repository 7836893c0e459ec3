"""The shift test: the say that moves to purchasing, against the account's own baseline.

A CUSUM on weekly log-likelihood ratios (Page 1954; Lorden 1971) of shares (STREAM_ROWS: purchasing among
those who decide, price among the topics, unbundled among the order value, …) and of the customer's
engagement, which falls (`accounts.engagement`). Experience is with a product: each product line has
baselines of its own, and one sum is made of what all of them say. Integers throughout.
"""

import msgspec

from accounts.baseline import Baseline, learnt_again
from accounts.cusum import Cusum
from accounts.engagement import ENGAGEMENT_ROWS, Engagement
from accounts.evidence import (
    BASES,
    BASKETS,
    COMMERCIAL,
    DECIDERS,
    DECISIONS,
    PRICE,
    PURCHASING,
    QUICK,
    RIVALLED,
    RIVALS,
    SHARED,
    SPECIFIED,
    TALKS,
    TENDERED,
    TENDERS,
    UNBUNDLED,
    VOTE,
    VOTE_ROWS,
    WON,
)
from accounts.policy import Policy
from accounts.series import NO_LINE, REACH_WEEKS, Series

# The rows of (votes for, votes) of each of the policy's shift streams, in its order.
STREAM_ROWS = (
    (PURCHASING, DECIDERS),
    (PRICE, TALKS),
    (UNBUNDLED, BASKETS),
    (COMMERCIAL, TALKS),
    (SPECIFIED, BASES),
    (TENDERED, TENDERS),
    (RIVALLED, RIVALS),
    (SHARED, WON),
    (QUICK, DECISIONS),
)
STREAMS = len(STREAM_ROWS)
WORTH_WEEKS = 104  # a line that was lost two years ago weighs nothing any more
_WHOLE = 1000  # a line's weight, in thousandths


class ShiftReading(msgspec.Struct, array_like=True):
    """What the test said when an alert was raised: enough to tell it in words, whatever is learnt later."""

    onset: int  # −1 where the sum was zero
    parts: list[int]  # micro-nats, a number a stream: those of STREAM_ROWS, then those of the engagement
    clipped: int
    by_line: list[int]  # micro-nats, in the series' order of product lines
    usual: list[tuple[int, int]]  # (votes for, votes) of each share's baselines, in thousandths
    judged: list[list[int]]  # the places of the lines that had one; all where none had
    rates: list[float]  # talks a week, of each engagement


class ShiftTest(msgspec.Struct, array_like=True):
    """The baselines of each product line, the sum S of what speaks against them, and each line's part."""

    lines: list[list[Baseline]] = []  # in the series' order of lines, a baseline a stream
    cusum: Cusum = msgspec.field(default_factory=lambda: Cusum([0] * (STREAMS + len(ENGAGEMENT_ROWS))))
    by_line: list[int] = []  # micro-nats since S left zero; with the engagement as much as the cusum's parts
    engagement: Engagement = msgspec.field(default_factory=Engagement)  # of the account as a whole

    def step(self, week: int, index: int, series: Series, policy: Policy, spoke: list[int]) -> None:
        """Fold the week at `index` of the series into S; `spoke` are the lines of which it says anything."""
        calm = not self.cusum.total
        gains, by_line = [0] * STREAMS, {}
        worths: list[int] | None = None
        for line in spoke:
            said = self._hear(line, week, index, series.rows(line), policy, calm=calm)
            if any(said):
                if worths is None:
                    worths = series.worths(week - WORTH_WEEKS + 1, week)
                weight = _weight(worths, series.lines[line], line)
                for stream, gain in enumerate(said):
                    said[stream] = gain * weight // (_WHOLE * VOTE)
                    gains[stream] += said[stream]
                by_line[line] = sum(said)
        gains += self.engagement.step(week, index, series, policy, calm=calm)
        if self.cusum.ready and any(gains):
            self.cusum.add(week, gains, policy)
            self._share_out(by_line)

    def _hear(
        self, line: int, week: int, index: int, rows: list[list[int]], policy: Policy, *, calm: bool
    ) -> list[int]:
        """What a line's week says against its own baselines, a number a stream, in micro-nats · VOTE."""
        while line >= len(self.lines):
            self.lines = [*self.lines, [Baseline() for _ in STREAM_ROWS]]
        gains, moved = [0] * STREAMS, False
        for stream, (y_row, n_row) in enumerate(STREAM_ROWS):
            y, n = rows[y_row][index], rows[n_row][index]
            if not (y or n):
                continue
            baseline, numbers = self.lines[line][stream], policy.shift_streams[stream]
            if not baseline.ready:
                if not baseline.begin(week, numbers, policy):
                    baseline.learn(week, y, n)
                    continue
                moved = True
            elif calm and baseline.take_in(week, numbers, policy):
                moved = True
            gains[stream] = baseline.hear(y, n)
        if moved:
            self._set_threshold(policy)
        return gains

    def _share_out(self, by_line: dict[int, int]) -> None:
        """Note each line's part in S."""
        if not self.cusum.total:
            self.by_line = []
            return
        before = self.by_line + [0] * (len(self.lines) - len(self.by_line))
        self.by_line = [part + by_line.get(line, 0) for line, part in enumerate(before)]

    def learn_again(self, week: int, series: Series, policy: Policy) -> None:
        """From `week` on, what was said since S left zero is the account's normal.

        A stream of a line that has not risen keeps its baseline.
        """
        onset = max(self.cusum.onset, week - REACH_WEEKS)
        self.engagement.learn_again(onset, week, series, policy)
        for line, baselines in enumerate(self.lines):
            for stream, (y_row, n_row) in enumerate(STREAM_ROWS):
                y, n = (series.total(row, onset, week - 1, [line]) for row in (y_row, n_row))
                numbers = policy.shift_streams[stream]
                baselines[stream] = learnt_again(baselines[stream], y, n, onset, week, numbers, policy)
        self.cusum.clear()
        self.by_line = []
        self._set_threshold(policy)

    def _set_threshold(self, policy: Policy) -> None:
        nats = policy.micro_threshold(policy.shift_threshold, self.votes_a_year)
        self.cusum.set_threshold(nats, policy)

    @property
    def votes_a_year(self) -> float:
        """How much the account says, by the baselines that are ready."""
        return sum(b.votes * 52 / (VOTE * b.weeks) for line in self.lines for b in line if b.ready)

    def judged(self, stream: int) -> list[int]:
        """The lines that have a baseline in a stream, by their places; all where none has."""
        ready = [place for place, line in enumerate(self.lines) if line[stream].ready]
        return ready or list(range(len(self.lines)))

    def usual(self, stream: int) -> tuple[int, int, int]:
        """(votes for, votes, weeks) of a stream's baselines, over the lines that are judged in it."""
        told = [self.lines[place][stream] for place in self.judged(stream)]
        return (
            sum(b.votes_for for b in told),
            sum(b.votes for b in told),
            max((b.weeks for b in told), default=0),
        )

    def reading(self) -> ShiftReading:
        """What the test says now."""
        return ShiftReading(
            onset=self.cusum.onset,
            parts=self.cusum.parts,
            clipped=self.cusum.clipped,
            by_line=self.by_line,
            usual=[self.usual(stream)[:2] for stream in range(STREAMS)],
            judged=[self.judged(stream) for stream in range(STREAMS)],
            rates=[rhythm.rate for rhythm in self.engagement.rhythms],
        )


def spoken(series: Series, first: int) -> list[list[int]]:
    """The lines that say anything in each week from the one at `first` of the series on."""
    said: list[list[int]] = [[] for _ in range(first, series.length)]
    for line in range(len(series.lines)):
        votes = zip(*(row[first:] for row in series.rows(line)[:VOTE_ROWS]), strict=True)
        for lines, numbers in zip(said, votes, strict=True):
            if any(numbers):
                lines.append(line)
    return said


def _weight(worths: list[int], name: str, line: int) -> int:
    """How much of what a line says counts, in thousandths, by its part of the order value of two years.

    A quarter counts in full. So does what names no line, and a line without an order in two years: the CRM
    may know lines by other names than the order book.
    """
    if not worths or name == NO_LINE or not worths[line]:
        return _WHOLE
    return min(_WHOLE, 4 * _WHOLE * worths[line] // sum(worths))
