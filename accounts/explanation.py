"""Why an alert was raised: the parts of its sums in words and numbers, with the people and events behind."""

from collections.abc import Iterable

from accounts.account import AccountState
from accounts.alert import Evidence, bounded
from accounts.besides import corroboration, departed, service_gap
from accounts.engagement import ENGAGEMENT_ROWS
from accounts.events import CanonicalEvent
from accounts.evidence import CONTACTS, ORDERS, VOTE, contributions_of
from accounts.fold import Mark
from accounts.pieces import day, people_of, percent, piece
from accounts.policy import MICRO, Policy
from accounts.series import REACH_WEEKS
from accounts.share_texts import SHARE_TEXTS
from accounts.shift import STREAM_ROWS, STREAMS, WORTH_WEEKS
from accounts.sums import in_order
from accounts.weeks import start_of, week_of

_SHIFT_KINDS = frozenset({"buying_centre_shift", "at_risk", "lost"})
_CADENCE_KINDS = frozenset({"decline", "at_risk", "lost"})


def explain(
    mark: Mark, state: AccountState, events: Iterable[CanonicalEvent], policy: Policy
) -> list[Evidence]:
    """The evidence of an alert, strongest first; `events` are the account's from the onset week on."""
    if aged(mark, state):
        return _aged(mark, policy)
    seen = sorted((e for e in events if mark.onset <= week_of(e.time) <= mark.week), key=in_order)
    found: list[Evidence] = []
    if mark.kind == "lost":
        found.append(_silence(mark))
    if mark.kind in _SHIFT_KINDS and any(mark.shift.parts):
        found += _shift(mark, state, seen, policy)
    if mark.kind in _CADENCE_KINDS and any(mark.cadence.parts):
        found += _cadence(mark, state, policy)
    if mark.kind == "recovered":
        found.append(_recovered(mark))
    if mark.kind == "service_gap":
        found += service_gap(mark, state, seen, policy)
    if mark.departure is not None:
        found.append(departed(mark.departure, seen))
    lines = _lines(mark, state) if mark.kind in _SHIFT_KINDS else []
    return sorted(found, key=lambda evidence: -evidence.nats) + lines + corroboration(seen)


def aged(mark: Mark, state: AccountState) -> bool:
    """Whether what the alert was raised by is no longer in the account's evidence."""
    return state.early is not None and _first(mark, mark.onset) < state.series.start


def _aged(mark: Mark, policy: Policy) -> list[Evidence]:
    """What an alert was raised by, where nothing but the sums is left of it."""
    parts: list[tuple[str, int]] = []
    if mark.kind in _SHIFT_KINDS:
        signals = [s.signal for s in policy.shift_streams] + [s.signal for s in policy.engagement_streams]
        parts += zip(signals, mark.shift.parts, strict=True)
    if mark.kind in _CADENCE_KINDS:
        parts += zip([s.signal for s in policy.cadence_streams], mark.cadence.parts, strict=True)
    text = "The events behind this have aged out of the account's evidence"
    found = [piece(signal, nats, text, [], [], {}) for signal, nats in parts if nats]
    return sorted(found, key=lambda evidence: -evidence.nats)


def _first(mark: Mark, onset: int) -> int:
    """The first week that is told: what lies further back may have aged out."""
    return max(onset, mark.week - REACH_WEEKS)


def _shift(mark: Mark, state: AccountState, seen: list[CanonicalEvent], policy: Policy) -> list[Evidence]:
    first = _first(mark, mark.shift.onset)
    since = day(start_of(first))
    seen = [event for event in seen if week_of(event.time) >= first]
    found = []
    for stream, rows in enumerate(STREAM_ROWS):
        if not (nats := mark.shift.parts[stream]):
            continue
        usual_for, usual = mark.shift.usual[stream]
        y, n = (max(0, state.series.total(row, first, mark.week, mark.shift.judged[stream])) for row in rows)
        speaking = [e for e in seen if any(said.of(rows[0]) > 0 for said in contributions_of(e))]
        people = people_of(speaking, only_purchasing=stream == 0)
        numbers: dict[str, float | str] = {
            "after": percent(y, n),
            "before": percent(max(0, usual_for), usual),
            "events": n // VOTE,
            "people": len(people),
            "since": start_of(first).date().isoformat(),
        }
        text = SHARE_TEXTS[stream](numbers, since)
        found.append(piece(policy.shift_streams[stream].signal, nats, text, people, speaking, numbers))
    return found + _engagement(mark, state, policy) + _clipped(mark.shift.clipped)


