"""Who is told what, and why not: the stages that every notice passes, in the order they stand here.

Everything is pure: `now` is passed in, and each decision carries its reason by name. A notice passes the
stages when its alert comes in, and again when its turn to be sent has come, since much may have changed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from accounts.alert import Alert, Severity
from accounts.stages import Kind, Stage
from alerts.config import NotifierConfig
from alerts.destinations import Destination, hours_of, zone
from alerts.message import Notice

Reason = Literal[
    "history",
    "recovery_is_its_own_alert",
    "unchanged_for_reader",
    "nothing_to_correct",
    "being_handled",
    "no_receiver",
    "retracted_before_delivery",
    "ended_before_delivery",
    "superseded",
    "unsubscribed",
    "acknowledged",
    "endpoint_gone",
    "nothing_open",
]
WaitingReason = Literal[
    "silenced", "snoozed", "inhibited", "outside_hours", "digest", "gathering", "paused", "rate_limited"
]
REASONS: tuple[str, ...] = (*get_args(Reason), *get_args(WaitingReason))

# What a graver alert of the same account makes needless to say.
INHIBITED_BY: Mapping[Kind, frozenset[Kind]] = {
    "at_risk": frozenset({"lost"}),
    "buying_centre_shift": frozenset({"lost", "at_risk"}),
    "decline": frozenset({"lost", "at_risk"}),
    "champion_left": frozenset({"lost"}),
    "service_gap": frozenset({"lost"}),
}
_LOOK_AGAIN = timedelta(days=1)  # at what an inhibited notice waits for: the graver alert may be taken back
_SEVERITY: dict[Severity, int] = {"info": 0, "warning": 1, "critical": 2}
_GRAVITY: dict[Stage, int] = {"shifted": 1, "declining": 1, "at_risk": 2, "lost": 3}


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of an alert besides itself, at this moment."""

    others: frozenset[Kind] = frozenset()  # of the account's other alerts that hold
    silenced_until: datetime | None = None
    snoozed_until: datetime | None = None
    acknowledged: bool = False
    handled: bool = False  # by what a person said of it last
    unsubscribed: bool = False  # the receiver, by this channel
    gone: bool = False  # the endpoint, which was deleted or disabled


@dataclass(frozen=True, slots=True)
class Case:
    """One notice for one destination."""

    alert: Alert  # as last received
    notice: Notice
    graver: bool  # than the alert was before
    destination: Destination
    created_at: datetime
    now: datetime
    told: bool  # an earlier notice of the alert reached the destination, or still may
    standing: Standing = Standing()
    maybe_sent: bool = False  # an attempt was made whose end nobody recorded


