"""The champion: whom most talks were with, and who is gone."""

from collections.abc import Iterable, Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.alert import Alert
from accounts.champion import HOLDS_WEEKS, QUARTER, YEAR
from accounts.events import CanonicalEvent, Person
from accounts.evidence import person_key
from accounts.fold import Mark
from accounts.policy import Policy
from accounts.weeks import start_of, week_of
from tests.unit.accounts.builders import (
    FIRST,
    STEADY,
    alerts,
    at,
    contact,
    encoded,
    fold,
    fold_more,
    order,
    person,
    talk,
)

POLICY = Policy()
DORA, DAVE, BERT = person("dora"), person("dave"), person("bert", "purchasing")
CHIEF = person("chief", "executive")
WEEKS = 140
GONE = 80  # the week in which someone is gone


def talks(who: Person, weeks: Iterable[int], hours: float = 10.0) -> list[CanonicalEvent]:
    """A talk each of these weeks, named after the person and the week."""
    return [talk(at(week, hours), who, topics=["technical"], id=f"{who.id}-{week}") for week in weeks]


def team(until: int = WEEKS) -> list[CanonicalEvent]:
    """Others of theirs who talk on: an engineer and an executive every other week, a buyer each week."""
    return [
        *talks(DAVE, range(0, until, 2), 12.0),
        *talks(CHIEF, range(1, until, 2), 14.0),
        *talks(BERT, range(until), 16.0),
    ]


def departures(events: Sequence[CanonicalEvent], weeks: int = WEEKS, policy: Policy = POLICY) -> list[Alert]:
    return [alert for alert in alerts(events, weeks, policy) if alert.kind == "champion_left"]


def marks(events: Sequence[CanonicalEvent], weeks: int = WEEKS) -> list[Mark]:
    return [mark for mark in fold(events, weeks, POLICY).fold.marks if mark.kind == "champion_left"]


def test_a_champion_who_leaves_is_told_with_name_share_and_events() -> None:
    """The owner learns the week after who is gone and how much hung on them."""
    left = contact(at(GONE, 50), DORA, id="left")
    events = [*talks(DORA, range(GONE)), *team(), left]
    [alert] = departures(events)
    assert (alert.onset_at, alert.raised_at) == (start_of(FIRST + GONE), start_of(FIRST + GONE + 1))
    assert alert.severity == "info"
    piece = alert.evidence[0]
    assert (piece.signal, piece.nats, piece.people) == ("champion_left", 0, ["Dora"])
    assert piece.text.startswith("Dora left in the week of 17 July 2023; 50 % of their developers'")
    assert (piece.numbers["seats"], piece.numbers["share"]) == (YEAR, 50)
    assert piece.event_ids == ["left"]
    assert alert.stage == alert.previous_stage


def test_a_champion_who_falls_silent_while_others_talk_on_is_told() -> None:
    """No CRM says that they are gone; their own rhythm does."""
    events = [*talks(DORA, range(GONE)), *team()]
    [alert] = departures(events)
    assert alert.onset_at == start_of(FIRST + GONE - 1)
    assert QUARTER <= (alert.raised_at - alert.onset_at).days / 7 <= 2 * QUARTER
    piece = alert.evidence[0]
    assert (piece.signal, piece.people) == ("champion_silent", ["Dora"])
    assert piece.text.startswith("Dora has been silent since the week of 10 July 2023, far longer than ever")
    assert 40 <= float(piece.numbers["share"]) <= 50
    assert piece.event_ids == [f"dora-{GONE - 1}"]


def test_an_executive_may_be_the_champion_and_a_buyer_is_none() -> None:
    """A champion is sought among our friends; that a buyer leaves is no loss of one."""
    events = [*talks(CHIEF, range(GONE)), *talks(DAVE, range(0, WEEKS, 2)), *talks(BERT, range(GONE))]
    assert [a.evidence[0].people for a in departures([*events, contact(at(GONE), CHIEF)])] == [["Chief"]]
    bought = [*talks(BERT, range(GONE)), *talks(DAVE, range(0, WEEKS, 20)), contact(at(GONE), BERT)]
    assert not departures(bought)


