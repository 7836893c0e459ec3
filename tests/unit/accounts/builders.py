"""Small events, whole histories and the two ways to fold them, for the tests of the core."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from random import Random
from typing import Any, Literal

import msgspec
from hypothesis import settings
from hypothesis import strategies as st

from accounts.account import AccountState, advance
from accounts.advice import Advice
from accounts.alert import Alert
from accounts.events import (
    CARD,
    AccountChange,
    AccountChanged,
    CanonicalEvent,
    Channel,
    ContactChange,
    ContactChanged,
    Interaction,
    InteractionLogged,
    Opportunity,
    OpportunityChanged,
    Order,
    OrderCancelled,
    OrderChanged,
    OrderDelivered,
    OrderLine,
    OrderPlaced,
    OrderReference,
    OwnerChange,
    Person,
    Ticket,
    TicketChanged,
    Topic,
    document_of,
)
from accounts.feedback import Word
from accounts.policy import Policy, Threshold
from accounts.replay import Replay
from accounts.weeks import start_of, week_of
from service.playbook import built_in

ACCOUNT = "acme"
FIRST = week_of(datetime(2022, 1, 3, tzinfo=UTC))  # tests count their weeks from here
EVER = -(10**6)
# A short memory and a generous budget: a history of a year and a half shows every stage.
QUICK = Policy(
    baseline_weeks=8,
    rhythm_weeks=8,
    burst_share=9.0,
    shift_threshold=Threshold(3.5, 0.0, 1.0),
    cadence_threshold=Threshold(3.5, 0.0, 1.0),
    rate_ratio=0.35,
    drop_out=0.01,
    alive_below=0.1,
)
# The same examples on every run and machine, and no verdict by the clock.
STEADY = settings(derandomize=True, deadline=None, max_examples=80)

Function = Literal["development", "purchasing", "executive", "operations", "finance", "other"]
Kind = Literal["system", "component", "service"]
# kind, quantity, unit price and, if any, the product line
Line = tuple[Kind, int | str, int | str] | tuple[Kind, int | str, int | str, str]
BUNDLE: tuple[Line, ...] = (("system", 1, 1000), ("service", 1, 100))
BUNDLE_OF_TWO: tuple[Line, ...] = (("system", 1, 700, "drives"), ("component", 2, 150, "vision"))
PARTS: tuple[Line, ...] = (("component", 10, 100),)

_numbers = count(1)


def at(week: float, hours: float = 10.0) -> datetime:
    """A moment in a week of the tests; Monday at ten unless told otherwise."""
    return start_of(FIRST) + timedelta(weeks=week, hours=hours)


def person(name: str, function: Function | None = "development", **more: Any) -> Person:
    return Person(name, name=more.pop("called", name.title()), function=function, **more)


BUYER = person("buyer", "purchasing")
ENGINEER = person("engineer")


def _base(id: str | None, when: datetime, **more: Any) -> dict[str, Any]:  # noqa: A002
    return {"id": id or f"event-{next(_numbers)}", "source": "crm", "subject": ACCOUNT, "time": when} | more


def talk(
    when: datetime,
    *people: Person,
    topics: Sequence[Topic] = (),
    channel: Channel = "meeting",
    product_line: str | None = None,
    direction: Literal["inbound", "outbound"] = "inbound",
    answers: str | None = None,
    **more: Any,
) -> InteractionLogged:
    data = Interaction(channel, direction, list(people), list(topics), product_line, answers)
    return InteractionLogged(**_base(more.pop("id", None), when, **more), data=data)


def _order(order_id: str, lines: Iterable[Line], currency: str, buyer: Person | None) -> Order:
    rows = [
        OrderLine("sku", kind, Decimal(quantity), Decimal(price), product_line=next(iter(of), None))
        for kind, quantity, price, *of in lines
    ]
    return Order(order_id, currency, rows, buyer)


def order(
    when: datetime,
    order_id: str | None = None,
    lines: Iterable[Line] = BUNDLE,
    *,
    currency: str = "EUR",
    buyer: Person | None = None,
    **more: Any,
) -> OrderPlaced:
    data = _order(order_id or f"order-{next(_numbers)}", lines, currency, buyer)
    return OrderPlaced(**_base(more.pop("id", None), when, **more), data=data)


def changed(
    when: datetime,
    order_id: str,
    lines: Iterable[Line] = BUNDLE,
    *,
    currency: str = "EUR",
    buyer: Person | None = None,
    **more: Any,
) -> OrderChanged:
    data = _order(order_id, lines, currency, buyer)
    return OrderChanged(**_base(more.pop("id", None), when, **more), data=data)


def cancelled(when: datetime, order_id: str, **more: Any) -> OrderCancelled:
    return OrderCancelled(**_base(more.pop("id", None), when, **more), data=OrderReference(order_id))


def delivered(when: datetime, order_id: str, **more: Any) -> OrderDelivered:
    return OrderDelivered(**_base(more.pop("id", None), when, **more), data=OrderReference(order_id))


def opportunity(
    when: datetime,
    opportunity_id: str,
    *deciders: Person,
    competitors: Sequence[str] = (),
    id: str | None = None,  # noqa: A002
    subject: str = ACCOUNT,
    status: Any = "open",
    **facts: Any,
) -> OpportunityChanged:
    data = Opportunity(
        opportunity_id, status, facts.pop("opened_at", at(0)), list(deciders), list(competitors), **facts
    )
    return OpportunityChanged(**_base(id, when, subject=subject), data=data)


def ticket(when: datetime, ticket_id: str, **more: Any) -> TicketChanged:
    return TicketChanged(**_base(more.pop("id", None), when, **more), data=Ticket(ticket_id, "opened"))


def contact(
    when: datetime, who: Person = ENGINEER, status: Literal["active", "left"] = "left", **more: Any
) -> ContactChanged:
    return ContactChanged(**_base(more.pop("id", None), when, **more), data=ContactChange(who, status))


def card(when: datetime, **fields: Any) -> AccountChanged:
    base = _base(fields.pop("id", None), when)
    owner = fields.pop("owner", None)
    change = AccountChange(**fields, owner=OwnerChange(owner, f"{owner}@vendor.example") if owner else None)
    return AccountChanged(**base, data=change)


def fold(
    events: Iterable[CanonicalEvent], weeks: int, policy: Policy = QUICK, words: Iterable[Word] = ()
) -> AccountState:
    """The state when so many weeks are closed, from all events at once."""
    return advance(None, events, EVER, FIRST + weeks, policy, words)


def fold_more(
    state: AccountState | None,
    events: Iterable[CanonicalEvent],
    due: int,
    until: int,
    policy: Policy = QUICK,
    words: Iterable[Word] = (),
) -> AccountState:
    """The state with the weeks from `due` on folded in, given what the reviewer would read of the events."""
    known = list(events)
    new = [event for event in known if due <= week_of(event.time) < until]
    documents = {document for event in new if (document := document_of(event)) not in {None, CARD}}
    earlier = [event for event in known if week_of(event.time) < due and document_of(event) in documents]
    return advance(state, new + earlier, due, until, policy, words)


def replay(events: Iterable[CanonicalEvent]) -> Replay:
    collected = Replay()
    for event in events:
        collected.add(event)
    return collected


def alerts(events: Iterable[CanonicalEvent], weeks: int, policy: Policy = QUICK) -> list[Alert]:
    return replay(events).alerts(at(weeks, 0), policy, Advice(built_in()))


def encoded(alerts: Iterable[Alert]) -> list[bytes]:
    return [msgspec.json.encode(alert) for alert in alerts]


# -- whole histories ------------------------------------------------------------------------------------

HISTORY_WEEKS = 78
_PEOPLE = (
    *(person(f"dev-{n}") for n in range(3)),
    *(person(f"buy-{n}", "purchasing", title="Buyer") for n in range(2)),
    person("boss", "executive"),
    person("clerk", None, title="Ärztlicher Leiter"),
    person("ours", "purchasing", side="vendor"),
)
_TOPICS: tuple[Topic, ...] = ("application", "technical", "price", "terms", "support")


class Life(list[CanonicalEvent]):
    """A history that a failing test names by its seed."""

    seed = -1

    def __repr__(self) -> str:
        return f"history({self.seed})"


def history(seed: int, weeks: int = HISTORY_WEEKS) -> Life:
    """An account's life by chance: every type, several versions, several currencies, equal times.

    In most lives purchasing takes over at some time, and in many the orders stop; some come back.
    """
    rng = Random(seed)
    shift, stop = rng.choice([20, 30, 40, 200]), rng.choice([35, 45, 60, 200])
    back = stop + rng.choice([12, 30, 200])
    rate = rng.choice([0.4, 1.0, 2.0])
    events = Life([card(at(0), id="card-0", name="Acme", owner="olga")])
    events.seed = seed
    for week in range(-2, weeks + 3):
        gone = stop <= week < back
        for number in range(rng.choice([0, 1, 2, 3]) if rng.random() < rate else 0):
            if gone and rng.random() < 0.9:
                continue
            events += _something(rng, f"{week}-{number}", week, bought=week >= shift)
    return events


def _something(rng: Random, name: str, week: int, *, bought: bool) -> list[CanonicalEvent]:
    def when(later: int = 0) -> datetime:
        return _sometime(rng, week + later)

    people = [_PEOPLE[3], _PEOPLE[4]] if bought and rng.random() < 0.8 else rng.sample(_PEOPLE, 2)
    topics = ["price"] if bought and rng.random() < 0.7 else rng.sample(_TOPICS, rng.randrange(3))
    lines = PARTS if bought and rng.random() < 0.7 else rng.choice([BUNDLE, BUNDLE_OF_TWO])
    kind = rng.choice(["talk", "talk", "talk", "order", "order", "opportunity", "ticket", "contact", "card"])
    if kind == "talk":
        about = rng.choice([None, "drives", "drives", "vision"])
        return [talk(when(), *people, topics=topics, id=name, product_line=about)]  # type: ignore[arg-type]
    if kind == "order":
        return _order_versions(rng, name, week, lines, rng.choice([None, people[0]]))
    if kind == "opportunity":
        versions = range(rng.randrange(1, 4))
        return [
            opportunity(
                when(2 * version),
                name,
                *people[: 1 + version % 2],
                competitors=["Rival"] if bought else [],
                tender=bought,
                product_line=rng.choice([None, "drives", "safety"]),
                status=["open", "won", "lost"][version],
                closed_at=when(2 * version) if version else None,
                id=f"{name}-{version}",
            )
            for version in versions
        ]
    if kind == "ticket":
        return [ticket(when(version), name, id=f"{name}-{version}") for version in range(2)]
    if kind == "contact":
        return [contact(when(), id=name)]
    return [card(when(), id=name, name=f"Acme {week}")]


def _sometime(rng: Random, week: int) -> datetime:
    return at(week, rng.choice([0, 10, 10, 100, 167.99]))


def _order_versions(
    rng: Random, name: str, week: int, lines: Iterable[Line], buyer: Person | None
) -> list[CanonicalEvent]:
    def when(most: int = 0) -> datetime:
        return _sometime(rng, week + rng.randint(0, most))

    currency = rng.choice(["EUR", "EUR", "usd", "JPY"])
    made: list[CanonicalEvent] = [order(when(), name, lines, currency=currency, buyer=buyer, id=name)]
    if rng.random() < 0.3:
        made.append(changed(when(3), name, PARTS, currency=currency, id=f"{name}-2"))
    if rng.random() < 0.2:
        made.append(changed(when(7), name, BUNDLE, id=f"{name}-3"))
    if rng.random() < 0.2:
        made.append(cancelled(when(8), name, id=f"{name}-4"))
    if rng.random() < 0.1:
        made.append(order(when(), f"{name}-credit", [("component", -1, 50)], id=f"{name}-5"))
    return [*made, delivered(when(1), name, id=f"{name}-6")]


histories = st.integers(0, 5000).map(history)
