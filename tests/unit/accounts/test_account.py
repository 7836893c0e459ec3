"""The promises of the core: a state is a function of the set of events, and of nothing else."""

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.account import AccountState, advance, from_bytes
from accounts.events import CanonicalEvent, OrderPlaced, Topic
from accounts.fold import led_by_at, led_since
from accounts.policy import Policy
from accounts.weeks import week_of
from tests.unit.accounts.builders import (
    BUNDLE,
    BUYER,
    ENGINEER,
    FIRST,
    HISTORY_WEEKS,
    PARTS,
    QUICK,
    STEADY,
    Line,
    alerts,
    at,
    card,
    changed,
    encoded,
    fold,
    fold_more,
    histories,
    history,
    order,
    replay,
    talk,
)

WEEKS = HISTORY_WEEKS


# -- any order, any duplication, any batch split --------------------------------------------------------


@STEADY
@given(histories, st.randoms(use_true_random=False), st.data())
def test_order_and_duplicates_change_nothing(
    events: list[CanonicalEvent], rng: Random, data: st.DataObject
) -> None:
    """Replays and late CRM data end in the same bytes and the same alerts."""
    again = data.draw(st.lists(st.sampled_from(events), max_size=20))
    shuffled = events + again
    rng.shuffle(shuffled)
    one, other = replay(events), replay(shuffled)
    until = at(WEEKS, 0)
    states, others = (dict(played.states(until, QUICK)) for played in (one, other))
    assert {key: state.to_bytes() for key, state in states.items()} == {
        key: state.to_bytes() for key, state in others.items()
    }
    assert encoded(one.alerts(until, QUICK)) == encoded(other.alerts(until, QUICK))
    assert other.repeated == len(again)


@STEADY
@given(histories, st.sets(st.integers(-3, WEEKS), max_size=12) | st.just(set(range(-3, WEEKS))))
def test_review_by_review_ends_as_all_at_once(events: list[CanonicalEvent], stops: set[int]) -> None:
    """A service that reviews each Monday, or after a pause, knows what a replay knows."""
    state: AccountState | None = None
    due = min(week_of(event.time) for event in events)
    for stop in [*sorted(stops), WEEKS]:
        until = FIRST + stop
        if until > due:
            kept = from_bytes(state.to_bytes()) if state else None
            state, due = fold_more(kept, events, due, until), until
    assert state is not None
    assert state.to_bytes() == fold(events, WEEKS).to_bytes()


@STEADY
@given(histories, st.data())
def test_late_events_end_as_if_they_had_been_on_time(
    events: list[CanonicalEvent], data: st.DataObject
) -> None:
    """Lateness costs a second fold from the due week on, and leaves no trace."""
    late = set(data.draw(st.lists(st.integers(0, len(events) - 1), min_size=1, max_size=25)))
    first_until, last_until = FIRST + data.draw(st.integers(1, WEEKS)), FIRST + WEEKS
    timely = [event for number, event in enumerate(events) if number not in late]
    due = min((week_of(event.time) for event in timely), default=first_until)
    state = fold_more(None, timely, due, first_until) if due < first_until else None
    late_due = min(week_of(events[number].time) for number in late)
    state = fold_more(state, events, min(late_due, first_until if state else due, late_due), last_until)
    assert state.to_bytes() == fold(events, WEEKS).to_bytes()


def test_a_late_event_before_all_others_opens_the_account_earlier() -> None:
    """The series begins where the evidence begins, also when that is learnt last."""
    events = [talk(at(week), ENGINEER) for week in range(10, 30)]
    early = talk(at(2), ENGINEER)
    state = fold_more(None, events, FIRST + 10, FIRST + 30)
    state = fold_more(state, [*events, early], FIRST + 2, FIRST + 31)
    assert state.to_bytes() == fold([*events, early], 31).to_bytes()
    assert state.series.start == FIRST + 2


def test_a_late_correction_leaves_no_empty_currency_behind() -> None:
    """The dollars that a later version took back within their week were never there."""
    events: list[CanonicalEvent] = [order(at(1), "o"), changed(at(5, 1), "o", currency="USD")]
    state = fold_more(None, events, FIRST + 1, FIRST + 8)
    assert set(state.series.money) == {"EUR", "USD"}
    events.append(changed(at(5, 2), "o", PARTS))
    state = fold_more(state, events, FIRST + 5, FIRST + 9)
    assert state.to_bytes() == fold(events, 9).to_bytes()
    assert set(state.series.money) == {"EUR"}


@STEADY
@given(histories)
def test_the_open_week_says_nothing_yet(events: list[CanonicalEvent]) -> None:
    """A half-read week would look like silence."""
    closed = [event for event in events if week_of(event.time) < FIRST + 50]
    assert fold(events, 50).to_bytes() == fold(closed, 50).to_bytes()


