"""Baselines and rhythms go on learning while nothing is suspected, and forget what is long past."""

from math import log

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import baseline as shares
from accounts import rhythm as rates
from accounts.account import AccountState, from_bytes
from accounts.baseline import Baseline
from accounts.cadence import STREAM_ROWS as CADENCE_ROWS
from accounts.events import CanonicalEvent
from accounts.evidence import DECIDERS, ORDERS, PURCHASING, VOTE
from accounts.fold import Fold
from accounts.policy import MICRO, Policy
from accounts.rhythm import PER_MILLE, Rhythm
from accounts.shift import STREAM_ROWS
from tests.unit.accounts.builders import (
    BUYER,
    ENGINEER,
    EVER,
    FIRST,
    HISTORY_WEEKS,
    STEADY,
    at,
    fold,
    fold_more,
    histories,
    order,
    talk,
)

POLICY = Policy()
SEATS, BOUGHT = STREAM_ROWS.index((PURCHASING, DECIDERS)), CADENCE_ROWS.index(ORDERS)
SHARE, RATE = POLICY.shift_streams[SEATS], POLICY.cadence_streams[BOUGHT]
FIRST_VOTES = 40  # of the baselines here


def opened(votes_for: int, votes: int = FIRST_VOTES) -> Baseline:
    """A baseline of whole votes that has just begun to judge."""
    baseline = Baseline()
    baseline.learn(0, votes_for * VOTE, votes * VOTE)
    assert baseline.begin(POLICY.baseline_weeks, SHARE, POLICY)
    return baseline


def rhythm_of(every: int, weeks: int = POLICY.rhythm_weeks) -> Rhythm:
    """A rhythm of one event every so many weeks, that has just begun to judge."""
    rhythm = Rhythm()
    for week in range(weeks):
        rhythm.learn(week, int(week % every == 0), RATE, POLICY)
    assert rhythm.ready
    return rhythm


# -- a share ------------------------------------------------------------------------------------------------


