"""Why an account is in its stage, as a picture: an SVG file that brings the pages' colours along."""

import re
from collections.abc import Iterator
from textwrap import wrap

from markupsafe import escape

from accounts.account import AccountState
from accounts.dossier import Dossier, RhythmReading, ShareReading, TestReading
from alerts.wording import day
from service.chart import HEIGHT, chart
from service.rendering import style

_WIDTH = 560  # so that a phone's width leaves the words readable
_TOP = 58  # of the chart: name and stage stand above
_LINE = 18
_LETTERS = 86  # of the text's size that fit a line
_BARS_LEFT, _BARS_RIGHT = 300, 505
_MOST_SIGNS = 6
_GAP = 6
Reading = ShareReading | RhythmReading
_TESTS = {"shift": "Shift of the buying centre", "cadence": "Slowing of orders and contacts"}
_OF_THE_CHART = re.compile(r"^svg .*$", re.MULTILINE)
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_GROUND = """svg { background: var(--card); font: 12px system-ui, sans-serif; }
svg .title { font-size: 16px; font-weight: 700; fill: var(--ink); } svg .said { fill: var(--ink); }
svg .for { fill: var(--purchasing); } svg .against { fill: var(--soft); opacity: .5; }"""


def picture(state: AccountState, dossier: Dossier) -> str | None:
    """The file's content, or None for an account without evidence."""
    drawn = chart(state, width=_WIDTH)
    if drawn is None:
        return None
    name = dossier.account.name or dossier.account_id
    said = _said(dossier)
    top = _TOP + _LINE * (len(said) - 1)
    signs = list(_signs(dossier, top + HEIGHT + 28))
    height = top + HEIGHT + 28 + _LINE * len(signs) + _GAP
    parts = [
        f"<title>{escape(name)}, up to {dossier.known_to:%Y-%m-%d}</title>",
        f"<style>{_colours()}</style>",
        _text(8, 24, name if len(name) <= _LETTERS else f"{name[: _LETTERS - 1]}…", "title"),
        *(_text(8, 44 + _LINE * number, line, "said") for number, line in enumerate(said)),
        f'<g transform="translate(0 {top})">{drawn.partition(">")[2].removesuffix("</svg>")}</g>',
        *signs,
    ]
    head = f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" xmlns="http://www.w3.org/2000/svg"'
    whole = f'{head} width="{_WIDTH}" height="{height}">{"".join(parts)}</svg>\n'
    return _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", whole)


def _said(dossier: Dossier) -> list[str]:
    stage = dossier.stage.replace("_", " ")
    text = f"{stage.capitalize()} since {day(dossier.stage_since)}: {dossier.because}."
    return [*wrap(text, _LETTERS), f"Known up to {day(dossier.known_to)}."]


def _signs(dossier: Dossier, y: float) -> Iterator[str]:
    """Each test's sum against its threshold, and the signs as bars of what they add or take."""
    readings: list[Reading] = [*dossier.shares, *dossier.rhythms]
    most = max([1.0, *(abs(piece.nats) for piece in readings)])
    slowing = [piece for piece in dossier.rhythms if piece.signal.endswith("_slowing")]
    parts: dict[str, list[Reading]] = {
        "shift": [piece for piece in readings if piece not in slowing],
        "cadence": [*slowing],
    }
    for test in dossier.tests:
        yield f"<g>{_text(8, y, _sum(test), 'name said')}</g>"
        speaking = sorted(
            (piece for piece in parts[test.test] if piece.nats), key=lambda piece: -abs(piece.nats)
        )
        bars = [(f"{_words(piece)}: {_now(piece)}", piece.nats) for piece in speaking[:_MOST_SIGNS]]
        if test.clipped:
            bars.append(("taken off: caps on a week and on the sum", -test.clipped))
        for number, (words, nats) in enumerate(bars, start=1):
            yield f"<g>{_bar(words, nats, y + _LINE * number, most)}</g>"
        y += _LINE * (len(bars) + 1) + _GAP


def _sum(test: TestReading) -> str:
    if test.threshold is None:
        return f"{_TESTS[test.test]}: no baseline yet"
    state = "reached" if test.crossed else "not reached"
    return f"{_TESTS[test.test]}: {test.sum:.1f} of {test.threshold:.1f}, threshold {state}"


def _bar(words: str, nats: float, y: float, most: float) -> str:
    """A sign in words, and its part in the sum, in nats."""
    width = min(1.0, abs(nats) / most) * (_BARS_RIGHT - _BARS_LEFT)
    kind = "for" if nats > 0 else "against"
    return (
        f"{_text(20, y, words, 'start')}"
        f'<rect class="{kind}" x="{_BARS_LEFT}" y="{y - 10:.1f}" width="{max(1.0, width):.1f}" height="12"/>'
        f"{_text(_BARS_LEFT + width + 5, y, f'{nats:+.1f}', 'start')}"
    )


def _words(piece: Reading) -> str:
    return piece.signal.replace("_", " ")


def _now(piece: Reading) -> str:
    if isinstance(piece, ShareReading):
        return f"{_percent(piece.before.share)} → {_percent(piece.now.share)}"
    return f"{_a_year(piece.before.a_week)} → {_a_year(piece.now.a_week)} a year"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.0f} %"


def _a_year(rate: float | None) -> str:
    return "–" if rate is None else f"{52 * rate:.0f}"


def _text(x: float, y: float, text: str, name: str) -> str:
    return f'<text class="{name}" x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>'


def _colours() -> str:
    """Of the page's style what the chart uses: the colours, light and dark, and the rules for its parts."""
    page = style()
    return "\n".join([page[: page.index("* {")].strip(), *_OF_THE_CHART.findall(page), _GROUND])
