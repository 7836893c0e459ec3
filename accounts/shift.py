"""The shift test: the say that moves to purchasing, against the account's own baseline.

A CUSUM on weekly log-likelihood ratios (Page 1954; Lorden 1971) of shares: purchasing among those who decide,
price among the topics, unbundled among the order value, talks that ask nothing technical, formal signs among
those of opportunities, quick decisions; and of technical talks that fall (`accounts.questions`). Experience
is with a product: each product line has baselines of its own, and one sum is made of what all of them say.
Integers throughout.
"""

from math import log

import msgspec

from accounts.cusum import Cusum, micro
from accounts.evidence import VOTE
from accounts.policy import Policy, VoteStream
from accounts.questions import Questions
from accounts.series import (
    BASKETS,
    COMMERCIAL,
    DEALS,
    DECIDERS,
    DECISIONS,
    FORMAL,
    NO_LINE,
    PRICE,
    PURCHASING,
    QUICK,
    TALKS,
    UNBUNDLED,
    VOTE_ROWS,
    Series,
)

STREAM_ROWS = (
    (PURCHASING, DECIDERS),
    (PRICE, TALKS),
    (UNBUNDLED, BASKETS),
    (COMMERCIAL, TALKS),
    (FORMAL, DEALS),
    (QUICK, DECISIONS),
)
WORTH_WEEKS = 104  # a line that was lost two years ago weighs nothing any more
_WHOLE = 1000  # a line's weight, in thousandths
_ALMOST_ALL = 0.98
_HIGH_PRIOR = 15.0  # votes of prior weight behind a share that was high from the start


class Baseline(msgspec.Struct, array_like=True):
    """A stream's first weeks; once they are over, what a vote for (`up`) and against (`down`) weighs."""

    first: int = -1
    votes_for: int = 0  # thousandths of a vote
    votes: int = 0
    ready: bool = False
    weeks: int = 0
    up: int = 0  # micro-nats of a whole vote for
    down: int = 0
    again: bool = False  # learnt again after a person's word: judges with what it holds, and goes on learning

    def learn(self, week: int, y: int, n: int, stream: VoteStream, policy: Policy) -> None:
        """Take a week into the baseline, and close it when it is long and full enough.

        One that is learnt again is as good as closed once it is full enough.
        """
        if self.first < 0:
            if not n:
                return
            self.first = week
        self.votes_for += y
        self.votes += n
        self.weeks = week + 1 - self.first
        long_enough = self.again or self.weeks >= policy.baseline_weeks
        if long_enough and self.votes >= stream.fewest * VOTE:
            self.close(stream, policy)

    def goes_on(self, policy: Policy) -> bool:
        """Whether it is learnt again and not as sure yet as a first one."""
        return self.again and not (self.ready and self.weeks >= policy.baseline_weeks)

    def closed_by(self, week: int) -> bool:
        """Whether it was closed when a week was over."""
        return self.ready and (self.again or self.first + self.weeks - 1 <= week)

    def share(self, stream: VoteStream) -> float:
        """p0: the posterior mean; a share of a third or more from the start is shrunk upwards instead.

        Shrinking such an account towards the prior would make its own habit look like a change.
        """
        y, n = max(0, min(self.votes_for, self.votes)) / VOTE, self.votes / VOTE
        if 3 * y >= n:
            return min((y + _HIGH_PRIOR) / (n + _HIGH_PRIOR), _ALMOST_ALL)
        return (stream.prior_a + y) / (stream.prior_a + stream.prior_b + n)

    def close(self, stream: VoteStream, policy: Policy) -> None:
        """Weigh votes by the share as it is known."""
        p0 = self.share(stream)
        odds = policy.odds_ratio * p0 / (1 - p0)
        p1 = odds / (1 + odds)
        scale = stream.weight / stream.dispersion
        if self.votes_for > _ALMOST_ALL * self.votes:
            # Next to all of it was so from the start: more cannot be a shift, and each vote's crumb of
            # likelihood would add up to an alarm over the years.
            self.up, self.down, self.ready = 0, micro(scale * log((1 - p1) / (1 - p0))), True
            return
        self.up, self.down = micro(scale * log(p1 / p0)), micro(scale * log((1 - p1) / (1 - p0)))
        self.ready = True


class FormerBaselines(msgspec.Struct, array_like=True):
    """What the weeks before `until` were compared with, and later ones no longer are."""

    until: int
    lines: list[list[Baseline]]


