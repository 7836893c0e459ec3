"""The customer's people: who is there, who sits in a meeting, who leaves and who follows."""

from dataclasses import dataclass
from datetime import datetime
from random import Random

from service.simulation.companies import Company
from service.simulation.draws import poisson
from service.simulation.ledger import Event, Ledger
from service.simulation.titles import FUNCTIONS, NAMES, TITLES

UNTITLED, ODDLY_TITLED, FUNCTION_GIVEN, DEPARTMENT_KNOWN = 0.07, 0.05, 0.08, 0.75
_NOT_PURCHASING = ("development", "operations", "executive", "finance")
_WEIGHTS = (0.76, 0.13, 0.08, 0.03)
_REPLACED, _RECORDED = 0.85, 0.7


@dataclass(slots=True)
class Person:
    """A customer's employee with their true function; `record` is what the CRM knows (not to be changed)."""

    function: str
    record: Event
    zeal: float  # how much more often than others they take part

    @property
    def id(self) -> str:
        """Their id in the CRM."""
        return str(self.record["id"])


class Cast:
    """An account's people over time."""

    def __init__(self, rng: Random, company: Company, ledger: Ledger) -> None:
        self._rng, self._company, self._ledger = rng, company, ledger
        self._names = list(NAMES[company.region.locale[:2]])
        rng.shuffle(self._names)
        self.people: dict[str, list[Person]] = {function: [] for function in FUNCTIONS}
        self._guests: list[Person] = []

    def settle(self, sizes: dict[str, int], time: datetime) -> None:
        """The people at the beginning; the CRM has a record of some of them."""
        for function, size in sizes.items():
            for _ in range(size):
                self.hire(function, time, recorded=0.3)

    def hire(self, function: str, time: datetime, recorded: float = _RECORDED) -> Person:
        """A new person, whom the CRM may or may not come to know as a contact."""
        person = Person(function, self._record(function), self._rng.gammavariate(1.2, 1) + 0.05)
        self.people[function].append(person)
        if self._rng.random() < recorded:
            self._ledger.add("crm.contact.changed", time, {"contact": person.record, "status": "active"})
        return person

    def leave(self, person: Person, time: datetime) -> None:
        """A person goes, unless they are gone already; the CRM may miss it."""
        if person not in self.people[person.function]:
            return
        self.people[person.function].remove(person)
        if self._rng.random() < _RECORDED:
            self._ledger.add("crm.contact.changed", time, {"contact": person.record, "status": "left"})

    def welcome(self, guests: int, time: datetime) -> None:
        """Buyers who come for a negotiation."""
        self._guests = [self.hire("purchasing", time) for _ in range(guests)]

    def see_off(self, time: datetime) -> None:
        """The guests go."""
        for guest in self._guests:
            self.leave(guest, time)
        self._guests = []

    def turn_over(self, week: int, hazard: float) -> None:
        """Some leave this week; most are followed by somebody in the same function."""
        everyone = [person for people in self.people.values() for person in people]
        for _ in range(poisson(self._rng, hazard * len(everyone))):
            person = everyone.pop(self._rng.randrange(len(everyone)))
            time = self._ledger.moment(self._rng, week)
            self.leave(person, time)
            if self._rng.random() < _REPLACED or not self.people[person.function]:
                self.hire(person.function, self._ledger.later(self._rng, time, self._rng.uniform(1, 30)))
            if not everyone:
                return

    def one(self, function: str, time: datetime) -> Person:
        """Somebody of this function, the zealous more often; somebody new where there is nobody."""
        people = self.people[function]
        if not people:
            return self.hire(function, time)
        if len(people) == 1:
            return people[0]
        return self._rng.choices(people, [person.zeal for person in people])[0]

    def any_function(self, purchasing: float) -> str:
        """A function: purchasing with this probability, else one of the others in their usual mix."""
        if self._rng.random() < purchasing:
            return "purchasing"
        return self._rng.choices(_NOT_PURCHASING, _WEIGHTS)[0]

    def some(self, size: int, purchasing: float, time: datetime) -> list[Event]:
        """The records of up to `size` distinct people."""
        found: dict[str, Event] = {}
        for _ in range(size):
            person = self.one(self.any_function(purchasing), time)
            found[person.id] = person.record
        return list(found.values())

    def _record(self, function: str) -> Event:
        """What the CRM knows: often no department, sometimes no title or one that tells nothing."""
        rng, titles = self._rng, TITLES[self._company.region.locale[:2]]
        name, handle = self._names.pop() if self._names else ("N. N.", "contact")
        person_id = self._ledger.number("p")
        record = {"id": person_id, "name": name, "email": f"{handle}@{self._company.domain}"}
        title, department = rng.choice(titles[function])
        luck = rng.random()
        if luck < ODDLY_TITLED:
            record["title"] = rng.choice(titles["unknown"])[0]
        elif luck > ODDLY_TITLED + UNTITLED:
            record["title"] = title
            if department and rng.random() < DEPARTMENT_KNOWN:
                record["department"] = department
        if rng.random() < FUNCTION_GIVEN:
            record["function"] = function
        return record
