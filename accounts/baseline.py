"""What an account's own past has made usual of a share: a baseline that learns while nothing is suspected."""

from math import log

import msgspec

from accounts.cusum import micro
from accounts.evidence import VOTE
from accounts.policy import Policy, VoteStream

_ALMOST_ALL = 0.98
_HIGH_PRIOR = 15.0  # votes of prior weight behind a share that was high from the start
_BATCH = 8  # votes are taken in once they are an eighth of what is known: each time costs four logarithms


class Baseline(msgspec.Struct, array_like=True):
    """A stream's first weeks and, from then on, whatever came while the test's sum was at zero.

    Once it is ready it says what a vote for (`up`) and against (`down`) weighs.
    """

    first: int = -1
    votes_for: int = 0  # thousandths of a vote
    votes: int = 0
    weeks: int = 0  # that the votes are of
    ready: bool = False
    up: int = 0  # micro-nats of a whole vote for
    down: int = 0
    known_to: int = -1  # the first week that has not been taken in
    new_for: int = 0  # votes of later weeks, of which nobody knows yet whether they are usual
    new_votes: int = 0
    again: bool = False  # learnt again after a person's word: judges as soon as its votes are enough

    def learn(self, week: int, y: int, n: int) -> None:
        """Take a first week's votes in; the first vote opens the baseline."""
        if self.first < 0 and n:
            self.first = week
        self.votes_for += y
        self.votes += n

    def begin(self, week: int, stream: VoteStream, policy: Policy) -> bool:
        """Be ready if the weeks before this one are long enough and hold votes enough; whether it is now."""
        self.weeks = week - self.first if self.first >= 0 else 0
        if self.votes < stream.fewest * VOTE or not (self.again or self.weeks >= policy.baseline_weeks):
            return False
        self.known_to = week
        self._weigh(stream, policy)
        return True

    def hear(self, y: int, n: int) -> int:
        """What votes weigh, in thousandths of a micro-nat; they wait to be taken in."""
        self.new_for += y
        self.new_votes += n
        return y * self.up + (n - y) * self.down

    def take_in(self, week: int, stream: VoteStream, policy: Policy) -> bool:
        """Take in the votes that wait, all from before `week`, if they are worth it; whether they were.

        What is older than `policy.memory_votes` fades.
        """
        if self.new_votes < stream.fewest * VOTE or _BATCH * self.new_votes < self.votes:
            return False
        self.votes_for += self.new_for
        self.votes += self.new_votes
        self.weeks += max(0, week - self.known_to)
        self.known_to, self.new_for, self.new_votes = week, 0, 0
        most = policy.memory_votes * VOTE
        if self.votes > most:
            self.votes_for = _scaled(self.votes_for, most, self.votes)
            self.weeks = max(1, _scaled(self.weeks, most, self.votes))
            self.votes = most
        self._weigh(stream, policy)
        return True

    def share(self, stream: VoteStream) -> float:
        """p0: the posterior mean; a share of a third or more from the start is shrunk upwards instead.

        Shrinking such an account towards the prior would make its own habit look like a change.
        """
        y, n = max(0, min(self.votes_for, self.votes)) / VOTE, self.votes / VOTE
        if 3 * y >= n:
            return min((y + _HIGH_PRIOR) / (n + _HIGH_PRIOR), _ALMOST_ALL)
        return (stream.prior_a + y) / (stream.prior_a + stream.prior_b + n)

    def _weigh(self, stream: VoteStream, policy: Policy) -> None:
        """Weigh votes by the share as it is known: odds(p1) = odds_ratio · odds(p0)."""
        p0 = self.share(stream)
        odds = policy.odds_ratio * p0 / (1 - p0)
        p1 = odds / (1 + odds)
        scale = stream.weight / stream.dispersion
        # Where next to all was so from the start, more cannot be a shift, and each vote's crumb of
        # likelihood would add up to an alarm over the years.
        crumbs = self.votes_for > _ALMOST_ALL * self.votes
        self.up = 0 if crumbs else micro(scale * log(p1 / p0))
        self.down = micro(scale * log((1 - p1) / (1 - p0)))
        self.ready = True


def learnt_again(
    known: Baseline, y: int, n: int, first: int, week: int, stream: VoteStream, policy: Policy
) -> Baseline:
    """The baseline of the votes from `first` to before `week`; the known one where the share is no higher.

    A person's word never makes a test more sensitive.
    """
    known.new_for = known.new_votes = 0
    found = Baseline(first, y, n, again=True)
    risen = y * known.votes > known.votes_for * n and found.share(stream) > known.share(stream)
    if not known.ready or not risen:
        return known
    found.begin(week, stream, policy)
    return found


def _scaled(number: int, part: int, whole: int) -> int:
    return (number * part + whole // 2) // whole
