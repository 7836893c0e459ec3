"""What stands beside the tests: a service gap, a champion who is gone, rivals, tenders, ended projects."""

from accounts.account import AccountState
from accounts.alert import Evidence, bounded
from accounts.attention import WINDOW, between_us, usually
from accounts.champion import Departure
from accounts.events import CanonicalEvent, OpportunityChanged
from accounts.evidence import REQUESTS, contributions_of, person_key
from accounts.fold import Mark
from accounts.pieces import MOST_PEOPLE, called, day, everybody, people_of, percent, piece
from accounts.policy import Policy
from accounts.weeks import start_of


def service_gap(
    mark: Mark, state: AccountState, seen: list[CanonicalEvent], policy: Policy
) -> list[Evidence]:
    """What was asked, answered and begun by us in the quarter, against what was usual before."""
    first, since = state.fold.attention.first, day(start_of(mark.onset))
    usual = usually(state.series, max(first, state.series.start), mark.week, policy)
    now = between_us(state.series, mark.week - WINDOW + 1, mark.week)
    asking = [e for e in seen if any(said.of(REQUESTS) > 0 for said in contributions_of(e))]
    share = percent(usual.answers, usual.requests)
    ours = round(WINDOW * usual.touches / max(1, usual.weeks))
    texts: list[tuple[float, str, str]] = [
        (
            usual.chance_of_answers(now),
            "unanswered_requests",
            f"{now.answers} of {now.requests} requests since {since} are known answered; usual are {share} %",
        ),
        (
            usual.chance_of_touches(now),
            "fewer_touches",
            f"We began {now.touches} talks in the {WINDOW} weeks since {since}; usual are about {ours}",
        ),
    ]
    numbers: dict[str, float | str] = {
        "requests": now.requests,
        "answers": now.answers,
        "touches": now.touches,
    }
    people = people_of(asking, only_purchasing=False)
    return [piece(signal, 0, text, people, asking, numbers) for _, signal, text in sorted(texts)]


def departed(departure: Departure, seen: list[CanonicalEvent]) -> Evidence:
    """Who of theirs is gone, and how much of the talks with developers and executives was theirs."""
    known = [p for e in seen for p in everybody(e) if person_key(p.id) == departure.person]
    name = called(known[-1]) if known else "Whom most talks were with"
    share, when = percent(departure.held, departure.whole), day(start_of(departure.since))
    what = (
        f"{name} left in the week of {when}"
        if departure.left
        else f"{name} has been silent since the week of {when}, far longer than ever, while others talk on"
    )
    text = f"{what}; {share} % of their developers' and executives' seats in a year were theirs"
    numbers: dict[str, float | str] = {"seats": departure.held, "share": share}
    events = [e for e in seen if any(person_key(p.id) == departure.person for p in everybody(e))]
    signal = "champion_left" if departure.left else "champion_silent"
    return piece(signal, 0, text, [name] if known else [], events, numbers)


def corroboration(seen: list[CanonicalEvent]) -> list[Evidence]:
    """Competitors and tenders by name, and projects that ended: told beside, whatever moved the sum."""
    deals = [e for e in seen if isinstance(e, OpportunityChanged)]
    found = []
    named = [e for e in deals if e.data.competitors]
    if rivals := sorted({rival for deal in named for rival in deal.data.competitors}):
        text = f"Competitors named: {', '.join(map(bounded, rivals[:MOST_PEOPLE]))}"
        found.append(piece("competitors", 0, text, [], named, {"competitors": len(rivals)}))
    tenders = [e for e in deals if e.data.tender]
    if tenders:
        count = len({e.data.opportunity_id for e in tenders})
        text = f"{count} formal tender{'' if count == 1 else 's'}"
        found.append(piece("tenders", 0, text, [], tenders, {"tenders": count}))
    ended = [e for e in deals if e.data.status in {"lost", "withdrawn"}]
    if ended:
        count = len({e.data.opportunity_id for e in ended})
        text = f"{count} {'project' if count == 1 else 'projects'} ended without us, lost or withdrawn"
        found.append(piece("projects_ended", 0, text, [], ended, {"projects": count}))
    return found
