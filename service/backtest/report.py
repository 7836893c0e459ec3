"""The backtest as one HTML file, and its sentences for the terminal too."""

from collections.abc import Iterator
from statistics import median
from typing import NamedTuple

import jinja2
from markupsafe import Markup

from accounts.alert import Alert
from accounts.weeks import start_of
from alerts.wording import day
from service.backtest import figures
from service.backtest.outcomes import FEWEST_ORDERS, FEWEST_SILENT_WEEKS, TIMES_ITS_GAP
from service.backtest.run import Backtest, LostAccount
from service.backtest.scores import IN_TIME_WEEKS, LONGEST_LEAD, Score
from service.chart import chart
from service.rendering import style

MOST_TIMELINES = 100
_MOST_SIGNS = 4
_SHORT_WEEKS = 82  # a year and a half


class Row(NamedTuple):
    """A rule in the table of rules at equal false alarms."""

    name: str
    told: str
    in_time: str
    median: str
    false_alarms: str


class Timeline(NamedTuple):
    """A lost account as the reader sees it."""

    name: str
    account_id: str
    said: str
    signs: list[str]
    drawn: Markup | None


def answer(told: Backtest) -> str:
    """What it comes to, in two sentences."""
    score, years = told.chosen, f"from {day(told.begin)} to {day(told.end)}"
    if not score.losses:
        return (
            f"No account was lost {years}, so there was nothing to warn of. Turnsignal would have raised "
            f"{score.false_rate:.1f} alarms a year per 100 accounts."
        )
    middle = score.median_lead
    half = ""
    if middle is not None and middle > IN_TIME_WEEKS:
        half = f", half of all at least {middle:.0f} weeks before"
    return (
        f"Of {score.losses:,} accounts lost {years}, Turnsignal would have warned of {score.in_time:,} at "
        f"least {IN_TIME_WEEKS} weeks before the loss ({_percent(score.share_in_time)}){half}."
        f"{_later(score)} On accounts to which nothing happened it would have raised "
        f"{score.false_rate:.1f} alarms a year per 100 accounts."
    )


def caution(told: Backtest) -> str:
    """What to say of a past too short to judge; empty where it is long enough."""
    weeks = (told.end - told.begin).days // 7
    if weeks >= _SHORT_WEEKS:
        return ""
    return (
        f"These are {weeks} weeks. Turnsignal first learns an account's own habit, for about a year, and "
        "judges what comes after: of so short a past it can say little. Two years and more tell."
    )


def _later(score: Score) -> str:
    """Who was warned of late, and who was only noticed once it had happened."""
    late, after = len(score.leads) - score.in_time, score.after
    said = [f"{late:,} were warned of later than that"] if late else []
    if after:
        said.append(f"{len(after):,} were noticed only after the loss, half within {median(after):.0f} weeks")
    return f" Of the others, {' and '.join(said)}." if said else ""


def rows(told: Backtest) -> list[Row]:
    """Turnsignal and the rules, each at no more false alarms than Turnsignal."""
    found = [_row("Turnsignal", "shift of the buying centre, and slowing", told.chosen)]
    for curve in told.curves:
        if curve.equal is None:
            found.append(Row(curve.name, curve.told, "–", "–", "never so few"))
        else:
            found.append(_row(curve.name, curve.told, curve.equal.score))
    return found


def _row(name: str, told: str, score: Score) -> Row:
    return Row(name, told, in_time(score), lead(score), f"{score.false_rate:.1f}")


def in_time(score: Score) -> str:
    """17 of 23 (74 %)."""
    if not score.losses:
        return "–"
    return f"{score.in_time:,} of {score.losses:,} ({_percent(score.share_in_time)})"


def lead(score: Score) -> str:
    """The median lead over all losses."""
    if not score.losses:
        return "–"
    return "not warned" if score.median_lead is None else f"{score.median_lead:.0f} weeks"


def definitions(told: Backtest) -> Iterator[str]:
    """What the figures mean, a sentence each."""
    if told.derived:
        yield (
            f"Lost is, by its orders alone, an account with at least {FEWEST_ORDERS} orders that by the end "
            f"of the data has placed none for {FEWEST_SILENT_WEEKS} weeks and for {TIMES_ITS_GAP} times its "
            "own usual gap; the loss dates from when its next order was due. A file of real losses "
            "(--losses) tells better."
        )
    yield (
        f"Warned in time: an alarm that would have been raised at least {IN_TIME_WEEKS} and at most "
        f"{LONGEST_LEAD} weeks before the loss. The median lead counts all losses, those never warned of as "
        "the shortest."
    )
    yield (
        "False: an alarm on an account that was not lost, or longer before its loss than that. Some of these "
        "are real turns that did not, or did not yet, end in a loss, unless the file of losses tells those "
        "too."
    )
    yield (
        "The other rules are given the threshold at which they warn of most losses in time with no more "
        "false alarms than Turnsignal, chosen in hindsight on this very data, and BG/NBD is fitted to all "
        "of it: both flatter them. Turnsignal's own numbers were not fitted to it, unless you calibrated "
        "on it."
    )
    yield (
        "Each alarm uses only what lay before it by the events' own time. What came late, or was corrected, "
        "is taken as known: live alarms may have been later."
    )


def timelines(told: Backtest) -> list[Timeline]:
    """The lost accounts, the earliest warned first."""
    return [_timeline(lost) for lost in told.lost[:MOST_TIMELINES]]


def _timeline(lost: LostAccount) -> Timeline:
    when = day(start_of(lost.lost))
    moments = [(lost.lost, "lost")]
    if lost.warning is not None and lost.lead is not None:
        moments.insert(0, (lost.lost - lost.lead, f"warned {lost.lead} weeks before"))
        said = f"Lost in the week of {when}; {_alarm(lost.warning)} on {day(lost.warning.raised_at)}."
    elif lost.noticed is not None:
        said = f"Lost in the week of {when}; noticed only {lost.noticed} weeks after."
    else:
        said = f"Lost in the week of {when}; nothing was said."
    signs = (
        [piece.text for piece in lost.warning.evidence if piece.signal != "clipped"] if lost.warning else []
    )
    return Timeline(lost.name, lost.account_id, said, signs[:_MOST_SIGNS], chart(lost.state, moments))


def _alarm(alert: Alert) -> str:
    kinds = {
        "buying_centre_shift": "“the buying centre has shifted”",
        "decline": "“orders and contacts are slowing”",
        "at_risk": "“shifted, and slowing as well”",
    }
    return f"Turnsignal would have said {kinds[alert.kind]}"


def html(told: Backtest) -> str:
    """The whole report: one file that asks for nothing else."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("service"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.get_template("backtest.html")
    return template.render(
        style=Markup(style()),  # noqa: S704  (our own file)
        told=told,
        answer=answer(told),
        caution=caution(told),
        years=f"{day(told.begin)} to {day(told.end)}",
        rows=rows(told),
        budgets=[(f"{p.threshold:g}", in_time(p.score), lead(p.score), p.score) for p in told.budgets],
        leads=figures.leads(told) if told.chosen.losses else None,
        curves=figures.curves(told) if told.chosen.losses else None,
        timelines=timelines(told),
        hidden=max(0, len(told.lost) - MOST_TIMELINES),
        definitions=list(definitions(told)),
    )


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