@dataclass(frozen=True, slots=True)
class Drop:
    """It is not sent."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Wait:
    """It is looked at again at a moment."""

    reason: WaitingReason
    until: datetime


Decision = Drop | Wait | None
StageOf = Callable[[Case, NotifierConfig], Decision]


def notice_of(before: Alert | None, alert: Alert) -> Notice:
    """Which change of the alert this message tells."""
    if before is not None and (before.status, before.retracted) == (alert.status, alert.retracted):
        return "updated"
    if alert.retracted:
        return "retracted"
    if alert.status == "resolved":
        return "resolved"
    return "raised" if before is None else "refired"


def is_graver(before: Alert | None, alert: Alert) -> bool:
    """Whether a reader must be called back."""
    if before is None:
        return True
    return _SEVERITY[alert.severity] > _SEVERITY[before.severity] or _GRAVITY.get(
        alert.stage, 0
    ) > _GRAVITY.get(before.stage, 0)


def edits(channel: str, config: NotifierConfig) -> bool:
    """Whether a channel can change what it has shown."""
    return channel == "slack" and config.slack is not None and config.slack.bot_token is not None


def is_quiet(case: Case, config: NotifierConfig) -> bool:
    """Whether the notice only edits what stands in the channel already, which disturbs nobody."""
    changed = case.notice == "resolved" or (case.notice == "updated" and not case.graver)
    return changed and case.told and edits(case.destination.channel, config)


def at_receipt(case: Case, config: NotifierConfig) -> Decision:
    """What becomes of a notice when its alert comes in; None: it is sent at once."""
    return _first(PROGRAM_AT_RECEIPT if case.destination.program else AT_RECEIPT, case, config)


def at_turn(case: Case, config: NotifierConfig) -> Decision:
    """What becomes of it when its turn has come."""
    if case.maybe_sent:
        return None
    return _first(PROGRAM_AT_TURN if case.destination.program else AT_TURN, case, config)


def _first(stages: tuple[StageOf, ...], case: Case, config: NotifierConfig) -> Decision:
    return next((found for stage in stages if (found := stage(case, config))), None)


def drop_unknown(case: Case, config: NotifierConfig) -> Decision:  # noqa: ARG001
    """Neither the account nor the settings name anybody."""
    return None if case.destination.receiver else Drop("no_receiver")


def drop_unsubscribed(case: Case, config: NotifierConfig) -> Decision:  # noqa: ARG001
    """The receiver has asked to hear nothing by this channel."""
    return Drop("unsubscribed") if case.standing.unsubscribed else None


def drop_gone(case: Case, config: NotifierConfig) -> Decision:  # noqa: ARG001
    """Nothing is posted to an endpoint that was deleted or disabled."""
    return Drop("endpoint_gone") if case.standing.gone else None


def drop_unfounded_correction(case: Case, config: NotifierConfig) -> Decision:  # noqa: ARG001
    """Who was not told an alert need not be told that it was none."""
    return Drop("nothing_to_correct") if case.notice == "retracted" and not case.told else None


def drop_history(case: Case, config: NotifierConfig) -> Decision:
    """A first start reads years of events; nobody wants their alerts. Corrections are never history."""
    if case.notice == "retracted" or config.max_age is None:
        return None
    return Drop("history") if case.now - case.alert.raised_at > config.max_age else None


def drop_recovery(case: Case, config: NotifierConfig) -> Decision:
    """An account that came back is told by an alert of its own, not by the end of the old one."""
    ends = case.notice == "resolved" and not is_quiet(case, config)
    return Drop("recovery_is_its_own_alert") if ends else None


def drop_unchanged(case: Case, config: NotifierConfig) -> Decision:
    """New figures for a known alert are on its page; a reader is called back only when it is graver."""
    if case.notice != "updated" or is_quiet(case, config):
        return None
    return None if case.graver and case.alert.status == "firing" else Drop("unchanged_for_reader")


def drop_handled(case: Case, config: NotifierConfig) -> Decision:  # noqa: ARG001
    """Whoever is at work on an alert need not be called again because it has come back."""
    return Drop("being_handled") if case.notice == "refired" and case.standing.handled else None


def drop_acknowledged(case: Case, config: NotifierConfig) -> Decision:  # noqa: ARG001
    """Somebody is on it: neither a reminder nor the manager is needed."""
    called = case.notice in {"reminder", "escalated"}
    return Drop("acknowledged") if called and (case.standing.acknowledged or case.standing.handled) else None


def drop_overtaken(case: Case, config: NotifierConfig) -> Decision:  # noqa: ARG001
    """By its turn the alert may have been taken back, or be over: nobody was told, nobody needs to be."""
    if case.notice in {"retracted", "resolved"}:
        return None
    if case.alert.retracted:
        return Drop("retracted_before_delivery")
    return Drop("ended_before_delivery") if case.alert.status == "resolved" else None


def wait_for_silence(case: Case, config: NotifierConfig) -> Decision:  # noqa: ARG001
    """A silence delays and loses nothing: what still holds at its end is said then."""
    until = case.standing.silenced_until
    return Wait("silenced", until) if until is not None and case.notice != "retracted" else None


def wait_for_snooze(case: Case, config: NotifierConfig) -> Decision:  # noqa: ARG001
    """Somebody has said when to speak of it again."""
    until = case.standing.snoozed_until
    sleeps = until is not None and until > case.now and case.notice not in {"retracted", "resolved"}
    return Wait("snoozed", until) if until is not None and sleeps else None


def wait_for_graver(case: Case, config: NotifierConfig) -> Decision:  # noqa: ARG001
    """Of an account that is lost nobody needs to read that it is at risk; unless that was a mistake."""
    graver = INHIBITED_BY.get(case.alert.kind, frozenset()) & case.standing.others
    if not graver or case.notice in {"retracted", "resolved"}:
        return None
    return Wait("inhibited", case.now + _LOOK_AGAIN)


def wait_for_digest(case: Case, config: NotifierConfig) -> Decision:
    """Routes may send what is not urgent with the next digest; critical alerts go at once."""
    pace = case.destination.handling.pace
    if pace == "at_once" or case.alert.severity == "critical" or is_quiet(case, config):
        return None
    there = zone(case.destination.role, case.alert, config)
    until = hours_of(case.destination.role, config).next_digest(case.created_at, pace, there)
    return Wait("digest", until) if until > case.now else None


def wait_for_hours(case: Case, config: NotifierConfig) -> Decision:
    """Nothing at night, unless it is critical."""
    if case.destination.handling.always or case.alert.severity == "critical" or is_quiet(case, config):
        return None
    there = zone(case.destination.role, case.alert, config)
    opening = hours_of(case.destination.role, config).next_opening(case.now, there)
    return Wait("outside_hours", opening) if opening > case.now else None


def wait_for_company(case: Case, config: NotifierConfig) -> Decision:
    """A burst of alerts travels in one message rather than in many."""
    if config.limits is None or is_quiet(case, config):
        return None
    until = case.created_at + config.limits.gather
    return Wait("gathering", until) if until > case.now else None


_WAITS: tuple[StageOf, ...] = (
    wait_for_silence,
    wait_for_snooze,
    wait_for_graver,
    wait_for_digest,
    wait_for_hours,
    wait_for_company,
)
# The first stage that decides ends it; what passes them all is sent.
AT_RECEIPT: tuple[StageOf, ...] = (
    drop_unfounded_correction,
    drop_history,
    drop_recovery,
    drop_unchanged,
    drop_handled,
    drop_unknown,
    drop_unsubscribed,
    *_WAITS,
)
AT_TURN: tuple[StageOf, ...] = (
    drop_unfounded_correction,
    drop_overtaken,
    drop_acknowledged,
    drop_unsubscribed,
    *_WAITS,
)
# A program gets all there is, in order and at once: it cannot be disturbed.
PROGRAM_AT_RECEIPT: tuple[StageOf, ...] = (drop_history,)
PROGRAM_AT_TURN: tuple[StageOf, ...] = (drop_gone,)