def _engagement(mark: Mark, state: AccountState, policy: Policy) -> list[Evidence]:
    first = _first(mark, mark.shift.onset)
    weeks = mark.week + 1 - first
    found = []
    told = ("asked something technical", "had an executive of theirs in them")
    for stream, (row, what) in enumerate(zip(ENGAGEMENT_ROWS, told, strict=True)):
        if not (nats := mark.shift.parts[STREAMS + stream]):
            continue
        count = max(0, state.series.total(row, first, mark.week))
        expected = mark.shift.rates[stream] * weeks
        text = (
            f"{count} {'talk' if count == 1 else 'talks'} {what} in the {weeks} weeks since "
            f"{day(start_of(first))}; about {expected:.0f} would be the account's own rhythm"
        )
        numbers: dict[str, float | str] = {"count": count, "expected": round(expected, 1), "weeks": weeks}
        found.append(piece(policy.engagement_streams[stream].signal, nats, text, [], [], numbers))
    return found


def _lines(mark: Mark, state: AccountState) -> list[Evidence]:
    """Which product lines the sum comes from, where there are several."""
    series = state.series
    told = [part for part in mark.shift.by_line if part > 0]
    if len(mark.shift.by_line) < 2 or not told:  # noqa: PLR2004
        return []
    parts = sorted(zip(mark.shift.by_line, range(len(mark.shift.by_line)), strict=True), reverse=True)
    worths = series.worths(mark.week - WORTH_WEEKS + 1, mark.week)
    words, numbers = [], {}
    for nats, line in parts:
        if nats <= 0:
            continue
        name = series.lines[line]
        share = percent(nats, sum(told))
        own, whole = worths[line], sum(worths)
        value = f", {percent(own, whole)} % of the order value of two years" if name and whole else ""
        words.append(f"{bounded(name) if name else 'what names no line'} {share} %{value}")
        numbers[name] = round(nats / MICRO, 3)
    text = f"Where it comes from, by product line: {'; '.join(words)}"
    return [Evidence("product_lines", 0.0, text, [], [], dict(numbers))]


def _cadence(mark: Mark, state: AccountState, policy: Policy) -> list[Evidence]:
    first = _first(mark, mark.cadence.onset)
    weeks = mark.week + 1 - first
    found = []
    for stream, (row, noun) in enumerate(((CONTACTS, "contact"), (ORDERS, "order"))):
        if not (nats := mark.cadence.parts[stream]):
            continue
        net = state.series.total(row, first, mark.week)
        count, taken_back = max(0, net), max(0, -net)
        expected = mark.cadence.rates[stream] * weeks
        text = (
            f"{count} {noun}{'' if count == 1 else 's'}{_taken_back(taken_back)} in the {weeks} weeks "
            f"since {day(start_of(first))}; "
            f"about {expected:.0f} would be the account's own rhythm"
        )
        numbers: dict[str, float | str] = {"count": count, "expected": round(expected, 1), "weeks": weeks}
        found.append(piece(policy.cadence_streams[stream].signal, nats, text, [], [], numbers))
    return found + _clipped(mark.cadence.clipped)


def _taken_back(number: int) -> str:
    """Orders from before the window that were cancelled in it."""
    return f", and {number} earlier {'one' if number == 1 else 'ones'} cancelled," if number else ""


def _clipped(clipped: int) -> list[Evidence]:
    if not clipped:
        return []
    text = "Taken off: no single week may decide, and the sum has a ceiling"
    return [piece("clipped", -clipped, text, [], [], {})]


def _silence(mark: Mark) -> Evidence:
    weeks = mark.week + 1 - mark.onset
    between = mark.weeks_between
    text = (
        f"No order in the {weeks} weeks since {day(start_of(mark.onset))}; "
        f"before, one about every {between} weeks"
    )
    return Evidence("silence", 0.0, text, [], [], {"weeks": weeks, "between": between, "alive": mark.alive})


def _recovered(mark: Mark) -> Evidence:
    text = f"From {mark.previous_stage.replace('_', ' ')} back to {mark.stage}: the signs have receded"
    return Evidence("recovered", 0.0, text, [], [], {})
