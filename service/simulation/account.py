"""One account, week by week."""

from datetime import datetime
from random import Random

from service.simulation.catalogue import LINES
from service.simulation.companies import Company
from service.simulation.conversations import Conversations
from service.simulation.course import Course
from service.simulation.ledger import Event, Ledger
from service.simulation.opportunities import Opportunities
from service.simulation.orders import Orders
from service.simulation.people import Cast
from service.simulation.scene import Scene
from service.simulation.tickets import Tickets
from service.simulation.truth import Truth
from service.simulation.vendor import Team, team

_NEW_BUYER = 0.03  # a week, while the shift is under way
_FEW_CONTACTS = 10 / 52


def account(company: Company, course: Course, rng: Random, start: datetime, weeks: int) -> Ledger:
    """Live through all weeks; the ledger's events are in no order."""
    scene = _scene(company, course, rng, Ledger(company.account_id, start, weeks, company.region.utc_offset))
    ledger, cast = scene.ledger, scene.cast
    begin = ledger.week_start(course.first_week)
    ledger.add("crm.account.changed", begin, card(company, scene.team))
    cast.settle(_sizes(course, rng), begin)
    parts = (
        Conversations(scene),
        Orders(scene, company.region.money),
        Opportunities(scene),
        Tickets(scene),
    )
    for week in range(course.first_week, weeks):
        calendar = course.calendar(week, ledger.week_start(week))
        for part in parts:
            part.week(week, calendar)
        if not course.collapse or week < course.collapse.week:
            cast.turn_over(week, course.turnover)
            if 0 < course.pressure(week) < 1 and rng.random() < _NEW_BUYER:
                cast.hire("purchasing", ledger.moment(rng, week))
    return ledger


def card(company: Company, people: Team) -> Event:
    """What the CRM says of the account itself."""
    return {
        "name": company.name,
        "segment": company.segment,
        "currency": company.region.currency,
        "locale": company.region.locale,
        "timezone": company.region.timezone,
        "owner": people.owner,
        "manager": people.manager,
    }


def truth_of(course: Course, ledger: Ledger) -> Truth:
    """The truth of a course, with the last of the orders that came of it."""
    shift, collapse = course.shift, course.collapse
    orders = [event["time"] for event in ledger.events if event["type"] == "order.placed"]
    done = shift.week + shift.ramp if shift else 0.0
    return Truth(
        account_id=course.account_id,
        scenario=course.scenario,
        name=course.name,
        shift_at=ledger.week_start(shift.week) if shift else None,
        shift_done_at=ledger.week_start(done) if shift else None,
        collapse_at=ledger.week_start(collapse.week) if collapse else None,
        last_order_at=datetime.fromisoformat(max(orders)) if orders else None,
        signs=shift.signs if shift else (),
        share_before=round(course.share, 3),
        share_after=round(course.purchasing_share(done), 3) if shift else None,
        contacts_a_year=round(course.contacts * 52, 1),
        orders_a_year=round(course.orders * 52, 1),
        trickle=round(collapse.trickle, 3) if collapse else None,
    )


def _scene(company: Company, course: Course, rng: Random, ledger: Ledger) -> Scene:
    return Scene(
        rng=rng,
        course=course,
        ledger=ledger,
        cast=Cast(rng, company, ledger),
        team=team(rng, company.region.locale),
        lines=tuple(rng.sample(LINES, k=rng.choice((1, 1, 2, 2, 3)))),
    )


def _sizes(course: Course, rng: Random) -> dict[str, int]:
    """How many people of each function there are at first."""
    small = course.contacts < _FEW_CONTACTS
    return {
        "development": rng.randint(1, 3) if small else rng.randint(3, 8),
        "purchasing": 1 if small else rng.randint(1, 3),
        "executive": 1 if small else rng.randint(1, 2),
        "operations": 1 if small else rng.randint(1, 3),
        "finance": 1,
    }
