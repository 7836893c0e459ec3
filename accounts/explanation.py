"""Why an alert was raised: the parts of its sums in words and numbers, with the people and events behind."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from accounts.account import AccountState, Mark
from accounts.alert import Evidence, bounded
from accounts.attention import WINDOW, lately
from accounts.events import (
    CanonicalEvent,
    InteractionLogged,
    OpportunityChanged,
    OrderChanged,
    OrderPlaced,
    Person,
)
from accounts.evidence import VOTE, contributions_of, in_order
from accounts.policy import MICRO, Policy
from accounts.questions import technical_talks
from accounts.series import CONTACTS, ORDERS
from accounts.shift import STREAM_ROWS, WORTH_WEEKS
from accounts.weeks import start_of, week_of

_MOST_PEOPLE = 8
_MOST_EVENTS = 20
_SHIFT_KINDS = frozenset({"buying_centre_shift", "at_risk", "lost"})
_CADENCE_KINDS = frozenset({"decline", "at_risk", "lost"})


def explain(
    mark: Mark, state: AccountState, events: Iterable[CanonicalEvent], policy: Policy
) -> list[Evidence]:
    """The evidence of an alert, strongest first; `events` are the account's from the onset week on."""
    seen = sorted((e for e in events if mark.onset <= week_of(e.time) <= mark.week), key=in_order)
    found: list[Evidence] = []
    if mark.kind == "lost":
        found.append(_silence(mark))
    if mark.kind in _SHIFT_KINDS and any(mark.shift_parts):
        found += _shift(mark, state, seen, policy)
    if mark.kind in _CADENCE_KINDS and any(mark.cadence_parts):
        found += _cadence(mark, state, policy)
    if mark.kind == "recovered":
        found.append(_recovered(mark))
    if mark.kind == "service_gap":
        found += _gap(mark, state, seen)
    lines = _lines(mark, state) if mark.kind in _SHIFT_KINDS else []
    return sorted(found, key=lambda evidence: -evidence.nats) + lines + _corroboration(seen)


def _shift(mark: Mark, state: AccountState, seen: list[CanonicalEvent], policy: Policy) -> list[Evidence]:
    first = mark.shift_onset
    since = _day(start_of(first))
    seen = [event for event in seen if week_of(event.time) >= first]
    found = []
    for stream, rows in enumerate(STREAM_ROWS):
        if not (nats := mark.shift_parts[stream]):
            continue
        test, week = state.fold.shift, mark.week
        baseline, judged = test.before(stream, week), test.judged(stream, week)
        y, n = (max(0, state.series.total(row, first, mark.week, judged)) for row in rows)
        speaking = [e for e in seen if any(said.counts[rows[0]] > 0 for said in contributions_of(e))]
        people = _people(speaking, only_purchasing=stream == 0)
        numbers: dict[str, float | str] = {
            "after": _percent(y, n),
            "before": _percent(max(0, baseline.votes_for), baseline.votes),
            "events": n // VOTE,
            "people": len(people),
            "since": start_of(first).date().isoformat(),
        }
        text = _SHIFT_TEXTS[stream](numbers, since)
        found.append(_evidence(policy.shift_streams[stream].signal, nats, text, people, speaking, numbers))
    return found + _questions(mark, state, policy) + _clipped(mark.shift_clipped)


def _questions(mark: Mark, state: AccountState, policy: Policy) -> list[Evidence]:
    if not (nats := mark.shift_parts[len(STREAM_ROWS)]):
        return []
    first, weeks, start = mark.shift_onset, mark.week + 1 - mark.shift_onset, state.series.start
    count = technical_talks(state.series, first - start, mark.week + 1 - start)
    expected = state.fold.shift.questions.rhythm_at(mark.week).rate * weeks
    text = (
        f"{count} {'talk' if count == 1 else 'talks'} asked something technical in the {weeks} weeks since "
        f"{_day(start_of(first))}; about {expected:.0f} would be the account's own rhythm"
    )
    numbers: dict[str, float | str] = {"count": count, "expected": round(expected, 1), "weeks": weeks}
    return [_evidence(policy.question_stream.signal, nats, text, [], [], numbers)]


