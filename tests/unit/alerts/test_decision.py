"""Who is told what, and why not."""

from datetime import datetime, timedelta

import msgspec
import pytest

from accounts.alert import Alert, Contact
from alerts.config import Channel, EmailConfig, NotifierConfig, SlackConfig
from alerts.decision import Case, Turn, decide, reconsider, route_to
from tests.unit.alerts.samples import RAISED, SHIFT

CONFIG = NotifierConfig(
    slack=SlackConfig(webhook_url="https://hooks.slack.example/services/T/B/secret"),
    email=EmailConfig(host="mail.vendor.example", sender="alerts@vendor.example"),
    default_email="sales@vendor.example",
)
NOW = RAISED + timedelta(days=1)
BOTH: frozenset[Channel] = frozenset({"slack", "email"})
change = msgspec.structs.replace
RESOLVED = change(SHIFT, status="resolved", resolved_at=RAISED)
RETRACTED = change(RESOLVED, retracted=True)


def held(
    alert: Alert,
    before: Alert | None = None,
    told: frozenset[Channel] = BOTH,
    now: datetime = NOW,
    config: NotifierConfig = CONFIG,
) -> tuple[str, list[str | None]]:
    notice, planned = decide(Case(alert, before, told, now, config))
    assert {plan.notice for plan in planned} == {notice}
    return notice, [plan.held for plan in planned]


@pytest.mark.parametrize(
    ("before", "alert", "notice", "reason"),
    [
        (None, SHIFT, "raised", None),
        (SHIFT, SHIFT, "updated", "unchanged_for_reader"),
        (SHIFT, change(SHIFT, severity="critical"), "updated", None),
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

    def reasons(alert: Alert, before: Alert | None) -> list[str | None]:
        case = Case(alert, before, BOTH, NOW, CONFIG, handled=True)
        return [plan.held for plan in decide(case)[1]]

    assert reasons(SHIFT, RESOLVED) == ["being_handled"] * 2
    assert reasons(SHIFT, None) == [None, None]
    assert reasons(change(SHIFT, severity="critical"), SHIFT) == [None, None]
    assert reasons(RETRACTED, SHIFT) == [None, None]


def test_history_is_not_sent() -> None:
    """A first start reads years of events; their alerts are recorded in silence."""
    assert held(SHIFT, now=RAISED + timedelta(days=36)) == ("raised", ["history", "history"])
    assert held(SHIFT, now=RAISED + timedelta(days=35)) == ("raised", [None, None])
    forever = NotifierConfig(slack=CONFIG.slack, max_age=None)
    assert held(SHIFT, now=RAISED + timedelta(days=5000), config=forever) == ("raised", [None])


def test_a_correction_reaches_only_who_was_told() -> None:
    """And however old the alert is by then."""
    late = RAISED + timedelta(days=100)
    assert held(RETRACTED, SHIFT, frozenset({"email"}), late) == ("retracted", ["nothing_to_correct", None])
    assert held(RETRACTED, None, frozenset()) == ("retracted", ["nothing_to_correct"] * 2)


def test_the_owner_is_first() -> None:
    """The account's owner by email and by mention."""
    assert route_to(SHIFT, "email", CONFIG) == ("owner@vendor.example", "owner")
    assert route_to(SHIFT, "slack", CONFIG) == ("U0OWNER01", "owner")


@pytest.mark.parametrize(
    "email", ["", "nobody", "a@b.example\r\nBcc: c@d.example", "two@a.example, b@c.example"]
)
@pytest.mark.parametrize("slack_id", [None, "", "u1", "<!channel>", "U1>", "#general"])
def test_unusable_owners_fall_back_to_the_default(email: str, slack_id: str | None) -> None:
    """What is no address or no member's id is not used as one."""
    owner = Contact("x", email, slack_id)
    alert = change(SHIFT, account=change(SHIFT.account, owner=owner))
    assert route_to(alert, "email", CONFIG) == ("sales@vendor.example", "default")
    assert route_to(alert, "slack", CONFIG) == ("channel", "default")


def test_nobody_to_tell_is_visible() -> None:
    """Without owner and default the delivery is recorded with its reason."""
    alert = change(SHIFT, account=change(SHIFT.account, owner=None))
    alone = NotifierConfig(email=CONFIG.email)
    assert held(alert, config=alone) == ("raised", ["no_receiver"])


def test_no_channel_no_delivery() -> None:
    """Channels that are not configured do not exist."""
    assert decide(Case(SHIFT, None, frozenset(), NOW, NotifierConfig())) == ("raised", [])


@pytest.mark.parametrize(
    ("turn", "reason"),
    [
        (Turn("raised", alert_retracted=False, told_before=False, maybe_sent=False), None),
        (
            Turn("raised", alert_retracted=True, told_before=False, maybe_sent=False),
            "retracted_before_delivery",
        ),
        (Turn("raised", alert_retracted=True, told_before=False, maybe_sent=True), None),
        (Turn("retracted", alert_retracted=True, told_before=False, maybe_sent=False), "nothing_to_correct"),
        (Turn("retracted", alert_retracted=True, told_before=True, maybe_sent=False), None),
    ],
)
def test_a_notice_is_reconsidered_when_its_turn_comes(turn: Turn, reason: str | None) -> None:
    """Nobody is told an alert that has been taken back, unless they may have been told already."""
    assert reconsider(turn) == reason
