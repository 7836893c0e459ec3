"""The sheet that a picture is drawn on: places in pixels from its top left, and words that fit."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from alerts.picture.palette import Palette

INCH = 72  # pixels: one is a point
_SWATCH, _GAP = 14, 6
ELLIPSIS = "…"


class Layout(NamedTuple):
    """Widths and heights in pixels, type sizes in points."""

    width: int
    left: int
    right: int
    size: float  # of words
    small: float  # of figures on axes
    line: int  # from one line of words to the next
    seats: int
    sums: int
    orders: int


NARROW = Layout(500, 50, 60, 13.5, 12.5, 21, 88, 74, 52)  # a phone's and a message's
WIDE = Layout(900, 56, 60, 12.5, 11.5, 20, 120, 96, 76)  # a page's


class Swatch(NamedTuple):
    """A piece of a key: how the thing looks, and its name."""

    words: str
    patch: dict[str, Any] | None = None
    line: dict[str, Any] | None = None
    bold: bool = False


class Sheet:
    """A figure of a fixed size."""

    def __init__(self, layout: Layout, height: int, palette: Palette, families: Sequence[str]) -> None:
        self.layout, self.height, self.palette = layout, height, palette
        self._families = list(families)
        self.figure = Figure(figsize=(layout.width / INCH, height / INCH), dpi=INCH, facecolor=palette.ground)
        self._renderer = FigureCanvasAgg(self.figure).get_renderer()  # type: ignore[no-untyped-call]

    def axes(self, top: float, height: float, weeks: tuple[int, int]) -> Axes:
        """A field across the sheet, without a frame."""
        layout = self.layout
        width = layout.width - layout.left - layout.right
        axes = self.figure.add_axes(
            (
                layout.left / layout.width,
                1 - (top + height) / self.height,
                width / layout.width,
                height / self.height,
            )
        )
        axes.set_xlim(*weeks)
        axes.set_axis_off()
        return axes

    def x(self, week: float, weeks: tuple[int, int]) -> float:
        """Where a week begins."""
        whole = self.layout.width - self.layout.left - self.layout.right
        return self.layout.left + whole * (week - weeks[0]) / max(1, weeks[1] - weeks[0])

    def words(self, x: float, y: float, text: str, **style: Any) -> Text:
        """Words whose base line begins (or ends, or is centred) at a place."""
        style = {"fontsize": self.layout.size, "color": self.palette.ink, "va": "baseline", **style}
        return self.figure.text(
            x / self.layout.width,
            1 - y / self.height,
            text,
            fontfamily=self._families,
            parse_math=False,
            **style,
        )

    def width(self, text: str, *, size: float | None = None, bold: bool = False) -> float:
        """How wide words are."""
        probe = Text(
            0,
            0,
            text,
            fontsize=size or self.layout.size,
            fontweight="bold" if bold else "normal",
            fontfamily=self._families,
            parse_math=False,
        )
        probe.set_figure(self.figure)
        return float(probe.get_window_extent(self._renderer).width)

    def fitted(self, text: str, width: float, *, size: float | None = None, bold: bool = False) -> str:
        """The text, or as much of it as fits with an ellipsis."""
        if self.width(text, size=size, bold=bold) <= width:
            return text
        low, high = 0, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            if self.width(text[:middle].rstrip() + ELLIPSIS, size=size, bold=bold) <= width:
                low = middle
            else:
                high = middle - 1
        return text[:low].rstrip() + ELLIPSIS if low else ""

    def block(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """A rectangle with its top left corner at a place."""
        place = (x / self.layout.width, 1 - (y + height) / self.height)
        size = (width / self.layout.width, height / self.height)
        self.figure.add_artist(Rectangle(place, *size, facecolor=colour, linewidth=0))

    def key(self, y: float, swatches: Sequence[Swatch]) -> None:
        """A line of words, each with the look of what it names; what does not fit is left out."""
        x, end = float(_GAP), self.layout.width - _GAP
        for swatch in swatches:
            drawn = swatch.patch is not None or swatch.line is not None
            begin = x + (_SWATCH + 5 if drawn else 0)
            size = self.layout.size if swatch.bold else self.layout.small
            text = self.fitted(swatch.words, end - begin, size=size, bold=swatch.bold)
            if not text:
                return
            if drawn:
                self._look(x, y, swatch)
            weight = "bold" if swatch.bold else "normal"
            self.words(begin, y, text, fontsize=size, fontweight=weight)
            x = begin + self.width(text, size=size, bold=swatch.bold) + 8

    def _look(self, x: float, y: float, swatch: Swatch) -> None:
        across, down = self.layout.width, self.height
        if swatch.patch is not None:
            place, size = (x / across, 1 - y / down), (_SWATCH / across, 10 / down)
            self.figure.add_artist(Rectangle(place, *size, linewidth=0, **swatch.patch))
        if swatch.line is not None:
            ends = (x, x + _SWATCH) if "marker" not in swatch.line else (x + _SWATCH / 2,)
            places = [1 - (y - 5) / down for _ in ends]
            self.figure.add_artist(Line2D([end / across for end in ends], places, **swatch.line))
