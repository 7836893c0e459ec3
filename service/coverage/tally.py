"""Counts what a portfolio's events have, one event after another, in any order.

What is kept grows with accounts, documents and people, a number or two each, and not with what events say.
A document (an order, an opportunity, a ticket) counts once, and has what any of its versions has.
"""

from collections import Counter
from datetime import datetime

from accounts.events import (
    AccountChanged,
    CanonicalEvent,
    InteractionLogged,
    OrderCancelled,
    OrderChanged,
    OrderDelivered,
    OrderPlaced,
    Person,
    document_of,
)
from accounts.weeks import week_of
from service.coverage.samples import Sample
from service.coverage.signs import CRM, ORDER, WIDTH, signs_of
from service.unknown_titles import Census, Titles, people_of

_MASK = (1 << WIDTH) - 1
QUARTER = 13  # weeks
_MEETINGS = {"meeting", "visit", "demo"}

Unit = tuple[int, int, int]  # (signs, how many such there are, the week of the first of them)


class Account:
    """What one account's events have."""

    __slots__ = ("_units", "card", "currencies", "documents", "first", "seats", "single")

    def __init__(self) -> None:
        self.single: dict[int, list[int]] = {}  # by signs: how many, and the week of the first
        self.documents: dict[int, int] = {}  # by a hash of its name: signs, and above them its first week
        self.seats = [0, 0, 0]  # in talks: of the customer; of these with a function known; of the vendor
        self.first: int | None = None  # the first week of all
        self.card = 0
        self.currencies: set[str] = set()
        self._units: list[Unit] | None = None  # as last asked for

    def add(self, signs: int, week: int, document: str | None) -> None:
        """Take in an event that is no account's card."""
        self._units = None
        if self.first is None or week < self.first:
            self.first = week
        if document is None:
            known = self.single.setdefault(signs, [0, week])
            known[0] += 1
            known[1] = min(known[1], week)
            return
        before = self.documents.get(hash(document), (week << WIDTH))
        self.documents[hash(document)] = min(before >> WIDTH, week) << WIDTH | (before & _MASK) | signs

    def units(self) -> list[Unit]:
        """Talks, contacts and documents, those with the same signs together."""
        if self._units is None:
            found = {signs: [count, week] for signs, (count, week) in self.single.items()}
            for packed in self.documents.values():
                known = found.setdefault(packed & _MASK, [0, packed >> WIDTH])
                known[0] += 1
                known[1] = min(known[1], packed >> WIDTH)
            self._units = [(signs, count, week) for signs, (count, week) in found.items()]
        return self._units

    def count(self, among: int, having: int = 0) -> int:
        """How many units have any of the signs `among` and, where something is asked, any of `having`."""
        return sum(
            count for signs, count, _ in self.units() if signs & among and (not having or signs & having)
        )

    def has(self, signs: int) -> bool:
        """Whether anything has any of these signs."""
        return any(signs & found for found, _, _ in self.units())


