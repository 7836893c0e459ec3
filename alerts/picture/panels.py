"""The fields of a picture, one below the other on one axis of weeks."""

from collections.abc import Sequence
from math import ceil, log10
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from accounts.stages import Stage
from accounts.timeline import BAR_WEEKS, Timeline
from accounts.weeks import start_of, week_of
from alerts.picture import words as said
from alerts.picture.palette import Palette
from alerts.picture.sheet import Sheet, Swatch
from alerts.picture.words import Words

WARNED: frozenset[Stage] = frozenset({"shifted", "declining", "at_risk", "lost"})
STRIP = 20  # pixels
_CEILING = 2.0  # the sums stop there, by the policy
_MOST = 2.3  # room above it for the marks of alerts
_MARKS: dict[str, dict[str, Any]] = {
    "tender": {"marker": "s", "markersize": 7},
    "competitor": {"marker": "o", "markersize": 7},
    "champion_left": {"marker": "X", "markersize": 9},
    "service_gap": {"marker": "D", "markersize": 7},
    "recovered": {"marker": "^", "markersize": 9, "fillstyle": "none"},
    "warned": {"marker": "v", "markersize": 10},
}
_SIGNS = frozenset({"tender", "competitor"})
_ROOMY_QUARTER, _ROOMY_HALF = 42, 40  # pixels from one month's name to the next


