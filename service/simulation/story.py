"""Plays the script of the mission's account: courted engineers, growing orders, then buyers, then nothing."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from service.simulation.account import card
from service.simulation.catalogue import LINES
from service.simulation.companies import REGIONS, Company
from service.simulation.ledger import Event, Ledger
from service.simulation.orders import order_line
from service.simulation.story_script import (
    LOSS_WEEK,
    MOVES,
    OPPORTUNITIES,
    ORDERS,
    PEOPLE,
    SHIFT_DONE_WEEK,
    SHIFT_WEEK,
    TALKS,
    TICKETS,
    WEEKS,
)
from service.simulation.truth import Truth
from service.simulation.vendor import colleague, make_team

STORY_ACCOUNT = "tarnhollow-robotics"
_COMPANY = Company(
    STORY_ACCOUNT, "Tarnhollow Robotics Inc.", f"{STORY_ACCOUNT}.example", REGIONS[0], "robotics"
)
_OURS = {
    "dana": colleague("Dana Okafield", "Key Account Manager"),
    "ines": colleague("Ines Varga-Holm", "Application Engineer"),
}


def story(rng: Random, start: datetime, weeks: int) -> tuple[Ledger, Truth]:
    """The story, stretched or shortened to `weeks`; chance only picks the days and the small change."""
    ledger = Ledger(STORY_ACCOUNT, start, weeks, _COMPANY.region.utc_offset)
    teller = _Teller(rng, ledger, weeks / WEEKS)
    people = make_team("Dana Okafield", "Rowan Estergaard", "Ines Varga-Holm", in_slack=True)
    ledger.add("crm.account.changed", ledger.start, card(_COMPANY, people))
    for part in (teller.moves, teller.talks, teller.orders, teller.opportunities, teller.tickets):
        part()
    return ledger, teller.truth()


class _Teller:
    """Turns the script's tables into events."""

    def __init__(self, rng: Random, ledger: Ledger, scale: float) -> None:
        self._rng, self._ledger, self._scale = rng, ledger, scale
        self._people = {key: _person(key) for key in PEOPLE}

    def moves(self) -> None:
        """Who comes and goes."""
        for week, who, status in _rows(MOVES):
            contact = {"contact": self._people[who], "status": status}
            self._ledger.add("crm.contact.changed", self._when(week), contact)

    def talks(self) -> None:
        """Who talked with whom about what; a course counts as a visit."""
        for week, how, who, topics, about in _rows(TALKS):
            channel, direction = how.split()
            theirs, ours = who.split(" + ")
            data = {
                "channel": "visit" if channel == "training" else channel,
                "direction": direction,
                "participants": [*self._named(theirs), *(_OURS[key] for key in ours.split())],
                "topics": topics.split(),
                "product_line": LINES[0].name,
                "note": about,
            }
            self._ledger.add("crm.interaction.logged", self._when(week), data)

    def orders(self) -> None:
        """Systems with their service at first, bare components in the end; each is delivered."""
        for week, what, thousands, who in _rows(ORDERS):
            time = self._when(week)
            order_id = self._ledger.number("o")
            data = {
                "order_id": order_id,
                "currency": _COMPANY.region.currency,
                "lines": self._lines(what, 1000 * float(thousands)),
                "buyer": self._people[who],
            }
            self._ledger.add("order.placed", time, data)
            delivered = self._ledger.later(self._rng, time, self._rng.uniform(20, 40))
            self._ledger.add("order.delivered", delivered, {"order_id": order_id})

    def opportunities(self) -> None:
        """What was decided, by whom, on what basis."""
        for week, open_for, end, thousands, basis, tender, who, rivals in _rows(OPPORTUNITIES):
            opened = self._when(week)
            closed = self._when(str(int(week) + int(open_for)))
            data: Event = {
                "opportunity_id": self._ledger.number("q"),
                "status": "open",
                "opened_at": f"{opened:%Y-%m-%dT%H:%M:%SZ}",
                "amount": 1000.0 * float(thousands),
                "currency": _COMPANY.region.currency,
                "product_line": LINES[0].name,
                "basis": basis,
                "tender": tender == "yes",
                "deciders": self._named(who),
                "competitors": rivals.split(", ") if rivals else [],
            }
            self._ledger.add("crm.opportunity.changed", opened, data)
            over = {**data, "status": end, "closed_at": f"{closed:%Y-%m-%dT%H:%M:%SZ}"}
            self._ledger.add("crm.opportunity.changed", closed, over)

    def tickets(self) -> None:
        """What was asked of support."""
        for week, who, kind, days in _rows(TICKETS):
            time = self._when(week)
            data: Event = {
                "ticket_id": self._ledger.number("t"),
                "status": "opened",
                "kind": kind,
                "requester": self._people[who],
            }
            self._ledger.add("crm.ticket.changed", time, data)
            for status, wait in (("answered", float(days)), ("resolved", 2.0)):
                time = self._ledger.later(self._rng, time, wait)
                self._ledger.add("crm.ticket.changed", time, {**data, "status": status})

    def truth(self) -> Truth:
        """What the script amounts to."""
        orders = [event["time"] for event in self._ledger.events if event["type"] == "order.placed"]
        begin, scale = self._ledger.start, self._scale
        return Truth(
            account_id=STORY_ACCOUNT,
            scenario="story",
            name=_COMPANY.name,
            shift_at=begin + timedelta(weeks=int(SHIFT_WEEK * scale)),
            shift_done_at=begin + timedelta(weeks=int(SHIFT_DONE_WEEK * scale)),
            collapse_at=begin + timedelta(weeks=int(LOSS_WEEK * scale)),
            last_order_at=datetime.fromisoformat(max(orders)),
            signs=("price", "purchasing", "quiet", "specification", "unbundling"),
            share_before=0.05,
            share_after=0.9,
            contacts_a_year=round(_count(TALKS) / LOSS_WEEK * 52 / scale, 1),
            orders_a_year=round(_count(ORDERS) / LOSS_WEEK * 52 / scale, 1),
            trickle=0.0,
        )

    def _when(self, week: str) -> datetime:
        return self._ledger.moment(self._rng, int(int(week) * self._scale))

    def _named(self, keys: str) -> list[Event]:
        return [self._people[key] for key in keys.split()]

    def _lines(self, what: str, value: float) -> list[Event]:
        """Systems with their yearly service, or the components that a system is made of."""
        product = LINES[0]
        if what == "bundle":
            parts = [("system", product.system, 0.86), ("service", product.services[0], 0.14)]
            discount = self._rng.uniform(0.03, 0.07)
        else:
            shares = zip(product.components, (0.55, 0.3, 0.15), strict=True)
            parts = [("component", part, share) for part, share in shares]
            discount = self._rng.uniform(0.16, 0.24)
        return [
            order_line(kind, sku, product.name, value * share, price, discount)
            for kind, (sku, price), share in parts
        ]


def _person(key: str) -> Event:
    name, title, department = PEOPLE[key]
    return {
        "id": f"{STORY_ACCOUNT}-{key}",
        "name": name,
        "title": title,
        "department": department,
        "email": f"{name.lower().replace(' ', '.')}@{_COMPANY.domain}",
    }


def _rows(table: str) -> Iterator[list[str]]:
    """The cells of each line."""
    for line in table.strip().splitlines():
        yield [cell.strip() for cell in line.split("|")]


def _count(table: str) -> int:
    return sum(1 for _ in _rows(table))