@pytest.mark.parametrize("says", ["left", "nothing"])
def test_a_minor_person_who_goes_raises_nothing(says: str) -> None:
    """A tenth of the seats is no champion, and neither are a few talks a year."""
    told = [contact(at(GONE), DAVE)] if says == "left" else []
    minor = [*talks(DORA, range(WEEKS)), *talks(DAVE, range(0, GONE, 10)), *talks(BERT, range(WEEKS))]
    assert not departures([*minor, *told])
    every = YEAR // (POLICY.champion_seats - 2)
    few = [*talks(DAVE, range(0, GONE, every)), *talks(BERT, range(WEEKS))]
    assert not departures([*few, *told])


def test_who_is_silent_with_everybody_else_raises_nothing() -> None:
    """That is an account that slows, or a holiday; other alerts tell it."""
    assert not departures([*talks(DORA, range(GONE)), *team(GONE)])


def test_who_is_back_in_time_raises_nothing() -> None:
    """A quarter abroad is no departure."""
    away = range(GONE, GONE + QUARTER - 1)
    events = [*talks(DORA, [week for week in range(WEEKS) if week not in away]), *team()]
    assert not departures(events)


@pytest.mark.parametrize("says", ["left", "nothing"])
def test_who_is_gone_is_found_once(says: str) -> None:
    """The talks of the year before still know them; the champion of the time after is another."""
    weeks = GONE + 2 * YEAR
    told = [contact(at(GONE), DORA)] if says == "left" else []
    events = [*talks(DORA, range(GONE)), *team(weeks), *told]
    assert [mark.departure and mark.departure.person for mark in marks(events, weeks)] == [person_key("dora")]
    champion = fold(events, weeks, POLICY).fold.champion
    assert champion.person in {person_key("dave"), person_key("chief")}


def test_the_next_champion_is_told_of_too() -> None:
    """Once the first alert has ended: there is always one at a time."""
    weeks, next_gone = 220, 170
    events = [*talks(DORA, range(GONE)), *talks(DAVE, range(GONE, next_gone)), *talks(BERT, range(weeks))]
    events += [*talks(CHIEF, range(0, weeks, 2)), contact(at(GONE), DORA), contact(at(next_gone), DAVE)]
    first, second = departures(events, weeks)
    assert (first.evidence[0].people, second.evidence[0].people) == (["Dora"], ["Dave"])


def test_the_alert_ends_after_half_a_year() -> None:
    """By then someone else has taken over, or the tests speak."""
    events = [*talks(DORA, range(GONE)), *team(), contact(at(GONE), DORA)]
    for weeks in (GONE + HOLDS_WEEKS, GONE + HOLDS_WEEKS + 1):
        [mark] = marks(events, weeks)
        assert mark.until == (-1 if weeks == GONE + HOLDS_WEEKS else FIRST + GONE + HOLDS_WEEKS)
    assert fold(events, WEEKS, POLICY).fold.stage == fold(events, GONE, POLICY).fold.stage


def test_who_leaves_before_there_is_a_champion_raises_nothing() -> None:
    """Ten weeks are no year; and a person of whom nobody has heard is nobody's champion."""
    events = [*talks(DORA, range(POLICY.champion_seats - 2)), *team(30)]
    assert not departures([*events, contact(at(9), DORA), contact(at(20), person("stranger"))], 30)


def test_who_has_left_is_not_taken_for_a_champion_later() -> None:
    """Someone who talked most for a quarter, and left before that made a champion: nobody is missed."""
    first = next(week for week in range(60, 80) if (FIRST + week) % QUARTER == 0) + 1
    last = first + QUARTER - 2  # a champion is looked for each quarter
    busy = [talk(at(week, hours), DORA) for week in range(first, last) for hours in range(6)]
    assert departures([*busy, *team()])
    assert not departures([*busy, *team(), contact(at(last), DORA)])


