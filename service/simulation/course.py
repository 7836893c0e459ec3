"""The course of one account: every rate and share that holds in a week, before chance."""

from dataclasses import dataclass
from datetime import datetime

from service.simulation.draws import odds
from service.simulation.seasons import Wave, working_share


@dataclass(frozen=True, slots=True)
class Shift:
    """Purchasing takes over from `week` on, over `ramp` weeks. A sign that does not show has ratio 1."""

    week: float
    ramp: float
    purchasing: float = 1.0  # odds ratio of purchasing among participants
    price: float = 1.0  # odds ratio of price in a commercial talk
    unbundling: float = 1.0  # odds ratio of an order without service
    quiet: float = 0.0  # share of technical talk, and of tickets, that ends
    specification: bool = False  # opportunities by specification, with tenders and rivals
    signs: tuple[str, ...] = ()

    def pressure(self, week: float) -> float:
        """How far the shift has come: 0 before, 1 when the ramp is over."""
        return min(1.0, max(0.0, (week - self.week) / self.ramp))


@dataclass(frozen=True, slots=True)
class Collapse:
    """Orders fall to `trickle` of their rate at `week`; contacts fade to `contacts` over `fade` weeks."""

    week: int
    trickle: float
    contacts: float
    contacts_lead: float  # weeks by which contacts begin to fade before the orders stop
    fade: float

    def contacts_left(self, week: float) -> float:
        """The share of contacts that is left."""
        gone = min(1.0, max(0.0, (week - self.week + self.contacts_lead) / self.fade))
        return 1 - gone * (1 - self.contacts)


@dataclass(frozen=True, slots=True)
class Negotiation:
    """Once a year, over four weeks: extra talks of purchasing; `guests` come for it and go again."""

    week: int  # of each year of the account, at least 1: guests come the week before
    talks: float
    guests: int = 0


@dataclass(frozen=True, slots=True)
class Course:
    """One account's parameters; the methods tell what they amount to in a week."""

    account_id: str
    name: str
    scenario: str
    locale: str
    currency: str
    first_week: int
    contacts: float  # a week
    orders: float
    tickets: float
    opportunities: float
    order_value: float  # in the account's currency
    share: float  # purchasing among participants
    price: float  # price topics in commercial talks
    unbundled: float  # orders without service
    busyness_shape: float
    order_shape: float
    turnover: float  # a person, a week
    negotiation: Negotiation | None = None
    wave: Wave | None = None
    growth: float = 0.0  # a year
    shift: Shift | None = None
    collapse: Collapse | None = None
    buyers_sign: bool = False  # a clerk in purchasing signs every order, whoever decides

    def pressure(self, week: float) -> float:
        """How far purchasing has taken over."""
        return self.shift.pressure(week) if self.shift else 0.0

    def _ratio(self, ratio: float, week: float) -> float:
        """An odds ratio on its way along the ramp."""
        return float(ratio ** self.pressure(week))

    def purchasing_share(self, week: float) -> float:
        """Purchasing's share among participants."""
        return odds(self.share, self._ratio(self.shift.purchasing, week)) if self.shift else self.share

    def price_share(self, week: float) -> float:
        """How often a commercial talk is about price.

        Where price talk is no sign it stays level over all talks, though more of them are commercial.
        """
        if not self.shift:
            return self.price
        if self.shift.price == 1.0:
            return self.price * self.share / max(self.share, self.purchasing_share(week))
        return odds(self.price, self._ratio(self.shift.price, week))

    def unbundled_share(self, week: float) -> float:
        """The share of orders without service."""
        return (
            odds(self.unbundled, self._ratio(self.shift.unbundling, week)) if self.shift else self.unbundled
        )

    def interest(self, week: float) -> float:
        """What is left of the development team's questions."""
        return 1 - self.shift.quiet * self.pressure(week) if self.shift else 1.0

    def by_specification(self, week: float) -> float:
        """How far opportunities go by specification: 0 or on its way to 1."""
        return self.pressure(week) if self.shift and self.shift.specification else 0.0

    def calendar(self, week: int, day: datetime) -> float:
        """Season, holidays and growth together."""
        grown: float = (1 + self.growth) ** ((week - self.first_week) / 52)
        return grown * working_share(day, self.locale) * (self.wave.factor(day) if self.wave else 1.0)

    def contacts_left(self, week: int) -> float:
        """The share of contacts that a collapse leaves."""
        return self.collapse.contacts_left(week) if self.collapse else 1.0

    def orders_left(self, week: int) -> float:
        """The share of orders that a collapse leaves."""
        return self.collapse.trickle if self.collapse and week >= self.collapse.week else 1.0
