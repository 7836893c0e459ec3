"""The report for a terminal of 80 columns, or as a page."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from service.coverage.pieces import Amount, Piece
from service.coverage.report import SHOWN_TITLES, Gap, Report

if TYPE_CHECKING:  # what it stands on is an extra
    from service.coverage.cost import Cost, Difference

_BAR = 5
_LEAST_RATE = 0.1  # false alarms a 100 account-years that are worth a word
_EIGHTHS = " ▏▎▍▌▋▊▉"
_WHOLE = "No gap that costs anything: the data has all that the detector reads."
_WHOLE_BUT = "No field is missing from the events there are: what is wrong is told above and below."
_UNSEEN = (
    "No difference seen does not make a gap harmless: on a made portfolio other signals tell of the same "
    "losses, and take its place. Where yours lack these too, it decides."
)
_STYLES = {"feeds it": "green", "weakly": "yellow", "not at all": "bold red"}


def show(told: Report, console: Console) -> None:
    """Write everything, the mistakes that come before all else first."""
    console.print(_head(told))
    for finding in told.findings:
        if finding.loud:
            console.print()
            console.print(Text("! ", "bold red") + Text(finding.text, "bold"))
    console.print()
    console.print(_signals(told))
    for row in told.rows:
        if row.reason:
            console.print(f"{row.signal.name}: {row.reason}.")
    console.print(
        Text(
            "of all: talks, orders, … that have what the signal needs; accounts: those with enough of it, "
            "for long enough, to be judged by it. Feeds it: half of both; weakly: a twentieth of accounts.",
            "dim",
        )
    )
    _gaps(told, console)
    notes = [finding.text for finding in told.findings if not finding.loud]
    if notes or told.census.unknown:
        console.print()
        console.print(Text("Besides", "bold"))
        for text in [*notes, *_titles(told)]:
            console.print(_item(text))


def _head(told: Report) -> str:
    when = f", {told.first:%Y-%m-%d} to {told.last:%Y-%m-%d}" if told.first and told.last else ""
    whose = "" if told.customers == told.accounts else f", {told.customers:,} of them with orders"
    return f"{told.events:,} events of {told.accounts:,} accounts{whose}{when}"


def _signals(told: Report) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("signal", no_wrap=True)
    table.add_column("needs", no_wrap=True)
    table.add_column("of all", no_wrap=True)
    table.add_column("accounts", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for row in told.rows:
        of_all = _bar(row.share) if row.signal.units else ""
        verdict = Text(row.verdict, _STYLES[row.verdict])
        table.add_row(row.signal.name, row.signal.units, of_all, _bar(row.share_of_accounts), verdict)
    return table


def _bar(share: float) -> str:
    """A share as a small bar and in per cent; not nothing where there is some, nor all where some lacks."""
    eighths = min(8 * _BAR, max(0, round(8 * _BAR * share)))
    whole, rest = divmod(eighths, 8)
    drawn = "█" * whole + (_EIGHTHS[rest] if rest else "")
    return f"{drawn:<{_BAR}} {_percent(share):>5}"


def _percent(share: float) -> str:
    if 0 < share < 0.01:  # noqa: PLR2004
        return "<1 %"
    return f"{min(99, round(100 * share)) if share < 1 else 100} %"


def _gaps(told: Report, console: Console) -> None:
    console.print()
    if not told.gaps:
        console.print(_WHOLE if told.whole else _WHOLE_BUT)
        return
    if told.cost is not None:
        for text in _cost(told.cost):
            console.print(text)
        console.print()
    order = (
        "what is most worth mending first" if told.cost is not None else "not ranked: the cost was left out"
    )
    console.print(Text(f"What to map ({order})", "bold"))
    if any(gap.gain is not None and not gap.gain.seen for gap in told.gaps):
        console.print(Text(_UNSEEN, "dim"))
    for gap in told.gaps:
        fed = [row.signal.name for row in told.rows if gap.piece.name in row.signal.pieces]
        console.print(_item(_gap(gap, fed)))


def _gap(gap: Gap, fed: list[str]) -> Text:
    text = Text(f"{gap.piece.told}: {_amount(gap.piece, gap.amount)}", "bold")
    if gap.gain is not None:
        better = gap.gain.seen and gap.gain.points > 0
        text.append("\n" + _gain(gap.gain), "not bold green" if better else "not bold dim")
    text.append(f"\n{gap.mend}.", "not bold")
    text.append(f"\nfeeds {', '.join(fed)}", "not bold dim")
    return text


def _amount(piece: Piece, amount: Amount) -> str:
    if piece.of is None:
        return "none" if piece.name != "kinds" else "not all three"
    text = f"{amount.having:,} of {amount.of:,}"
    if amount.having:
        text += f" ({_percent(amount.share or 0.0)}"
        without = amount.accounts_without if amount.of != amount.accounts else 0
        text += f"; {without:,} of {amount.accounts:,} accounts have none)" if without else ")"
    return text


def _gain(gain: "Difference") -> str:
    chance = f"95 %: {gain.low:+.0f} to {gain.high:+.0f}"
    if not gain.seen:
        return (
            f"mended alone: no difference seen beyond chance ({gain.points:+.0f} points of losses, {chance})"
        )
    alarms = (
        f"{gain.false_alarms:+.1f} false alarms"
        if abs(gain.false_alarms) >= _LEAST_RATE
        else "false alarms as before"
    )
    return f"mended alone: {gain.points:+.0f} points of losses warned of in time ({chance}), {alarms}"


def _cost(cost: "Cost") -> Iterator[Table | Text]:
    from service.backtest.wording import in_time, lead  # noqa: PLC0415

    yield Text("What it costs", "bold")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("a made portfolio")
    for name in ("warned >= 8 weeks", "median lead", "false alarms"):
        table.add_column(name, justify="right")
    for name, score in (("with all it has", cost.whole), ("with your gaps", cost.found)):
        table.add_row(name, in_time(score), lead(score), f"{score.false_rate:.1f}")
    yield table
    loss = cost.loss
    said = (
        f"The gaps cost {loss.points:.0f} points of the losses warned of in time (95 %: {loss.low:.0f} to "
        f"{loss.high:.0f})."
        if loss.seen
        else f"No difference is seen (95 %: {loss.low:+.0f} to {loss.high:+.0f} points)."
    )
    yield Text(
        f"{said} Measured on {cost.accounts:,} made accounts over {cost.weeks} weeks (seed {cost.seed}), at "
        f"a budget of {cost.budget:g} false alarms a year per 100 accounts, each with the gaps of one of "
        "yours. It is a simulation, no promise for your customers: it tells which gaps matter most. "
        "Those whose intervals overlap may as well stand the other way round."
    )


def _titles(told: Report) -> Iterator[str]:
    census = told.census
    if census.unknown:
        some = ", ".join(f"{_plain(row.text)} ({row.people:,})" for row in census.unknown[:SHOWN_TITLES])
        yield (
            f"{census.silent:,} of {census.people:,} people have a title that no word is known of, "
            f"{census.untitled:,} none at all. The most frequent: {some}. "
            f"`turnsignal roles unknown{told.words}` lists all."
        )


def _plain(text: str) -> str:
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return shown if len(shown) <= 40 else shown[:39] + "…"  # noqa: PLR2004


def _item(text: str | Text) -> Table:
    """A paragraph with a hanging indent."""
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=1)
    grid.add_column(overflow="fold")
    grid.add_row("·", text)
    return grid
