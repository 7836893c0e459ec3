"""The fields of a picture, one below the other on one axis of weeks."""

from collections.abc import Sequence
from math import floor, log10
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from accounts.stages import Stage
from accounts.timeline import BAR_WEEKS, Timeline
from accounts.weeks import start_of, week_of
from alerts.language import Language
from alerts.picture import words as said
from alerts.picture.sheet import Sheet, Swatch

WARNED: frozenset[Stage] = frozenset({"shifted", "declining", "at_risk", "lost"})
STRIP = 20  # pixels
_EDGE = 6
_LEAST_TYPE = 0.75  # of the words' size, in a narrow block
_HEAD = 1.08  # of a field, above its highest mark
_CEILING = 2.0  # the sums stop there, by the policy
_MOST = 2.3  # room above it for the marks of alerts
_MARKS: dict[str, dict[str, Any]] = {
    "tender": {"marker": "s", "markersize": 7},
    "competitor": {"marker": "o", "markersize": 7},
    "champion_left": {"marker": "X", "markersize": 9},
    "service_gap": {"marker": "P", "markersize": 9},
    "loss": {"marker": "D", "markersize": 9},
    "recovered": {"marker": "^", "markersize": 9, "fillstyle": "none"},
    "warned": {"marker": "v", "markersize": 10},
}
_ROUND = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
_SIGNS = frozenset({"tender", "competitor"})
_ROOMY_QUARTER, _ROOMY_HALF = 42, 40  # pixels from one month's name to the next


class Block(NamedTuple):
    """A piece of a strip."""

    name: str
    ground: str
    words: str
    bold: bool = False


class Panels:
    """Draws the fields of one timeline on one sheet."""

    def __init__(self, sheet: Sheet, timeline: Timeline, language: Language) -> None:
        self.sheet, self.timeline, self.language = sheet, timeline, language
        self.palette = sheet.palette
        self.weeks = (timeline.first, timeline.end)

    def stages(self, top: float) -> None:
        """A strip of the stages."""
        bands = self.timeline.stages
        self._strip(
            top,
            [band.first for band in bands],
            [
                Block(
                    said.STAGES[band.stage],
                    self.palette.of(band.stage),
                    self.palette.on(band.stage),
                    bold=band.stage in WARNED,
                )
                for band in bands
            ],
        )

    def leads(self, top: float) -> None:
        """A strip of who decided."""
        palette, timeline = self.palette, self.timeline
        looks = {
            "development": Block(said.LED["development"], palette.others, palette.ink_on_others),
            "shared": Block(said.LED["shared"], palette.shared, palette.on_light),
            "purchasing": Block(said.LED["purchasing"], palette.warned, palette.on_dark, bold=True),
        }
        begins = [timeline.first, *(lead.week for lead in timeline.leads)]
        leaders = [timeline.led_first, *(lead.led_by for lead in timeline.leads)]
        self._strip(top, begins, [looks[leader] for leader in leaders])

    def _strip(self, top: float, begins: Sequence[int], blocks: Sequence[Block]) -> None:
        """Blocks side by side, each with its name where it fits; that of now goes on to the edge."""
        sheet = self.sheet
        size, end = sheet.layout.small, sheet.layout.width - _EDGE
        names = [self.language.say(block.name) for block in blocks]
        lefts = [sheet.x(begin, self.weeks) for begin in begins]
        for block, name, left, right in zip(blocks, names, lefts, [*lefts[1:], end], strict=True):
            if right <= left:
                continue
            sheet.block(left, top, right - left - 1, STRIP, block.ground)
            fits = (right - left - _EDGE) / sheet.width(name, size=size, bold=block.bold)
            if fits >= _LEAST_TYPE:
                weight = "bold" if block.bold else "normal"
                style = {"ha": "center", "fontsize": size * min(1.0, fits), "fontweight": weight}
                sheet.words((left + right) / 2, top + STRIP - 6, name, color=block.words, **style)

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
            self._note(top + height / 2, said.STILL_LEARNING)
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

    def dates(self, top: float) -> None:
        """The years, and as many months as there is room for."""
        first, last = start_of(self.weeks[0]), start_of(self.weeks[1])
        quarter = 13 * (self.sheet.x(1, self.weeks) - self.sheet.x(0, self.weeks))
        months = (
            (1, 4, 7, 10) if quarter >= _ROOMY_QUARTER else (1, 7) if 2 * quarter >= _ROOMY_HALF else (1,)
        )
        size = self.sheet.layout.small
        for year in range(first.year, last.year + 1):
            for month in months:
                at = first.replace(year=year, month=month, day=1)
                x = self.sheet.x(week_of(at), self.weeks)
                if not self.weeks[0] <= week_of(at) < self.weeks[1]:
                    continue
                text = said.year(self.language, at) if month == 1 else said.month(self.language, at)
                weight = "bold" if month == 1 else "normal"
                colour = self.palette.ink if month == 1 else self.palette.soft
                self.sheet.words(
                    x, top + 14, text, ha="center", fontsize=size, color=colour, fontweight=weight
                )

    def marks(self, y: float) -> None:
        """The key of the marks that were drawn."""
        there = {said.mark_of(moment) for moment in self.timeline.moments}
        swatches = []
        for mark in (mark for mark in said.MOMENTS if mark in there):
            colour = self.palette.warned if mark == "warned" else self.palette.ink
            look = {"color": colour, "linestyle": "none", **_MARKS[mark]}
            swatches.append(Swatch(self.language.say(said.MOMENTS[mark]), line=look))
        self.sheet.key(y, swatches)

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


def _bar(week: int, amount: float, first: int) -> Path:
    left, right = max(week, first) + 0.35, week + BAR_WEEKS - 0.35
    corners = [(left, 0.0), (left, amount), (right, amount), (right, 0.0), (left, 0.0)]
    return Path(corners, closed=True)


def _round_up(amount: float) -> float:
    """The next round number, whole."""
    unit = 10.0 ** floor(log10(amount))
    return next(step * unit for step in _ROUND if step * unit >= amount and (step * unit).is_integer())
