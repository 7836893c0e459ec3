"""The account's picture: purchasing's share above, orders below, stages behind, as inline SVG."""

from collections.abc import Iterator, Sequence

from markupsafe import Markup, escape

from accounts.account import AccountState
from accounts.evidence import DECIDERS, MONEY, ORDERS, PURCHASING
from accounts.fold import StageChange
from accounts.series import Series
from accounts.stages import Stage
from accounts.weeks import start_of, week_of

WIDTH, _LEFT, _RIGHT = 900, 46, 8
_SHARE_TOP, _SHARE_BOTTOM = 26, 146
_ORDERS_TOP, _ORDERS_BOTTOM = 168, 226
HEIGHT = 248
_WINDOW = 13  # weeks; single weeks of a few votes would only jump
_BAR_WEEKS = 4
_MOST_WEEKS = 260  # older than five years explains nothing now
_WIDEST_YEARS = 4
_LABEL_WIDTH = 50
_WARNED: frozenset[Stage] = frozenset({"shifted", "declining", "at_risk", "lost"})


class _Axis:
    """Weeks to coordinates."""

    def __init__(self, series: Series, width: int) -> None:
        self.width = width
        self.right = width - _RIGHT
        self.end = series.end
        self.start = max(series.start, self.end - _MOST_WEEKS)
        self.offset = self.start - series.start

    def x(self, week: float) -> float:
        inside = min(max(week, self.start), self.end)
        return round(_LEFT + (self.right - _LEFT) * (inside - self.start) / max(1, self.end - self.start), 1)


def chart(state: AccountState, moments: Sequence[tuple[int, str]] = (), width: int = WIDTH) -> Markup | None:
    """The picture, or None for an account without evidence; what is not ours in it is escaped.

    `moments` are weeks that deserve a line of their own, with a word for each.
    """
    series = state.series
    if not series.length:
        return None
    axis = _Axis(series, width)
    parts = [
        *_bands(state.fold.transitions, axis),
        *_frame(axis),
        *_dates(axis),
        *_bars(*_orders(series), axis),
        *_line(series.counts[PURCHASING], series.counts[DECIDERS], axis),
        *_moments(moments, axis),
    ]
    label = "Purchasing's share of the seats, orders and stages over time"
    svg = f'<svg viewBox="0 0 {width} {HEIGHT}" role="img" aria-label="{label}">{"".join(parts)}</svg>'
    return Markup(svg)  # noqa: S704  (each part is ours or escaped)


def _bands(changes: Sequence[StageChange], axis: _Axis) -> Iterator[str]:
    """A coloured band, with its name where it fits, for each run of weeks in a stage that is warned of."""
    ends = [*(change.week + 1 for change in changes[1:]), axis.end]
    for change, until in zip(changes, ends, strict=False):  # an account that still learns has no change
        left, right = axis.x(change.week + 1), axis.x(until)
        if change.after not in _WARNED or until <= axis.start:
            continue
        yield _rect(
            f"band {change.after}", left, _SHARE_TOP, max(1.5, right - left), _ORDERS_BOTTOM - _SHARE_TOP
        )
        if right - left >= _LABEL_WIDTH:
            yield _text(
                left + 4, _SHARE_TOP - 6, change.after.replace("_", " "), f"stage-name {change.after}"
            )


def _frame(axis: _Axis) -> Iterator[str]:
    for share in (0.0, 0.5, 1.0):
        y = _share_y(share)
        yield f'<path class="grid" d="M{_LEFT} {y}H{axis.right}"/>'
        yield _text(_LEFT - 6, y + 4, f"{100 * share:.0f} %", "end")
    yield f'<path class="grid" d="M{_LEFT} {_ORDERS_BOTTOM}H{axis.right}"/>'


