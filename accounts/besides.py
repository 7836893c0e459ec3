"""What stands beside the tests: a service gap, a champion who is gone, rivals, tenders, ended projects."""

from accounts.account import AccountState
from accounts.alert import Evidence, bounded
from accounts.attention import WINDOW, between_us, usually
from accounts.champion import Departure
from accounts.events import CanonicalEvent, OpportunityChanged
from accounts.evidence import REQUESTS, contributions_of, person_key
from accounts.fold import Mark
from accounts.pieces import MOST_PEOPLE, called, everybody, people_of, percent, piece
from accounts.policy import Policy
from accounts.weeks import start_of
from accounts.wording import worded


def service_gap(
    mark: Mark, state: AccountState, seen: list[CanonicalEvent], policy: Policy
) -> list[Evidence]:
    """What was asked, answered and begun by us in the quarter, against what was usual before."""
    first = state.fold.attention.first
    usual = usually(state.series, max(first, state.series.start), mark.week, policy)
    now = between_us(state.series, mark.week - WINDOW + 1, mark.week)
    asking = [e for e in seen if any(said.of(REQUESTS) > 0 for said in contributions_of(e))]
    numbers: dict[str, float | str] = {
        "requests": now.requests,
        "answers": now.answers,
        "touches": now.touches,
        "usual_share": percent(usual.answers, usual.requests),
        "usual": round(WINDOW * usual.touches / max(1, usual.weeks)),
        "weeks": WINDOW,
        "since": start_of(mark.onset).date().isoformat(),
    }
    told = sorted(
        [
            (usual.chance_of_answers(now), "unanswered_requests"),
            (usual.chance_of_touches(now), "fewer_touches"),
        ]
    )
    people = people_of(asking, only_purchasing=False)
    return [piece(signal, 0, worded(signal, numbers), people, asking, numbers) for _, signal in told]


def departed(departure: Departure, seen: list[CanonicalEvent]) -> Evidence:
    """Who of theirs is gone, and how much of the talks with developers and executives was theirs."""
    known = [p for e in seen for p in everybody(e) if person_key(p.id) == departure.person]
    numbers: dict[str, float | str] = {
        "seats": departure.held,
        "share": percent(departure.held, departure.whole),
        "since": start_of(departure.since).date().isoformat(),
    }
    people = [called(known[-1])] if known else []
    if known:
        numbers["name"] = people[0]
    events = [e for e in seen if any(person_key(p.id) == departure.person for p in everybody(e))]
    signal = "champion_left" if departure.left else "champion_silent"
    return piece(signal, 0, worded(signal, numbers), people, events, numbers)


def corroboration(seen: list[CanonicalEvent]) -> list[Evidence]:
    """Competitors and tenders by name, and projects that ended: told beside, whatever moved the sum."""
    deals = [e for e in seen if isinstance(e, OpportunityChanged)]
    found = []
    named = [e for e in deals if e.data.competitors]
    if rivals := sorted({rival for deal in named for rival in deal.data.competitors}):
        numbers: dict[str, float | str] = {"competitors": len(rivals)}
        for place, rival in enumerate(rivals[:MOST_PEOPLE], start=1):
            numbers[f"competitors.{place}.name"] = bounded(rival)
        found.append(piece("competitors", 0, worded("competitors", numbers), [], named, numbers))
    if tenders := [e for e in deals if e.data.tender]:
        found.append(_counted("tenders", tenders))
    if ended := [e for e in deals if e.data.status in {"lost", "withdrawn"}]:
        found.append(_counted("projects_ended", ended))
    return found


def _counted(signal: str, deals: list[OpportunityChanged]) -> Evidence:
    number = len({deal.data.opportunity_id for deal in deals})
    numbers: dict[str, float | str] = {signal.removesuffix("_ended"): number}
    return piece(signal, 0, worded(signal, numbers), [], deals, numbers)
