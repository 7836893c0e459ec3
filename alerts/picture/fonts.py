"""Which letters can be drawn: the font that comes along, and one with Chinese glyphs where there is any."""

import logging
import re
import unicodedata
from collections.abc import Sequence
from functools import cache

import structlog
from matplotlib import font_manager
from matplotlib.font_manager import FontProperties

LATIN = "DejaVu Sans"  # comes with matplotlib
CHINESE = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
    "Noto Sans CJK JP",
    "Arial Unicode MS",
)
_FILES = re.compile("(cjk|notosanssc|sourcehan|msyh|pingfang|hiragino|wqy|droidsansfallback)", re.IGNORECASE)
_PICTOGRAPHS = frozenset({"So", "Sk"})  # emoji and their like

log = structlog.get_logger(__name__)
# That a font has no bold letters is nothing that an operator should read.
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)


@cache
def chinese() -> str | None:
    """The family with Chinese glyphs that this machine has, if any."""
    found = _known()
    if found is None:  # matplotlib remembers which fonts there were; one may have been installed since
        for path in font_manager.findSystemFonts():
            if _FILES.search(path):
                font_manager.fontManager.addfont(path)
        found = _known()
    if found is None:
        log.warning(
            "no font with Chinese glyphs: pictures are drawn in English",
            action="picture_no_font",
            install="fonts-wqy-microhei or fonts-noto-cjk (Debian), or any of: " + ", ".join(CHINESE),
        )
    return found


def _known() -> str | None:
    names = {entry.name for entry in font_manager.fontManager.ttflist}
    return next((family for family in CHINESE if family in names), None)


def families(locale: str) -> list[str]:
    """The fonts to draw a language's texts with, the one to try first at the beginning."""
    if locale.startswith("zh"):
        return [family for family in (chinese(), LATIN) if family]
    return [LATIN, *_others()]


def _others() -> list[str]:
    """Names may be Chinese in every language; whose texts are not needs no warning."""
    found = _known()
    return [found] if found else []


def covered(text: str, names: Sequence[str]) -> bool:
    """Whether each character has a glyph in one of the families."""
    return not ({ord(char) for char in text if not char.isspace()} - set().union(*map(_glyphs, names)))


def legible(candidates: Sequence[str], names: Sequence[str]) -> str:
    """The first text that can be drawn whole, its pictographs aside; empty where none can."""
    for text in candidates:
        kept = "".join(char for char in text if unicodedata.category(char) not in _PICTOGRAPHS)
        kept = " ".join(kept.replace("\ufe0f", "").replace("\u200d", "").split())
        if kept and covered(kept, names):
            return kept
    return ""


@cache
def _glyphs(family: str) -> frozenset[int]:
    path = font_manager.findfont(FontProperties(family=family), fallback_to_default=False)
    return frozenset(font_manager.get_font(path).get_charmap())
