"""The report's two figures, as inline SVG in the pages' colours; no wider than a phone shows."""

from collections.abc import Callable, Iterator, Sequence
from math import ceil

from markupsafe import Markup, escape

from service.backtest.run import Backtest

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 460, 330, 46, 12, 22, 44
_KEY = 44  # height of the curves' key, above them
_BIN = 8  # weeks
_LONGEST = 48  # weeks; longer leads share the last bar
_LEAST_RATES, _MOST_RATES = 10.0, 40.0  # false alarms on the curves' axis
_DASHES = ("", "7 4", "2 4", "10 3 2 3")
_STEPS = (1, 2, 5)
_MOST_LINES = 5  # across a figure


def leads(told: Backtest) -> Markup:
    """How many losses were warned of how long before, noticed after, or never seen."""
    score = told.chosen
    bins = [0] * (_LONGEST // _BIN + 1)
    for lead in score.leads:
        bins[min(len(bins) - 1, lead // _BIN)] += 1
    unseen = (("never", score.never), ("after", len(score.after)))
    bars = [*unseen, *((_weeks(index), count) for index, count in enumerate(bins))]
    marks = _marks(max(1, *(count for _, count in bars)), 1)
    step = (_WIDTH - _LEFT - _RIGHT) / len(bars)
    parts = list(_frame(marks, _TOP, lambda mark: f"{mark:.0f}"))
    for index, (name, count) in enumerate(bars):
        left, top = _LEFT + step * index, _y(count, marks[-1], _TOP)
        kind = "never" if index < len(unseen) else "orders"
        size = f'width="{step - 4:.1f}" height="{_HEIGHT - _BOTTOM - top:.1f}"'
        parts.append(f'<rect class="{kind}" x="{left + 2:.1f}" y="{top:.1f}" {size}/>')
        if count:
            parts.append(_text(left + step / 2, top - 4, str(count), "middle name"))
        parts.append(_text(left + step / 2, _HEIGHT - _BOTTOM + 16, name, "middle"))
    parts.append(_text(_LEFT + step * 5.5, _HEIGHT - 8, "weeks of warning before the loss", "middle"))
    return _svg(parts, "How long before each loss Turnsignal would have warned")


def _weeks(index: int) -> str:
    return f"{_BIN * index}–{_BIN * (index + 1) - 1}" if _BIN * index < _LONGEST else f"{_BIN * index}+"


def curves(told: Backtest) -> Markup:
    """Losses warned of in time against false alarms: Turnsignal's budgets, the rules' thresholds."""
    ours = [(point.score.false_rate, point.score.share_in_time) for point in told.budgets]
    widest = min(_MOST_RATES, max(_LEAST_RATES, *(rate for rate, _ in ours)))
    rates = _marks(widest, 1)
    lines = [("Turnsignal", sorted(ours))]
    for curve in told.curves:
        points = sorted((point.score.false_rate, point.score.share_in_time) for point in curve.points)
        lines.append((curve.name, [point for point in points if point[0] <= rates[-1]]))
    shares = _marks(max([0.1, *(share for _, points in lines for _, share in points)]), 0.01)
    top = _TOP + _KEY
    parts = list(_frame(shares, top, lambda mark: f"{100 * mark:.0f} %"))
    parts += [_text(_x(rate, rates[-1]), _HEIGHT - _BOTTOM + 16, f"{rate:g}", "middle") for rate in rates]
    middle = _LEFT + (_WIDTH - _LEFT - _RIGHT) / 2
    parts.append(_text(middle, _HEIGHT - 8, "false alarms a year per 100 accounts", "middle"))
    for index, (name, points) in enumerate(lines):
        places = [(_x(rate, rates[-1]), _y(share, shares[-1], top)) for rate, share in points]
        parts += _curve(name, places, index)
    for point in told.budgets:
        score = point.score
        if score.false_rate <= rates[-1]:
            x, y = _x(score.false_rate, rates[-1]), _y(score.share_in_time, shares[-1], top)
            parts += [f'<circle class="rule-0" cx="{x:.1f}" cy="{y:.1f}" r="4"/>']
            parts += [_text(x + 7, y + 14, f"{point.threshold:g}", "name start")]
    return _svg(parts, "Losses warned of in time against false alarms")


def _curve(name: str, places: Sequence[tuple[float, float]], index: int) -> Iterator[str]:
    """A line, and in a key of two rows its name beside a piece of it: the lines may lie together."""
    dashes = f' stroke-dasharray="{_DASHES[index]}"' if _DASHES[index] else ""
    if places:
        path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
        yield f'<path class="rule rule-{index}" d="{path}"{dashes}/>'
    x, y = _LEFT + (_WIDTH - _LEFT) / 2 * (index % 2), 14 + 20 * (index // 2)
    yield f'<path class="rule rule-{index}" d="M{x} {y}h30"{dashes}/>'
    yield _text(x + 38, y + 4, escape(name), "name")


def _marks(most: float, least: float) -> list[float]:
    """Round figures for an axis from 0 to at least `most`, no finer than `least`."""
    unit = least
    while True:
        for step in _STEPS:
            if ceil(most / (unit * step)) <= _MOST_LINES:
                return [unit * step * number for number in range(ceil(most / (unit * step)) + 1)]
        unit *= 10


def _x(rate: float, widest: float) -> float:
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * rate / widest


def _y(number: float, most: float, top: int) -> float:
    return _HEIGHT - _BOTTOM - (_HEIGHT - top - _BOTTOM) * number / most


def _frame(marks: Sequence[float], top: int, told: Callable[[float], str]) -> Iterator[str]:
    """Lines across, each with its figure."""
    for mark in marks:
        y = _y(mark, marks[-1], top)
        yield f'<path class="grid" d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}"/>'
        yield _text(_LEFT - 6, y + 4, told(mark), "end")


def _text(x: float, y: float, text: str, name: str) -> str:
    return f'<text class="{name}" x="{x:.1f}" y="{y:.1f}">{text}</text>'


def _svg(parts: Sequence[str], label: str) -> Markup:
    head = f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{label}">'
    return Markup(f"{head}{''.join(parts)}</svg>")  # noqa: S704  (each part is ours or escaped)