def _dates(axis: _Axis) -> Iterator[str]:
    """A tick at each year's beginning, and at each quarter's where there is room."""
    first, last = start_of(axis.start), start_of(axis.end)
    months = (1, 4, 7, 10) if last.year - first.year <= _WIDEST_YEARS else (1,)
    for year in range(first.year, last.year + 1):
        for month in months:
            week = week_of(first.replace(year=year, month=month, day=1))
            if axis.start <= week < axis.end - 1:
                x = axis.x(week)
                yield f'<path class="grid" d="M{x} {_ORDERS_BOTTOM}v4"/>'
                name = str(year) if month == 1 else {4: "Apr", 7: "Jul", 10: "Oct"}[month]
                yield _text(x, HEIGHT - 4, name, "middle year" if month == 1 else "middle")


def _orders(series: Series) -> tuple[Sequence[int], str]:
    """What the bars show: the value of orders in their main currency, or their number where none is known."""
    main = series.main_currency(series.start, series.end)
    if main is None:
        return series.counts[ORDERS], "Orders in four weeks"
    name = f"Order value in four weeks, {escape(main[0])}"
    return [amount // MONEY for amount in series.money[main[0]]], name


def _bars(orders: Sequence[int], name: str, axis: _Axis) -> Iterator[str]:
    """Orders in runs of four weeks, the last run ending with the last week."""
    begins = range(len(orders) - _BAR_WEEKS, axis.offset - _BAR_WEEKS, -_BAR_WEEKS)
    runs = [(begin, max(0, sum(orders[max(begin, axis.offset) : begin + _BAR_WEEKS]))) for begin in begins]
    most = max([1, *(count for _, count in runs)])
    for begin, count in runs:
        week = axis.start - axis.offset + begin
        left, right = axis.x(week), axis.x(week + _BAR_WEEKS)
        height = round((_ORDERS_BOTTOM - _ORDERS_TOP) * count / most, 1)
        if count:
            yield _rect("orders", left + 1, _ORDERS_BOTTOM - height, max(1.0, right - left - 2), height)
    yield _text(_LEFT - 6, _ORDERS_TOP + 8, _short(most), "end")
    yield _text(_LEFT + 4, _ORDERS_TOP - 4, name, "name orders-name")


def _short(number: int) -> str:
    """12, 340k, 1.2m: for the axis."""
    for unit, sign in ((10**9, "bn"), (10**6, "m"), (10**3, "k")):
        if number >= unit:
            return f"{number / unit:.2g}{sign}" if number < 10 * unit else f"{number // unit:,}{sign}"
    return str(number)


def _line(purchasing: Sequence[int], deciders: Sequence[int], axis: _Axis) -> Iterator[str]:
    """The share over the window's weeks; the line breaks where nobody was seen."""
    path, pen = "", "M"
    for index in range(axis.offset, len(deciders)):
        begin = max(0, index + 1 - _WINDOW)
        seats = sum(deciders[begin : index + 1])
        if seats > 0:
            share = min(1.0, max(0.0, sum(purchasing[begin : index + 1]) / seats))
            path += f"{pen}{axis.x(axis.start - axis.offset + index + 1)} {_share_y(share)}"
        pen = "L" if seats > 0 else "M"
    yield f'<path class="share" d="{path}"/>'
    name = "Purchasing's share of the seats" if path else "Nobody's function is known: no share to draw"
    yield _text(_LEFT + 4, _SHARE_TOP + 14, name, "name share-name")


def _moments(moments: Sequence[tuple[int, str]], axis: _Axis) -> Iterator[str]:
    for row, (week, word) in enumerate(moments):
        x = axis.x(week)
        yield f'<path class="moment" d="M{x} {_SHARE_TOP}V{_ORDERS_BOTTOM}"/>'
        side, left = ("end", x - 5) if x > axis.width / 2 else ("start", x + 5)
        yield _text(left, _SHARE_BOTTOM - 24 + 14 * row, escape(word), f"{side} moment-name")


def _share_y(share: float) -> float:
    return round(_SHARE_BOTTOM - (_SHARE_BOTTOM - _SHARE_TOP) * share, 1)


def _rect(name: str, x: float, y: float, width: float, height: float) -> str:
    return f'<rect class="{name}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"/>'


def _text(x: float, y: float, text: str, name: str) -> str:
    return f'<text class="{name}" x="{x:.1f}" y="{y:.1f}">{text}</text>'
