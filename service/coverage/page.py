"""The report as a page: what the terminal shows, black on white, with a title."""

from html import escape
from io import StringIO

from rich.console import Console
from rich.terminal_theme import TerminalTheme

from service.coverage.report import Report
from service.coverage.screen import show

_WIDTH = 100  # columns
# Black, red, green, yellow, blue, magenta, cyan, white: each dark enough to be read on white.
_COLOURS = [
    (0, 0, 0), (176, 0, 32), (0, 110, 50), (138, 90, 0),
    (0, 70, 160), (120, 0, 120), (0, 105, 120), (70, 70, 70),
]  # fmt: skip
_THEME = TerminalTheme((255, 255, 255), (0, 0, 0), _COLOURS)
_FRAME = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Coverage · Turnsignal</title>
<style>
{{stylesheet}}
body {{{{ color: {{foreground}}; background: {{background}}; font-family: system-ui, sans-serif; }}}}
body {{{{ margin: 2rem auto; max-width: 64rem; padding: 0 1rem; }}}}
h1 {{{{ font-size: 1.4rem; margin-bottom: 0; }}}} p {{{{ color: #57606a; margin-top: .2rem; }}}}
pre {{{{ font: .85rem/1.35 ui-monospace, Menlo, Consolas, monospace; overflow-x: auto; }}}}
</style>
</head>
<body>
<h1>What this data can tell</h1>
<p>{dates}</p>
<pre><code>{{code}}</code></pre>
</body>
</html>
"""


def page(told: Report) -> str:
    """A page of its own, to pass on."""
    console = Console(record=True, width=_WIDTH, file=StringIO(), markup=False, highlight=False)
    show(told, console)
    dates = (
        f"Turnsignal · signal coverage, {told.first:%Y-%m-%d} to {told.last:%Y-%m-%d}"
        if told.first and told.last
        else "Turnsignal · signal coverage"
    )
    return console.export_html(theme=_THEME, code_format=_FRAME.format(dates=escape(dates)))
