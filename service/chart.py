"""The account's picture on its page: purchasing's share and orders, week by week, as inline SVG."""

from collections.abc import Sequence
from itertools import pairwise

from markupsafe import Markup

from accounts.account import AccountState, StageChange
from accounts.series import DECIDERS, ORDERS, PURCHASING
from accounts.weeks import start_of

_WIDTH, _HEIGHT, _TOP, _BOTTOM, _LEFT = 900, 220, 14, 24, 34
_WINDOW = 13  # weeks; single weeks of a few votes would only jump
_BANDS = {"shifted": "#e67700", "declining": "#e67700", "at_risk": "#c62828", "lost": "#c62828"}


def chart(state: AccountState) -> Markup | None:
    """The picture, or None for an account without evidence; holds numbers and dates only."""
    series = state.series
    if not series.length:
        return None
    parts = [*_bands(state.fold.transitions, series.start, series.end), *_grid(series.start, series.end)]
    parts += _bars(series.counts[ORDERS])
    parts.append(_line(series.counts[PURCHASING], series.counts[DECIDERS]))
    label = "Purchasing's share and orders over time"
    return Markup(  # noqa: S704  (made of numbers and dates alone)
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{label}">{"".join(parts)}</svg>'
    )


def _x(index: float, length: int) -> float:
    return round(_LEFT + (_WIDTH - _LEFT) * index / max(1, length), 1)


def _y(share: float) -> float:
    return round(_TOP + (_HEIGHT - _TOP - _BOTTOM) * (1 - share), 1)


def _bands(changes: Sequence[StageChange], start: int, end: int) -> list[str]:
    """A coloured band for each run of weeks in a stage that is warned of."""
    ends = [change.week + 1 for change in changes[1:]] + [end]
    bands = []
    for change, until in zip(changes, ends, strict=True):
        if colour := _BANDS.get(change.after):
            x, stop = _x(change.week + 1 - start, end - start), _x(until - start, end - start)
            bands.append(
                f'<rect x="{x}" y="{_TOP}" width="{max(1.0, stop - x):.1f}" height="{_y(0) - _TOP}" '
                f'fill="{colour}" opacity="0.16"/>'
            )
    return bands


def _grid(start: int, end: int) -> list[str]:
    lines = [
        f'<line x1="{_LEFT}" x2="{_WIDTH}" y1="{_y(share)}" y2="{_y(share)}" '
        'stroke="currentColor" opacity="0.15"/>'
        f'<text x="0" y="{_y(share) + 4}">{share:.0%}</text>'
        for share in (0, 0.5, 1)
    ]
    for before, week in pairwise(range(start, end)):
        if start_of(before).year != start_of(week).year:
            x = _x(week - start, end - start)
            lines.append(f'<text x="{x}" y="{_HEIGHT - 6}">{start_of(week).year}</text>')
    return lines


def _bars(orders: Sequence[int]) -> list[str]:
    most = max(3, *orders)
    width = max(1.5, (_WIDTH - _LEFT) / len(orders) * 0.7)
    return [
        f'<rect x="{_x(index, len(orders))}" y="{_y(0.45 * count / most)}" width="{width:.1f}" '
        f'height="{_y(0) - _y(0.45 * count / most):.1f}" fill="#1f77b4" opacity="0.55"/>'
        for index, count in enumerate(orders)
        if count > 0
    ]


def _line(purchasing: Sequence[int], deciders: Sequence[int]) -> str:
    points = []
    for index in range(len(deciders)):
        begin = max(0, index + 1 - _WINDOW)
        seats = sum(deciders[begin : index + 1])
        if seats > 0:
            share = min(1.0, max(0.0, sum(purchasing[begin : index + 1]) / seats))
            points.append(f"{_x(index, len(deciders))},{_y(share)}")
    return f'<polyline points="{" ".join(points)}" fill="none" stroke="#d55e00" stroke-width="2"/>'
