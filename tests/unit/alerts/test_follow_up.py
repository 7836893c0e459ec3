"""What follows when an alert goes on."""

from datetime import datetime, timedelta

import msgspec

from accounts.alert import Alert, Contact
from alerts.config import EmailConfig, NotifierConfig
from alerts.follow_up import Course, Plan, follow_up
from alerts.hours import OFFICE
from alerts.routing import Route
from storage.answers import Answers
from storage.follow_ups import Heard
from tests.unit.alerts.samples import RAISED, SHIFT

change = msgspec.structs.replace
MANAGER = Contact("Manager", "manager@vendor.example")
ALERT = change(SHIFT, account=change(SHIFT.account, manager=MANAGER))
CONFIG = NotifierConfig(
    email=EmailConfig(host="h", sender="a@b.example"),
    hours=OFFICE,
    routes=Route(name="all", escalate_days=3, repeat_days=14),
)
TOLD = RAISED + timedelta(hours=9)  # a Monday morning
OWNER = Heard(ALERT.id, "email", "owner@vendor.example", "owner", "all", "raised", TOLD)


def after(
    days: float,
    *heard: Heard,
    alert: Alert = ALERT,
    answers: Answers = Answers(),  # noqa: B008  # frozen
    handled: bool = False,
    config: NotifierConfig = CONFIG,
) -> tuple[list[tuple[str, str]], datetime | None]:
    course = Course(alert, heard or (OWNER,), answers, handled, TOLD + timedelta(days=days))
    plan = follow_up(course, config)
    return [(one.notice, one.destination.receiver) for one in plan.notices], plan.look_again


def test_the_manager_is_told_when_nobody_answers() -> None:
    """After three working days, not before, and once."""
    escalation, reminder = TOLD + timedelta(days=3), TOLD + timedelta(days=14)
    assert after(2.9) == ([], escalation)
    assert after(3) == ([("escalated", "manager@vendor.example")], reminder)
    told = Heard(ALERT.id, "email", "manager@vendor.example", "manager", "all", "escalated", escalation)
    assert after(4, OWNER, told) == ([], reminder)


def test_whoever_answers_is_left_in_peace() -> None:
    """An acknowledgement, feedback that it is handled, the alert's end."""
    assert after(20, answers=Answers(acknowledged_at=TOLD)) == ([], None)
    assert after(20, handled=True) == ([], None)
    assert after(20, alert=change(ALERT, status="resolved")) == ([], None)


def test_an_alert_that_holds_is_said_again() -> None:
    """At the route's interval since it was said last."""
    quiet = NotifierConfig(email=CONFIG.email, routes=Route(name="all", repeat_days=14))
    assert after(14, config=quiet) == ([("reminder", "owner@vendor.example")], None)
    again = OWNER._replace(notice="reminder", finished_at=TOLD + timedelta(days=14))
    assert after(15, OWNER, again, config=quiet) == ([], TOLD + timedelta(days=28))
    assert after(400, config=NotifierConfig(email=CONFIG.email)) == ([], None)


def test_a_snooze_ends_with_a_reminder() -> None:
    """Nothing until then; what still holds is said, once, to who was told before."""
    until = TOLD + timedelta(days=7)
    snoozed = Answers(snoozed_until=until)
    quiet = NotifierConfig(email=CONFIG.email)
    assert after(6, answers=snoozed, config=quiet) == ([], until)
    assert after(7, answers=snoozed, config=quiet) == ([("reminder", "owner@vendor.example")], None)
    again = OWNER._replace(notice="reminder", finished_at=until + timedelta(hours=1))
    assert after(8, OWNER, again, answers=snoozed, config=quiet) == ([], None)


def test_what_nobody_has_heard_yet_is_looked_at_again() -> None:
    """While the first message waits for the morning nobody is late in answering it."""
    course = Course(ALERT, (), Answers(), handled=False, now=TOLD)
    assert follow_up(course, CONFIG) == Plan((), TOLD + timedelta(hours=1))


def test_an_account_without_a_manager_escalates_to_nobody_visibly() -> None:
    """The delivery says that no receiver is known."""
    assert after(3, alert=SHIFT)[0] == [("escalated", "")]


def test_the_same_occasion_is_the_same_notice() -> None:
    """A sweep that is repeated after a crash plans nothing new."""
    course = Course(ALERT, (OWNER,), Answers(), handled=False, now=TOLD + timedelta(days=20))
    assert follow_up(course, CONFIG) == follow_up(course, CONFIG)
    assert {one.occasion for one in follow_up(course, CONFIG).notices} == {
        f"told {TOLD.isoformat()}",
        f"unanswered since {TOLD.isoformat()}",
    }
