"""Opportunities: who decides, on what basis, against whom, and how long it takes."""

from datetime import datetime

from service.simulation.catalogue import RIVALS
from service.simulation.draws import poisson
from service.simulation.ledger import Event
from service.simulation.scene import Scene

_WON, _LOST = 0.62, 0.9  # up to here won, lost; the rest is withdrawn
_SHORTER = 0.5  # of the decision's weeks, when purchasing decides by specification


class Opportunities:
    """The opportunities of one account."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def week(self, week: int, calendar: float) -> None:
        """What opens this week, and how it ends."""
        course, rng = self._scene.course, self._scene.rng
        rate = course.opportunities * calendar * course.contacts_left(week)
        for _ in range(poisson(rng, rate)):
            self._open(self._scene.ledger.moment(rng, week), week)

    def _open(self, time: datetime, week: int) -> None:
        course, rng, ledger = self._scene.course, self._scene.rng, self._scene.ledger
        spec = course.by_specification(week)
        deciders = self._scene.cast.some(1 + poisson(rng, 1.0), course.purchasing_share(week), time)
        rivals = rng.random() < 0.15 + 0.5 * spec
        data: Event = {
            "opportunity_id": ledger.number("q"),
            "status": "open",
            "opened_at": f"{time:%Y-%m-%dT%H:%M:%SZ}",
            "amount": round(course.order_value * rng.lognormvariate(0.4, 0.5), 2),
            "currency": course.currency,
            "product_line": self._scene.line().name,
            "basis": "specification" if rng.random() < 0.15 + 0.6 * spec else "solution",
            "tender": rng.random() < 0.06 + 0.44 * spec,
            "deciders": deciders,
            "competitors": rng.sample(RIVALS, k=rng.randint(1, 2)) if rivals else [],
        }
        ledger.add("crm.opportunity.changed", time, data)
        self._close(time, data, spec, lost=course.orders_left(week) < 1)

    def _close(self, opened: datetime, data: Event, spec: float, *, lost: bool) -> None:
        rng, ledger = self._scene.rng, self._scene.ledger
        days = rng.lognormvariate(4.2, 0.5) * (1 - _SHORTER * spec)
        closed = ledger.later(rng, opened, days)
        luck = rng.uniform(_WON, 1) if lost else rng.random()
        status = "won" if luck < _WON else "lost" if luck < _LOST else "withdrawn"
        end = {**data, "status": status, "closed_at": f"{closed:%Y-%m-%dT%H:%M:%SZ}"}
        ledger.add("crm.opportunity.changed", closed, end)
