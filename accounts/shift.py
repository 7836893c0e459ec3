"""The shift test: the say that moves to purchasing, against the account's own baseline.

A CUSUM on weekly log-likelihood ratios (Page 1954; Lorden 1971) of four shares: purchasing among those who
decide, price among the topics, unbundled among the order
value, and the share of talks that ask nothing technical. Integers throughout.
"""

from math import log

import msgspec

from accounts.cusum import Cusum, micro
from accounts.evidence import VOTE
from accounts.policy import Policy, VoteStream
from accounts.series import BASKETS, COMMERCIAL, DECIDERS, PRICE, PURCHASING, TALKS, UNBUNDLED

STREAM_ROWS = ((PURCHASING, DECIDERS), (PRICE, TALKS), (UNBUNDLED, BASKETS), (COMMERCIAL, TALKS))
_ALMOST_ALL = 0.98
_HIGH_PRIOR = 6.0  # votes of prior weight behind a share that was high from the start


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
        if long_enough and self.votes >= policy.baseline_votes * VOTE:
            self.close(stream, policy)

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
    """The baselines of the weeks before `until`, when a person's word had them learnt again."""

    until: int
    baselines: list[Baseline]


class ShiftTest(msgspec.Struct, array_like=True):
    """The four baselines and the sum S of what speaks against them."""

    baselines: list[Baseline] = msgspec.field(default_factory=lambda: [Baseline() for _ in STREAM_ROWS])
    cusum: Cusum = msgspec.field(default_factory=lambda: Cusum([0] * len(STREAM_ROWS)))
    former: list[FormerBaselines] = []  # the oldest first: what earlier alerts were raised against

    def step(self, week: int, index: int, rows: list[list[int]], policy: Policy) -> None:
        """Fold the week at `index` of the rows into S."""
        gains = [0] * len(STREAM_ROWS)
        spoke = False
        for stream, (y_row, n_row) in enumerate(STREAM_ROWS):
            y, n = rows[y_row][index], rows[n_row][index]
            baseline = self.baselines[stream]
            if baseline.ready:
                if y or n:
                    gains[stream] = (y * baseline.up + (n - y) * baseline.down) // VOTE
                    spoke = True
                if not baseline.again or baseline.weeks >= policy.baseline_weeks:
                    continue
            baseline.learn(week, y, n, policy.shift_streams[stream], policy)
            if baseline.ready:
                self._set_threshold(policy)
        if spoke:
            self.cusum.add(week, gains, policy)

    def learn_again(self, week: int, index: int, rows: list[list[int]], policy: Policy) -> None:
        """From `week` on, at `index` of the rows, what was said since S left zero is the account's normal.

        A stream that has not risen keeps its baseline: a person's word never makes the test more sensitive.
        """
        begin = index - (week - self.cusum.onset)
        self.former = [*self.former, FormerBaselines(week, self.baselines)]
        self.baselines = [
            self._again(stream, begin, index, rows, policy) for stream in range(len(STREAM_ROWS))
        ]
        self.cusum.clear()
        self._set_threshold(policy)

    def _again(self, stream: int, begin: int, end: int, rows: list[list[int]], policy: Policy) -> Baseline:
        y, n = (sum(rows[row][begin:end]) for row in STREAM_ROWS[stream])
        known = self.baselines[stream]
        if not known.ready or y * known.votes <= known.votes_for * n:
            return msgspec.structs.replace(known)
        found = Baseline(self.cusum.onset, y, n, weeks=end - begin, again=True)
        if n >= policy.baseline_votes * VOTE:
            found.close(policy.shift_streams[stream], policy)
        return found

    def baselines_at(self, week: int) -> list[Baseline]:
        """What a week was compared with."""
        return next((former.baselines for former in self.former if week < former.until), self.baselines)

    def _set_threshold(self, policy: Policy) -> None:
        self.cusum.threshold = policy.micro_threshold(policy.shift_threshold, self.votes_a_year)

    @property
    def votes_a_year(self) -> float:
        """How much the account says, by the baselines that are ready."""
        return sum(b.votes * 52 / (VOTE * b.weeks) for b in self.baselines if b.ready)
