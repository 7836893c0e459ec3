"""What the parts of one account's simulation share."""

from dataclasses import dataclass
from random import Random

from service.simulation.catalogue import ProductLine
from service.simulation.course import Course
from service.simulation.ledger import Ledger
from service.simulation.people import Cast
from service.simulation.vendor import Team


@dataclass(frozen=True, slots=True)
class Scene:
    """One account: its chance, its course, its people and the vendor's, and where events are noted."""

    rng: Random
    course: Course
    ledger: Ledger
    cast: Cast
    team: Team
    lines: tuple[ProductLine, ...]  # what the account buys; most of it from the first

    def line(self) -> ProductLine:
        """One of the account's product lines."""
        return self.lines[0] if self.rng.random() < 0.75 else self.rng.choice(self.lines)  # noqa: PLR2004
