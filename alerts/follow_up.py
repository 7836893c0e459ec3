"""What follows when an alert goes on: it is said again, or the manager is told. Pure; `now` is passed in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.alert import Alert
from alerts.config import NotifierConfig
from alerts.destinations import Destination, destinations, hours_of, managers, zone
from alerts.message import Notice
from alerts.receivers import MANAGER, PEOPLE
from alerts.routing import Taken, ways
from storage.answers import Answers
from storage.follow_ups import Heard

_NOT_TOLD_YET = timedelta(hours=1)  # until the next look at an alert that waits for its first message
_BEGINS = frozenset({"raised", "refired"})


@dataclass(frozen=True, slots=True)
class Course:
    """An alert, what was said of it, and what was answered."""

    alert: Alert
    heard: Sequence[Heard]
    answers: Answers
    handled: bool
    now: datetime


@dataclass(frozen=True, slots=True)
class Next:
    """A notice to send; the same `occasion` is the same notice."""

    destination: Destination
    notice: Notice
    occasion: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be sent now, and when to look again."""

    notices: tuple[Next, ...]
    look_again: datetime | None


def follow_up(course: Course, config: NotifierConfig) -> Plan:
    """Reminders at the route's interval and after a snooze; the manager, once, when nobody has answered."""
    alert, said = course.alert, course.answers
    if alert.status != "firing" or alert.kind == "recovered":
        return Plan((), None)
    if said.acknowledged_at is not None or course.handled:
        return Plan((), None)
    if said.snoozed_until is not None and said.snoozed_until > course.now:
        return Plan((), said.snoozed_until)
    heard = [one for one in course.heard if one.channel in PEOPLE]
    if not heard:
        return Plan((), course.now + _NOT_TOLD_YET)
    moments = [*_reminders(course, heard, config), *_escalations(course, heard, config)]
    later = [at for at, _ in moments if at > course.now]
    return Plan(tuple(one for at, one in moments if at <= course.now), min(later, default=None))


def _reminders(
    course: Course, heard: Sequence[Heard], config: NotifierConfig
) -> Iterator[tuple[datetime, Next]]:
    snoozed = course.answers.snoozed_until
    last = {(one.channel, one.receiver): one.finished_at for one in heard}
    for to in destinations(course.alert, config):
        at = last.get((to.channel, to.receiver))
        if at is None:
            continue
        if snoozed is not None and at < snoozed:
            yield snoozed, Next(to, "reminder", f"snoozed until {snoozed.isoformat()}")
        elif days := to.handling.repeat_days:
            again = Next(to, "reminder", f"told {at.isoformat()}")
            yield at + timedelta(days=days), again


def _escalations(
    course: Course, heard: Sequence[Heard], config: NotifierConfig
) -> Iterator[tuple[datetime, Next]]:
    begun = _begun(heard)
    if any(one.notice == "escalated" and one.finished_at >= begun for one in heard):
        return
    for taken in ways(config.routes, course.alert):
        if days := taken.handling.escalate_days:
            there = zone(MANAGER, course.alert, config)
            at = hours_of(MANAGER, config).after_working_days(begun, days, there)
            for to in managers(course.alert, taken, config) or _nobody(taken, config):
                yield at, Next(to, "escalated", f"unanswered since {begun.isoformat()}")


def _begun(heard: Sequence[Heard]) -> datetime:
    """When the first receiver heard that the alert had begun, or had begun again."""
    begins = [one for one in heard if one.notice in _BEGINS] or list(heard)
    latest: dict[tuple[str, str], datetime] = {(one.channel, one.receiver): one.finished_at for one in begins}
    return min(latest.values())


def _nobody(taken: Taken, config: NotifierConfig) -> list[Destination]:
    """The account names no manager: that is recorded as a delivery to nobody."""
    channels = [name for name in config.channels if name in PEOPLE]
    return [Destination(name, "", MANAGER, taken.name, taken.handling) for name in channels[:1]]
