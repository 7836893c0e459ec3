"""Why an alert was raised: the parts of its sums in words and numbers, with the people and events behind."""

from collections.abc import Iterable

from accounts.account import AccountState
from accounts.alert import Evidence, bounded
from accounts.besides import corroboration, departed, service_gap
from accounts.engagement import ENGAGEMENT_ROWS
from accounts.events import CanonicalEvent
from accounts.evidence import CONTACTS, ORDERS, VOTE, contributions_of
from accounts.fold import Mark
from accounts.pieces import people_of, percent, piece
from accounts.policy import MICRO, Policy
from accounts.series import REACH_WEEKS
from accounts.shift import STREAM_ROWS, STREAMS, WORTH_WEEKS
from accounts.sums import in_order
from accounts.weeks import start_of, week_of
from accounts.wording import AGED, worded

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
    found = [piece(signal, nats, AGED, [], [], {}) for signal, nats in parts if nats]
    return sorted(found, key=lambda evidence: -evidence.nats)


def _first(mark: Mark, onset: int) -> int:
    """The first week that is told: what lies further back may have aged out."""
    return max(onset, mark.week - REACH_WEEKS)


def _shift(mark: Mark, state: AccountState, seen: list[CanonicalEvent], policy: Policy) -> list[Evidence]:
    first = _first(mark, mark.shift.onset)
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
            "since": _date(first),
        }
        signal = policy.shift_streams[stream].signal
        found.append(piece(signal, nats, worded(signal, numbers), people, speaking, numbers))
    return found + _engagement(mark, state, policy) + _clipped(mark.shift.clipped)


def _engagement(mark: Mark, state: AccountState, policy: Policy) -> list[Evidence]:
    first = _first(mark, mark.shift.onset)
    found = []
    for stream, row in enumerate(ENGAGEMENT_ROWS):
        if not (nats := mark.shift.parts[STREAMS + stream]):
            continue
        count = max(0, state.series.total(row, first, mark.week))
        numbers = _against_rhythm(count, mark.shift.rates[stream], first, mark.week)
        signal = policy.engagement_streams[stream].signal
        found.append(piece(signal, nats, worded(signal, numbers), [], [], numbers))
    return found


def _against_rhythm(count: int, rate: float, first: int, last: int) -> dict[str, float | str]:
    weeks = last + 1 - first
    expected = rate * weeks
    return {
        "count": count,
        "expected": round(expected, 1),
        "about": round(expected),
        "weeks": weeks,
        "since": _date(first),
    }


def _date(week: int) -> str:
    return start_of(week).date().isoformat()


def _lines(mark: Mark, state: AccountState) -> list[Evidence]:
    """Which product lines the sum comes from, where there are several."""
    series = state.series
    told = [part for part in mark.shift.by_line if part > 0]
    if len(mark.shift.by_line) < 2 or not told:  # noqa: PLR2004
        return []
    parts = sorted(zip(mark.shift.by_line, range(len(mark.shift.by_line)), strict=True), reverse=True)
    worths = series.worths(mark.week - WORTH_WEEKS + 1, mark.week)
    numbers: dict[str, float | str] = {}
    said: dict[str, float | str] = {}
    for place, (nats, line) in enumerate(((nats, line) for nats, line in parts if nats > 0), start=1):
        name = series.lines[line]
        own, whole = worths[line], sum(worths)
        numbers[name] = round(nats / MICRO, 3)
        said[f"lines.{place}.share"] = percent(nats, sum(told))
        if name:
            said[f"lines.{place}.name"] = bounded(name)
        if name and whole:
            said[f"lines.{place}.worth"] = percent(own, whole)
    return [piece("product_lines", 0, worded("product_lines", said), [], [], numbers | said)]


def _cadence(mark: Mark, state: AccountState, policy: Policy) -> list[Evidence]:
    first = _first(mark, mark.cadence.onset)
    found = []
    for stream, row in enumerate((CONTACTS, ORDERS)):
        if not (nats := mark.cadence.parts[stream]):
            continue
        net = state.series.total(row, first, mark.week)
        numbers = _against_rhythm(max(0, net), mark.cadence.rates[stream], first, mark.week)
        if net < 0:
            numbers["cancelled"] = -net  # from before these weeks, cancelled in them
        signal = policy.cadence_streams[stream].signal
        found.append(piece(signal, nats, worded(signal, numbers), [], [], numbers))
    return found + _clipped(mark.cadence.clipped)


def _clipped(clipped: int) -> list[Evidence]:
    if not clipped:
        return []
    return [piece("clipped", -clipped, worded("clipped", {}), [], [], {})]


def _silence(mark: Mark) -> Evidence:
    numbers: dict[str, float | str] = {
        "weeks": mark.week + 1 - mark.onset,
        "between": mark.weeks_between,
        "alive": mark.alive,
        "since": _date(mark.onset),
    }
    return piece("silence", 0, worded("silence", numbers), [], [], numbers)


def _recovered(mark: Mark) -> Evidence:
    numbers: dict[str, float | str] = {"previous_stage": mark.previous_stage, "stage": mark.stage}
    return piece("recovered", 0, worded("recovered", numbers), [], [], numbers)