def test_what_makes_a_champion_is_the_policy_s() -> None:
    """The share asked for, seats enough, and how sure one has to be of a silence."""
    events = [*talks(DORA, range(GONE)), *team()]
    assert departures(events)
    assert not departures(events, policy=Policy(champion_share=0.6))
    assert not departures(events, policy=Policy(champion_seats=YEAR + 1))
    assert not departures(events, policy=Policy(champion_chance=0.0))


# -- a function of the set of events ----------------------------------------------------------------------


@st.composite
def lives(draw: st.DrawFn) -> list[CanonicalEvent]:
    """Two years and a half with one who talks most, who leaves, falls silent or stays; a few orders."""
    rng = Random(draw(st.integers(0, 10_000)))
    star, end = rng.choice([DORA, DAVE, CHIEF]), rng.choice([40, 60, 80, WEEKS])
    events: list[CanonicalEvent] = []
    for week in range(WEEKS):
        for number in range(rng.choice([0, 1, 1, 2])):
            who = star if rng.random() < 0.7 and week < end else rng.choice([DORA, DAVE, CHIEF, BERT])
            if week >= end and who is star:
                continue
            events.append(talk(at(week, 20 * number), who, topics=["technical"], id=f"t{week}-{number}"))
        if rng.random() < 0.1:
            events.append(order(at(week, 80), f"o{week}", id=f"o{week}"))
    if rng.random() < 0.5:
        events.append(contact(at(end, rng.choice([0, 30, 167])), star, id="left"))
    if rng.random() < 0.3:
        events.append(contact(at(end, 40), rng.choice([DORA, DAVE]), id="also"))
    return events


@STEADY
@given(lives(), st.randoms(use_true_random=False))
def test_the_order_of_events_does_not_matter(events: list[CanonicalEvent], rng: Random) -> None:
    """The same bytes and the same words, however the events came."""
    shuffled = list(events)
    rng.shuffle(shuffled)
    assert fold(shuffled, WEEKS, POLICY).to_bytes() == fold(events, WEEKS, POLICY).to_bytes()
    assert encoded(departures(shuffled)) == encoded(departures(events))


@STEADY
@given(lives(), st.integers(1, WEEKS), st.data())
def test_late_news_ends_as_if_it_had_been_on_time(
    events: list[CanonicalEvent], first: int, data: st.DataObject
) -> None:
    """CRMs learn late who has left, and of talks later still."""
    late = data.draw(st.lists(st.sampled_from(events), min_size=1, max_size=9)) + events[-2:]
    timely = [event for event in events if event not in late]
    state = fold(timely, first, POLICY)
    due = min(FIRST + first, *(week_of(event.time) for event in late))
    state = fold_more(state, events, due, FIRST + WEEKS, POLICY)
    assert state.to_bytes() == fold(events, WEEKS, POLICY).to_bytes()


@STEADY
@given(lives())
def test_a_departure_is_of_a_champion_and_cites_only_what_was_known(events: list[CanonicalEvent]) -> None:
    """Never more seats than there were, and never an event of a later week."""
    times = {event.id: event.time for event in events}
    for alert in departures(events):
        piece = alert.evidence[0]
        assert POLICY.champion_seats <= float(piece.numbers["seats"]) <= len(events)
        assert 100 * POLICY.champion_share - 1 <= float(piece.numbers["share"]) <= 100
        assert piece.people
        assert piece.event_ids
        assert all(alert.onset_at <= times[id_] < alert.raised_at for id_ in piece.event_ids)


def test_a_champion_who_comes_seldom_is_missed_all_the_same() -> None:
    """Once in three weeks is a rhythm too: who is being missed is not forgotten at the next look."""
    for last in range(78, 91):
        events = [
            *talks(BERT, range(150)),
            *talks(DORA, range(0, last, 3), 20),
            *talks(DAVE, range(0, 150, 9), 30),
        ]
        told = [alert for alert in alerts(events, 150, POLICY) if alert.kind == "champion_left"]
        assert len(told) == 1, last