class Panels:
    """Draws the fields of one timeline on one sheet."""

    def __init__(self, sheet: Sheet, timeline: Timeline, language: Words) -> None:
        self.sheet, self.timeline, self.language = sheet, timeline, language
        self.palette: Palette = sheet.palette
        self.weeks = (timeline.first, timeline.end)

    def stages(self, top: float) -> None:
        """A strip of the stages, each with its name where it fits."""
        axes = self.sheet.axes(top, STRIP, self.weeks)
        axes.set_ylim(0, 1)
        size = self.sheet.layout.small
        for band in self.timeline.stages:
            width = band.end - band.first
            axes.add_patch(
                Rectangle(
                    (band.first, 0),
                    width,
                    1,
                    facecolor=self.palette.of(band.stage),
                    edgecolor=self.palette.ground,
                    linewidth=1,
                )
            )
            name = self.language.say(said.STAGES[band.stage])
            left, right = self.sheet.x(band.first, self.weeks), self.sheet.x(band.end, self.weeks)
            bold = band.stage in WARNED
            if self.sheet.width(name, size=size, bold=bold) + 6 <= right - left:
                weight = "bold" if bold else "normal"
                style = {"ha": "center", "fontsize": size, "fontweight": weight}
                self.sheet.words(
                    (left + right) / 2, top + STRIP - 6, name, color=self.palette.on(band.stage), **style
                )

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
        axes.set_ylim(0, most * 1.18)
        self._ground(axes)
        if not any(whole):
            self._note(top + height / 2, said.NOBODY)
        axes.fill_between(ends, bought, whole, facecolor=palette.others, linewidth=0)
        axes.fill_between(ends, 0, bought, linewidth=0, **self._bought)
        axes.plot(ends, whole, color=palette.ground, linewidth=0)  # keeps the field's limits
        if any(talks):
            axes.plot(ends, talks, **self._executives)
        self._marks(top, height, most * 1.18, [0, most], lambda mark: f"{mark:.0f}")
        self._share(top, height, most * 1.18)
        self._leads(top, height)

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
        x = self.sheet.layout.width - self.sheet.layout.right + 5
        y = min(max(y + 5, top + 12), top + height)
        self.sheet.words(x, y, f"{100 * seats.share:.0f} %", color=self.palette.warned, fontweight="bold")

    def _leads(self, top: float, height: float) -> None:
        """Who decides since when: a line and a word where there is room."""
        taken = self.sheet.layout.left
        size = self.sheet.layout.small
        changes = self.timeline.leads
        ends = [self.sheet.x(lead.week, self.weeks) for lead in changes[1:]]
        for lead, end in zip(changes, [*ends, self.sheet.layout.width - self.sheet.layout.right], strict=True):
            x = self.sheet.x(lead.week, self.weeks)
            name = self.language.say(said.LED[lead.led_by])
            width = self.sheet.width(name, size=size, bold=True)
            style = {"fontsize": size, "fontweight": "bold"}
            self._rule(top, height, x)
            if x + 4 + width <= end:
                self.sheet.words(x + 4, top + 11, name, **style)
                taken = round(x + 4 + width)
            elif x - 4 - width >= taken and lead is changes[-1]:
                self.sheet.words(x - 4, top + 11, name, ha="right", **style)

    def _rule(self, top: float, height: float, x: float) -> None:
        place = (x / self.sheet.layout.width, 1 - (top + height) / self.sheet.height)
        size = (1.2 / self.sheet.layout.width, height / self.sheet.height)
        self.sheet.figure.add_artist(Rectangle(place, *size, facecolor=self.palette.ink, linewidth=0))

    def sums(self, top: float) -> None:
        """The tests' sums against their threshold, the alerts above and the signs below."""
        height = self.sheet.layout.sums
        shift, slowing = self._shift, self._slowing
        self._heading(
            top,
            said.SUMS,
            Swatch(self.language.say(said.OF_THRESHOLD), colour=self.palette.soft),
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
            self._note(top + height / 2, said.STILL_LEARNING)
        self._marks(top, height, _MOST, [0, 1, 2], lambda mark: f"{100 * mark:.0f} %", strong=1)
        self._moments(axes)
        if (last := self.timeline.shift[-1]) is not None and last > 0:
            y = top + height * (1 - min(last, _CEILING) / _MOST) + 5
            self._right(y, f"{100 * last:.0f} %", self.palette.warned)

    @property
    def _shift(self) -> dict[str, Any]:
        return {"color": self.palette.purchasing, "linewidth": 2.6}

    @property
    def _slowing(self) -> dict[str, Any]:
        return {"color": self.palette.orders, "linewidth": 2, "linestyle": (0, (3, 1.5))}

    def _moments(self, axes: Axes) -> None:
        for moment in self.timeline.moments:
            mark = mark_of(moment.kind)
            axes.plot(
                [moment.week],
                [0.12 if mark in _SIGNS else _MOST - 0.14],
                color=self.palette.warned if mark == "warned" else self.palette.ink,
                markeredgecolor=self.palette.ink if mark == "recovered" else self.palette.ground,
                clip_on=False,
                **_MARKS[mark],
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
        axes.set_ylim(0, most * 1.05)
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
        self._marks(top, height, most * 1.05, [0, most], self.language.number)

    def dates(self, top: float) -> None:
        """The years, and as many months as there is room for."""
        first, last = start_of(self.weeks[0]), start_of(self.weeks[1])
        quarter = 13 * (self.sheet.x(1, self.weeks) - self.sheet.x(0, self.weeks))
        months = (1, 4, 7, 10) if quarter >= _ROOMY_QUARTER else (1, 7) if 2 * quarter >= _ROOMY_HALF else (1,)
        size = self.sheet.layout.small
        for year in range(first.year, last.year + 1):
            for month in months:
                at = first.replace(year=year, month=month, day=1)
                x = self.sheet.x(week_of(at), self.weeks)
                if not self.weeks[0] <= week_of(at) < self.weeks[1]:
                    continue
                text = self.language.year(at) if month == 1 else self.language.month(at)
                weight = "bold" if month == 1 else "normal"
                colour = self.palette.ink if month == 1 else self.palette.soft
                self.sheet.words(x, top + 14, text, ha="center", fontsize=size, color=colour, fontweight=weight)

    def marks(self, y: float) -> None:
        """The key of the marks that were drawn."""
        kinds: dict[str, Swatch] = {}
        for moment in sorted(self.timeline.moments, key=lambda moment: list(_MARKS).index(mark_of(moment.kind)), reverse=True):
            mark = mark_of(moment.kind)
            colour = self.palette.warned if mark == "warned" else self.palette.ink
            look = {"color": colour, "linestyle": "none", **_MARKS[mark]}
            kinds.setdefault(mark, Swatch(self.language.say(said.named(moment)), line=look))
        self.sheet.key(y, list(kinds.values()))

    def _heading(self, top: float, text: str, *swatches: Swatch, **values: Any) -> None:
        head = Swatch(self.language.say(text, **values), bold=True)
        self.sheet.key(top + self.sheet.layout.line - 7, [head, *swatches])

    def _ground(self, axes: Axes) -> None:
        """The weeks in stages that are warned of, lightly behind."""
        axes.axhline(0, color=self.palette.line, linewidth=1.2)
        for band in self.timeline.stages:
            if band.stage in WARNED:
                axes.axvspan(band.first, band.end, facecolor=self.palette.of(band.stage), alpha=0.16, linewidth=0)

    def _marks(
        self, top: float, height: float, most: float, marks: Sequence[float], told: Any, strong: float = -1
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


def mark_of(kind: str) -> str:
    """How a moment is marked: alerts that follow the stage are all warnings."""
    return kind if kind in _MARKS else "warned"


def _bar(week: int, amount: float, first: int) -> Path:
    left, right = max(week, first) + 0.35, week + BAR_WEEKS - 0.35
    corners = [(left, 0.0), (left, amount), (right, amount), (right, 0.0), (left, 0.0)]
    return Path(corners, closed=True)


def _round_up(amount: float) -> float:
    """The next of 1, 2, 2.5, 3, 4, 5, 6, 8 times a power of ten."""
    unit = 10.0 ** ceil(log10(amount) - 1)
    return next(
        (step * unit for step in (1, 2, 2.5, 3, 4, 5, 6, 8, 10) if step * unit >= amount and step * unit >= 1),
        amount,
    )
