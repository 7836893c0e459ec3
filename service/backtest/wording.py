"""What the backtest comes to, in sentences for the report and the terminal."""

from collections.abc import Iterator
from statistics import median
from typing import NamedTuple

from accounts.policy import Policy
from alerts.wording import day
from service.backtest.outcomes import FEWEST_ORDERS, FEWEST_SILENT_WEEKS, TIMES_ITS_GAP
from service.backtest.run import Backtest
from service.backtest.scores import IN_TIME_WEEKS, LONGEST_LEAD, Score

_SHORT_WEEKS = 82  # a year and a half
_FEW_LOSSES = 20
_SPREADS = 2  # standard deviations of a count
_CLEARLY = 0.25  # of the budget

_UNKNOWN = "Warnings of lost accounts whose ids are unknown here are among them."
_STAYED = (
    "Nothing tells here which accounts really turned and stayed: warnings of these count as false, and were "
    "about half of all such on made portfolios."
)
_MADE = (
    "The detector's thresholds come from made portfolios, until `turnsignal calibrate` has learnt yours "
    "from your own past."
)
_LEARNT = "The detector's thresholds were learnt from another past, or set by hand."


class Row(NamedTuple):
    """A rule in the table of rules at equal false alarms."""

    name: str
    told: str
    in_time: str
    late: str
    after: str
    median: str
    false_alarms: str


def answer(told: Backtest) -> list[str]:
    """What it comes to: the sentence that counts, then what became of the others, then the price."""
    score = told.chosen
    if not score.losses:
        return [
            f"No account was lost from {day(told.begin)} to {day(told.end)}: there was nothing to warn of.",
            _price(told),
        ]
    warned = f"{score.in_time:,} ({_percent(score.share_in_time)})" if score.in_time else "none"
    first = (
        f"Of {_many(score.losses, 'account')} lost from {day(told.begin)} to {day(told.end)}, Turnsignal "
        f"would have warned of {warned} at least {IN_TIME_WEEKS} weeks before the loss."
    )
    return [first, *_others(score), _price(told)]


def _others(score: Score) -> list[str]:
    """Who was warned of late, who was only noticed once it had happened, and who never."""
    late, after, never = len(score.leads) - score.in_time, score.after, score.never
    said = [f"{late:,} {_were(late)} warned of later than that"] if late else []
    if after:
        half = f", half of them within {weeks(median(after))}" if len(after) > 1 else ""
        said.append(f"{len(after):,} {_were(len(after))} noticed only after the loss{half}")
    if never:
        said.append(f"{never:,} {_were(never)} neither warned of nor noticed")
    if not said:
        return []
    listed = said[0] if len(said) == 1 else f"{', '.join(said[:-1])}, and {said[-1]}"
    return [f"Of the others, {listed}." if score.in_time else f"{listed[0].upper()}{listed[1:]}."]


def _price(told: Backtest) -> str:
    """The false alarms, as a rate and as what the team would have met."""
    rate = told.chosen.false_rate
    a_year = rate * told.accounts / 100
    text = f"about {a_year:,.0f}" if a_year >= 1 else "fewer than one"
    return (
        f"On accounts to which nothing happened it would have raised {rate:.1f} false alarms a year per 100 "
        f"accounts: {text} a year in a portfolio of {told.accounts:,}."
    )


def cautions(told: Backtest) -> list[str]:
    """What this data cannot show; nothing where it can show all."""
    length = (told.end - told.begin).days // 7
    seen, losses = told.seen, told.chosen.losses
    found = []
    if length < _SHORT_WEEKS:
        found.append(
            f"These are {length} weeks. Turnsignal first learns an account's own habit, for about a year, "
            "and judges what comes after: of so short a past it can say little. Two years and more tell."
        )
    if seen.lost_learning:
        which = "All" if seen.lost_learning == losses else f"{seen.lost_learning:,} of the"
        found.append(
            f"{which} {losses:,} lost accounts were lost within their first year here, while their habit was "
            "still being learnt: nothing could have been said of them."
        )
    if seen.lost_later:
        found.append(
            f"{_many(seen.lost_later, 'account')} {_were(seen.lost_later)} lost after the end of this data: "
            "they count neither as losses nor as quiet."
        )
    if not seen.people:
        found.append(
            "Nobody's function is known: there are no talks, deciders or buyers with a title. Who decides, "
            "and whether that shifted, cannot be seen; only orders that slow can."
        )
    elif not seen.topics:
        found.append("No talk has a topic: price talk and the engineers' silence cannot be seen.")
    if not seen.contacts:
        found.append("There are no talks and no tickets: only orders are judged.")
    if 0 < losses < _FEW_LOSSES:
        found.append(f"{_many(losses, 'loss', 'losses')} only: another year might look quite different.")
    return found


