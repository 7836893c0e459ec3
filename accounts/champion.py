"""The champion: who of their developers and executives most talks are with, and whether they are gone.

Gone is whom the CRM calls left, and who has been silent for longer than by their own rhythm could be chance.
"""

from math import exp

import msgspec

from accounts.evidence import CONTACTS
from accounts.policy import Policy
from accounts.series import Series

YEAR, QUARTER = 52, 13  # weeks
HOLDS_WEEKS = 26  # the alert holds; by then someone else has taken over, or the tests speak


class Departure(msgspec.Struct, array_like=True, frozen=True):
    """A champion who is gone."""

    person: int
    since: int  # the week in which they left, or were last seen
    left: bool  # as the CRM says; else silent
    held: int  # seats in the year before, of …
    whole: int  # … so many of developers and executives


class Champion(msgspec.Struct, array_like=True):
    """The champion as last looked for, and the departure of the last one."""

    person: int = 0  # 0 while there is none
    seats: int = 0  # of the year in which they were found, of …
    whole: int = 0
    last_seen: int = -1  # week
    departure: Departure | None = None  # while its alert holds
    told: int = -1  # the week that told of it

    def step(self, week: int, index: int, series: Series, policy: Policy) -> None:
        """Fold one week."""
        if self.departure is not None and week - self.told >= HOLDS_WEEKS:
            self.departure = None
        if self.person:
            self._watch(week, index, series, policy)
        if week % QUARTER == 0 and self.departure is None:
            self._look(week, series, policy)

    def _watch(self, week: int, index: int, series: Series, policy: Policy) -> None:
        said = series.seats.get(week)
        if said is not None and any(person == self.person for person, _ in said.taken):
            self.last_seen = week
        left = said is not None and self.person in said.left
        if left or self._silent(week, index, series, policy):
            since = week if left else self.last_seen
            self.departure = Departure(self.person, since, left, self.seats, self.whole)
            self.told, self.person = week, 0

    def _silent(self, week: int, index: int, series: Series, policy: Policy) -> bool:
        """Whether it cannot be chance that the champion says nothing, while others talk on."""
        quiet = week - self.last_seen
        if quiet < QUARTER or exp(-self.seats * quiet / YEAR) >= policy.champion_chance:
            return False
        contacts, begin = series.counts[CONTACTS], index + 1 - QUARTER
        lately, before = sum(contacts[begin : index + 1]), sum(contacts[max(0, begin - YEAR) : begin])
        return 2 * lately * YEAR >= before * QUARTER

    def _look(self, week: int, series: Series, policy: Policy) -> None:
        """Look for the champion of the year that ends with a week, unless one is missed just now."""
        if self.person and QUARTER <= week - self.last_seen < YEAR:
            return
        seats: dict[int, int] = {}
        last_seen: dict[int, int] = {}
        for then in range(week - YEAR + 1, week + 1):
            if (said := series.seats.get(then)) is None:
                continue
            for person, taken in said.taken:
                seats[person] = seats.get(person, 0) + taken
                last_seen[person] = then
            for person in said.left:
                seats.pop(person, None)
        self.person, self.whole = 0, sum(seats.values())
        person = max(seats, key=lambda who: (seats[who], who), default=0)
        self.seats = seats.get(person, 0)
        enough = self.seats >= max(policy.champion_seats, policy.champion_share * self.whole)
        if enough and week - last_seen[person] < QUARTER:
            self.person, self.last_seen = person, last_seen[person]
