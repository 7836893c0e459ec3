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
from storage.queries import LARGEST_VALUE, Place

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

READERS = (cursors.account, cursors.moment, cursors.number)
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"))


AMOUNTS = st.decimals(min_value=-2, max_value=10**15, places=4)


@given(AMOUNTS, TEXT, AMOUNTS, TEXT)
def test_a_place_among_accounts_comes_back(base: Decimal, currency: str, own: Decimal, identity: str) -> None:
    """Whatever an account is called, the next page begins after it."""
    place = Place(base, currency, own, identity)
    assert cursors.account(cursors.encode(*map(str, place))) == place


@given(st.datetimes(timezones=st.just(UTC)), TEXT)
def test_a_place_by_time_comes_back(at: datetime, identity: str) -> None:
    """To the microsecond, since two alerts may be that close."""
    assert cursors.moment(cursors.encode(at.isoformat(), identity)) == (at, identity)


def test_no_cursor_is_the_beginning() -> None:
    """The first page needs none."""
    assert (cursors.account(None), cursors.moment(None), cursors.number(None)) == (None, None, 0)


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
        (cursors.account, cursors.encode("NaN", "EUR", "1", "a")),
        (cursors.account, cursors.encode("1", "EUR", "Infinity", "a")),
        (cursors.account, cursors.encode(str(LARGEST_VALUE), "EUR", "1", "a")),
        (cursors.account, cursors.encode("1", "EUR", "1", "a\0b")),
        (cursors.account, cursors.encode("1", "EUR", "1", "\ud800")),
        (cursors.account, cursors.encode("1", "a", "b")),
        (cursors.moment, cursors.encode("2026-01-01T00:00:00", "a")),
        (cursors.moment, cursors.encode("9999-12-31T23:00:00-10:00", "a")),
        (cursors.number, cursors.encode("-1")),
        (cursors.number, cursors.encode("9" * 30)),
        (cursors.number, cursors.encode("²")),
        (cursors.account, too_deep()),
    ],
)
def test_what_no_database_could_compare_is_refused(read: Callable[[str], Any], cursor: str) -> None:
    """Well formed, but nothing that a list of ours has ever held."""
    with pytest.raises(Problem):
        read(cursor)
