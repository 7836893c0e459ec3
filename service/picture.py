"""The account's chart as a file of its own: an SVG that brings the page's colours along."""

import re

from markupsafe import escape

from accounts.account import AccountState
from service.chart import chart
from service.rendering import style

_SIZE = re.compile(r'viewBox="0 0 (\d+) (\d+)"')
_OF_THE_CHART = re.compile(r"^svg .*$", re.MULTILINE)
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_GROUND = "svg { background: var(--card); font: 12px system-ui, sans-serif; }"


def picture(state: AccountState, title: str) -> str | None:
    """The file's content, or None for an account without evidence."""
    drawn = chart(state)
    if drawn is None:
        return None
    head, _, body = drawn.partition(">")
    size = _SIZE.search(head)
    width, height = size.groups() if size else ("900", "248")
    whole = (
        f'{head} xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">'
        f"<title>{escape(title)}</title><style>{_colours()}</style>{body}\n"
    )
    return _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", whole)


def _colours() -> str:
    """Of the page's style what the chart uses: the colours, light and dark, and the rules for its parts."""
    page = style()
    return "\n".join([page[: page.index("* {")].strip(), *_OF_THE_CHART.findall(page), _GROUND])
