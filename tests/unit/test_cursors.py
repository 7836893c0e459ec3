"""Cursors come back from anywhere: each is a place in a list, or a problem that says so."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service import cursors
from service.problems import Problem
from storage.queries import LARGEST_VALUE

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

READERS = (cursors.amount, cursors.moment, cursors.number)
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"))


@given(st.decimals(min_value=-1, max_value=10**15, places=4), TEXT)
def test_a_place_by_amount_comes_back(value: Decimal, identity: str) -> None:
    """Whatever an account is called, the next page begins after it."""
    assert cursors.amount(cursors.encode(str(value), identity)) == (value, identity)


@given(st.datetimes(timezones=st.just(UTC)), TEXT)
def test_a_place_by_time_comes_back(at: datetime, identity: str) -> None:
    """To the microsecond, since two alerts may be that close."""
    assert cursors.moment(cursors.encode(at.isoformat(), identity)) == (at, identity)


def test_no_cursor_is_the_beginning() -> None:
    """The first page needs none."""
    assert (cursors.amount(None), cursors.moment(None), cursors.number(None)) == (None, None, 0)


@given(st.text(max_size=100) | st.binary(max_size=60).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_what_was_not_given_out_is_refused(cursor: str) -> None:
    """A cursor that somebody made up ends in a problem, never in an error of ours."""
    for read in READERS:
        with pytest.raises(Problem) as refused:
            read(cursor)
        assert refused.value.status == 422


def too_deep() -> str:
    return base64.urlsafe_b64encode(b"[" * 100_000).decode()


@pytest.mark.parametrize(
    ("read", "cursor"),
    [
        (cursors.amount, cursors.encode("NaN", "a")),
        (cursors.amount, cursors.encode("Infinity", "a")),
        (cursors.amount, cursors.encode(str(LARGEST_VALUE), "a")),
        (cursors.amount, cursors.encode("1", "a\0b")),
        (cursors.amount, cursors.encode("1", "\ud800")),
        (cursors.amount, cursors.encode("1", "a", "b")),
        (cursors.moment, cursors.encode("2026-01-01T00:00:00", "a")),
        (cursors.moment, cursors.encode("9999-12-31T23:00:00-10:00", "a")),
        (cursors.number, cursors.encode("-1")),
        (cursors.number, cursors.encode("9" * 30)),
        (cursors.number, cursors.encode("²")),
        (cursors.amount, too_deep()),
    ],
)
def test_what_no_database_could_compare_is_refused(read: Callable[[str], Any], cursor: str) -> None:
    """Well formed, but nothing that a list of ours has ever held."""
    with pytest.raises(Problem):
        read(cursor)
