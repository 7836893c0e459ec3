"""Why an alert was raised: its figures add up, its people are counted, its events are real."""

from collections.abc import Iterable
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given

from accounts.alert import Alert, Evidence, to_json
from accounts.events import AccountChange, CanonicalEvent, OwnerChange
from accounts.explanation import explain
from accounts.policy import MICRO, Policy, Threshold
from accounts.story import alert_of, retraction_of
from accounts.sums import in_order
from accounts.weeks import start_of
from tests.unit.accounts.builders import (
    BUNDLE,
    BUYER,
    ENGINEER,
    FIRST,
    HISTORY_WEEKS,
    PARTS,
    QUICK,
    STEADY,
    alerts,
    at,
    cancelled,
    card,
    encoded,
    fold,
    histories,
    opportunity,
    order,
    person,
    talk,
)

SHIFT = {"purchasing_share", "price_talk", "unbundling"}
CADENCE = {"contacts_slowing", "orders_slowing"}
ROUNDED = 0.0006 * 6  # each figure is shown to a thousandth


def taken_over(*buyers: str, weeks: int = 12) -> list[CanonicalEvent]:
    """Twenty weeks with the developers, then purchasing's people in turn."""
    events: list[CanonicalEvent] = [
        talk(at(week), ENGINEER, topics=["technical"], id=f"t{week}") for week in range(20)
    ]
    events += [order(at(week, 30), f"o{week}", BUNDLE, id=f"o{week}") for week in range(0, 20, 2)]
    for number in range(weeks):
        who = person(buyers[number % len(buyers)], "purchasing", title="Buyer")
        events.append(talk(at(20 + number), who, ENGINEER, topics=["price"], id=f"p{number}"))
        events.append(order(at(20 + number, 30), f"q{number}", PARTS, id=f"q{number}"))
    return events


def shift_of(events: Iterable[CanonicalEvent], weeks: int = 40) -> Alert:
    found = alerts(events, weeks, Policy(baseline_weeks=8, rhythm_weeks=8))
    return next(alert for alert in found if alert.kind == "buying_centre_shift")


def by_signal(alert: Alert) -> dict[str, Evidence]:
    return {evidence.signal: evidence for evidence in alert.evidence}


@STEADY
@given(histories)
def test_the_evidence_adds_up_to_the_sums_at_the_crossing(events: list[CanonicalEvent]) -> None:
    """Every nat of S and D is accounted for by a stream, or by what was clipped."""
    state = fold(events, HISTORY_WEEKS)
    for mark in state.fold.marks:
        then = fold(events, mark.week + 1 - FIRST).fold
        sums = (then.shift.cusum, then.cadence.cusum)
        assert sum(mark.shift.parts) - mark.shift.clipped == sums[0].total
        assert sum(mark.cadence.parts) - mark.cadence.clipped == sums[1].total
        told = explain(mark, state, events, QUICK)
        nats = sum(evidence.nats for evidence in told)
        shift, cadence = (sum_.total / MICRO for sum_ in sums)
        expected = {
            "buying_centre_shift": shift,
            "decline": cadence,
            "at_risk": shift + cadence,
            "lost": shift + cadence,
        }.get(mark.kind, 0.0)
        assert nats == pytest.approx(expected, abs=ROUNDED)
        if mark.kind == "buying_centre_shift":
            assert sums[0].total >= sums[0].threshold
        if mark.kind == "decline":
            assert sums[1].total >= sums[1].threshold


@STEADY
@given(histories)
def test_the_figures_in_the_words_are_shares_of_what_happened_since(events: list[CanonicalEvent]) -> None:
    """No alert says 140 % or a negative number of people."""
    for alert in alerts(events, HISTORY_WEEKS):
        for evidence in alert.evidence:
            assert len(set(evidence.people)) == len(evidence.people) <= 8
            assert len(evidence.event_ids) <= 20
            assert evidence.text
            if evidence.signal in CADENCE:
                assert float(evidence.numbers["count"]) >= 0
            if evidence.signal in SHIFT:
                assert 0 <= float(evidence.numbers["after"]) <= 100
                assert 0 <= float(evidence.numbers["before"]) <= 100
                assert float(evidence.numbers["people"]) >= 0


def test_one_person_can_be_the_shift_and_the_alert_says_so() -> None:
    """The owner must see whether a department moved or one buyer is keen."""
    alone, many = (
        by_signal(shift_of(taken_over("ann"))),
        by_signal(shift_of(taken_over("ann", "bob", "cleo"))),
    )
    assert alone["purchasing_share"].people == ["Ann (Buyer)"]
    assert alone["purchasing_share"].numbers["people"] == 1
    assert "(1 person)" in alone["purchasing_share"].text
    assert sorted(many["purchasing_share"].people) == ["Ann (Buyer)", "Bob (Buyer)", "Cleo (Buyer)"]
    assert "(3 people)" in many["purchasing_share"].text


