"""What the demo shows: each message as its receiver would read it, and the sums at the end."""

from datetime import datetime
from typing import cast

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from alerts.config import Channel
from alerts.message import Line, Message
from alerts.outcome import Accepted, Outcome
from alerts.parcel import Parcel

_COLOURS = {"critical": "red", "warning": "yellow", "info": "blue", "good": "green", "correction": "white"}
_DOTS = 3


class ScreenSender:
    """A channel whose receiver sits at this terminal: everything before it is the real thing."""

    channel: Channel = "email"
    shared = True
    pause = None

    def __init__(self, console: Console) -> None:
        self._console = console
        self.delivered: dict[str, Message] = {}
        self.left = False  # whoever read along has closed the pipe

    def send(self, parcel: Parcel, now: datetime) -> Outcome:  # noqa: ARG002  (a sender is told the time)
        """Show the message; the demo sends each alert in one of its own."""
        message = cast("Message", parcel.content)
        try:
            self._console.print(panel(message, parcel.receiver))
        except SystemExit:  # rich's answer to a closed pipe: it would end this thread, and nothing else
            self.left = True
        self.delivered.setdefault(message.alert_id, message)
        return Accepted()


def panel(message: Message, receiver: str) -> Panel:
    """The message, laid out for a terminal."""
    colour = _COLOURS[message.tone]
    parts: list[RenderableType] = [Text(message.sentence)]
    facts = _facts(message)
    if facts.row_count:
        parts.append(Padding(facts, (1, 0, 0, 0)))
    if message.evidence:
        parts.append(Padding(Group(*(_evidence(line) for line in message.evidence)), (1, 0, 0, 0)))
    if message.more:
        parts.append(Text(f"    {message.more}", style="dim"))
    if message.play:
        parts.append(Padding(_play(message), (1, 0, 0, 0)))
    if message.link:
        parts.append(Text(message.link, style="dim"))
    title = Text.assemble((f" {message.tone_word} ", f"bold {colour}"), (f"{message.account} ", "bold"))
    return Panel(
        Group(*parts),
        title=title,
        title_align="left",
        subtitle=Text(f" to {receiver} ", style="dim"),
        subtitle_align="right",
        border_style=colour,
        box=box.ROUNDED,
        width=100,
        padding=(0, 2),
    )


def _facts(message: Message) -> Table:
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column()
    rows = (
        ("Who decides", ", ".join(part for part in (message.decides, message.decides_since) if part)),
        ("At stake", ", ".join(part for part in (message.bought, message.at_risk) if part)),
    )
    for name, value in rows:
        if value:
            facts.add_row(name, value)
    return facts


def _evidence(line: Line) -> Text:
    dots = "●" * line.dots + "○" * (_DOTS - line.dots) if line.dots else " " * _DOTS
    text = Text.assemble((f"{dots} ", "yellow"), line.text)
    if line.names:
        text.append(f": {line.names}", style="dim")
    return text


def _play(message: Message) -> Group:
    steps = (Text(f"  {number}. {step}") for number, step in enumerate(message.steps, start=1))
    return Group(Text(f"Next: {message.play}", style="bold"), *steps)


def counts(title: str, numbers: dict[str, int]) -> Table:
    """A small table of names and numbers."""
    box_ends = 2  # a title wider than its table would be broken
    table = Table(
        title=title,
        box=box.SIMPLE_HEAD,
        title_justify="left",
        show_header=False,
        min_width=len(title) + box_ends,
    )
    table.add_column()
    table.add_column(justify="right")
    for name, number in numbers.items():
        table.add_row(name.replace("_", " "), f"{number:,}")
    return table
