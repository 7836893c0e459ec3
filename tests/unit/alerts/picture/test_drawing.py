"""The picture as PNG and SVG: for every account there may be, in every language, and by itself harmless."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import structlog
from PIL import Image

from accounts.timeline import Moment, Timeline, timeline
from alerts.language import ENGLISH, language
from alerts.picture import fonts, words
from alerts.picture.described import described
from alerts.picture.drawing import drawn
from alerts.picture.palette import DARK, LIGHT
from tests.unit.accounts.builders import ENGINEER, QUICK, at, fold, history, order, talk

if TYPE_CHECKING:
    from collections.abc import Iterator

CHINESE = language("zh-CN")
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = [
    "<script>alert(1)</script>",
    "]]></title><image href='http://elsewhere.example/'/>",
    "$\\frac{1}{0}$ $x_2$",
    "a\0b\x1b[2J\ud800c",
    "\u202eesrever\u2066",
    "&amp; -- --> <!--",
    'url(#x) #d55e00 style="fill: #d55e00"',
    "W" * 5000,
    "\n\n",
]


@pytest.fixture
def no_chinese_font(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine without any of the known fonts."""
    monkeypatch.setattr(fonts, "CHINESE", ())
    fonts.chinese.cache_clear()
    yield
    fonts.chinese.cache_clear()


@pytest.fixture
def chinese_font() -> None:
    """CI has one; elsewhere what needs it is skipped."""
    if not os.environ.get("CI") and fonts.chinese() is None:
        pytest.skip("needs a font with Chinese glyphs, such as Debian's fonts-wqy-microhei")


def of(seed: int = 3, weeks: int = 70) -> Timeline:
    told = timeline(fold(history(seed), weeks), QUICK)
    assert told is not None
    return told


def young(weeks: int) -> Timeline:
    told = timeline(fold([talk(at(0), ENGINEER)], weeks), QUICK)
    assert told is not None
    return told


def svg(told: Timeline, **how: Any) -> ET.Element:
    return ET.fromstring(drawn(told, form="svg", width=how.pop("width", "narrow"), **how))  # noqa: S314  (ours)


def texts(root: ET.Element) -> list[str]:
    return ["".join(element.itertext()) for element in root.iter(f"{SVG}text")]


def test_a_png_is_small_sharp_and_on_white_ground() -> None:
    """Slack and mail clients show it as it is, on a phone too."""
    content = drawn(of(), form="png", width="narrow", titles=["Acme"])
    image = Image.open(io.BytesIO(content))
    assert image.width == 1000
    assert 700 <= image.height <= 1000
    assert len(content) < 100_000
    assert image.convert("RGB").getpixel((2, 2)) == (255, 255, 255)
    assert not image.info.get("Software")


def test_the_same_account_is_the_same_picture_byte_for_byte() -> None:
    """Whatever the thread and the process: a mail's picture keeps its Content-ID, a cache its copies."""
    told = of()
    forms: tuple[Any, ...] = ("png", "svg")
    for form in forms:
        with ThreadPoolExecutor(4) as pool:
            drawings = pool.map(lambda _: drawn(told, form=form, width="narrow"), range(4))  # noqa: B023
            assert len(set(drawings)) == 1
    first = drawn(told, form="svg", width="wide", theme="auto")
    assert b"dc:date" not in first
    script = (
        "import sys; from tests.unit.alerts.picture.test_drawing import of; "
        "from alerts.picture.drawing import drawn; "
        "sys.stdout.buffer.write(drawn(of(), form='svg', width='wide', theme='auto'))"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)
    assert done.stdout == first


@pytest.mark.parametrize("weeks", [1, 2, 7])
def test_an_account_that_still_learns_is_drawn(weeks: int) -> None:
    """A new customer's page must open in its first week, and say why there is no line."""
    said = texts(svg(young(weeks)))
    assert words.STILL_LEARNING in said
    assert "learning" in said or weeks < 3
    drawn(young(weeks), form="png", width="narrow")


def test_orders_alone_say_that_nobody_s_function_is_known() -> None:
    """An empty field under a name would look like a share of nothing."""
    told = timeline(fold([order(at(2)), order(at(5))], 30), QUICK)
    assert told is not None
    assert words.NOBODY in texts(svg(told))
    assert words.NOBODY not in texts(svg(of()))


