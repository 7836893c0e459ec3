"""Who is told what, and why not."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import get_args

import msgspec
import pytest

from accounts.alert import Alert, Contact
from alerts import decision
from alerts.config import EmailConfig, Limits, NotifierConfig, SlackConfig
from alerts.decision import Case, Drop, Standing, Wait, at_turn
from alerts.destinations import Destination, webhook_destination
from alerts.hours import OFFICE, Pace
from alerts.message import Notice
from alerts.planning import plan
from alerts.routing import Handling, Route
from alerts.standing import Known
from tests.unit.alerts.samples import RAISED, SHIFT

CONFIG = NotifierConfig(
    slack=SlackConfig(webhook_url="https://hooks.slack.example/services/T/B/secret"),
    email=EmailConfig(host="mail.vendor.example", sender="alerts@vendor.example"),
    default_email="sales@vendor.example",
)
NOW = RAISED + timedelta(days=1)
SLACK, EMAIL = ("slack", "U0OWNER01"), ("email", "owner@vendor.example")
BOTH = frozenset({SLACK, EMAIL})
NOTHING = Known((), {}, {}, {}, ())
change = msgspec.structs.replace
RESOLVED = change(SHIFT, status="resolved", resolved_at=RAISED)
RETRACTED = change(RESOLVED, retracted=True)
CRITICAL = change(SHIFT, severity="critical")


def held(
    alert: Alert,
    before: Alert | None = None,
    told: Collection[tuple[str, str]] = BOTH,
    now: datetime = NOW,
    config: NotifierConfig = CONFIG,
    known: Known = NOTHING,
) -> tuple[str, list[str | None]]:
    """The notice, and what holds it back for each destination."""
    notice, planned = plan(before, alert, known=known, told=told, endpoints=[], now=now, config=config)
    assert {one.notice for one in planned} <= {notice}
    return notice, [one.held for one in planned]


@pytest.mark.parametrize(
    ("before", "alert", "notice", "reason"),
    [
        (None, SHIFT, "raised", None),
        (SHIFT, SHIFT, "updated", "unchanged_for_reader"),
        (SHIFT, CRITICAL, "updated", None),
        (SHIFT, change(SHIFT, stage="at_risk"), "updated", None),
        (SHIFT, change(SHIFT, stage="declining"), "updated", "unchanged_for_reader"),
        (SHIFT, RESOLVED, "resolved", "recovery_is_its_own_alert"),
        (None, RESOLVED, "resolved", "recovery_is_its_own_alert"),
        (RESOLVED, RESOLVED, "updated", "unchanged_for_reader"),
        (RESOLVED, change(RESOLVED, severity="critical"), "updated", "unchanged_for_reader"),
        (RESOLVED, SHIFT, "refired", None),
        (RETRACTED, SHIFT, "refired", None),
        (SHIFT, RETRACTED, "retracted", None),
        (RESOLVED, RETRACTED, "retracted", None),
        (RETRACTED, RETRACTED, "updated", "unchanged_for_reader"),
    ],
)
def test_each_change_of_an_alert_has_its_notice(
    before: Alert | None, alert: Alert, notice: str, reason: str | None
) -> None:
    """One row a change: what it is called, and whether readers are told."""
    assert held(alert, before) == (notice, [reason, reason])


def test_who_handles_an_alert_is_not_called_again() -> None:
    """What fires again stays silent for whoever is at work on it; what is new or graver is still told."""
    handled = Known((), {}, {SHIFT.id: "being_handled"}, {}, ())
    assert held(SHIFT, RESOLVED, known=handled)[1] == ["being_handled"] * 2
    assert held(SHIFT, None, known=handled)[1] == [None, None]
    assert held(CRITICAL, SHIFT, known=handled)[1] == [None, None]
    assert held(RETRACTED, SHIFT, known=handled)[1] == [None, None]


def test_history_is_not_sent() -> None:
    """A first start reads years of events; their alerts are recorded in silence."""
    assert held(SHIFT, now=RAISED + timedelta(days=36)) == ("raised", ["history", "history"])
    assert held(SHIFT, now=RAISED + timedelta(days=35)) == ("raised", [None, None])
    forever = NotifierConfig(slack=CONFIG.slack, max_age=None)
    assert held(SHIFT, now=RAISED + timedelta(days=5000), config=forever) == ("raised", [None])


def test_a_correction_reaches_only_who_was_told() -> None:
    """And however old the alert is by then."""
    late = RAISED + timedelta(days=100)
    assert held(RETRACTED, SHIFT, {EMAIL}, late) == ("retracted", ["nothing_to_correct", None])
    assert held(RETRACTED, None, ()) == ("retracted", ["nothing_to_correct"] * 2)


def test_nobody_to_tell_is_visible() -> None:
    """Without owner and default the delivery is recorded with its reason."""
    alert = change(SHIFT, account=change(SHIFT.account, owner=None))
    alone = NotifierConfig(email=CONFIG.email)
    assert held(alert, config=alone) == ("raised", ["no_receiver"])


def test_no_channel_no_delivery() -> None:
    """Channels that are not configured do not exist."""
    assert held(SHIFT, config=NotifierConfig()) == ("raised", [])


def case(
    alert: Alert = SHIFT,
    notice: Notice = "raised",
    *,
    now: datetime = NOW,
    created_at: datetime | None = None,
    told: bool = False,
    maybe_sent: bool = False,
    standing: Standing = Standing(),  # noqa: B008  # frozen
    pace: Pace = "at_once",
    always: bool = False,
    channel: str = "email",
) -> Case:
    to = Destination("email", EMAIL[1], "owner", "everything", Handling(pace=pace, always=always))
    if channel == "webhook":
        to = webhook_destination("ep_1")
    return Case(
        alert,
        notice,
        graver=True,
        destination=to,
        created_at=created_at or now,
        now=now,
        told=told,
        standing=standing,
        maybe_sent=maybe_sent,
    )


@pytest.mark.parametrize(
    ("turn", "reason"),
    [
        (case(), None),
        (case(RETRACTED), "retracted_before_delivery"),
        (case(RESOLVED), "ended_before_delivery"),
        (case(RETRACTED, maybe_sent=True), None),
        (case(RETRACTED, "retracted"), "nothing_to_correct"),
        (case(RETRACTED, "retracted", told=True), None),
        (case(notice="reminder", standing=Standing(acknowledged=True)), "acknowledged"),
        (case(notice="escalated", standing=Standing(handled=True)), "acknowledged"),
        (case(standing=Standing(acknowledged=True)), None),
        (case(standing=Standing(unsubscribed=True)), "unsubscribed"),
    ],
)
def test_a_notice_is_decided_again_when_its_turn_comes(turn: Case, reason: str | None) -> None:
    """Nobody is told an alert that has been taken back, unless they may have been told already."""
    decided = at_turn(turn, CONFIG)
    assert (decided and decided.reason) == reason


SOON = NOW + timedelta(hours=3)


@pytest.mark.parametrize(
    ("turn", "decided"),
    [
        (case(standing=Standing(silenced_until=SOON)), Wait("silenced", SOON)),
        (case(CRITICAL, standing=Standing(silenced_until=SOON)), Wait("silenced", SOON)),
        (case(RETRACTED, "retracted", told=True, standing=Standing(silenced_until=SOON)), None),
        (case(standing=Standing(snoozed_until=SOON)), Wait("snoozed", SOON)),
        (case(standing=Standing(snoozed_until=NOW)), None),
        (case(standing=Standing(others=frozenset({"lost"}))), Wait("inhibited", NOW + timedelta(days=1))),
        (case(standing=Standing(others=frozenset({"decline"}))), None),
        (
            case(RETRACTED, "retracted", told=True, standing=Standing(others=frozenset({"lost"}))),
            None,
        ),
        (
            case(channel="webhook", standing=Standing(silenced_until=SOON, others=frozenset({"lost"}))),
            None,
        ),
    ],
)
def test_what_delays_a_notice_does_not_lose_it(turn: Case, decided: Wait | None) -> None:
    """Silences, snoozes and graver alerts make it wait until a moment; corrections and programs do not."""
    assert at_turn(turn, CONFIG) == decided


def at_work(now: datetime, alert: Alert = SHIFT, *, pace: Pace = "at_once", always: bool = False) -> object:
    config = NotifierConfig(email=CONFIG.email, hours=OFFICE, limits=Limits(gather=timedelta(seconds=30)))
    return at_turn(case(alert, now=now, created_at=now, pace=pace, always=always), config)


FRIDAY_NIGHT = datetime(2026, 5, 22, 21, tzinfo=UTC)
MONDAY = datetime(2026, 5, 25, 8, tzinfo=UTC)


def test_nothing_at_night_unless_critical() -> None:
    """A warning of Friday night is read on Monday morning; what is critical gathers its 30 seconds."""
    soon = Wait("gathering", FRIDAY_NIGHT + timedelta(seconds=30))
    assert at_work(FRIDAY_NIGHT) == Wait("outside_hours", MONDAY)
    assert at_work(FRIDAY_NIGHT, CRITICAL) == soon
    assert at_work(FRIDAY_NIGHT, always=True) == soon


def test_a_route_may_leave_an_alert_to_the_digest() -> None:
    """The next working day's, or the week's; what is critical does not wait for it."""
    tuesday = datetime(2026, 5, 26, 11, tzinfo=UTC)
    assert at_work(tuesday, pace="daily") == Wait("digest", tuesday.replace(day=27, hour=8))
    assert at_work(tuesday, pace="weekly") == Wait("digest", datetime(2026, 6, 1, 8, tzinfo=UTC))
    assert at_work(tuesday, CRITICAL, pace="weekly") == Wait("gathering", tuesday + timedelta(seconds=30))


def test_the_account_s_own_morning_counts() -> None:
    """Eight o'clock in Shanghai is midnight in UTC."""
    alert = change(SHIFT, account=change(SHIFT.account, timezone="Asia/Shanghai"))
    assert at_work(FRIDAY_NIGHT, alert) == Wait("outside_hours", datetime(2026, 5, 25, 0, tzinfo=UTC))
    lost = change(SHIFT, account=change(SHIFT.account, timezone="../etc/passwd"))
    assert at_work(FRIDAY_NIGHT, lost) == Wait("outside_hours", MONDAY)


