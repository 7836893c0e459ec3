"""Orders: renewals on the account's own clock; bundles of system and service, or bare components."""

from datetime import datetime

from service.simulation.draws import Renewal, lognormal, odds
from service.simulation.ledger import Event
from service.simulation.scene import Scene

_SPREAD = 0.45  # of an order's value, log-scale
_CHANGED, _CANCELLED, _DELIVERED = 0.05, 0.025, 0.4
_BUYER_NAMED = 0.6
_SIGNATURES = 1.5  # purchasing signs more than it talks: odds ratio
_CHEAPER = 0.25  # what price pressure takes off an unbundled order


class Orders:
    """The orders of one account."""

    def __init__(self, scene: Scene, money: float) -> None:
        self._scene, self._money = scene, money
        self._renewal = Renewal(scene.rng, scene.course.order_shape)

    def week(self, week: int, calendar: float) -> None:
        """The orders of a week."""
        course, rng = self._scene.course, self._scene.rng
        expected = course.orders * calendar * course.orders_left(week)
        for _ in range(self._renewal.arrivals(expected)):
            self._place(self._scene.ledger.moment(rng, week), week)

    def _place(self, time: datetime, week: int) -> None:
        course, rng, ledger = self._scene.course, self._scene.rng, self._scene.ledger
        unbundled = rng.random() < course.unbundled_share(week)
        grown = (1 + course.growth) ** (
            (week - course.first_week) / 104
        )  # the value grows half as fast as the rate
        value = lognormal(rng, course.order_value, _SPREAD) * grown
        if unbundled:
            value *= 1 - _CHEAPER * course.pressure(week)
        data: Event = {
            "order_id": ledger.number("o"),
            "currency": course.currency,
            "lines": self._lines(value, course.pressure(week), unbundled=unbundled),
        }
        if rng.random() < _BUYER_NAMED:
            signs = 1.0 if course.buyers_sign else odds(course.purchasing_share(week), _SIGNATURES)
            data["buyer"] = self._scene.cast.some(1, signs, time)[0]
        ledger.add("order.placed", time, data)
        self._follow(time, data)

    def _follow(self, time: datetime, data: Event) -> None:
        """What becomes of the order."""
        rng, ledger = self._scene.rng, self._scene.ledger
        luck = rng.random()
        if luck < _CANCELLED:
            later = ledger.later(rng, time, rng.uniform(2, 25))
            ledger.add("order.cancelled", later, {"order_id": data["order_id"]})
            return
        if luck < _CANCELLED + _CHANGED:
            first, *rest = data["lines"]
            more = {**first, "quantity": first["quantity"] + rng.choice((1, 1, 2))}
            later = ledger.later(rng, time, rng.uniform(1, 14))
            ledger.add("order.changed", later, {**data, "lines": [more, *rest]})
        if rng.random() < _DELIVERED:  # the rest is never booked, as in many an ERP
            later = ledger.later(rng, time, rng.uniform(18, 75))
            ledger.add("order.delivered", later, {"order_id": data["order_id"]})

    def _lines(self, value: float, pressure: float, *, unbundled: bool) -> list[Event]:
        rng, product = self._scene.rng, self._scene.line()
        discount = min(0.4, max(0.0, rng.gauss(0.06 + 0.12 * pressure, 0.03)))
        if unbundled:
            parts = rng.sample(product.components, k=rng.randint(1, 2))
            cuts = [rng.uniform(0.3, 1) for _ in parts]
            shares = [("component", part, cut / sum(cuts)) for part, cut in zip(parts, cuts, strict=True)]
        else:
            service = rng.uniform(0.08, 0.2)
            spare = rng.uniform(0.05, 0.25) if rng.random() < 0.5 else 0.0  # noqa: PLR2004
            shares = [
                ("system", product.system, 1 - service - spare),
                ("service", rng.choice(product.services), service),
            ]
            if spare:
                shares.append(("component", rng.choice(product.components), spare))
        return [
            order_line(kind, sku, product.name, value * share, price * self._money, discount)
            for kind, (sku, price), share in shares
        ]


def order_line(kind: str, sku: str, line: str, value: float, list_price: float, discount: float) -> Event:
    """A line worth about `value`, at least one piece; prices with two places."""
    unit_price = list_price * (1 - discount)
    quantity = max(1, round(value / unit_price))
    return {
        "sku": sku,
        "kind": kind,
        "product_line": line,
        "quantity": quantity,
        "unit_price": round(unit_price, 2),
        "list_price": round(list_price, 2),
    }