def allowance(told: Backtest) -> str:
    """How many false alarms the rules were given."""
    whose = "as many as Turnsignal raised" if told.chosen.false_rate > told.budget else "the budget"
    return f"Each rule is set to at most {told.allowed:.1f} false alarms, {whose}."


def overrun(told: Backtest) -> str | None:
    """Why the false alarms are not the budget, where they differ by more than chance."""
    due = told.budget * told.chosen.quiet_years / 100
    if abs(told.chosen.false_alarms - due) <= max(_SPREADS * due**0.5, _CLEARLY * due):
        return None
    more = told.chosen.false_alarms > due
    return " ".join(
        [
            f"The budget is {told.budget:g}, and the false alarms were {told.chosen.false_rate:.1f}.",
            *([_UNKNOWN] if more and told.unknown else []),
            *([_STAYED] if more and not told.turns else []),
            _MADE if told.policy == Policy(false_alarms=told.budget) else _LEARNT,
        ]
    )


def rows(told: Backtest) -> list[Row]:
    """Turnsignal and the rules, each at no more false alarms than Turnsignal or the budget."""
    found = [_row("Turnsignal", "who decides and on what, and the account's own rhythm", told.chosen)]
    for curve in told.curves:
        if curve.equal is None:
            found.append(Row(curve.name, curve.told, "says nothing here", "–", "–", "–", "–"))
        else:
            found.append(_row(curve.name, curve.told, curve.equal.score))
    return found


def _row(name: str, told: str, score: Score) -> Row:
    return Row(name, told, in_time(score), *late_and_after(score), lead(score), f"{score.false_rate:.1f}")


def in_time(score: Score) -> str:
    """17 of 23 (74 %)."""
    if not score.losses:
        return "–"
    return f"{score.in_time:,} of {score.losses:,} ({_percent(score.share_in_time)})"


def late_and_after(score: Score) -> tuple[str, str]:
    """How many were warned of too late, and how many noticed once it had happened."""
    if not score.losses:
        return "–", "–"
    return f"{len(score.leads) - score.in_time:,}", f"{len(score.after):,}"


def lead(score: Score) -> str:
    """The median lead over all losses."""
    if not score.losses:
        return "–"
    return "under half" if score.median_lead is None else weeks(score.median_lead)


def definitions(told: Backtest) -> Iterator[str]:
    """What the figures mean, a sentence each."""
    yield (
        "A warning says what was seen: that the buying centre has shifted, that orders and contacts are "
        "slowing, or both. It is no prediction that the account leaves."
    )
    if told.derived:
        yield (
            f"Lost is, by its orders alone, an account with at least {FEWEST_ORDERS} orders that by the end "
            f"of the data has placed none for {FEWEST_SILENT_WEEKS} weeks and for {TIMES_ITS_GAP} times its "
            "own usual gap; the loss dates from when its next order was due. So a rule that looks at orders "
            "alone can hardly be early, and only notices. A file of real losses (--losses) tells better."
        )
    yield (
        f"Warned in time: a warning that would have been raised at least {IN_TIME_WEEKS} and at most "
        f"{LONGEST_LEAD} weeks before the loss. Median lead: half of all lost accounts were warned of at "
        "least so early, those never warned of included. All warnings: the false ones, those of losses, and "
        "those after a loss."
    )
    yield (
        "False: a warning on an account that was not lost, or longer before its loss than that. Some of "
        "these are real turns that did not, or did not yet, end in a loss, unless the file of losses tells "
        "those too."
    )
    yield (
        "The other rules are given the threshold at which they warn of most losses in time with no more "
        "false alarms than the budget (or than Turnsignal, where that has more), chosen in hindsight on this "
        "very data, and BG/NBD is fitted to all of it: both flatter them. Turnsignal's own numbers were not "
        "fitted to it, unless you calibrated on it."
    )
    yield (
        "Each warning uses only what lay before it by the events' own time. What came late, or was "
        "corrected, is taken as known: live warnings may have been later."
    )
    yield (
        "A shift can only be seen as far as it precedes the loss and as far as the events name people and "
        "topics: where nobody's title is known, and in a sudden loss, there is nothing to see before."
    )


def weeks(number: float) -> str:
    """1 week; 2 weeks."""
    return f"{number:.0f} {'week' if f'{number:.0f}' == '1' else 'weeks'}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _many(number: int, one: str, more: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else more or f'{one}s'}"


def _were(number: int) -> str:
    return "was" if number == 1 else "were"
