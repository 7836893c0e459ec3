"""When a receiver is at work."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.hours import ALWAYS, OFFICE, Hours, hours_of

BERLIN, SHANGHAI = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Shanghai")
MOMENTS = st.integers(0, 15 * 365 * 24 * 60).map(
    lambda minutes: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("mon-fri 08:00-18:00", "mon,tue,wed,thu,fri 08:00-18:00"),
        ("sat 9:30-12:00", "sat 09:30-12:00"),
        ("08:00-24:00", "mon,tue,wed,thu,fri,sat,sun 08:00-24:00"),
        (" Mon-Sun 00:00-24:00 ", "mon,tue,wed,thu,fri,sat,sun 00:00-24:00"),
    ],
)
def test_hours_are_read_as_people_write_them(text: str, said: str) -> None:
    """Case and one-digit hours do not matter."""
    assert str(hours_of(text)) == said


@pytest.mark.parametrize(
    "text",
    [
        "",
        "always",
        "mon-fri",
        "fri-mon 08:00-18:00",
        "xyz 08:00-18:00",
        "08:00-25:00",
        "18:00-08:00",
        "08:00-08:00",
    ],
)
def test_wrong_hours_say_how_to_write_them(text: str) -> None:
    """Nobody should guess at the form."""
    with pytest.raises(ValueError, match="mon-fri 08:00-18:00"):
        hours_of(text)


def test_an_opening_is_now_or_the_next_morning() -> None:
    """On the receiver's clock, weekends left out, and after the closing hour on the next day."""

    def opening(text: str) -> str:
        at = OFFICE.next_opening(datetime.fromisoformat(text), BERLIN)
        return at.astimezone(BERLIN).strftime("%a %H:%M")

    assert opening("2026-05-20T10:00:00+02:00") == "Wed 10:00"
    assert opening("2026-05-20T07:59:59+02:00") == "Wed 08:00"
    assert opening("2026-05-20T18:00:00+02:00") == "Thu 08:00"
    assert opening("2026-05-22T19:00:00+02:00") == "Mon 08:00"


def test_summer_time_moves_the_morning_with_it() -> None:
    """Eight o'clock is eight o'clock on both sides of the night in which clocks change."""
    friday = datetime(2026, 3, 27, 20, tzinfo=UTC)
    assert OFFICE.next_opening(friday, BERLIN) == datetime(2026, 3, 30, 6, tzinfo=UTC)
    assert OFFICE.next_opening(friday - timedelta(weeks=1), BERLIN) == datetime(2026, 3, 23, 7, tzinfo=UTC)


def test_three_working_days_after_a_thursday_is_a_tuesday() -> None:
    """A weekend is nobody's answer."""
    thursday = datetime(2026, 5, 21, 9, tzinfo=UTC)
    assert OFFICE.after_working_days(thursday, 3, BERLIN) == datetime(2026, 5, 26, 9, tzinfo=UTC)
    assert OFFICE.after_working_days(thursday, 0, BERLIN) == thursday


def test_digests_come_as_a_day_or_a_week_begins() -> None:
    """The weekly one on the first working day, also where that is a Sunday."""
    tuesday = datetime(2026, 5, 19, 12, tzinfo=UTC)
    assert OFFICE.next_digest(tuesday, "daily", SHANGHAI) == datetime(2026, 5, 20, 0, tzinfo=UTC)
    assert OFFICE.next_digest(tuesday, "weekly", SHANGHAI) == datetime(2026, 5, 25, 0, tzinfo=UTC)
    shifted = Hours(frozenset({6, 0, 1}), time(9), time(17))
    assert shifted.next_digest(tuesday, "weekly", ZoneInfo("UTC")) == datetime(2026, 5, 25, 9, tzinfo=UTC)


@given(MOMENTS, st.sampled_from([BERLIN, SHANGHAI, ZoneInfo("America/Sao_Paulo")]))
def test_an_opening_lies_ahead_and_within_the_hours(now: datetime, zone: ZoneInfo) -> None:
    """Never in the past, never more than three days ahead, and it needs no second wait."""
    at = OFFICE.next_opening(now, zone)
    assert now <= at <= now + timedelta(days=3)
    assert OFFICE.next_opening(at, zone) == at
    assert ALWAYS.next_opening(now, zone) == now
    assert OFFICE.next_digest(now, "daily", zone) > now
