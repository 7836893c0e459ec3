"""What stands above and below the fields: stages, who decided, dates and the key of the marks."""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any, NamedTuple

from accounts.stages import Stage
from accounts.timeline import Timeline
from accounts.weeks import start_of, week_of
from alerts.language import Language
from alerts.picture import words as said
from alerts.picture.sheet import Sheet, Swatch

WARNED: frozenset[Stage] = frozenset({"shifted", "declining", "at_risk", "lost"})
STRIP = 20  # pixels
_EDGE = 6
_LEAST_TYPE = 0.75  # of the words' size, in a narrow block
_ROOMY = 42  # pixels from one month's name to the next
MARKS: dict[str, dict[str, Any]] = {
    "tender": {"marker": "s", "markersize": 7},
    "competitor": {"marker": "o", "markersize": 7},
    "champion_left": {"marker": "X", "markersize": 9},
    "service_gap": {"marker": "P", "markersize": 9},
    "loss": {"marker": "D", "markersize": 9},
    "recovered": {"marker": "^", "markersize": 9, "fillstyle": "none"},
    "warned": {"marker": "v", "markersize": 10},
}


class Block(NamedTuple):
    """A piece of a strip."""

    name: str
    ground: str
    words: str
    bold: bool = False


class Strips:
    """Draws them for one timeline on one sheet."""

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

    def dates(self, top: float) -> None:
        """The years, and as many months as there is room for."""
        told = list(self._ticks())
        if not told:  # a few weeks within one month
            told = [(self.timeline.first, self.language.day(start_of(self.timeline.first)), False)]
        for week, text, strong in told:
            style = {"fontweight": "bold" if strong else "normal", "fontsize": self.sheet.layout.small}
            half = self.sheet.width(text, size=self.sheet.layout.small, bold=strong) / 2
            x = max(self.sheet.x(week, self.weeks), half + _EDGE)
            colour = self.palette.ink if strong else self.palette.soft
            self.sheet.words(x, top + 14, text, ha="center", color=colour, **style)

    def _ticks(self) -> Iterator[tuple[int, str, bool]]:
        """(week, word, whether it is a year) of each beginning of a month that is named."""
        first, last = start_of(self.weeks[0]), start_of(self.weeks[1])
        month = 52 / 12 * (self.sheet.x(1, self.weeks) - self.sheet.x(0, self.weeks))
        every = next(step for step in (1, 3, 6, 12) if step * month >= _ROOMY or step > 6)  # noqa: PLR2004
        for year, number in product(range(first.year, last.year + 1), range(1, 13, every)):
            at = first.replace(year=year, month=number, day=1)
            if self.weeks[0] <= week_of(at) < self.weeks[1]:
                told = said.year if number == 1 else said.month
                yield week_of(at), told(self.language, at), number == 1

    def key(self, top: float) -> None:
        """The names of the marks that were drawn."""
        there = {said.mark_of(moment) for moment in self.timeline.moments}
        swatches = []
        for mark in (mark for mark in said.MOMENTS if mark in there):
            colour = self.palette.warned if mark == "warned" else self.palette.ink
            look = {"color": colour, "linestyle": "none", **MARKS[mark]}
            swatches.append(Swatch(self.language.say(said.MOMENTS[mark]), line=look))
        self.sheet.key(top + self.sheet.layout.line - 6, swatches)