@pytest.mark.parametrize("seed", range(12))
def test_every_history_is_drawn(seed: int) -> None:
    """Whatever came, the picture is well-formed, and its words stay inside it."""
    root = svg(of(seed), width="wide", titles=["Acme"])
    assert root.tag == f"{SVG}svg"
    assert root.get("viewBox", "").startswith("0 0 900 ")
    xs = [float(element.get("x", "0")) for element in root.iter(f"{SVG}text")]
    assert xs
    assert all(0 <= x <= 900 for x in xs)


def test_all_parts_are_there() -> None:
    """Seats by function, both sums, orders with their currency, stages, leaders, marks and years."""
    said = texts(svg(of(), width="wide"))
    for part in (words.SEATS, words.PURCHASING, words.OTHERS, words.EXECUTIVES, words.SUMS, words.SHIFT):
        assert part in said
    assert {"100 %", "warned", "2023", "Orders in four weeks, EUR"} <= set(said)
    assert set(said) & {*words.LED.values()}
    assert set(said) & {*words.STAGES.values()}


def test_every_moment_has_a_mark_and_a_name() -> None:
    """A mark without a name in the key is a riddle."""
    kinds: tuple[Any, ...] = (
        "buying_centre_shift", "decline", "at_risk", "lost", "recovered", "champion_left", "service_gap",
        "tender", "competitor", "loss",
    )  # fmt: skip
    told = of()
    for kind in kinds:
        moment = Moment(told.first + 20, kind)
        said = texts(svg(msgspec.structs.replace(told, moments=[moment])))
        assert words.MOMENTS[words.mark_of(moment)] in said


def test_sums_by_other_numbers_are_called_so() -> None:
    """The reader must not take them for what raised the alerts."""
    told = msgspec.structs.replace(of(), as_judged=False)
    assert words.JUDGED_ANEW in texts(svg(told))
    assert words.JUDGED_ANEW not in texts(svg(of()))


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_names_are_words_and_nothing_else(name: str) -> None:
    """Neither markup nor mathematics, and no line runs out of the picture."""
    told = of()
    content = drawn(told, form="svg", width="narrow", titles=[name, "C-1"]).decode()
    root = ET.fromstring(content)  # noqa: S314  (ours)
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert tags <= {
        "svg",
        "title",
        "style",
        "defs",
        "g",
        "path",
        "text",
        "clipPath",
        "rect",
        "pattern",
        "use",
    }
    assert not any(name.startswith("on") for element in root.iter() for name in element.attrib)
    links = re.findall(r'href="([^"]*)"', content)
    assert all(link.startswith("#") for link in links)
    plain = ET.fromstring(drawn(told, form="svg", width="narrow", titles=["Acme"]))  # noqa: S314  (ours)
    assert len(list(root.iter())) == len(list(plain.iter()))
    drawn(told, form="png", width="narrow", titles=[name, "C-1"])


def test_a_dollar_stays_a_dollar() -> None:
    """Else matplotlib would read $…$ as mathematics, and fail where it is none."""
    assert "A $x_2$ \\frac" in texts(svg(of(), titles=["A $x_2$ \\frac"]))


def test_what_cannot_be_drawn_gives_way_to_the_account_s_id() -> None:
    """No box in place of a letter in a PNG; an SVG's letters are the reader's."""
    chain = fonts.families("en")
    assert fonts.legible(["भारत", "C-1"], chain) == "C-1"
    assert fonts.legible(["भारत"], chain) == ""
    assert fonts.legible(["Acme 🚀 GmbH"], chain) == "Acme GmbH"
    assert fonts.legible(["Łódź Ωmega Жук"], chain) == "Łódź Ωmega Жук"
    told = of()
    by_id = drawn(told, form="png", width="narrow", titles=["C-1"])
    assert drawn(told, form="png", width="narrow", titles=["भारत", "C-1"]) == by_id
    assert "भारत" in texts(svg(told, titles=["भारत", "C-1"]))


