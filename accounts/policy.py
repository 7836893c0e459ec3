"""The numbers of the tests, in one place; the defaults were tuned on made portfolios (bench/detection.py)."""

from math import log

import msgspec

MICRO = 1_000_000  # log-likelihoods are integers in millionths of a nat: float sums would depend on order


_FEWEST_OBSERVATIONS = 12.0  # a year; a rarer account is judged as if it had these
_REFERENCE_BUDGET = 5.0  # false alarms per 100 account-years at which a Threshold's base is stated
_LEAST_THRESHOLD = 1.0  # nats: no budget is so generous that a single event may cross


class VoteStream(msgspec.Struct, frozen=True):
    """A share that may shift: Beta prior (a, b), weight w and dispersion φ of its log-likelihood ratio.

    φ is what made portfolios show (`accounts.dispersion`); `turnsignal calibrate` puts the portfolio's own
    there.
    """

    signal: str
    prior_a: float
    prior_b: float
    weight: float
    dispersion: float = 1.0
    fewest: int = 4  # votes a baseline waits for: a share of fewer says nothing yet


class RhythmStream(msgspec.Struct, frozen=True):
    """A count that may fall to a share ρ of its rhythm: weight w, dispersion φ of its likelihood ratio."""

    signal: str
    weight: float
    dispersion: float
    ratio: float | None = None  # None: the policy's


class Threshold(msgspec.Struct, frozen=True):
    """A test's threshold in nats: base + per_activity·ln(observations a year) + per_budget·ln(5 / budget).

    ln(observations · 100 / budget) is Wald's bound for a log-likelihood ratio that is exact. Ours is
    clipped, capped and over-dispersed, and its baselines are learnt from few votes: so the form is kept,
    and its numbers are measured.
    """

    base: float
    per_activity: float
    per_budget: float

    def nats(self, observations_a_year: float, false_alarms: float) -> float:
        """The threshold for an account of this activity at a budget of alarms per 100 account-years."""
        activity = log(observations_a_year)
        budget = log(_REFERENCE_BUDGET / false_alarms)
        return max(_LEAST_THRESHOLD, self.base + self.per_activity * activity + self.per_budget * budget)


class Policy(msgspec.Struct, frozen=True):
    """Everything a person may tune. Thresholds follow from the budget of false alarms."""

    false_alarms: float = 5.0  # per 100 account-years
    baseline_weeks: int = 45
    rhythm_weeks: int = 56  # a year and the season's reach: a shorter rhythm would be that of a season
    memory_votes: int = 100  # that a baseline holds: what is older fades
    memory_weeks: int = 104  # that a rhythm holds
    odds_ratio: float = 6.0  # odds(p1) = 6·odds(p0)
    rate_ratio: float = 0.2  # ρ: the rhythm a declining account falls to
    clip: float = 2.5  # nats that one week may add or take
    burst_weeks: int = 5  # of so many weeks in a row …
    burst_share: float = 0.8  # … no more counts than this share of the threshold: a passing visit is no shift
    ceiling: float = 2.0  # the sums stop at this multiple of their threshold, so that coming back takes weeks
    shift_threshold: Threshold = Threshold(-0.6, 1.13, 2.2)
    cadence_threshold: Threshold = Threshold(3.4, 0.2, 1.2)
    shift_streams: tuple[VoteStream, ...] = (
        VoteStream("purchasing_share", 1.5, 8.0, 1.0, 1.0),
        VoteStream("price_talk", 1.5, 8.0, 0.56, 0.8),
        VoteStream("unbundling", 1.0, 5.0, 0.78, 0.65),
        VoteStream("technical_silence", 4.0, 4.0, 0.275, 1.1),
        VoteStream("specification", 1.5, 7.0, 0.55, 1.1, fewest=1),
        VoteStream("formal_tender", 1.0, 9.0, 0.525, 1.05, fewest=1),
        VoteStream("competitor_named", 1.5, 7.0, 0.525, 1.05, fewest=1),
        VoteStream("second_sourcing", 1.0, 7.0, 0.25, 1.0, fewest=1),
        VoteStream("quick_decisions", 1.5, 6.0, 0.55, 1.1, fewest=1),
    )
    cadence_streams: tuple[RhythmStream, RhythmStream] = (
        RhythmStream("contacts_slowing", 1.35, 3.5),
        RhythmStream("orders_slowing", 0.86, 0.6),
    )
    engagement_streams: tuple[RhythmStream, RhythmStream] = (
        RhythmStream("questions_falling", 1.35, 2.7, 0.5),
        RhythmStream("executives_withdrawing", 0.375, 1.5, 0.35),
    )
    engagement_season: float = 1.0  # talks of prior weight behind a seasonal factor of 1
    season_shrinkage: float = 0.25  # events of prior weight behind a seasonal factor of 1
    alive_below: float = 0.05  # lost: alive by its own rhythm with less than this probability
    drop_out: float = 0.05 / 52  # prior hazard of losing an account, a week
    lost_after_weeks: int = 8  # and no sooner than this
    fewest_requests: int = 4  # in a quarter, for a service gap
    gap_chance: float = 0.0005  # that so little attention is chance
    champion_seats: int = 8  # in a year, and …
    champion_share: float = 0.4  # … this share of those of developers and executives make a champion
    champion_chance: float = 0.001  # that a champion's silence is chance

    @property
    def clip_micro(self) -> int:
        """The weekly clip in micro-nats."""
        return round(self.clip * MICRO)

    def micro_threshold(self, threshold: Threshold, observations_a_year: float) -> int:
        """A test's threshold at this policy's budget, in micro-nats."""
        return round(MICRO * threshold.nats(self.observations(observations_a_year), self.false_alarms))

    def observations(self, a_year: float) -> float:
        """As thresholds count them: the rarest accounts are judged alike."""
        return max(a_year, _FEWEST_OBSERVATIONS)
