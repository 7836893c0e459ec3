"""Who is told what, and why not: the pipeline that every alert passes, in the order of STAGES.

Everything here is pure: `now` is passed in, and each decision carries its reason by name.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from accounts.alert import Alert, Severity
from accounts.stages import Stage
from alerts.cleaning import is_mailbox
from alerts.config import CHANNELS, Channel, NotifierConfig
from alerts.message import Notice

Reason = Literal[
    "history",
    "recovery_is_its_own_alert",
    "unchanged_for_reader",
    "nothing_to_correct",
    "being_handled",
    "no_receiver",
    "retracted_before_delivery",
]
Route = Literal["owner", "default"]

SLACK_CHANNEL = "channel"  # the receiver where nobody is mentioned: whoever reads the webhook's channel

_SLACK_ID = re.compile(r"[UW][A-Z0-9]{1,30}")
_SEVERITY: dict[Severity, int] = {"info": 0, "warning": 1, "critical": 2}
_GRAVITY: dict[Stage, int] = {"shifted": 1, "declining": 1, "at_risk": 2, "lost": 3}


@dataclass(frozen=True, slots=True)
class Case:
    """An alert as it came, and what is known of its earlier life."""

    alert: Alert
    before: Alert | None
    told: frozenset[Channel]  # where a notice of it was delivered, or still may be
    now: datetime
    config: NotifierConfig
    handled: bool = False  # by what a person said of it last


@dataclass(frozen=True, slots=True)
class Planned:
    """One delivery to record: to be sent where `held` is empty."""

    channel: Channel
    receiver: str
    route: Route
    notice: Notice
    held: Reason | None


Stage_ = Callable[[Case, Notice, Channel], Reason | None]


def decide(case: Case) -> tuple[Notice, list[Planned]]:
    """What the alert is to its readers, and one planned delivery for each channel."""
    notice = notice_of(case.before, case.alert)
    return notice, [_plan(case, notice, channel) for channel in case.config.channels]


def notice_of(before: Alert | None, alert: Alert) -> Notice:
    """Which change of the alert this message tells."""
    if before is not None and (before.status, before.retracted) == (alert.status, alert.retracted):
        return "updated"
    if alert.retracted:
        return "retracted"
    if alert.status == "resolved":
        return "resolved"
    return "raised" if before is None else "refired"


def _plan(case: Case, notice: Notice, channel: Channel) -> Planned:
    held = next((reason for stage in STAGES if (reason := stage(case, notice, channel))), None)
    receiver, route = route_to(case.alert, channel, case.config)
    if receiver is None:
        return Planned(channel, "", route, notice, held or "no_receiver")
    return Planned(channel, receiver, route, notice, held)


def hold_unfounded_correction(case: Case, notice: Notice, channel: Channel) -> Reason | None:
    """Who was not told an alert need not be told that it was none."""
    return "nothing_to_correct" if notice == "retracted" and channel not in case.told else None


def hold_history(case: Case, notice: Notice, channel: Channel) -> Reason | None:  # noqa: ARG001
    """A first start reads years of events; nobody wants their alerts. Corrections are never history."""
    oldest = case.config.max_age
    if notice == "retracted" or oldest is None:
        return None
    return "history" if case.now - case.alert.raised_at > oldest else None


def hold_recovery(case: Case, notice: Notice, channel: Channel) -> Reason | None:  # noqa: ARG001
    """An account that came back is told by an alert of its own, not by the end of the old one."""
    return "recovery_is_its_own_alert" if notice == "resolved" else None


def hold_unchanged(case: Case, notice: Notice, channel: Channel) -> Reason | None:  # noqa: ARG001
    """New figures for a known alert are on its page; a reader is called back only when it is graver."""
    if notice != "updated" or case.before is None:
        return None
    graver = _SEVERITY[case.alert.severity] > _SEVERITY[case.before.severity] or _GRAVITY.get(
        case.alert.stage, 0
    ) > _GRAVITY.get(case.before.stage, 0)
    return None if graver and case.alert.status == "firing" else "unchanged_for_reader"


def hold_handled(case: Case, notice: Notice, channel: Channel) -> Reason | None:  # noqa: ARG001
    """Whoever is at work on an alert need not be called again because it has come back."""
    return "being_handled" if notice == "refired" and case.handled else None


# The first stage with a reason holds the notice back; then it is routed.
STAGES: tuple[Stage_, ...] = (
    hold_unfounded_correction,
    hold_history,
    hold_recovery,
    hold_unchanged,
    hold_handled,
)


def route_to(alert: Alert, channel: Channel, config: NotifierConfig) -> tuple[str | None, Route]:
    """The account's owner, else the default receiver; None where there is neither."""
    owner = alert.account.owner
    if channel == "slack":
        named = owner is not None and _SLACK_ID.fullmatch(owner.slack_id or "") is not None
        return (owner.slack_id, "owner") if owner and named else (SLACK_CHANNEL, "default")
    if owner is not None and is_mailbox(owner.email):
        return owner.email, "owner"
    return config.default_email, "default"


def route_of(body: Mapping[str, Any], receiver: str) -> Route:
    """How a receiver was come by, told again from the alert as it was then."""
    owner = (body.get("account") or {}).get("owner") or {}
    return "owner" if receiver in {owner.get("email"), owner.get("slack_id")} else "default"


@dataclass(frozen=True, slots=True)
class Turn:
    """What is known of a delivery when its turn to be sent has come."""

    notice: Notice
    alert_retracted: bool  # by now
    told_before: bool  # an earlier notice of the alert reached the same receiver by the same channel
    maybe_sent: bool  # an attempt was made whose end nobody recorded


def reconsider(turn: Turn) -> Reason | None:
    """Whether a notice that was planned earlier is still worth sending."""
    if turn.notice == "retracted":
        return None if turn.told_before else "nothing_to_correct"
    if turn.alert_retracted and not turn.maybe_sent:
        return "retracted_before_delivery"
    return None


def told_channels(statuses: Mapping[str, set[str]]) -> frozenset[Channel]:
    """The channels in which a notice has been delivered or still waits."""
    return frozenset(name for name in CHANNELS if statuses.get(name, set()) & {"delivered", "pending"})