def test_the_words_carry_the_numbers() -> None:
    """Which share, since when, against which before."""
    alert = shift_of(taken_over("ann"))
    seats = by_signal(alert)["purchasing_share"]
    assert (seats.numbers["before"], seats.numbers["after"]) == (0, 50)
    assert seats.numbers["since"] == "2022-05-23" == alert.onset_at.date().isoformat()
    assert "50 % of the known seats" in seats.text
    assert "since 23 May 2022, 0 % before" in seats.text
    assert seats.event_ids == [f"p{number}" for number in range(len(seats.event_ids))]
    assert by_signal(alert)["unbundling"].numbers["after"] == 100


def test_the_strongest_sign_comes_first_and_chooses_the_play() -> None:
    """The owner reads one line, perhaps two."""
    alert = shift_of(taken_over("ann"))
    nats = [evidence.nats for evidence in alert.evidence if evidence.signal in SHIFT]
    assert nats == sorted(nats, reverse=True)
    assert alert.evidence[0].nats == max(nats)
    plays = {
        "unbundling": "unbundled-offer",
        "purchasing_share": "senior-sponsors",
        "price_talk": "total-cost",
    }
    assert alert.play.id == plays[alert.evidence[0].signal]


def test_rivals_and_tenders_are_shown_but_not_summed() -> None:
    """Corroboration for the reader, beside what their shares may say in the sums."""
    events = taken_over("ann")
    deals = [
        opportunity(at(21), "d", ENGINEER, competitors=["Rival", "Other"], tender=True, id="d1"),
        opportunity(at(22), "d", ENGINEER, competitors=["Rival"], tender=True, id="d2"),
        opportunity(at(60), "e", ENGINEER, competitors=["Later"], tender=True, id="d3"),
    ]
    told = by_signal(shift_of([*events, *deals], 70))
    assert told["competitors"].text == "Competitors named: Other, Rival"
    assert told["competitors"].nats == told["tenders"].nats == 0
    assert told["tenders"].text == "1 formal tender"
    assert told["tenders"].event_ids == ["d1", "d2"]


def test_an_alert_of_silence_counts_what_did_not_come() -> None:
    """Nothing happened: the evidence is the account's own rhythm."""
    events: list[CanonicalEvent] = [order(at(week)) for week in range(40)]
    decline, lost = alerts(events, 80)
    told = by_signal(decline)["orders_slowing"]
    weeks = told.numbers["weeks"]
    assert (told.numbers["count"], decline.onset_at) == (0, start_of(FIRST + 40))
    assert told.text.startswith(f"0 orders in the {weeks} weeks since 10 October 2022; about {weeks} would")
    assert lost.onset_at == start_of(FIRST + 40)
    assert "before, one about every 1 weeks" in by_signal(lost)["silence"].text
    assert 0 < float(by_signal(lost)["silence"].numbers["alive"]) < QUICK.alive_below
    assert lost.severity == "critical"


def test_a_cancelled_order_is_not_minus_one_order() -> None:
    """The words stay true where orders of an earlier time are taken back."""
    events: list[CanonicalEvent] = [order(at(week), f"o{week}") for week in range(40)]
    events.append(cancelled(at(42), "o3"))
    told = by_signal(alerts(events, 80)[0])["orders_slowing"]
    assert told.numbers["count"] == 0
    assert told.text.startswith("0 orders, and 1 earlier one cancelled, in the ")


def test_at_risk_tells_each_test_since_its_own_onset() -> None:
    """The shift began in May, the silence in August: the alert must not blur the two."""
    events = taken_over("ann", weeks=3)
    events += [talk(at(week), person("ann", "purchasing"), topics=["price"]) for week in range(23, 70, 4)]
    found = [alert for alert in alerts(events, 70) if alert.kind == "at_risk"]
    assert found
    told = by_signal(found[0])
    assert SHIFT & told.keys()
    assert CADENCE & told.keys()
    assert told["purchasing_share"].numbers["since"] == "2022-05-23"
    slowing = told["orders_slowing"]
    first = found[0].raised_at - timedelta(weeks=int(slowing.numbers["weeks"]))
    assert first > found[0].onset_at
    assert slowing.numbers["count"] == 0