class Tally:
    """What the events of all accounts have."""

    def __init__(self, horizon: datetime) -> None:
        self._horizon = horizon  # what lies beyond has not happened
        self.accounts: dict[str, Account] = {}
        self.events = 0
        self.ahead = 0
        self.first: datetime | None = None
        self.last: datetime | None = None  # up to the horizon, or of all where that is most of them
        self._latest: datetime | None = None
        self.quarters: dict[int, Counter[int]] = {}  # signs of the events of so many weeks, versions included
        self.days: dict[str, Counter[int]] = {}  # events by their family and day
        self.currencies: Counter[str] = Counter()  # of orders, versions included
        self.referred = Sample()  # orders that are cancelled or delivered: account and document
        self.meetings = [0, 0]  # that name anybody of the customer; that name several
        self._titles = Titles()
        self._mailboxes: set[int] = set()
        self._addressed: set[int] = set()

    def add(self, event: CanonicalEvent) -> None:
        """Take in an event; each must come once."""
        self.events += 1
        self._time(event)
        signs, week = signs_of(event), week_of(event.time)
        account = self.accounts.setdefault(event.subject, Account())
        self._titles.add(event)
        for person in people_of(event):
            if person.side == "customer":
                self._meet(event.subject, person)
        match event:
            case AccountChanged():
                account.card |= signs
                return
            case InteractionLogged():
                self._seat(account, event)
            case OrderCancelled() | OrderDelivered():
                self.referred.add(event.subject, event.data.order_id)
            case OrderPlaced() | OrderChanged():
                currency = event.data.currency.upper()
                account.currencies.add(currency)
                self.currencies[currency] += 1
        # A delivery is no version of an order, but is about one.
        about = f"order:{event.data.order_id}" if isinstance(event, OrderDelivered) else document_of(event)
        account.add(signs, week, about)
        self.quarters.setdefault(week // QUARTER, Counter())[signs] += 1

    def _time(self, event: CanonicalEvent) -> None:
        time = event.time
        self.days.setdefault(_family(event), Counter())[time.toordinal()] += 1
        self.first = time if self.first is None else min(self.first, time)
        self._latest = time if self._latest is None else max(self._latest, time)
        if time > self._horizon:
            self.ahead += 1
        else:
            self.last = time if self.last is None else max(self.last, time)

    def _seat(self, account: Account, event: InteractionLogged) -> None:
        for person in event.data.participants:
            if person.side == "vendor":
                account.seats[2] += 1
            else:
                account.seats[0] += 1
                account.seats[1] += person.role() != "other"
        theirs = sum(person.side == "customer" for person in event.data.participants)
        if theirs and event.data.channel in _MEETINGS:
            self.meetings[0] += 1
            self.meetings[1] += theirs > 1

    def _meet(self, account: str, person: Person) -> None:
        if person.email:
            mailbox = hash((account, person.email.strip().casefold()))
            self._mailboxes.add(mailbox)
            self._addressed.add(hash((mailbox, person.id)))

    @property
    def doubled(self) -> int:
        """Ids of people beyond the first of each mailbox of an account."""
        return len(self._addressed) - len(self._mailboxes)

    @property
    def census(self) -> Census:
        """The customers' people and their titles."""
        return self._titles.census()

    @property
    def end(self) -> datetime | None:
        """The last event that has happened; of a portfolio with a clock of its own, the last of all."""
        return self.last if self.ahead <= 0.01 * self.events else self._latest  # as replays have it

    @property
    def customers(self) -> dict[str, Account]:
        """The accounts that have orders; where none has, all that have anything but a card."""
        buying = {name: account for name, account in self.accounts.items() if account.has(ORDER)}
        return buying or {name: one for name, one in self.accounts.items() if one.first is not None}

    @property
    def in_crm(self) -> set[str]:
        """The accounts of which the CRM tells more than a card."""
        return {name for name, account in self.accounts.items() if account.has(CRM)}

    def count(self, among: int, having: int = 0) -> int:
        """How many units of all accounts; see Account.count."""
        return sum(account.count(among, having) for account in self.accounts.values())

    def placed(self, account: str, order: str) -> bool:
        """Whether an order of this id is there, and not only its end."""
        return bool(self.accounts[account].documents.get(hash(f"order:{order}"), 0) & ORDER)

    def has(self, signs: int) -> bool:
        """Whether anything has any of these signs."""
        return any(account.has(signs) for account in self.accounts.values())


def _family(event: CanonicalEvent) -> str:
    return {
        "OrderPlaced": "orders",
        "OrderChanged": "orders",
        "OrderCancelled": "cancellations",
        "OrderDelivered": "deliveries",
        "InteractionLogged": "talks",
        "OpportunityChanged": "opportunities",
        "TicketChanged": "tickets",
        "ContactChanged": "contacts",
        "AccountChanged": "accounts",
    }[type(event).__name__]
