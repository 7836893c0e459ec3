"""The report's two figures, as inline SVG in the pages' colours."""

from collections.abc import Callable, Iterator, Sequence

from markupsafe import Markup, escape

from service.backtest.run import Backtest

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 640, 300, 52, 14, 16, 44
_BIN = 8  # weeks
_LONGEST = 80  # weeks; longer leads share the last bar
_RATES = 20.0  # false alarms on the curve's axis
_DASHES = ("", "7 4", "2 4", "10 3 2 3")
_GRID = 4


def leads(told: Backtest) -> Markup:
    """How many losses were warned of how long before."""
    bins = [0] * (_LONGEST // _BIN)
    for lead in told.chosen.leads:
        bins[min(len(bins) - 1, lead // _BIN)] += 1
    unwarned = told.chosen.losses - len(told.chosen.leads)
    bars = [("never", unwarned), *((_weeks(index), count) for index, count in enumerate(bins))]
    most = max(1, *(count for _, count in bars))
    step = (_WIDTH - _LEFT - _RIGHT) / len(bars)
    parts = list(_frame(most, _count))
    for index, (name, count) in enumerate(bars):
        height = (_HEIGHT - _TOP - _BOTTOM) * count / most
        left, top = _LEFT + step * index, _HEIGHT - _BOTTOM - height
        kind = "never" if not index else "orders"
        size = f'width="{step - 4:.1f}" height="{height:.1f}"'
        parts.append(f'<rect class="{kind}" x="{left + 2:.1f}" y="{top:.1f}" {size}/>')
        if count:
            parts.append(_text(left + step / 2, top - 4, str(count), "middle name"))
        parts.append(_text(left + step / 2, _HEIGHT - _BOTTOM + 16, name, "middle"))
    parts.append(
        _text(_LEFT + (_WIDTH - _LEFT) / 2, _HEIGHT - 8, "weeks of warning before the loss", "middle")
    )
    return _svg(parts, "How long before each loss Turnsignal would have warned")


def _weeks(index: int) -> str:
    return f"{_BIN * index}–{_BIN * (index + 1) - 1}" if _BIN * (index + 1) < _LONGEST else f"{_BIN * index}+"


def curves(told: Backtest) -> Markup:
    """Losses warned of in time against false alarms: Turnsignal's budgets, the rules' thresholds."""
    lines = [("Turnsignal", [point.score for point in told.budgets])]
    lines += [(curve.name, [point.score for point in curve.points]) for curve in told.curves]
    drawn = [
        (name, sorted((score.false_rate, score.share_in_time) for score in scores)) for name, scores in lines
    ]
    shown = [(name, [point for point in points if point[0] <= _RATES]) for name, points in drawn]
    highest = max([0.1, *(share for _, points in shown for _, share in points)])
    top = min(1.0, (int(highest * 10) + 1) / 10)
    parts = list(_frame(top, _percent))
    ticks = range(0, int(_RATES) + 1, 5)
    parts += [_text(_x(rate), _HEIGHT - _BOTTOM + 16, str(rate), "middle") for rate in ticks]
    parts.append(
        _text(_LEFT + (_WIDTH - _LEFT) / 2, _HEIGHT - 8, "false alarms a year per 100 accounts", "middle")
    )
    for index, (name, points) in enumerate(shown):
        parts += _curve(name, points, top, index)
    return _svg(parts, "Losses warned of in time against false alarms")


def _curve(name: str, points: Sequence[tuple[float, float]], top: float, index: int) -> Iterator[str]:
    if not points:
        return
    places = [(_x(rate), _y(share, top)) for rate, share in points]
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    dashes = f' stroke-dasharray="{_DASHES[index]}"' if _DASHES[index] else ""
    yield f'<path class="rule rule-{index}" d="{path}"{dashes}/>'
    if not index:
        for x, y in places:
            yield f'<circle class="rule-{index}" cx="{x:.1f}" cy="{y:.1f}" r="4"/>'
    # The rules lie close together at the bottom: their names stand in a key, each beside a piece of its line.
    x, y = _WIDTH - 170, _TOP + 10 + 18 * index
    yield f'<path class="rule rule-{index}" d="M{x} {y}h30"{dashes}/>'
    yield _text(x + 38, y + 4, escape(name), "name")


def _x(rate: float) -> float:
    return _LEFT + (_WIDTH - _LEFT - _RIGHT - 180) * rate / _RATES


def _y(share: float, top: float) -> float:
    return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * share / top


def _frame(most: float, told: Callable[[float], str]) -> Iterator[str]:
    """Lines across at the quarters of the axis, each with its figure."""
    for step in range(_GRID + 1):
        mark = most * step / _GRID
        y = _y(mark, most)
        yield f'<path class="grid" d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}"/>'
        yield _text(_LEFT - 6, y + 4, told(mark), "end")


def _count(number: float) -> str:
    return f"{number:.0f}" if number == int(number) else ""


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _text(x: float, y: float, text: str, name: str) -> str:
    return f'<text class="{name}" x="{x:.1f}" y="{y:.1f}">{text}</text>'


def _svg(parts: Sequence[str], label: str) -> Markup:
    head = f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{label}">'
    return Markup(f"{head}{''.join(parts)}</svg>")  # noqa: S704  (each part is ours or escaped)
