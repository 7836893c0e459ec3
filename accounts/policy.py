"""The numbers of the tests, in one place; the defaults are DESIGN's start values."""

from math import log

import msgspec

MICRO = 1_000_000  # log-likelihoods are integers in millionths of a nat: float sums would depend on order


_FEWEST_OBSERVATIONS = 12.0  # a year; a rarer account is judged as if it had these
_LEAST_THRESHOLD = 1.0  # nats: no budget is so generous that a single event may cross


class VoteStream(msgspec.Struct, frozen=True):
    """A share that may shift: Beta prior (a, b), weight w and dispersion φ of its log-likelihood ratio."""

    signal: str
    prior_a: float
    prior_b: float
    weight: float
    dispersion: float = 1.0


class RhythmStream(msgspec.Struct, frozen=True):
    """A count that may decline: weight w and dispersion φ of its log-likelihood ratio."""

    signal: str
    weight: float
    dispersion: float


class Policy(msgspec.Struct, frozen=True):
    """Everything a person may tune. Thresholds follow from the budget of false alarms."""

    false_alarms: float = 5.0  # per 100 account-years
    baseline_weeks: int = 39
    baseline_votes: int = 4  # a share of fewer votes says nothing yet: the baseline waits for them
    odds_ratio: float = 6.0  # odds(p1) = 6·odds(p0)
    rate_ratio: float = 0.35  # ρ: the rhythm a declining account falls to
    clip: float = 2.5  # nats that one week may add or take
    ceiling: float = 2.0  # the sums stop at this multiple of their threshold, so that coming back takes weeks
    shift_streams: tuple[VoteStream, VoteStream, VoteStream] = (
        VoteStream("purchasing_share", 1.5, 8.0, 1.0),
        VoteStream("price_talk", 1.5, 8.0, 0.5),
        VoteStream("unbundling", 3.0, 9.0, 1.0),
    )
    cadence_streams: tuple[RhythmStream, RhythmStream] = (
        RhythmStream("contacts_slowing", 0.5, 1.3),
        RhythmStream("orders_slowing", 1.0, 0.7),
    )
    season_shrinkage: float = 2.0  # events of prior weight behind a seasonal factor of 1
    alive_below: float = 0.05  # lost: alive by its own rhythm with less than this probability
    drop_out: float = 0.05 / 52  # prior hazard of losing an account, a week
    lost_after_weeks: int = 8  # and no sooner than this

    @property
    def clip_micro(self) -> int:
        """The weekly clip in micro-nats."""
        return round(self.clip * MICRO)

    def threshold(self, observations_a_year: float) -> int:
        """H = ln(observations a year · 100 / budget), in micro-nats; the start value before calibration."""
        nats = log(max(observations_a_year, _FEWEST_OBSERVATIONS) * 100 / self.false_alarms)
        return round(MICRO * max(nats, _LEAST_THRESHOLD))
