"""What became of each account: told by a file, or derived from its orders."""

import csv
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from accounts.evidence import ORDERS
from accounts.series import Series
from accounts.weeks import week_of
from service.failures import Failure

FEWEST_ORDERS = 4  # that make a rhythm
FEWEST_SILENT_WEEKS = 26
TIMES_ITS_GAP = 3  # so many of its own usual gaps without an order make an account lost
_COLUMNS = ("account_id", "lost_on")
_SHOWN = 40


class Outcome(NamedTuple):
    """What became of an account, in weeks; None: nothing of the kind is known."""

    lost: int | None = None
    turned: int | None = None  # since when its decision-makers really shifted, where a file tells


def read(file: Path) -> dict[str, Outcome]:
    """The outcomes of a file: `account_id,lost_on` in a CSV, or the lines of `turnsignal simulate --truth`.

    Raises Failure that names the line that cannot be read.
    """
    try:
        text = file.read_text("utf-8-sig")
    except OSError as error:
        raise Failure(f"cannot read {file}: {error.strerror}", 2) from None
    except UnicodeDecodeError:
        raise Failure(f"{file}: not UTF-8", 2) from None
    lines = text.splitlines()
    is_json = next((line for line in lines if line.strip()), "").lstrip().startswith("{")
    return _of_truth(file, lines) if is_json else _of_csv(file, lines)


def _of_csv(file: Path, lines: list[str]) -> dict[str, Outcome]:
    head = lines[0] if lines else ""
    # Spreadsheets separate by commas, or by semicolons where a comma is the decimal point.
    reader = csv.DictReader(lines, delimiter=max(",;\t", key=head.count))
    if not set(_COLUMNS) <= set(reader.fieldnames or ()):
        raise Failure(
            f"{file}: the first line must name the columns {' and '.join(_COLUMNS)}, as account_id,lost_on; "
            f"it reads {head[:_SHOWN]!r}",
            2,
        )
    found = {}
    for row in reader:
        account = (row["account_id"] or "").strip()
        if not account:
            raise Failure(f"{file}:{reader.line_num}: account_id is empty", 2)
        found[account] = Outcome(lost=_week(file, reader.line_num, row["lost_on"] or ""))
    return found


def _of_truth(file: Path, lines: list[str]) -> dict[str, Outcome]:
    found = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            told: dict[str, Any] = json.loads(line)
            account = str(told["account_id"])
            lost, turned = (told.get(name) for name in ("collapse_at", "shift_at"))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Failure(f"{file}:{number}: not a line of `turnsignal simulate --truth`", 2) from None
        found[account] = Outcome(
            lost=None if lost is None else _week(file, number, lost),
            turned=None if turned is None else _week(file, number, turned),
        )
    return found


def _week(file: Path, number: int, text: object) -> int:
    try:
        when = datetime.fromisoformat(str(text).strip())
    except ValueError:
        shown = str(text)[:_SHOWN]
        raise Failure(
            f"{file}:{number}: {shown!r} is no date; write {date(2024, 5, 31).isoformat()}", 2
        ) from None
    return week_of(when if when.tzinfo else when.replace(tzinfo=UTC))


def derived(histories: Mapping[str, Series]) -> dict[str, Outcome]:
    """Outcomes by the orders alone: who has been silent for too long was lost when the next was due.

    Lost is an account with at least FEWEST_ORDERS orders that at the end has placed none for
    FEWEST_SILENT_WEEKS weeks and for TIMES_ITS_GAP times the median gap between its orders; the loss dates
    from the week in which its next order was due.
    """
    return {account: _by_orders(series) for account, series in histories.items()}


def _by_orders(series: Series) -> Outcome:
    weeks = order_weeks(series)
    if sum(count for _, count in weeks) < FEWEST_ORDERS or len(weeks) < 2:  # noqa: PLR2004
        return Outcome()
    last = weeks[-1][0]
    gap = usual_gap([week for week, _ in weeks])
    silent = series.end - 1 - last
    if silent < max(FEWEST_SILENT_WEEKS, TIMES_ITS_GAP * gap):
        return Outcome()
    return Outcome(lost=last + round(gap))


def order_weeks(series: Series) -> list[tuple[int, int]]:
    """(week, orders) of each week with orders."""
    return [
        (series.start + index, count)
        for index, count in enumerate(series.counts[ORDERS][: series.length])
        if count > 0
    ]


def usual_gap(weeks: Iterable[int]) -> float:
    """The median number of weeks from one order week to the next; raises StatisticsError below two."""
    return float(median(after - before for before, after in pairwise(weeks)))
