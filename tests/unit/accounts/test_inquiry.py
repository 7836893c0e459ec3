"""Why an account is in its stage."""

from collections.abc import Sequence

import pytest
from hypothesis import given

from accounts.dossier import Dossier
from accounts.engagement import ENGAGEMENT_ROWS
from accounts.events import CanonicalEvent
from accounts.inquiry import inquire
from accounts.stages import STAGES
from tests.unit.accounts.builders import (
    ACCOUNT,
    BUYER,
    ENGINEER,
    PARTS,
    QUICK,
    STEADY,
    at,
    card,
    fold,
    histories,
    history,
    opportunity,
    order,
    talk,
)


def taken_over(weeks: int) -> list[CanonicalEvent]:
    """Twelve weeks of engineers and bundles, then a buyer who talks of price and buys parts."""
    events: list[CanonicalEvent] = [card(at(0), name="Acme", owner="olga")]
    for week in range(12):
        events += [talk(at(week), ENGINEER, topics=["technical"]), order(at(week))]
    for week in range(12, weeks):
        events += [talk(at(week), BUYER, topics=["price"], id=f"talk-{week}"), order(at(week), None, PARTS)]
    return events


def asked(events: Sequence[CanonicalEvent], weeks: int) -> Dossier:
    return inquire(ACCOUNT, fold(events, weeks), events, QUICK)


@given(histories)
@STEADY
def test_the_streams_add_up_to_the_sums(events: list[CanonicalEvent]) -> None:
    """Nothing that moved a test is left out."""
    dossier = asked(events, 70)
    shift, cadence = dossier.tests
    engaged = len(ENGAGEMENT_ROWS)
    engagement, rhythms = dossier.rhythms[:engaged], dossier.rhythms[engaged:]
    told = sum(share.nats for share in dossier.shares) + sum(rhythm.nats for rhythm in engagement)
    assert told - shift.clipped == pytest.approx(shift.sum)
    assert sum(piece.nats for piece in rhythms) - cadence.clipped == pytest.approx(cadence.sum)
    streams = (*QUICK.engagement_streams, *QUICK.cadence_streams)
    assert [piece.signal for piece in dossier.rhythms] == [stream.signal for stream in streams]
    assert {dossier.stage} <= set(STAGES)
    assert dossier.would_change


def test_a_shift_is_explained_by_whom_and_since_when() -> None:
    """Baseline and now side by side, with the person and the events behind."""
    dossier = asked(taken_over(20), 20)
    assert (dossier.stage, dossier.led_by) == ("shifted", "purchasing")
    assert dossier.stage_since == dossier.transitions[-1].at > at(12, 0)
    seats = dossier.shares[0]
    assert seats.signal == "purchasing_share"
    assert (seats.before.share, seats.now.share) == (0, 1)
    assert seats.people == ["Buyer"]
    assert seats.distinct_people == 1
    assert seats.event_ids[0] == "talk-12"
    assert seats.since == at(12, 0)
    assert dossier.tests[0].crossed
    assert "below 2." in dossier.would_change[0] or "below 1." in dossier.would_change[0]
    assert [alert.kind for alert in dossier.alerts] == ["buying_centre_shift"]
    assert dossier.account.name == "Acme"


def test_rhythm_stands_beside_its_own_past() -> None:
    """Orders that stop: the usual rate and none now."""
    events: list[CanonicalEvent] = [
        event for week in range(20) for event in (order(at(week)), talk(at(week), ENGINEER))
    ]
    dossier = asked(events, 27)
    orders = next(rhythm for rhythm in dossier.rhythms if rhythm.signal == "orders_slowing")
    assert orders.before.a_week == pytest.approx(1, abs=0.1)
    assert orders.now.a_week == 0
    assert orders.nats > 0
    assert (dossier.silence.last_order, dossier.silence.weeks) == (at(19, 0), 7)


def test_the_weeks_to_being_lost_are_those_it_takes() -> None:
    """The outlook is what the fold then does."""
    events: list[CanonicalEvent] = [order(at(week)) for week in range(30)]
    sentence = asked(events, 32).would_change[-1]
    weeks = int(sentence.removeprefix("After ").split()[0])
    assert asked(events, 32 + weeks - 1).stage != "lost"
    lost = asked(events, 32 + weeks)
    assert lost.stage == "lost"
    assert lost.would_change[-1].startswith("An order would end")


def test_later_events_are_not_told() -> None:
    """What was not known by then stands nowhere: a name, a rival."""
    before = taken_over(20)
    later: list[CanonicalEvent] = [
        card(at(25), name="Renamed"),
        opportunity(at(25), "o", BUYER, competitors=["Rival"], tender=True),
    ]
    assert asked([*before, *later], 20) == asked(before, 20)
    assert {piece.signal for piece in asked([*before, *later], 26).besides} == {"competitors", "tenders"}


def test_a_young_account_says_what_it_waits_for() -> None:
    """No sum without a baseline."""
    dossier = asked([talk(at(0), ENGINEER)], 2)
    assert dossier.stage == "learning"
    assert [test.threshold for test in dossier.tests] == [None, None]
    assert "judges once" in dossier.would_change[0]
    assert all(piece.learning for piece in dossier.shares)


def test_the_order_of_events_does_not_matter() -> None:
    """As everywhere in the core."""
    events = history(11)
    assert asked(list(reversed(events)), 70) == asked(events, 70)