def test_what_was_heard_is_learnt_once_it_is_an_eighth_of_what_is_known() -> None:
    """Each time costs logarithms; until then a baseline judges as it did."""
    baseline, week = opened(4), POLICY.baseline_weeks
    before = msgspec.structs.replace(baseline)
    for number in range(FIRST_VOTES // 8 - 1):
        baseline.hear(VOTE, VOTE)
        assert not baseline.take_in(week + number + 1, SHARE, POLICY)
    assert (baseline.votes, baseline.up, baseline.down) == (before.votes, before.up, before.down)
    baseline.hear(VOTE, VOTE)
    assert baseline.take_in(week + 10, SHARE, POLICY)
    taken = FIRST_VOTES // 8
    assert (baseline.votes_for, baseline.votes) == ((4 + taken) * VOTE, (FIRST_VOTES + taken) * VOTE)
    assert (baseline.new_for, baseline.new_votes) == (0, 0)
    assert (baseline.weeks, baseline.known_to) == (week + 10, week + 10)
    assert baseline.up < before.up


def test_fewer_votes_than_a_baseline_waits_for_are_not_taken_in() -> None:
    """Three votes are no habit later on either."""
    baseline = opened(0, SHARE.fewest)
    baseline.hear(0, (SHARE.fewest - 1) * VOTE)
    assert not baseline.take_in(99, SHARE, POLICY)
    baseline.hear(0, VOTE)
    assert baseline.take_in(99, SHARE, POLICY)


@STEADY
@given(
    st.integers(0, FIRST_VOTES),
    st.lists(st.tuples(st.integers(0, 9), st.integers(-1, 9), st.booleans()), max_size=80),
    st.integers(20, 200),
)
def test_a_baseline_holds_no_more_votes_than_its_memory(
    votes_for: int, heard: list[tuple[int, int, bool]], most: int
) -> None:
    """However long an account talks; its share stays one, and its weights those of its share."""
    policy = Policy(memory_votes=most)
    baseline = opened(votes_for)
    taken = False
    for week, (y, against, calm) in enumerate(heard, POLICY.baseline_weeks):
        if calm and baseline.take_in(week, SHARE, policy):
            taken = True
            p0 = baseline.share(SHARE)
            p1 = policy.odds_ratio * p0 / (1 + (policy.odds_ratio - 1) * p0)
            scale = MICRO * SHARE.weight / SHARE.dispersion
            assert baseline.down == pytest.approx(scale * log((1 - p1) / (1 - p0)), abs=1)
        baseline.hear(y * VOTE, (y + against) * VOTE)
        assert 0 < baseline.share(SHARE) < 1
        assert baseline.down < 0 <= baseline.up
        assert not taken or baseline.votes <= most * VOTE
        assert 0 < baseline.weeks <= week


def test_what_is_long_past_fades() -> None:
    """Who has been half purchasing for years is so by habit, whatever came first; and at the same rate."""
    baseline = opened(0)
    for week in range(POLICY.baseline_weeks, POLICY.baseline_weeks + 12 * POLICY.memory_votes):
        baseline.take_in(week, SHARE, POLICY)
        baseline.hear(VOTE * (week % 2), VOTE)
    assert baseline.votes_for / baseline.votes == pytest.approx(0.5, abs=0.02)
    assert baseline.votes / VOTE / baseline.weeks == pytest.approx(1, abs=0.05)  # a vote a week


@STEADY
@given(st.integers(1, 99), st.integers(1, 60), st.integers(0, 60))
def test_a_word_leaves_a_baseline_whose_share_has_not_risen(votes_for: int, n: int, y: int) -> None:
    """What waited to be learnt is dropped; the rest stays as it was."""
    known = opened(votes_for, 99)
    known.hear(5 * VOTE, 5 * VOTE)
    before = msgspec.structs.replace(known, new_for=0, new_votes=0)
    found = shares.learnt_again(known, min(y, n) * VOTE, n * VOTE, 60, 90, SHARE, POLICY)
    if min(y, n) * 99 <= votes_for * n:
        assert found == before
    else:
        assert found.again
        assert (found.ready, found.first) == (n >= SHARE.fewest, 60)


# -- a rate -------------------------------------------------------------------------------------------------


def test_a_rhythm_takes_weeks_in_once_they_are_an_eighth_of_what_is_known() -> None:
    """Until then it judges as it did."""
    rhythm = rhythm_of(8)
    before = rhythm.silence
    wait = -(-POLICY.rhythm_weeks // 8)
    for number in range(wait):
        assert rhythm.take_in(RATE, POLICY) is False
        rhythm.hear(1, PER_MILLE)
        assert (rhythm.silence, rhythm.new_weeks) == (before, number + 1)
    events = rhythm.events
    assert rhythm.take_in(RATE, POLICY)
    assert rhythm.events == events + PER_MILLE * wait
    assert rhythm.weeks == POLICY.rhythm_weeks + wait
    assert rhythm.silence > before


@STEADY
@given(
    st.lists(st.tuples(st.integers(-2, 5), st.booleans()), max_size=300),
    st.integers(POLICY.rhythm_weeks, 150),
    st.integers(1, 9),
)
def test_a_rhythm_holds_no_more_weeks_than_its_memory(
    heard: list[tuple[int, bool]], most: int, every: int
) -> None:
    """However long an account lives, and whatever was taken back: a rate above nothing, weighed as it is."""
    policy = Policy(memory_weeks=most)
    rhythm = rhythm_of(every)
    for x, calm in heard:
        if calm and rhythm.take_in(RATE, policy):
            scale = MICRO * RATE.weight / RATE.dispersion
            assert rhythm.silence == pytest.approx(scale * rhythm.rate * (1 - policy.rate_ratio), abs=1)
        rhythm.hear(x, PER_MILLE)
        assert rhythm.weeks <= most
        assert rhythm.rate > 0
        assert rhythm.silence >= 0 > rhythm.event


def test_a_rhythm_follows_an_account_for_years() -> None:
    """After twice its memory the first rhythm is nearly forgotten."""
    rhythm = rhythm_of(8)
    for week in range(4 * POLICY.memory_weeks):
        rhythm.take_in(RATE, POLICY)
        rhythm.hear(week % 2, PER_MILLE)
    assert rhythm.rate == pytest.approx(0.5, abs=0.04)


@STEADY
@given(st.integers(1, 9), st.integers(0, 60), st.integers(1, 60))
def test_a_word_never_makes_a_rhythm_more_sensitive(every: int, events: int, weeks: int) -> None:
    """A week of silence weighs no more than before; what waited to be learnt is dropped."""
    known = rhythm_of(every)
    known.hear(9, PER_MILLE)
    before = known.silence
    found = rates.learnt_again(known, events, 60, 60 + weeks, RATE, POLICY)
    assert found.ready
    assert found.silence <= before
    assert (found.new_events, found.new_weeks) == (0, 0)


@pytest.mark.parametrize(
    ("seen", "expected", "prior", "factor"),
    [
        (0, 9000, 1.0, 100),
        (9, 9000, 1.0, 1000),
        (20, 9000, 1.0, 1000),
        (3, 7000, 1.0, 500),
        (0, 0, 2.0, 1000),
    ],
)
def test_a_season_is_last_year_s_part_of_the_rhythm(
    seen: int, expected: int, prior: float, factor: int
) -> None:
    """Shrunk towards one, and never above it."""
    assert rates.season(seen, expected, prior) == factor


# -- whole accounts -----------------------------------------------------------------------------------------


def learnt(told: Fold) -> tuple[list[object], list[object]]:
    """What the tests of the shift and of the cadence judge by, as far as they judge."""
    ready = [b for line in told.shift.lines for b in line if b.ready]
    seats: list[object] = [(b.first, b.votes_for, b.votes, b.up, b.down) for b in ready]
    engaged, slowing = (
        [(r.first, r.events, r.weeks, r.silence) for r in rhythms if r.ready]
        for rhythms in (told.shift.engagement.rhythms, told.cadence.rhythms)
    )
    return [*seats, *engaged], [*slowing]


@STEADY
@given(histories)
def test_nothing_is_learnt_while_something_is_suspected(events: list[CanonicalEvent]) -> None:
    """An excursion would become its own baseline, and no slow shift would ever be told."""
    state: AccountState | None = None
    for week in range(10, HISTORY_WEEKS):
        body = state.to_bytes() if state else None
        state = fold_more(state, events, FIRST + week - 1 if state else EVER, FIRST + week)
        if body is None:
            continue
        before = from_bytes(body).fold
        (shift, cadence), (shift_now, cadence_now) = learnt(before), learnt(state.fold)
        assert not before.shift.cusum.total or all(known in shift_now for known in shift)
        assert not before.cadence.cusum.total or all(known in cadence_now for known in cadence)


def test_votes_of_an_excursion_are_learnt_once_the_sum_is_back_at_zero() -> None:
    """They waited; then they are part of what is usual for the account."""
    who = "D" * 20 + "PP" + "D" * 30
    events = [talk(at(week), BUYER if sign == "P" else ENGINEER) for week, sign in enumerate(who)]
    seen = [fold(events, week).fold.shift for week in range(20, len(who))]
    first = next(number for number, test in enumerate(seen) if test.cusum.total)
    back = next(number for number, test in enumerate(seen) if number > first and not test.cusum.total)
    assert back > first + 2
    held = {(test.lines[0][SEATS].votes_for, test.lines[0][SEATS].votes) for test in seen[first:back]}
    assert len(held) == 1
    waiting = seen[back - 1].lines[0][SEATS]
    assert waiting.new_for == 2 * VOTE
    assert held.pop()[0] == 0
    after = seen[back + 1].lines[0][SEATS]
    assert after.votes_for == 2 * VOTE
    assert after.new_votes == VOTE


def bought(first: int, last: int, every: int) -> list[CanonicalEvent]:
    return [order(at(week)) for week in range(first, last, every)]


def test_an_account_that_has_grown_by_itself_is_judged_by_its_newer_self() -> None:
    """Who ordered each quarter and then each fortnight for years declines when a quarter is all again."""
    slow, grown, weeks = 2 * 52, 6 * 52, 7 * 52
    first = [*bought(0, slow, 13)]
    events = [*first, *bought(slow, grown, 2)]
    known = fold(events, grown, POLICY).fold
    assert known.marks == []
    assert known.cadence.rhythms[BOUGHT].rate == pytest.approx(0.5, abs=0.1)
    again = fold([*events, *bought(grown, weeks, 13)], weeks, POLICY).fold
    assert "decline" in {mark.kind for mark in again.marks}
    as_ever = fold(
        bought(0, weeks, 13), weeks, POLICY
    ).fold  # the same last year, of an account that never grew
    assert as_ever.marks == []


def mixed(first: int, last: int, every: int) -> list[CanonicalEvent]:
    """A talk a week, with purchasing every so many weeks, else with the engineers."""
    return [talk(at(week), BUYER if week % every == 0 else ENGINEER) for week in range(first, last)]


def test_an_account_that_has_moved_by_itself_is_judged_by_its_newer_self() -> None:
    """After years of a fifth of the seats a third is no shift; after years of a tenth it is."""
    years, weeks = 5 * 52, 6 * 52
    moved, as_ever = (
        fold([*mixed(0, 52, 10), *mixed(52, years, every), *mixed(years, weeks, 3)], weeks, POLICY).fold
        for every in (5, 10)
    )
    first = fold(mixed(0, 52, 10), 52, POLICY).fold.shift.lines[0][SEATS]
    assert moved.shift.lines[0][SEATS].share(SHARE) > 1.5 * first.share(SHARE)
    assert not {mark.kind for mark in moved.marks} & {"buying_centre_shift"}
    assert {mark.kind for mark in as_ever.marks} & {"buying_centre_shift"}


def test_how_much_is_remembered_is_the_policy_s() -> None:
    """The shorter the memory, the sooner what is new is usual."""
    events = mixed(0, 300, 5)
    long, short = (
        fold(events, 300, msgspec.structs.replace(POLICY, memory_votes=most)).fold.shift.lines[0][SEATS]
        for most in (10_000, 60)
    )
    assert short.votes == 60 * VOTE
    assert long.votes > 200 * VOTE
    weeks = [
        fold(bought(0, 300, 2), 300, msgspec.structs.replace(POLICY, memory_weeks=most)).fold.cadence.rhythms
        for most in (10_000, 60)
    ]
    assert weeks[0][BOUGHT].weeks > 200
    assert weeks[1][BOUGHT].weeks == 60