def test_folding_nothing_new_changes_nothing() -> None:
    """A review that runs again after a crash finds the same."""
    state = fold(history(3), 60)
    before = state.to_bytes()
    assert advance(state, [], FIRST + 60, FIRST + 60, QUICK).to_bytes() == before
    assert advance(from_bytes(before), [], FIRST + 60, FIRST + 50, QUICK).to_bytes() == before


def test_an_account_of_cards_alone_has_a_state() -> None:
    """Master data may come long before the first talk."""
    state = fold([card(at(0), name="Acme")], 5)
    assert (state.series.length, state.fold.stage) == (0, "learning")
    later = fold_more(state, [talk(at(7), ENGINEER)], FIRST + 5, FIRST + 9)
    assert later.to_bytes() == fold([card(at(0), name="Acme"), talk(at(7), ENGINEER)], 9).to_bytes()


def test_these_histories_show_every_kind_and_stage() -> None:
    """The properties would prove little on accounts where nothing happens."""
    kinds: Counter[str] = Counter()
    stages: Counter[str] = Counter()
    for seed in range(40):
        events = history(seed)
        kinds.update(alert.kind for alert in alerts(events, WEEKS))
        stages.update(change.after for change in fold(events, WEEKS).fold.transitions)
    assert set(kinds) == {"buying_centre_shift", "decline", "at_risk", "lost", "champion_left", "recovered"}
    assert set(stages) == {"stable", "watch", "shifted", "declining", "at_risk", "lost"}


# -- no lookahead ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(24))
def test_an_alert_knows_nothing_of_later_events(seed: int) -> None:
    """What a backtest reports would have been raised on the day, word for word."""
    events = history(seed)
    everything = alerts(events, WEEKS)
    for week in range(1, WEEKS + 1):
        moment = at(week, 0)
        then = alerts([event for event in events if event.time < moment], week)
        assert encoded(then) == encoded(alert for alert in everything if alert.raised_at <= moment)


@STEADY
@given(histories)
def test_alerts_are_raised_after_their_onset_and_cite_only_what_was_known(
    events: list[CanonicalEvent],
) -> None:
    """An alert that cites tomorrow, or began after it was raised, would be a lie."""
    times = {event.id: event.time for event in events}
    for alert in alerts(events, WEEKS):
        assert alert.onset_at < alert.raised_at <= at(WEEKS, 0)
        for evidence in alert.evidence:
            assert all(alert.onset_at <= times[id_] < alert.raised_at for id_ in evidence.event_ids)
            assert len(set(evidence.event_ids)) == len(evidence.event_ids)


@STEADY
@given(histories)
def test_an_alert_is_its_account_kind_and_onset(events: list[CanonicalEvent]) -> None:
    """The same finding never comes twice under two names, nor two findings under one."""
    ids = [alert.id for alert in alerts(events, WEEKS)]
    assert len(set(ids)) == len(ids)


# -- silence --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("every", range(1, 7))
@pytest.mark.parametrize("with_talks", [False, True])
def test_silence_alone_makes_an_account_declining_then_lost(*, every: int, with_talks: bool) -> None:
    """The commonest loss sends no event at all; only closing weeks tell it."""
    events: list[CanonicalEvent] = [order(at(week)) for week in range(0, 104, every)]
    if with_talks:
        events += [talk(at(week), ENGINEER) for week in range(0, 104, 2)]
    policy = Policy()
    state = fold(events, 104, policy)
    assert state.fold.stage == "stable"
    seen = []
    for week in range(105, 250):
        state = advance(state, [], FIRST + week - 1, FIRST + week, policy)
        seen.append(state.fold.stage)
    quiet = ["stable"] * seen.index("declining")
    declining = ["declining"] * seen.count("declining")
    assert seen == quiet + declining + ["lost"] * (145 - len(quiet) - len(declining))
    assert [mark.kind for mark in state.fold.marks] == ["decline", "lost"]
    assert declining


def test_an_order_brings_a_lost_account_back_once() -> None:
    """The owner hears of the return, and once."""
    events: list[CanonicalEvent] = [order(at(week)) for week in range(60)]
    events += [order(at(week)) for week in range(100, 140)]
    found = [alert.kind for alert in alerts(events, 140)]
    assert found == ["decline", "lost", "recovered"]


# -- purchasing from the start --------------------------------------------------------------------------


@STEADY
@given(
    st.lists(st.integers(0, 4), min_size=30, max_size=100),
    st.sampled_from([["price"], []]),
    st.sampled_from([BUNDLE, PARTS]),
    st.sampled_from([Policy(), QUICK]),
)
def test_an_account_that_purchasing_always_led_never_shifts(
    weekly: list[int], topics: list[Topic], lines: tuple[Line, ...], policy: Policy
) -> None:
    """Its buyers and price talks are its habit; only a change is news."""
    events: list[CanonicalEvent] = []
    for week, number in enumerate(weekly):
        events += [talk(at(week, hour), BUYER, topics=topics) for hour in range(number)]
        events += [order(at(week, 20), None, lines, buyer=BUYER)] * (number > 1)
    state = fold(events, len(weekly) + 60, policy)
    assert state.fold.shift.cusum.total == 0
    assert not {mark.kind for mark in state.fold.marks} & {"buying_centre_shift", "at_risk"}