def test_at_risk_cites_no_talks_from_before_the_shift() -> None:
    """Orders slowed first: the talks of those weeks were still the developers'."""
    events: list[CanonicalEvent] = [talk(at(week), ENGINEER) for week in range(34)]
    events += [order(at(week, 30)) for week in range(30)]
    events += [talk(at(34 + number), BUYER, id=f"b{number}") for number in range(10)]
    level = Threshold(6.9, 0.0, 0.0)
    patient = Policy().drop_out
    policy = msgspec.structs.replace(QUICK, shift_threshold=level, cadence_threshold=level, drop_out=patient)
    (risk,) = (alert for alert in alerts(events, 44, policy) if alert.kind == "at_risk")
    assert risk.onset_at == start_of(FIRST + 30)
    told = by_signal(risk)
    assert told["purchasing_share"].numbers["since"] == start_of(FIRST + 34).date().isoformat()
    assert told["purchasing_share"].numbers["after"] == 100
    assert told["orders_slowing"].numbers["weeks"] == 10


def test_a_later_return_does_not_rewrite_an_earlier_alert() -> None:
    """What the owner was told in autumn still stands there in spring."""
    events: list[CanonicalEvent] = [order(at(week), f"o{week}") for week in range(40)]
    before = alerts(events, 60)
    events += [order(at(week), f"n{week}") for week in range(70, 100)]
    assert encoded(alerts(events, 100)[: len(before)]) == encoded(before)


def test_a_taken_back_alert_says_that_it_is() -> None:
    """Late evidence retracts; the reader learns that it was no recovery."""
    events: list[CanonicalEvent] = [order(at(week), f"o{week}") for week in range(40)]
    state = fold(events, 60)
    (mark, *_) = state.fold.marks
    alert = retraction_of("acme", mark, state, shift_of(taken_over("ann")).account, QUICK)
    assert (alert.status, alert.retracted, alert.resolved_at) == ("resolved", True, alert.raised_at)
    assert alert.id == alert_of("acme", mark, state, events, alert.account, QUICK).id


def test_a_resolved_alert_tells_when() -> None:
    """An alert that is over says since when."""
    events: list[CanonicalEvent] = [talk(at(week), ENGINEER) for week in range(20)]
    events += [talk(at(week), BUYER) for week in range(20, 26)]
    events += [talk(at(week), ENGINEER) for week in range(26, 60)]
    state = fold(events, 60)
    mark = state.fold.marks[0]
    alert = alert_of("acme", mark, state, events, shift_of(events, 60).account, QUICK)
    assert mark.until > mark.week
    assert (alert.status, alert.resolved_at) == ("resolved", start_of(mark.until + 1))
    assert mark.as_raised().until == -1


def test_an_alert_stays_small_whatever_its_events_hold() -> None:
    """Names of a hundred kilobytes, and ids that JSON writes six times as long: the webhook must take it."""
    long, wide = "采" * 100_000, "\x01" * 500
    who = person("\x01" * 512, "purchasing", called="\x01" * 100_000, title=long)
    events: list[CanonicalEvent] = [talk(at(week), ENGINEER, id=f"t{week}") for week in range(20)]
    events += [order(at(week, 30), f"o{week}", BUNDLE) for week in range(0, 20, 2)]
    for number in range(60):
        week, name = 20 + number / 5, f"{wide}{number}"
        crowd = [who, *(person(f"{n}{wide}", "purchasing", title=long) for n in range(9))]
        events.append(talk(at(week), *crowd, topics=["price"], id=f"{name}t"))
        events.append(order(at(week, 30), f"q{number}", PARTS, id=f"{name}o"))
        rivals = [f"{n}{long}" for n in range(9)]
        events.append(opportunity(at(week), f"d{number}", competitors=rivals, tender=True, id=f"{name}d"))
    owner = OwnerChange(long, f"{long}@vendor.example", long)
    data = AccountChange(long, long, long, long, long, owner, owner)
    events.append(msgspec.structs.replace(card(at(0)), data=data))
    alert = shift_of(events)
    assert {"purchasing_share", "competitors", "tenders"} <= by_signal(alert).keys()
    assert alert.account.owner is not None
    assert alert.account.owner.email == ""
    assert len(to_json(alert)) < 512 * 1024
    (buyer, *_) = [called for called in by_signal(alert)["purchasing_share"].people if "\x01" in called]
    assert len(buyer) == 200 + 200 + len(" ()")
    assert buyer.endswith("采…)")


def test_what_comes_from_events_does_not_depend_on_their_order() -> None:
    """The list of events behind a figure is in the order of their time."""
    events = [*taken_over("ann", "bob"), cancelled(at(25), "q1"), card(at(3), name="Acme")]
    assert encoded(alerts(events, 40)) == encoded(alerts(list(reversed(events)), 40))
    times = {event.id: in_order(event) for event in events}
    for evidence in shift_of(events).evidence:
        assert evidence.event_ids == sorted(evidence.event_ids, key=times.__getitem__)