def test_a_png_is_chinese_where_a_font_is(chinese_font: None) -> None:  # noqa: ARG001
    """Other letters than the English ones, and each of them in the font."""
    told = of()
    english = drawn(told, form="png", width="narrow")
    assert drawn(told, form="png", width="narrow", language=CHINESE) != english
    drawn_with = fonts.families("zh_Hans")
    assert fonts.covered("".join(map(CHINESE.say, all_words())), drawn_with)


def test_without_a_font_a_png_is_english_and_the_log_says_what_to_install(
    no_chinese_font: None,  # noqa: ARG001
) -> None:
    """Once: every later picture would say the same."""
    told = of()
    with structlog.testing.capture_logs() as logs:
        found = [
            drawn(told, form="png", width="narrow", language=CHINESE, titles=["客户", "C-1"]) for _ in "ab"
        ]
    assert {drawn(told, form="png", width="narrow", titles=["C-1"])} == set(found)
    assert [entry["action"] for entry in logs] == ["picture_no_font"]
    assert "fonts-wqy-microhei" in logs[0]["install"]
    assert CHINESE.say(words.SEATS) in texts(svg(told, language=CHINESE))


def all_words() -> list[str]:
    """Every text of words.py."""
    single = [text for name, text in vars(words).items() if name.isupper() and isinstance(text, str)]
    return [*single, *words.STAGES.values(), *words.LED.values(), *words.MOMENTS.values()]


def test_every_word_has_its_translation() -> None:
    """A Chinese picture with one English word looks broken."""
    assert len(all_words()) > 40
    assert [text for text in all_words() if CHINESE.say(text) == text] == []
    assert not any(re.search("[a-z]{3}", said) for said in texts(svg(of(), language=CHINESE, width="wide")))


def test_an_svg_follows_the_reader_s_theme() -> None:
    """Every colour is one of the palette's, in both of them; a PNG has the one that is asked for."""
    content = drawn(of(), form="svg", width="narrow", theme="auto").decode()
    style, body = content[: content.index("</style>")], content[content.index("</style>") :]
    assert "prefers-color-scheme: dark" in style
    assert re.findall("#[0-9a-f]{6}", body) == []
    used = set(re.findall(r"var\((--[\w-]+)\)", body))
    assert used
    for palette in (LIGHT, DARK):
        assert len(set(palette)) == len(palette)
        for name, colour in palette._asdict().items():
            assert f"--{name.replace('_', '-')}: {colour};" in style
    assert used <= set(re.findall(r"(--[\w-]+):", style))
    dark = Image.open(io.BytesIO(drawn(of(), form="png", width="narrow", theme="dark"))).convert("RGB")
    pixel = dark.getpixel((2, 2))
    assert isinstance(pixel, tuple)
    assert max(pixel[:3]) < 60


def luminance(colour: str) -> float:
    """Relative luminance by WCAG 2."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_words_stand_out_from_their_ground() -> None:
    """WCAG's 4.5 to 1, in both themes."""
    for palette in (LIGHT, DARK):
        for stage in words.STAGES:
            assert contrast(palette.of(stage), palette.on(stage)) >= 4.5, stage
        grounds = [(palette.ground, colour) for colour in (palette.ink, palette.soft, palette.warned)]
        grounds += [(palette.others, palette.ink_on_others), (palette.shared, palette.on_light)]
        grounds += [(palette.warned, palette.on_dark), (palette.ground, palette.orders)]
        assert all(contrast(*pair) >= 4.5 for pair in grounds), grounds


def test_the_description_says_what_is_drawn() -> None:
    """For those who cannot see it, in one sentence and in their language."""
    told = of(weeks=45)
    alt = described(told, ENGLISH)
    assert alt.count(".") == 1
    assert words.STAGES[told.stage] in alt
    assert told.share is not None
    assert f"{100 * told.share:.0f} % of the seats" in alt
    last = told.shift[-1]
    assert last is not None
    assert f"a shift stand at {100 * last:.0f} %" in alt
    assert "采购" in described(told, CHINESE)
    assert "stage: learning" in described(young(2), ENGLISH)
    title = svg(told, language=CHINESE).find(f"{SVG}title")
    assert title is not None
    assert title.text == described(told, CHINESE)


def test_who_draws_nothing_pays_nothing() -> None:
    """For matplotlib takes half a second and 40 MB: services load it with the first picture."""
    script = "import sys, service.app, alerts.picture.pictures; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "False"
