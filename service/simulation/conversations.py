"""Interactions: technical and commercial talks, the answers to questions, the yearly negotiation."""

from datetime import datetime
from math import exp

from service.simulation.draws import Busyness, Drift, odds, poisson
from service.simulation.ledger import Event
from service.simulation.scene import Scene

COMMERCIAL = 0.88  # purchasing among the participants of a commercial talk
TECHNICAL = 0.2  # … of a technical one, as a share of its share over all
SHARE_WANDERS = 0.15  # log-odds by which the share wanders slowly though nothing happens
_MEMORY, _SLOW = 0.6, 0.95  # autocorrelation from week to week
_NEGOTIATION_WEEKS = 4
_NEGOTIATED = 0.8  # of these talks are about price
_CHANNELS = ("meeting", "call", "email", "visit", "demo", "other")
_TECHNICAL_CHANNELS = (38, 24, 20, 10, 6, 2)
_COMMERCIAL_CHANNELS = (40, 28, 28, 3, 0, 1)
_COMPANY = {"meeting": 1.7, "visit": 1.7, "demo": 2.4, "call": 0.5, "email": 0.25, "other": 0.2}
_LARGEST = 6
_ANSWERED = 0.35  # of the technical questions by email or call, in a note of its own
_TECHNICAL_TOPICS = ("technical", "roadmap", "training", "quality", "support", "delivery", "other")
_TECHNICAL_WEIGHTS = (30, 8, 8, 9, 14, 6, 5)
_APPLICATION = 38
_COMMERCIAL_TOPICS = ("terms", "delivery", "other", "quality")
_COMMERCIAL_WEIGHTS = (40, 34, 20, 6)


class Conversations:
    """The talks of one account."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._busyness = Busyness(scene.rng, scene.course.busyness_shape, _MEMORY)
        self._drift = Drift(scene.rng, SHARE_WANDERS, _SLOW)
        self._share = scene.course.share

    def week(self, week: int, calendar: float) -> None:
        """The talks of a week; `calendar` is what season, holidays and growth make of its rate."""
        course, rng = self._scene.course, self._scene.rng
        wander = exp(self._drift.step())
        self._share = odds(course.purchasing_share(week), wander)
        commercial = commercial_talks(self._share)
        # The silence of the development team takes talks away; it does not make the others more.
        kept = commercial + (1 - commercial) * course.interest(week)
        rate = course.contacts * calendar * self._busyness.step() * kept * course.contacts_left(week)
        for _ in range(poisson(rng, rate)):
            time = self._scene.ledger.moment(rng, week)
            if rng.random() < commercial / kept:
                self._commercial(time, course.price_share(week))
            else:
                self._technical(time, week)
        self._negotiate(week)

    def _technical(self, time: datetime, week: int) -> None:
        rng, course = self._scene.rng, self._scene.course
        application = _APPLICATION * course.interest(week)
        topics = rng.choices(("application", *_TECHNICAL_TOPICS), (application, *_TECHNICAL_WEIGHTS), k=2)
        if rng.random() < 0.06 * (1 + course.pressure(week)):
            topics.append("price")
        channel = rng.choices(_CHANNELS, _TECHNICAL_CHANNELS)[0]
        people = self._customers(channel, TECHNICAL * self._share, time)
        inbound = rng.random() < 0.55  # noqa: PLR2004
        asked = self._note(time, channel, people, topics, inbound=inbound)
        if inbound and channel in {"email", "call"} and rng.random() < _ANSWERED:
            later = self._scene.ledger.later(rng, time, rng.lognormvariate(0.4, 0.8))
            self._note(later, "email", people[:1], topics[:1], inbound=False, answers=asked)

    def _commercial(self, time: datetime, price: float) -> None:
        rng = self._scene.rng
        topics = rng.choices(_COMMERCIAL_TOPICS, _COMMERCIAL_WEIGHTS)
        if rng.random() < price:
            topics = ["price", *topics] if rng.random() < 0.4 else ["price"]  # noqa: PLR2004
        channel = rng.choices(_CHANNELS, _COMMERCIAL_CHANNELS)[0]
        people = self._customers(channel, COMMERCIAL, time)
        self._note(time, channel, people, topics, inbound=rng.random() < 0.5)  # noqa: PLR2004

    def _negotiate(self, week: int) -> None:
        """Talk about next year's prices; who came only for that goes when it is over."""
        course, rng, ledger = self._scene.course, self._scene.rng, self._scene.ledger
        if not course.negotiation or week < course.first_week + course.negotiation.week:
            return
        since = (week - course.first_week - course.negotiation.week) % 52
        if since == 0:
            self._scene.cast.welcome(course.negotiation.guests, ledger.moment(rng, week - 1))
        if since < _NEGOTIATION_WEEKS:
            rate = course.negotiation.talks / _NEGOTIATION_WEEKS * course.contacts_left(week)
            for _ in range(poisson(rng, rate)):
                self._commercial(ledger.moment(rng, week), _NEGOTIATED)
        elif since == _NEGOTIATION_WEEKS:
            self._scene.cast.see_off(ledger.moment(rng, week))

    def _customers(self, channel: str, purchasing: float, time: datetime) -> list[Event]:
        size = min(_LARGEST, 1 + poisson(self._scene.rng, _COMPANY[channel]))
        return self._scene.cast.some(size, purchasing, time)

    def _note(
        self,
        time: datetime,
        channel: str,
        people: list[Event],
        topics: list[str],
        *,
        inbound: bool,
        answers: str | None = None,
    ) -> str:
        rng, team = self._scene.rng, self._scene.team
        ours = [team.seller] if "price" in topics or "terms" in topics else [team.engineer]
        if channel in {"meeting", "visit", "demo"} and rng.random() < 0.4:  # noqa: PLR2004
            ours = [team.seller, team.engineer]
        data: Event = {
            "channel": channel,
            "direction": "inbound" if inbound else "outbound",
            "participants": [*people, *ours],
            "topics": list(dict.fromkeys(topics)),
        }
        if rng.random() < 0.6:  # noqa: PLR2004
            data["product_line"] = self._scene.line().name
        if answers:
            data["answers"] = answers
        return self._scene.ledger.add("crm.interaction.logged", time, data)


def commercial_talks(share: float) -> float:
    """How many of the talks are commercial, so that purchasing has this share over all."""
    technical = TECHNICAL * share
    return min(1.0, (share - technical) / (COMMERCIAL - technical))