class ShiftTest(msgspec.Struct, array_like=True):
    """The baselines of each product line, the sum S of what speaks against them, and each line's part."""

    lines: list[list[Baseline]] = []  # in the series' order of lines, a baseline a stream
    cusum: Cusum = msgspec.field(default_factory=lambda: Cusum([0] * (len(STREAM_ROWS) + 1)))
    by_line: list[int] = []  # micro-nats since S left zero; with the questions as much as the cusum's parts
    former: list[FormerBaselines] = []  # the oldest first: what earlier alerts were raised against
    questions: Questions = msgspec.field(default_factory=Questions)  # of no line: the cusum's last part

    def step(self, week: int, index: int, series: Series, policy: Policy) -> None:
        """Fold the week at `index` of the series into S."""
        gains = [0] * len(STREAM_ROWS)
        by_line: dict[int, int] = {}
        for line in range(len(series.lines)):
            said = self._hear(line, week, index, series.rows(line), policy)
            if said is None:
                continue
            weight = _weight(series, line, week)
            weighed = [gain * weight // _WHOLE for gain in said]
            gains = [gain + more for gain, more in zip(gains, weighed, strict=True)]
            by_line[line] = sum(weighed)
        asked = self.questions.step(week, index, series, policy)
        if by_line or (asked and self.cusum.ready):
            self.cusum.add(week, [*gains, asked], policy)
            self._share_out(by_line)

    def _hear(
        self, line: int, week: int, index: int, rows: list[list[int]], policy: Policy
    ) -> list[int] | None:
        """What a line's week says against its own baselines, a number a stream; None where it is silent."""
        if line >= len(self.lines):
            if not any(row[index] for row in rows[:VOTE_ROWS]):
                return None  # a line of which nothing is known yet: the series may know later weeks
            self.lines += [[Baseline() for _ in STREAM_ROWS] for _ in range(line + 1 - len(self.lines))]
        gains = [0] * len(STREAM_ROWS)
        spoke = False
        for stream, (y_row, n_row) in enumerate(STREAM_ROWS):
            y, n = rows[y_row][index], rows[n_row][index]
            baseline = self.lines[line][stream]
            if baseline.ready:
                if y or n:
                    gains[stream] = (y * baseline.up + (n - y) * baseline.down) // VOTE
                    spoke = True
                if not baseline.goes_on(policy):
                    continue
            baseline.learn(week, y, n, policy.shift_streams[stream], policy)
            if baseline.ready:
                self._set_threshold(policy)
        return gains if spoke else None

    def _share_out(self, by_line: dict[int, int]) -> None:
        """Note each line's part in S."""
        if not self.cusum.total:
            self.by_line = []
            return
        before = self.by_line + [0] * (len(self.lines) - len(self.by_line))
        self.by_line = [part + by_line.get(line, 0) for line, part in enumerate(before)]

    def learn_again(self, week: int, index: int, series: Series, policy: Policy) -> None:
        """From `week` on, at `index` of the series, what was said since S left zero is the account's normal.

        A stream of a line that has not risen keeps its baseline: a person's word never makes the test more
        sensitive.
        """
        onset = self.cusum.onset
        begin = index - (week - onset)
        self.former = [*self.former, FormerBaselines(week, self.lines)]
        self.lines = []
        for line, baselines in enumerate(self.former[-1].lines):
            rows, streams = series.rows(line), enumerate(zip(baselines, policy.shift_streams, strict=True))
            said = [(known, stream, _said(rows, number, begin, index)) for number, (known, stream) in streams]
            self.lines += [[_again(known, s, onset, week, stream, policy) for known, stream, s in said]]
        self.questions.learn_again(onset, week, index, series, policy)
        self.cusum.clear()
        self.by_line = []
        self._set_threshold(policy)

    def remember(self, week: int, policy: Policy) -> None:
        """Keep the baselines of the weeks before `week`, where they judge and go on learning all the same."""
        self.questions.remember(week, policy)
        if any(b.goes_on(policy) for line in self.lines for b in line):
            copied = [[msgspec.structs.replace(b) for b in line] for line in self.lines]
            self.former = [*self.former, FormerBaselines(week, copied)]

    def lines_at(self, week: int) -> list[list[Baseline]]:
        """What a week was compared with."""
        return next((former.lines for former in self.former if week < former.until), self.lines)

    def _set_threshold(self, policy: Policy) -> None:
        self.cusum.threshold = policy.micro_threshold(policy.shift_threshold, self.votes_a_year)

    @property
    def votes_a_year(self) -> float:
        """How much the account says, by the baselines that are ready."""
        return sum(b.votes * 52 / (VOTE * b.weeks) for line in self.lines for b in line if b.ready)

    def judged(self, stream: int, week: int) -> list[int]:
        """The lines that had a baseline in a stream after a week, by their places; all where none had."""
        lines = self.lines_at(week)
        ready = [place for place, line in enumerate(lines) if line[stream].closed_by(week)]
        return ready or list(range(len(lines)))

    def before(self, stream: int, week: int) -> Baseline:
        """A stream's baseline over the lines that are judged in it."""
        lines = self.lines_at(week)
        told = [b for b in (lines[place][stream] for place in self.judged(stream, week)) if b.first >= 0]
        return Baseline(
            first=min((b.first for b in told), default=-1),
            votes_for=sum(b.votes_for for b in told),
            votes=sum(b.votes for b in told),
            ready=any(b.ready for b in told),
            weeks=max((b.weeks for b in told), default=0),
            up=max((b.up for b in told), default=0),
            down=min((b.down for b in told), default=0),
        )


def _said(rows: list[list[int]], stream: int, begin: int, end: int) -> tuple[int, int]:
    """(votes for, votes) of a stream in some weeks of a line."""
    y_row, n_row = STREAM_ROWS[stream]
    return sum(rows[y_row][begin:end]), sum(rows[n_row][begin:end])


def _again(
    known: Baseline, said: tuple[int, int], first: int, week: int, stream: VoteStream, policy: Policy
) -> Baseline:
    """The baseline of the weeks from `first` to before `week`; a copy of the known where it is no lower."""
    y, n = said
    if not known.ready or y * known.votes <= known.votes_for * n:
        return msgspec.structs.replace(known)
    found = Baseline(first, y, n, weeks=week - first, again=True)
    if n >= stream.fewest * VOTE:
        found.close(stream, policy)
    return found


def _weight(series: Series, line: int, week: int) -> int:
    """How much of what a line says counts, in thousandths, by its part of the order value of two years.

    A quarter counts in full. So does what names no line, and a line without an order in two years: the CRM
    may know lines by other names than the order book.
    """
    if not series.by_line or series.lines[line] == NO_LINE:
        return _WHOLE
    own, whole = series.worth(line, week - WORTH_WEEKS + 1, week)
    return min(_WHOLE, 4 * _WHOLE * own // whole) if own else _WHOLE
