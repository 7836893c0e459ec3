"""Replay: the core over a set of events, and the clock of the events themselves."""

import pytest

from accounts.alert import Alert
from accounts.events import Unreadable
from accounts.replay import Replay
from tests.unit.accounts.builders import (
    BUYER,
    ENGINEER,
    HISTORY_WEEKS,
    QUICK,
    alerts,
    at,
    card,
    encoded,
    history,
    order,
    replay,
    talk,
)


def test_a_repeated_event_is_counted_not_folded() -> None:
    """A producer that sends again adds nothing."""
    played = replay([talk(at(0), id="1"), talk(at(0), id="1"), talk(at(1), id="2")])
    assert (played.events, played.repeated, played.latest) == (2, 1, at(1))


@pytest.mark.parametrize(
    "other", [talk(at(0), BUYER, id="1"), talk(at(1), id="1"), talk(at(0), id="1", subject="other")]
)
def test_an_id_that_says_something_else_is_refused(other: object) -> None:
    """Which of two contradicting events came first must not decide anything silently."""
    played = replay([talk(at(0), id="1")])
    with pytest.raises(Unreadable) as caught:
        played.add(other)  # type: ignore[arg-type]
    assert caught.value.reason == "conflicting_duplicate"
    assert (played.events, played.accounts) == (1, ["acme"])


def test_the_newest_event_is_looked_for_up_to_a_horizon() -> None:
    """Events beyond it are counted; where there is nothing else there is no end."""
    played = replay([talk(at(0)), talk(at(3), subject="other"), talk(at(9)), talk(at(9), subject="other")])
    assert played.newest(at(9)) == (at(9), 0)
    assert played.newest(at(8)) == (at(3), 2)
    assert played.newest(at(-1)) == (None, 4)
    assert Replay().newest(at(0)) == (None, 0)


def test_accounts_do_not_touch_each_other() -> None:
    """One customer's orders of the same number are not another's versions."""
    played = replay(
        [order(at(0), "7", subject="a"), order(at(0), "7", subject="b"), talk(at(1), subject="c")]
    )
    assert played.accounts == ["a", "b", "c"]
    states = dict(played.states(at(3, 0), QUICK))
    assert states["a"].series.money == states["b"].series.money == {"EUR": [11_000_000, 0, 0]}


def test_alerts_come_in_order_of_raised_at() -> None:
    """A reader of the output follows time."""
    found = _two_accounts()
    moments = [alert.raised_at for alert in found]
    assert len(found) > 2
    assert moments == sorted(moments)
    assert {alert.status for alert in found} == {"firing"}


def _two_accounts() -> list[Alert]:
    played = Replay()
    for subject, week in (("a", 30), ("b", 20)):
        for number in range(week):
            played.add(talk(at(number), ENGINEER, subject=subject))
        for number in range(week, week + 20):
            played.add(talk(at(number), BUYER, subject=subject))
        for number in range(week + 20, week + 50):
            played.add(talk(at(number), ENGINEER, subject=subject))
    return played.alerts(at(100, 0), QUICK)


def test_the_card_is_the_one_known_when_the_alert_was_raised() -> None:
    """A backtest must not greet the owner of next year."""
    events = [talk(at(week), ENGINEER if week < 20 else BUYER) for week in range(40)]
    cards = [card(at(0), name="Acme", owner="olga"), card(at(60), owner="omar")]
    (alert, *_) = alerts([*events, *cards], 80)
    assert alert.account.owner is not None
    assert alert.account.owner.name == "olga"


def test_alerts_before_a_moment_are_the_first_of_all() -> None:
    """`--until` cuts the story, it does not change it."""
    events = history(4)
    everything = alerts(events, HISTORY_WEEKS)
    for week in range(0, HISTORY_WEEKS, 5):
        assert encoded(alerts(events, week)) == encoded(everything)[: len(alerts(events, week))]
