"""Dates, money and strengths read well."""

from datetime import UTC, datetime

import pytest

from accounts.alert import Amount, Value
from alerts.wording import day, left_out, money, since, stake, strength, unbroken

NOW = datetime(2026, 5, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (4_871_302.18, "EUR 4.9 million"),
        (999_600, "EUR 1 million"),
        (999_400, "EUR 999,000"),
        (312_345.0, "EUR 312,000"),
        (1_250.0, "EUR 1,200"),
        (431.6, "EUR 432"),
        (0.0, "EUR 0"),
        (120_400_000, "EUR 120 million"),
        (2.5e9, "EUR 2.5 billion"),
        (-4_871_302, "EUR -4.9 million"),
        (1e300, "EUR over 999 billion"),
    ],
)
def test_money_is_rounded_to_what_is_read(amount: float, text: str) -> None:
    """Two or three digits and the currency's code, at every size."""
    assert money(amount, "eur") == text


def test_money_without_or_with_odd_currency() -> None:
    """What is no code of three letters leaves the number alone."""
    for currency in (None, "", "<b>\n€", "<!here>", "EURO"):
        assert money(5000, currency) == "5,000"


def test_stake_says_when_there_is_nothing_to_value() -> None:
    """No orders is said in words, not as a zero."""
    assert stake(Value(None, None, None, None)) == ("no orders to value", None)
    assert stake(Value(0.0, 1.0, 0.0, "EUR")) == ("no orders in the last 12 months", None)
    assert stake(Value(4.9e6, None, 7.4e6, "EUR")) == (
        "EUR 4.9 million a year",
        "about EUR 7.4 million of future orders at risk",
    )


def test_what_no_rate_converts_is_said_beside_and_in_no_sum() -> None:
    """The reader knows what the figure leaves out; an account's only currency is the figure."""
    only = Value(500.0, 1.0, 0.0, "XTS", not_converted=[Amount(500.0, "XTS")])
    assert stake(only) == ("XTS 500 a year", None)
    other = [Amount(12_000.0, "XTS"), Amount(3.0, "XXX")]
    said = "EUR 500 a year, plus XTS 12,000 and XXX 3 not converted: no rate"
    assert stake(Value(500.0, 1.0, 0.0, "EUR", not_converted=other)) == (said, None)
    many = [*(Amount(1.0, f"XX{letter}") for letter in "ABCDE"), Amount(None, None)]
    assert left_out(many, "EUR") == (
        "plus XXA 1, XXB 1, XXC 1 and 2 more currencies not converted: no rate, "
        "orders in further currencies not counted"
    )
    assert left_out([], "EUR") == ""


def test_dates_are_unmistakable() -> None:
    """A month by name, never by number; years alone where the month is long past."""
    assert day(datetime(2026, 3, 12, tzinfo=UTC)) == "12 Mar 2026"
    assert since(datetime(2026, 3, 2, tzinfo=UTC), NOW) == "March 2026"
    assert since(datetime(2023, 2, 6, tzinfo=UTC), NOW) == "2023"


def test_strength_is_a_word() -> None:
    """Nats become strong, clear or some; what stands beside the sum has no strength."""
    assert [strength(n) for n in (4.0, 2.0, 0.2, 0.0, -1.0)] == ["strong", "clear", "some", None, None]


def test_percentages_and_days_stay_on_one_line() -> None:
    """18 % and 2 March do not break at the end of a line."""
    assert unbroken("18 % since 2 March 2026") == "18\u00a0% since 2\u00a0March 2026"
