"""The fields of a picture, on one axis of weeks: seats, sums and orders."""

from collections.abc import Callable, Sequence
from math import floor, log10
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from accounts.timeline import BAR_WEEKS, Timeline
from alerts.language import Language
from alerts.picture import words as said
from alerts.picture.sheet import Sheet, Swatch
from alerts.picture.strips import MARKS, WARNED

_HEAD = 1.08  # of a field, above its highest mark
_CEILING = 2.0  # the sums stop there, by the policy
_MOST = 2.3  # room above it for the marks of alerts
_ROUND = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
_SIGNS = frozenset({"tender", "competitor"})


class Panels:
    """Draws the fields of one timeline on one sheet."""

    def __init__(self, sheet: Sheet, timeline: Timeline, language: Language) -> None:
        self.sheet, self.timeline, self.language = sheet, timeline, language
        self.palette = sheet.palette
        self.weeks = (timeline.first, timeline.end)

    def seats(self, top: float) -> None:
        """Who took part, by function, and who decided."""
        timeline, palette, height = self.timeline, self.palette, self.sheet.layout.seats
        self._heading(
            top,
            said.SEATS,
            Swatch(self.language.say(said.PURCHASING), patch=self._bought),
            Swatch(self.language.say(said.OTHERS), patch={"facecolor": palette.others}),
            Swatch(self.language.say(said.EXECUTIVES), line=self._executives),
        )
        top += self.sheet.layout.line
        axes = self.sheet.axes(top, height, self.weeks)
        ends = [week + 1 for week in range(*self.weeks)]
        bought = [seats.purchasing for seats in timeline.seats]
        whole = [seats.purchasing + seats.others for seats in timeline.seats]
        talks = [seats.executives for seats in timeline.seats]
        most = _round_up(max([1.0, *whole, *talks]))
        axes.set_ylim(0, most * _HEAD)
        self._ground(axes)
        if not any(whole):
            self._note(top + height / 2, said.NOBODY)
        axes.fill_between(ends, bought, whole, facecolor=palette.others, linewidth=0)
        axes.fill_between(ends, 0, bought, linewidth=0, **self._bought)
        if any(talks):
            axes.plot(ends, [number or float("nan") for number in talks], **self._executives)
        self._marks(top, height, most * _HEAD, [0, most], lambda mark: f"{mark:.0f}")
        self._share(top, height, most * _HEAD)

    @property
    def _bought(self) -> dict[str, Any]:
        return {"facecolor": self.palette.purchasing, "hatch": "////", "hatchcolor": self.palette.hatch}

    @property
    def _executives(self) -> dict[str, Any]:
        return {"color": self.palette.ink, "linewidth": 1.8, "linestyle": (0, (1, 1.4))}

    def _share(self, top: float, height: float, most: float) -> None:
        """Purchasing's share of the last quarter, beside it."""
        seats = self.timeline.seats[-1]
        if seats.share is None:
            return
        y = top + height * (1 - seats.purchasing / 2 / most)
        y = min(max(y + 5, top + 12), top + height)
        self._right(y, self.language.percent(seats.share), self.palette.warned)

    def sums(self, top: float) -> None:
        """The tests' sums against their threshold, the alerts above and the signs below."""
        height = self.sheet.layout.sums
        shift, slowing = self._shift, self._slowing
        self._heading(
            top,
            said.SUMS if self.timeline.as_judged else said.JUDGED_ANEW,
            Swatch(self.language.say(said.SHIFT), line=shift),
            Swatch(self.language.say(said.SLOWING), line=slowing),
        )
        top += self.sheet.layout.line
        axes = self.sheet.axes(top, height, self.weeks)
        axes.set_ylim(0, _MOST)
        self._ground(axes)
        ends = [week + 1 for week in range(*self.weeks)]
        nan = float("nan")
        risen = [nan if share is None else min(share, _CEILING) for share in self.timeline.shift]
        slowed = [nan if share is None else min(share, _CEILING) for share in self.timeline.slowing]
        axes.plot(self.weeks, [1, 1], color=self.palette.ink, linewidth=1.3, linestyle=(0, (5, 3)))
        axes.plot(ends, slowed, **slowing)
        axes.fill_between(
            ends,
            1,
            risen,
            where=[share > 1 for share in risen],
            interpolate=True,
            facecolor=self.palette.purchasing,
            alpha=0.25,
            linewidth=0,
        )
        axes.plot(ends, risen, **shift)
        if all(share is None for share in (*self.timeline.shift, *self.timeline.slowing)):
            self._note(top + height * (1 - 1.5 / _MOST), said.STILL_LEARNING)
        self._marks(top, height, _MOST, [0, 1, 2], self.language.percent, strong=1)
        self._moments(axes)
        self._last(top, height)

    def _last(self, top: float, height: float) -> None:
        """How far the sums have come, beside them; the smaller one where there is room."""
        lasts = (
            (self.timeline.shift[-1], self.palette.warned),
            (self.timeline.slowing[-1], self.palette.orders),
        )
        taken = -1.0
        for last, colour in sorted(((last or 0.0, colour) for last, colour in lasts), reverse=True):
            y = top + height * (1 - min(last, _CEILING) / _MOST) + 5
            if last > 0 and (taken < 0 or y - taken >= self.sheet.layout.size):
                self._right(y, self.language.percent(last), colour)
                taken = y

    @property
    def _shift(self) -> dict[str, Any]:
        return {"color": self.palette.purchasing, "linewidth": 2.6}

    @property
    def _slowing(self) -> dict[str, Any]:
        return {"color": self.palette.orders, "linewidth": 2, "linestyle": (0, (3, 1.5))}

    def _moments(self, axes: Axes) -> None:
        for moment in self.timeline.moments:
            mark = said.mark_of(moment)
            axes.plot(
                [moment.week],
                [0.12 if mark in _SIGNS else _MOST - 0.14],
                color=self.palette.warned if mark == "warned" else self.palette.ink,
                markeredgecolor=self.palette.ink if mark == "recovered" else self.palette.ground,
                clip_on=False,
                **MARKS[mark],
            )

    def orders(self, top: float) -> None:
        """Orders in runs of four weeks."""
        timeline, height = self.timeline, self.sheet.layout.orders
        name = said.ORDERS if timeline.currency is None else said.ORDERS_IN
        currency = timeline.currency or ""
        self._heading(top, name, currency=currency)
        top += self.sheet.layout.line
        axes = self.sheet.axes(top, height, self.weeks)
        most = _round_up(max([1.0, *timeline.orders]))
        axes.set_ylim(0, most * _HEAD)
        self._ground(axes)
        begin = timeline.end - BAR_WEEKS * len(timeline.orders)
        bars = [
            Path.make_compound_path(_bar(begin + BAR_WEEKS * number, amount, timeline.first))
            for number, amount in enumerate(timeline.orders)
            if amount > 0
        ]
        if bars:
            patch = PathPatch(Path.make_compound_path(*bars), facecolor=self.palette.orders, linewidth=0)
            axes.add_patch(patch)
        self._marks(top, height, most * _HEAD, [0, most], lambda mark: said.brief(self.language, mark))

    def _heading(self, top: float, text: str, *swatches: Swatch, **values: Any) -> None:
        head = Swatch(self.language.say(text, **values), bold=True)
        self.sheet.key(top + self.sheet.layout.line - 7, [head, *swatches])

    def _ground(self, axes: Axes) -> None:
        """The weeks in stages that are warned of, lightly behind."""
        axes.axhline(0, color=self.palette.line, linewidth=1.2)
        for band in self.timeline.stages:
            if band.stage in WARNED:
                axes.axvspan(
                    band.first, band.end, facecolor=self.palette.of(band.stage), alpha=0.16, linewidth=0
                )

    def _marks(
        self,
        top: float,
        height: float,
        most: float,
        marks: Sequence[float],
        told: Callable[[float], str],
        strong: float = -1,
    ) -> None:
        """Figures at the left of a field."""
        for mark in marks:
            y = top + height * (1 - mark / most) + 4
            bold = mark == strong
            style = {"fontweight": "bold" if bold else "normal", "fontsize": self.sheet.layout.small}
            colour = self.palette.ink if bold else self.palette.soft
            self.sheet.words(self.sheet.layout.left - 5, y, told(mark), ha="right", color=colour, **style)

    def _right(self, y: float, text: str, colour: str) -> None:
        x = self.sheet.layout.width - self.sheet.layout.right + 5
        self.sheet.words(x, y, text, color=colour, fontweight="bold")

    def _note(self, y: float, text: str) -> None:
        middle = (self.sheet.layout.left + self.sheet.layout.width - self.sheet.layout.right) / 2
        self.sheet.words(middle, y + 4, self.language.say(text), ha="center", color=self.palette.soft)


def _bar(week: int, amount: float, first: int) -> Path:
    left, right = max(week, first) + 0.35, week + BAR_WEEKS - 0.35
    corners = [(left, 0.0), (left, amount), (right, amount), (right, 0.0), (left, 0.0)]
    return Path(corners, closed=True)


def _round_up(amount: float) -> float:
    """The next round number, whole."""
    unit = 10.0 ** floor(log10(amount))
    return next(step * unit for step in _ROUND if step * unit >= amount and (step * unit).is_integer())
