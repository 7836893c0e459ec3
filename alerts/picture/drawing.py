"""A timeline as PNG or SVG: one drawing, two forms."""

import io
import re
import threading
import warnings
from collections.abc import Sequence
from itertools import accumulate
from typing import Any
from xml.sax.saxutils import escape

import matplotlib as mpl
from PIL import Image

from accounts.timeline import Timeline
from accounts.weeks import start_of
from alerts.cleaning import clean
from alerts.language import ENGLISH, Language
from alerts.picture import fonts
from alerts.picture import words as said
from alerts.picture.described import described
from alerts.picture.look import Form, Theme, Width
from alerts.picture.palette import DARK, LIGHT, Palette
from alerts.picture.panels import Panels
from alerts.picture.sheet import INCH, NARROW, WIDE, Layout, Sheet
from alerts.picture.strips import STRIP, Strips

_LAYOUTS: dict[Width, Layout] = {"narrow": NARROW, "wide": WIDE}
_DENSITY = 2  # pixels of a PNG to one of the layout's
_COLOURS = 128  # of a PNG
_LONGEST = 120
_MARGIN, _GAP = 8, 6
_TITLE = 26

# matplotlib's own settings and caches are the process's: one picture at a time.
_ONE_AT_A_TIME = threading.Lock()


def drawn(
    timeline: Timeline,
    *,
    form: Form,
    width: Width,
    language: Language = ENGLISH,
    theme: Theme = "light",
    titles: Sequence[str] = (),
) -> bytes:
    """The picture. Of `titles` the first one that can be drawn stands above it; none, and there is no title.

    In an SVG `auto` follows the reader's theme; a PNG, which cannot, is light then.
    """
    layout = _LAYOUTS[width]
    cleaned = [text for title in titles if (text := clean(title, _LONGEST))]
    with _ONE_AT_A_TIME, mpl.rc_context(), warnings.catch_warnings():
        mpl.rcParams.update(
            {
                "svg.fonttype": "none",  # names stay words, in the reader's own fonts
                "svg.hashsalt": "turnsignal",  # the same picture byte for byte
                "hatch.linewidth": 1.6,
                "text.parse_math": False,
            }
        )
        warnings.filterwarnings("ignore", message="Glyph")  # an SVG's letters are its reader's
        if form == "svg":
            sheet = _sheet(timeline, layout, language, LIGHT, cleaned[:1], fonts.families(language.locale))
            return _svg(sheet, theme, language, described(timeline, language))
        language = spoken(language)
        names = fonts.families(language.locale)
        legible = fonts.legible(cleaned, names)
        palette = DARK if theme == "dark" else LIGHT
        return _png(_sheet(timeline, layout, language, palette, [legible] if legible else [], names))


def spoken(language: Language) -> Language:
    """The language, or English where this machine has no font for it."""
    probe = "".join(language.say(text) for text in (said.SEATS, said.PURCHASING, said.STILL_LEARNING))
    if language.locale.startswith("zh"):
        fonts.chinese()  # says what to install
    return language if fonts.covered(probe, fonts.families(language.locale)) else ENGLISH


def _sheet(
    timeline: Timeline,
    layout: Layout,
    language: Language,
    palette: Palette,
    titles: Sequence[str],
    names: Sequence[str],
) -> Sheet:
    """Everything in its place, from the top down."""
    heights: dict[str, float] = {
        "stages": STRIP + 2,
        "leads": STRIP + _GAP,
        "seats": layout.line + layout.seats + _GAP,
        "sums": layout.line + layout.sums + _GAP,
        "orders": layout.line + layout.orders + 2,
        "dates": layout.line - 2,
        "key": layout.line if timeline.moments else 0,
    }
    top = _MARGIN + (_TITLE + layout.line if titles else 0)
    tops = dict(zip(heights, accumulate(heights.values(), initial=top), strict=False))
    sheet = Sheet(layout, round(top + sum(heights.values()) + _MARGIN / 2), palette, names)
    strips, panels = Strips(sheet, timeline, language), Panels(sheet, timeline, language)
    strips.stages(tops["stages"])
    strips.leads(tops["leads"])
    panels.seats(tops["seats"])
    panels.sums(tops["sums"])
    panels.orders(tops["orders"])
    strips.dates(tops["dates"])
    strips.key(tops["key"])
    for title in titles:
        _head(sheet, title, timeline, language)
    return sheet


def _head(sheet: Sheet, title: str, timeline: Timeline, language: Language) -> None:
    layout = sheet.layout
    room = layout.width - 2 * _MARGIN
    size = layout.size + 4.5
    text = sheet.fitted(title, room, size=size, bold=True)
    sheet.words(_MARGIN, _MARGIN + 17, text, fontsize=size, fontweight="bold")
    stage, led = language.say(said.STAGES[timeline.stage]), language.say(said.LED[timeline.led_by])
    parts = [
        _since(language, what, week)
        for what, week in ((stage, timeline.stage_since), (led, timeline.led_since))
    ]
    line = " · ".join(parts)
    line = sheet.fitted(line[:1].upper() + line[1:], room)
    sheet.words(_MARGIN, _MARGIN + 17 + layout.line, line, color=sheet.palette.soft)


def _since(language: Language, what: str, week: int | None) -> str:
    if week is None:
        return what
    return language.say(said.SINCE, what=what, day=language.day(start_of(week)))


def _png(sheet: Sheet) -> bytes:
    raw = io.BytesIO()
    sheet.figure.savefig(raw, format="rgba", dpi=_DENSITY * INCH)
    size = (_DENSITY * sheet.layout.width, _DENSITY * sheet.height)
    image = Image.frombytes("RGBA", size, raw.getvalue()).convert("RGB")
    packed = io.BytesIO()
    image.quantize(_COLOURS, dither=Image.Dither.NONE).save(packed, "png", optimize=True)
    return packed.getvalue()


_TAG = re.compile(r"<[^>]+>")  # no text holds a bracket: they are escaped
_FONT = re.compile(r"font-family: [^;\"]*;? ?")
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_FAMILIES = (
    'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", "Microsoft YaHei", '
    '"Noto Sans CJK SC", sans-serif'
)


def _svg(sheet: Sheet, theme: Theme, language: Language, alt: str) -> bytes:
    raw = io.StringIO()
    nothing: dict[str, Any] = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    sheet.figure.savefig(raw, format="svg", metadata=nothing)
    whole = raw.getvalue()
    body = whole[whole.index(">", whole.index("<svg")) + 1 :]
    names = {colour: f"var(--{name.replace('_', '-')})" for name, colour in LIGHT._asdict().items()}

    def themed(tag: re.Match[str]) -> str:
        plain = _FONT.sub("", tag[0])
        return _COLOUR.sub(lambda colour: names.get(colour[0], colour[0]), plain)

    width, height = sheet.layout.width, sheet.height
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" role="img" '
        f'xml:lang="{language.locale.replace("_", "-")}" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}">'
    )
    style = f"<style>{_colours(theme)} text {{ font-family: {_FAMILIES}; }}</style>"
    return f"{head}<title>{escape(alt)}</title>{style}{_TAG.sub(themed, body)}".encode()


def _colours(theme: Theme) -> str:
    """The names' colours in a theme; `auto` leaves the choice to the reader."""
    light, dark = (
        " ".join(f"--{name.replace('_', '-')}: {colour};" for name, colour in palette._asdict().items())
        for palette in (LIGHT, DARK)
    )
    if theme == "auto":
        return f":root {{ {light} }} @media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}"
    return f":root {{ {light if theme == 'light' else dark} }}"