def _lines(mark: Mark, state: AccountState) -> list[Evidence]:
    """Which product lines the sum comes from, where there are several."""
    series = state.series
    told = [part for part in mark.shift_by_line if part > 0]
    if len(mark.shift_by_line) < 2 or not told:  # noqa: PLR2004
        return []
    parts = sorted(zip(mark.shift_by_line, range(len(mark.shift_by_line)), strict=True), reverse=True)
    words, numbers = [], {}
    for nats, line in parts:
        if nats <= 0:
            continue
        name = series.lines[line]
        share = _percent(nats, sum(told))
        own, whole = series.worth(line, mark.week - WORTH_WEEKS + 1, mark.week)
        value = f", {_percent(own, whole)} % of the order value of two years" if name and whole else ""
        words.append(f"{bounded(name) if name else 'what names no line'} {share} %{value}")
        numbers[name] = round(nats / MICRO, 3)
    text = f"Where it comes from, by product line: {'; '.join(words)}"
    return [Evidence("product_lines", 0.0, text, [], [], dict(numbers))]


def _seats(n: dict[str, float | str], since: str) -> str:
    people = f"{n['people']} {'person' if n['people'] == 1 else 'people'}"
    return (
        f"Purchasing held {n['after']} % of the known seats at {n['events']} occasions since {since}, "
        f"{n['before']} % before ({people})"
    )


def _price(n: dict[str, float | str], since: str) -> str:
    return f"Price was {n['after']} % of what was talked about since {since}, {n['before']} % before"


def _unbundled(n: dict[str, float | str], since: str) -> str:
    return (
        f"{n['after']} % of the order value since {since} came as components or without service, "
        f"{n['before']} % before"
    )


def _commercial(n: dict[str, float | str], since: str) -> str:
    return f"{n['after']} % of the talks since {since} asked nothing technical, {n['before']} % before"


def _formal(n: dict[str, float | str], since: str) -> str:
    return (
        f"{n['after']} % of the signs of formal buying (specification, tender, named rivals) stood on "
        f"opportunities since {since}, {n['before']} % before"
    )


def _quick(n: dict[str, float | str], since: str) -> str:
    return f"{n['after']} % of the decisions since {since} took less than six weeks, {n['before']} % before"


_SHIFT_TEXTS: tuple[Callable[[dict[str, float | str], str], str], ...] = (
    _seats,
    _price,
    _unbundled,
    _commercial,
    _formal,
    _quick,
)


def _cadence(mark: Mark, state: AccountState, policy: Policy) -> list[Evidence]:
    first = mark.cadence_onset
    weeks = mark.week + 1 - first
    found = []
    for stream, (row, noun) in enumerate(((CONTACTS, "contact"), (ORDERS, "order"))):
        if not (nats := mark.cadence_parts[stream]):
            continue
        net = state.series.total(row, first, mark.week)
        count, taken_back = max(0, net), max(0, -net)
        expected = state.fold.cadence.rhythms_at(mark.week)[stream].rate * weeks
        text = (
            f"{count} {noun}{'' if count == 1 else 's'}{_taken_back(taken_back)} in the {weeks} weeks "
            f"since {_day(start_of(first))}; "
            f"about {expected:.0f} would be the account's own rhythm"
        )
        numbers: dict[str, float | str] = {"count": count, "expected": round(expected, 1), "weeks": weeks}
        found.append(_evidence(policy.cadence_streams[stream].signal, nats, text, [], [], numbers))
    return found + _clipped(mark.cadence_clipped)


def _taken_back(number: int) -> str:
    """Orders from before the window that were cancelled in it."""
    return f", and {number} earlier {'one' if number == 1 else 'ones'} cancelled," if number else ""


def _clipped(clipped: int) -> list[Evidence]:
    if not clipped:
        return []
    text = "Taken off: no single week may decide, and the sum has a ceiling"
    return [_evidence("clipped", -clipped, text, [], [], {})]


def _silence(mark: Mark) -> Evidence:
    weeks = mark.week + 1 - mark.onset
    between = mark.weeks_between
    text = (
        f"No order in the {weeks} weeks since {_day(start_of(mark.onset))}; "
        f"before, one about every {between} weeks"
    )
    return Evidence("silence", 0.0, text, [], [], {"weeks": weeks, "between": between, "alive": mark.alive})