@pytest.mark.parametrize(("rate", "share"), [(1.5, 0.8), (0.5, 0.8), (0.2, 0.8), (0.5, 0.9)])
def test_chance_in_an_account_led_by_purchasing_stays_within_the_budget(rate: float, share: float) -> None:
    """Votes that fall by chance around four in five are no shift, also in quiet accounts."""
    rng = Random(8)
    accounts, weeks, shifts = 150, 156, 0
    for _ in range(accounts):
        events: list[CanonicalEvent] = []
        for week in range(weeks):
            if rng.random() < rate:
                who = BUYER if rng.random() < share else ENGINEER
                topic: Topic = "price" if rng.random() < share else "technical"
                events.append(talk(at(week), who, topics=[topic]))
            if rng.random() < rate / 4:
                events.append(order(at(week), None, PARTS if rng.random() < share else BUNDLE))
        shifts += sum(
            mark.kind in {"buying_centre_shift", "at_risk"}
            for mark in fold(events, weeks, Policy()).fold.marks
        )
    assert 100 * shifts / (accounts * weeks / 52) <= Policy().false_alarms


# -- excursions -----------------------------------------------------------------------------------------


def _votes(pattern: str, start: int = 0) -> list[CanonicalEvent]:
    """A talk a week: D with the development team, P with purchasing, `.` silence."""
    who = {"D": ENGINEER, "P": BUYER}
    return [talk(at(start + week), who[sign]) for week, sign in enumerate(pattern) if sign in who]


def test_a_shift_that_crosses_again_in_one_excursion_is_the_same_alert() -> None:
    """An owner is not told twice of one shift that only took breath."""
    state = fold(_votes("D" * 9 + "PPP" + "D" * 8 + "PPP"), 23)
    assert [change.after for change in state.fold.transitions if change.week >= FIRST + 9] == [
        "watch",
        "shifted",
        "stable",
        "watch",
        "shifted",
    ]
    assert [mark.kind for mark in state.fold.marks] == ["buying_centre_shift", "recovered"]
    shift, recovered = state.fold.marks
    assert (shift.onset, shift.week, shift.until) == (FIRST + 9, FIRST + 11, -1)
    assert recovered.until > recovered.week


def test_a_shift_that_recedes_is_recovered_once() -> None:
    """Coming back is worth one message, not one a week."""
    events = _votes("D" * 12 + "P" * 8 + "D" * 30)
    found = alerts(events, 50)
    assert [alert.kind for alert in found] == ["buying_centre_shift", "recovered"]
    state = fold(events, 50)
    assert state.fold.stage == "stable"
    assert state.fold.marks[0].until == state.fold.marks[1].week


def test_a_shift_names_who_led_before_and_who_leads_now() -> None:
    """The owner learns at one glance what has changed, and since when."""
    state = fold(_votes("D" * 30 + "P" * 25), 55)
    assert [(change.before, change.after) for change in state.fold.leaders][-1][1] == "purchasing"
    mark = next(mark for mark in state.fold.marks if mark.kind == "buying_centre_shift")
    assert mark.previously_led_by == "development"
    assert led_by_at(state.fold, FIRST + 20) == "development"
    assert led_since(state.fold, FIRST + 20) is None
    assert led_by_at(state.fold, FIRST + 54) == "purchasing"
    assert (led_since(state.fold, FIRST + 54) or 0) >= FIRST + 30


@pytest.mark.parametrize(
    ("before", "after", "leader"),
    [
        ("P" * 10, "PD" * 30, "purchasing"),
        ("D" * 10, "PD" * 30, "shared"),
        ("PD" * 20, "PDDD" * 20, "shared"),
        ("D" * 10, "PDDD" * 20, "development"),
        ("P" * 30, "D" * 60, "development"),
        ("D" * 30, "P" * 60, "purchasing"),
    ],
)
def test_who_leads_has_hysteresis(before: str, after: str, leader: str) -> None:
    """A lead does not flap with single talks around the mark, and does change with the votes."""
    votes = before + after
    state = fold(_votes(votes), len(votes))
    assert state.fold.led_by == leader
    assert len(state.fold.leaders) <= 4


def test_silence_changes_no_leader() -> None:
    """A customer that purchasing led does not become shared by saying nothing."""
    state = fold(_votes("P" * 30), 120)
    assert state.fold.led_by == "purchasing"
    assert max(change.week for change in state.fold.leaders) < FIRST + 5


def test_the_state_reads_back_as_written() -> None:
    """A state in the database is the state."""
    state = fold(history(5), 70)
    assert from_bytes(state.to_bytes()).to_bytes() == state.to_bytes()
    assert isinstance(history(5)[0].id, str)
    assert any(isinstance(event, OrderPlaced) for event in history(5))
