"""Tickets: what users ask of support, and when they get an answer."""

from datetime import datetime

from service.simulation.draws import poisson
from service.simulation.scene import Scene

_KINDS, _KIND_WEIGHTS = ("application", "support", "complaint"), (40, 45, 15)
_ANSWERED, _RESOLVED = 0.85, 0.9


class Tickets:
    """The tickets of one account."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def week(self, week: int, calendar: float) -> None:
        """What is opened this week, and how it goes on."""
        course, rng = self._scene.course, self._scene.rng
        rate = course.tickets * calendar * course.interest(week) * course.contacts_left(week)
        for _ in range(poisson(rng, rate)):
            self._open(self._scene.ledger.moment(rng, week))

    def _open(self, time: datetime) -> None:
        rng, ledger = self._scene.rng, self._scene.ledger
        function = "development" if rng.random() < 0.7 else "operations"  # noqa: PLR2004
        data = {
            "ticket_id": ledger.number("t"),
            "status": "opened",
            "kind": rng.choices(_KINDS, _KIND_WEIGHTS)[0],
            "requester": self._scene.cast.one(function, time).record,
        }
        ledger.add("crm.ticket.changed", time, data)
        last = time
        if rng.random() < _ANSWERED:
            last = ledger.later(rng, last, rng.lognormvariate(0.0, 1.0))
            ledger.add("crm.ticket.changed", last, {**data, "status": "answered"})
        if rng.random() < _RESOLVED:
            last = ledger.later(rng, last, rng.lognormvariate(1.2, 0.8))
            ledger.add("crm.ticket.changed", last, {**data, "status": "resolved"})
