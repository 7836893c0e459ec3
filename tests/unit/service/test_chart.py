"""The account's picture: drawn for every account there may be, with nothing of an event's own in it."""

import re
import xml.etree.ElementTree as ET

import pytest

from service.chart import chart
from tests.unit.accounts.builders import ENGINEER, FIRST, at, fold, history, order, talk


@pytest.mark.parametrize("weeks", [1, 2, 7])
def test_an_account_that_still_learns_is_drawn(weeks: int) -> None:
    """A new customer's page must open in its first week."""
    state = fold([talk(at(0), ENGINEER)], weeks)
    assert not state.fold.transitions
    assert str(chart(state)).startswith("<svg")


def test_moments_are_lines_with_escaped_words() -> None:
    """Where the loss and the warning were."""
    drawn = chart(fold(history(3), 60), [(FIRST + 10, "warned"), (FIRST + 50, "<b>lost</b>")])
    assert str(drawn).count('class="moment"') == 2
    words = "".join(ET.fromstring(str(drawn)).itertext())  # noqa: S314  (our own)
    assert "<b>lost</b>" in words
    assert "warned" in words


def test_orders_alone_say_that_nobody_s_function_is_known() -> None:
    """An empty field under a name would look like a share of nothing."""
    drawn = str(chart(fold([order(at(2)), order(at(5))], 30)))
    assert "function is known" in drawn
    assert "share of the seats</text>" not in drawn
    assert "share of the seats</text>" in str(chart(fold(history(3), 60)))


def test_a_narrow_chart_stays_in_its_width() -> None:
    """For the picture that a phone shows."""
    drawn = str(chart(fold(history(3), 60), width=560))
    assert 'viewBox="0 0 560 ' in drawn
    assert max(float(x) for x in re.findall(r' x="([\d.]+)"', drawn)) <= 560
    assert "H552" in drawn


@pytest.mark.parametrize("seed", range(12))
def test_every_history_is_drawn(seed: int) -> None:
    """Whatever came, the page opens, and what is drawn is well-formed."""
    drawn = chart(fold([*history(seed), order(at(5), currency="<XX>")], 70))
    assert ET.fromstring(str(drawn)).tag == "svg"  # noqa: S314  (our own)
