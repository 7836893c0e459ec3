"""How often something comes by an account's own past: a rate that learns while nothing is suspected."""

from math import log

import msgspec

from accounts.cusum import micro
from accounts.policy import Policy, RhythmStream

PER_MILLE = 1000
YEAR = 52
SEASON_WEEKS = 9  # last year's same week, and four on either side
_RATE_PRIOR = 0.5  # events of prior weight behind a rate (Jeffreys' prior of a Poisson rate)
_BATCH = 8  # weeks are taken in once they are an eighth of what is known


class Rhythm(msgspec.Struct, array_like=True):
    """A stream's rate in its first weeks and, from then on, in those in which the test's sum was at zero.

    Once it is ready it says what a silent week and an event weigh.
    """

    first: int = -1  # the event of this week opened the window, and tells nothing of the rate
    events: int = 0  # thousandths
    weeks: int = 0
    ready: bool = False
    silence: int = 0  # micro-nats that a week with e = 1 adds
    seasonal: int = 0  # thousandths of events in SEASON_WEEKS
    event: int = 0  # micro-nats that an event adds, which is less than nothing
    new_events: int = 0  # whole ones, of later weeks of which nobody knows yet whether they are usual
    new_weeks: int = 0

    def learn(self, week: int, x: int, stream: RhythmStream, policy: Policy) -> None:
        """Take a first week in, and be ready after so many."""
        if self.first < 0:
            if x <= 0:
                return
            self.first = week
            x -= 1
        self.events += PER_MILLE * x
        self.weeks = week + 1 - self.first
        if self.weeks >= policy.rhythm_weeks:
            self.weigh(stream, policy)

    def hear(self, x: int, season: int) -> int:
        """What a week with `x` events weighs, in micro-nats; season is per mille. It waits to be learnt."""
        self.new_events += x
        self.new_weeks += 1
        return x * self.event + self.silence * season // PER_MILLE

    def take_in(self, stream: RhythmStream, policy: Policy) -> bool:
        """Take in the weeks that wait, if they are worth it; whether they were.

        What is older than `policy.memory_weeks` fades.
        """
        if _BATCH * self.new_weeks < self.weeks:
            return False
        self.events += PER_MILLE * self.new_events
        self.weeks += self.new_weeks
        self.new_events = self.new_weeks = 0
        if self.weeks > policy.memory_weeks:
            self.events = (self.events * policy.memory_weeks + self.weeks // 2) // self.weeks
            self.weeks = policy.memory_weeks
        self.weigh(stream, policy)
        return True

    def weigh(self, stream: RhythmStream, policy: Policy) -> None:
        """Weigh silence and events by the rate as it is known: the alternative is ρ of it."""
        scale = stream.weight / stream.dispersion
        ratio = policy.rate_ratio if stream.ratio is None else stream.ratio
        self.silence = micro(scale * self.rate * (1 - ratio))
        self.event = micro(scale * log(ratio))
        self.seasonal = round(PER_MILLE * SEASON_WEEKS * self.rate)
        self.ready = True

    @property
    def rate(self) -> float:
        """λ0, events a week."""
        return (max(0, self.events) / PER_MILLE + _RATE_PRIOR) / max(1, self.weeks)


def learnt_again(
    known: Rhythm, events: int, first: int, week: int, stream: RhythmStream, policy: Policy
) -> Rhythm:
    """The rhythm of the events from `first` to before `week`; the known one where they are no rarer.

    A person's word never makes a test more sensitive.
    """
    known.new_events = known.new_weeks = 0
    found = Rhythm(first, PER_MILLE * events, week - first)
    if not known.ready or found.rate >= known.rate:
        return known
    found.weigh(stream, policy)
    return found


def season(seen: int, expected: int, prior: float) -> int:
    """e: last year's same weeks against the rhythm's thousandths, shrunk, at most 1; in thousandths."""
    prior *= PER_MILLE
    return max(0, min(PER_MILLE, round(PER_MILLE * (prior + PER_MILLE * seen) / (prior + expected))))