def _recovered(mark: Mark) -> Evidence:
    text = f"From {mark.previous_stage.replace('_', ' ')} back to {mark.stage}: the signs have receded"
    return Evidence("recovered", 0.0, text, [], [], {})


def _gap(mark: Mark, state: AccountState, seen: list[CanonicalEvent]) -> list[Evidence]:
    """What was asked, answered and begun by us in the quarter, against the account's first year."""
    usual, since = state.fold.attention, _day(start_of(mark.onset))
    requests, answers, touches = lately(state.series, mark.week)
    asking = [e for e in seen if any(said.requests > 0 for said in contributions_of(e))]
    share = _percent(usual.answers, usual.requests)
    ours = round(WINDOW * usual.touches / max(1, usual.weeks))
    texts: list[tuple[float, str, str]] = [
        (
            usual.chance_of_answers(requests, answers),
            "unanswered_requests",
            f"{answers} of {requests} requests since {since} are known to be answered; usual are {share} %",
        ),
        (
            usual.chance_of_touches(touches),
            "fewer_touches",
            f"We began {touches} talks in the {WINDOW} weeks since {since}; usual are about {ours}",
        ),
    ]
    numbers: dict[str, float | str] = {"requests": requests, "answers": answers, "touches": touches}
    people = _people(asking, only_purchasing=False)
    return [_evidence(signal, 0, text, people, asking, numbers) for _, signal, text in sorted(texts)]


def _corroboration(seen: list[CanonicalEvent]) -> list[Evidence]:
    """What stands behind formal buying, by name: told beside, whether or not it moved the sum."""
    deals = [e for e in seen if isinstance(e, OpportunityChanged)]
    found = []
    named = [e for e in deals if e.data.competitors]
    if rivals := sorted({rival for deal in named for rival in deal.data.competitors}):
        text = f"Competitors named: {', '.join(map(bounded, rivals[:_MOST_PEOPLE]))}"
        found.append(_evidence("competitor_named", 0, text, [], named, {"competitors": len(rivals)}))
    tenders = [e for e in deals if e.data.tender]
    if tenders:
        count = len({e.data.opportunity_id for e in tenders})
        text = f"{count} formal tender{'' if count == 1 else 's'}"
        found.append(_evidence("formal_tender", 0, text, [], tenders, {"tenders": count}))
    return found


def _people(events: list[CanonicalEvent], *, only_purchasing: bool) -> list[str]:
    """Distinct customer people, most often seen first."""
    times: dict[str, int] = {}
    latest: dict[str, Person] = {}
    for event in events:
        for person in {p.id: p for p in _participants(event) if p.side == "customer"}.values():
            if not only_purchasing or person.role() == "purchasing":
                times[person.id] = times.get(person.id, 0) + 1
                latest[person.id] = person
    ranked = sorted(times, key=lambda key: (-times[key], key))
    return [_called(latest[key]) for key in ranked]


def _participants(event: CanonicalEvent) -> Iterable[Person]:
    if isinstance(event, InteractionLogged):
        return event.data.participants
    if isinstance(event, OpportunityChanged):
        return event.data.deciders
    if isinstance(event, OrderPlaced | OrderChanged) and event.data.buyer:
        return (event.data.buyer,)
    return ()


def _called(person: Person) -> str:
    name = bounded(person.name or person.id)
    return f"{name} ({bounded(person.title)})" if person.title else name


def _evidence(
    signal: str,
    micro_nats: int,
    text: str,
    people: list[str],
    events: Sequence[CanonicalEvent],
    numbers: dict[str, float | str],
) -> Evidence:
    return Evidence(
        signal=signal,
        nats=round(micro_nats / MICRO, 3),
        text=text,
        people=people[:_MOST_PEOPLE],
        event_ids=[event.id for event in events[-_MOST_EVENTS:]],
        numbers=numbers,
    )


def _percent(part: int, whole: int) -> int:
    """What was taken back of earlier weeks may leave a part beyond the whole: never more than 100."""
    return min(100, round(100 * part / whole)) if whole > 0 else 0


def _day(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}"