def test_unusable_owners_fall_back_to_the_default() -> None:
    """What is no address or no member's id is not used as one."""
    for email in ("", "nobody", "a@b.example\r\nBcc: c@d.example", "two@a.example, b@c.example"):
        for slack_id in (None, "", "u1", "<!channel>", "U1>", "#general"):
            owner = Contact("x", email, slack_id)
            alert = change(SHIFT, account=change(SHIFT.account, owner=owner))
            _, planned = plan(None, alert, known=NOTHING, told=(), endpoints=[], now=NOW, config=CONFIG)
            where = {(one.channel, one.destination.receiver, one.destination.role) for one in planned}
            assert where == {
                ("slack", "channel", "default"),
                ("email", "sales@vendor.example", "default"),
            }


def test_a_bot_edits_quietly_what_it_has_shown() -> None:
    """New figures and the end of an alert change its message in Slack, and disturb nobody by email."""
    config = NotifierConfig(slack=SlackConfig(bot_token="xoxb-1"), email=CONFIG.email, hours=OFFICE)
    night = FRIDAY_NIGHT
    for alert, before, reason in (
        (SHIFT, SHIFT, "unchanged_for_reader"),
        (RESOLVED, SHIFT, "recovery_is_its_own_alert"),
    ):
        _, planned = plan(before, alert, known=NOTHING, told=BOTH, endpoints=[], now=night, config=config)
        assert [(one.channel, one.quiet, one.held) for one in planned] == [
            ("slack", True, None),
            ("email", False, reason),
        ]


def test_every_reason_is_documented_by_its_stage() -> None:
    """A reason that no stage gives, or a stage outside of the lists, would be a lie to operations."""
    stages = {*decision.AT_RECEIPT, *decision.AT_TURN}
    stages |= {*decision.PROGRAM_AT_RECEIPT, *decision.PROGRAM_AT_TURN}
    defined = {getattr(decision, name) for name in dir(decision) if name.startswith(("drop_", "wait_"))}
    assert stages == defined
    assert set(decision.REASONS) == {*get_args(decision.Reason), *get_args(decision.WaitingReason)}
    assert Drop("history").reason in decision.REASONS


def test_a_route_may_name_a_manager_without_one() -> None:
    """An account without a manager is told to the default rather than to nobody."""
    config = NotifierConfig(
        email=CONFIG.email, default_email="sales@vendor.example", routes=Route(name="all", to=("manager",))
    )
    _, planned = plan(None, SHIFT, known=NOTHING, told=(), endpoints=[], now=NOW, config=config)
    assert [(one.destination.receiver, one.destination.role) for one in planned] == [
        ("sales@vendor.example", "default")
    ]
