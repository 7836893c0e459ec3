"""What the versions of an order's rows show: which date is the order's own, and in which status rows end."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from consumers.inspection.roles_of_columns import Found, is_order_date
from consumers.inspection.tables import Column, Table, said, text_of
from consumers.mapping.functions import moment_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)  # a day without a time is before and after the moments of it
_FEWEST, _FEW = 3, 0.05  # rows to tell anything by; the share of a status that is rare


class Ending(NamedTuple):
    """What rows of one status show."""

    is_last: bool  # no version of an order is of another status after it
    follows: bool  # some were of another before it, or it comes days after the order
    days: float | None  # from the order's date to the change, on average
    is_rare: bool


def date_by_content(table: Table, id_: Found, updated: Found | None, taken: frozenset[str]) -> Found | None:
    """A date that is never after the change and the same in all versions of an order; the latest such."""
    best: tuple[float, Column, int] | None = None
    for column in table.columns.values():
        if column.path in taken or not _is_dated(column) or not is_order_date(column):
            continue
        several = _several_versions(table, id_.path, column.path)
        if several is None or not (_never_after(table, column.path, updated) and (several or updated)):
            continue
        if best is None or column.filled > best[0]:
            best = column.filled, column, several
    if best is None:
        return None
    column, several = best[1:]
    after = f"never after {said(updated.path)}" if updated is not None else "by what it holds"
    same = f", the same in the versions of {several} orders" if several else ""
    return Found(column, f"{after}{same}; not by its name, check")


def endings(table: Table, id_: str, status: str, time: str | None, updated: str | None) -> dict[str, Ending]:
    """By status, how the rows that have it stand among the versions of their orders."""
    rows: Counter[str] = Counter()
    followed: set[str] = set()
    follows: Counter[str] = Counter()
    waited: dict[str, list[float]] = defaultdict(list)
    for versions in _versions(table, id_, updated).values():
        told = [text_of(found) for found in (_at(row, status) for row in versions) if found is not None]
        for before, after in pairwise(told):
            if before != after:
                followed.add(before)
                follows[after] += 1
        if told:
            rows[told[-1]] += 1
            started, ended = _moment(_at(versions[0], time)), _moment(_at(versions[-1], updated))
            if started is not None and ended is not None:
                waited[told[-1]].append((ended - started) / _DAY)
    total = sum(rows.values())
    found = {}
    for value, count in rows.items():
        days = sum(waited[value]) / len(waited[value]) if waited[value] else None
        later = follows[value] > 0 or (days is not None and days >= 1)
        if count >= _FEWEST:
            found[value] = Ending(value not in followed, later, days, count <= _FEW * total)
    return found


def ending_said(ending: Ending | None) -> str:
    """What a status may be by what rows of it show; nothing where they show nothing."""
    if ending is None or not ending.is_last or not ending.follows:
        return ""
    after = f", on average {ending.days:.0f} days after the order" if ending.days is not None else ""
    return f"; rows end in it{after}: {'few, so cancelled' if ending.is_rare else 'delivered'}?"


def _versions(table: Table, id_: str, updated: str | None) -> Mapping[str, list[Mapping[str, Any]]]:
    """The rows of each order, the earliest first."""
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for document in table.documents:
        if (value := _at(document, id_)) is not None:
            found[text_of(value)].append(document)
    for rows in found.values():
        if updated is not None and all(_moment(_at(row, updated)) is not None for row in rows):
            rows.sort(key=lambda row: _moment(_at(row, updated)) or _EPOCH)
    return found


def _is_dated(column: Column) -> bool:
    """Whether numbers are as long as moments: 20240131, milli-, micro-, nanoseconds; others are amounts."""
    return not column.is_number() or {len(value) for value in column.counted} <= {8, 13, 16, 19}


def _several_versions(table: Table, id_: str, path: str) -> int | None:
    """How many orders have several versions with one date; None where it has changed."""
    several = 0
    for rows in _versions(table, id_, None).values():
        dates = {text_of(value) for value in (_at(row, path) for row in rows) if value is not None}
        if len(dates) > 1:
            return None
        several += len(rows) > 1 and bool(dates)
    return several


def _never_after(table: Table, path: str, updated: Found | None) -> bool:
    return updated is None or all(before <= after + _DAY for before, after in _pairs(table, path, updated))


def _pairs(table: Table, path: str, updated: Found) -> Iterator[tuple[datetime, datetime]]:
    for document in table.documents:
        before, after = _moment(_at(document, path)), _moment(_at(document, updated.path))
        if before is not None and after is not None:
            yield before, after


def _at(document: Mapping[str, Any], path: str | None) -> Any:
    found: Any = document
    for name in () if path is None else path.split("\0"):
        found = found.get(name) if isinstance(found, dict) else None
    return None if path is None or found == "" or isinstance(found, dict | list) else found


def _moment(value: Any) -> datetime | None:
    try:
        return None if value is None else moment_of(value)
    except (ValueError, TypeError, OverflowError):
        return None
