"""Who asks nothing more, or sends nobody senior, has handed over: part of the shift test's sum."""

from math import log

import pytest

from accounts.events import CanonicalEvent
from accounts.evidence import TECHNICAL
from accounts.policy import MICRO, Policy
from tests.unit.accounts.builders import BUYER, ENGINEER, alerts, at, fold, person, talk

POLICY = Policy()
WEEKS = 130


def asking(first: int, last: int, every: int = 1) -> list[CanonicalEvent]:
    """A talk of the engineers every so many weeks."""
    return [talk(at(week), ENGINEER, topics=["application"]) for week in range(first, last, every)]


def test_a_talk_and_a_silent_week_weigh_their_log_likelihood_ratio() -> None:
    """w·(x·ln ρ + λ0·(1 − ρ))/φ, after its weeks of rhythm."""
    weeks = POLICY.rhythm_weeks
    state = fold(asking(0, weeks + 4), weeks + 4, POLICY)
    rhythm, stream = state.fold.shift.engagement.rhythms[0], POLICY.engagement_streams[0]
    ratio = POLICY.rate_ratio if stream.ratio is None else stream.ratio
    scale = MICRO * stream.weight / stream.dispersion
    assert rhythm.rate == pytest.approx((weeks - 1 + 0.5) / weeks)
    assert rhythm.event == pytest.approx(scale * log(ratio), abs=1)
    assert rhythm.silence == pytest.approx(scale * rhythm.rate * (1 - ratio), abs=1)


def test_engineers_who_ask_half_as_much_as_ever_move_the_sum() -> None:
    """With the figures in the explanation, and without a single talk of price or buyer."""
    events = [*asking(0, 80), *asking(80, WEEKS, every=6)]
    alert = next(a for a in alerts(events, WEEKS, POLICY) if a.kind in {"buying_centre_shift", "at_risk"})
    piece = next(piece for piece in alert.evidence if piece.signal == "questions_falling")
    assert piece.nats > 1
    assert "asked something technical in the" in piece.text
    assert alert.play.id in {"new-application", "rescue"}


def test_as_many_questions_as_ever_move_nothing() -> None:
    """However much else is talked about."""
    events = [*asking(0, WEEKS), *(talk(at(week), ENGINEER, topics=["delivery"]) for week in range(WEEKS))]
    assert fold(events, WEEKS, POLICY).fold.shift.cusum.total == 0


def test_last_year_s_silence_excuses_this_year_s() -> None:
    """A summer without questions each year is a habit."""
    events = [event for year in range(0, WEEKS, 52) for event in asking(year, year + 40)]
    shift = fold([event for event in events if event.time < at(WEEKS)], WEEKS, POLICY).fold.shift
    assert shift.cusum.total < shift.cusum.threshold / 2 or not shift.cusum.ready


def test_only_technical_talks_are_questions() -> None:
    """Price and terms are asked by others."""
    series = fold([*asking(0, 3), talk(at(1), BUYER, topics=["price"]), talk(at(2), BUYER)], 4).series
    assert series.counts[TECHNICAL] == [1, 1, 1, 0]


def test_executives_who_come_no_more_are_told() -> None:
    """Sponsors who withdraw leave the account to purchasing; with the figures in the explanation."""
    chief = person("chief", "executive")
    events = [talk(at(week), chief, ENGINEER, topics=["application"]) for week in range(80)]
    events += [talk(at(week), ENGINEER if week % 4 else BUYER, topics=["price"]) for week in range(80, WEEKS)]
    alert = next(a for a in alerts(events, WEEKS, POLICY) if a.kind in {"buying_centre_shift", "at_risk"})
    piece = next(piece for piece in alert.evidence if piece.signal == "executives_withdrawing")
    assert piece.nats > 0
    assert "0 talks had an executive of theirs in them" in piece.text
