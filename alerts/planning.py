"""What an alert that has come in means for everybody it may be meant for: one planned delivery each."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

from accounts.alert import Alert
from alerts.config import Channel, NotifierConfig
from alerts.decision import Case, Decision, Drop, Wait, at_receipt, is_graver, is_quiet, notice_of
from alerts.destinations import Destination, destinations
from alerts.message import Notice
from alerts.standing import Known
from storage.deliveries import Row


@dataclass(frozen=True, slots=True)
class Planned:
    """One delivery to record, and what was decided of it; without a decision it is sent at once."""

    destination: Destination
    notice: Notice
    quiet: bool
    decision: Decision

    @property
    def channel(self) -> Channel:
        """Of the destination."""
        return self.destination.channel

    @property
    def held(self) -> str | None:
        """Why it is not sent now."""
        return None if self.decision is None else self.decision.reason

    @property
    def in_words(self) -> str:
        """For logs and history."""
        where = f"{self.channel} to {self.destination.role}"
        match self.decision:
            case Drop(reason):
                return f"{where}: not sent, {reason}"
            case Wait(reason, until):
                return f"{where}: waits until {until.isoformat()}, {reason}"
        return f"{where}: sent"


def plan(
    before: Alert | None,
    alert: Alert,
    *,
    known: Known,
    told: Collection[tuple[str, str]],
    endpoints: Sequence[Destination],
    now: datetime,
    config: NotifierConfig,
) -> tuple[Notice, list[Planned]]:
    """What the alert is to its readers, and one planned delivery for each destination.

    `told` are the (channel, receiver) that have heard of it, or still may.
    """
    notice = notice_of(before, alert)
    planned = []
    for destination in (*destinations(alert, config), *endpoints):
        where = (destination.channel, destination.receiver)
        facts = known.standing(alert, *where)
        graver = is_graver(before, alert)
        case = Case(alert, notice, graver, destination, now, now, where in told, facts)
        planned.append(Planned(destination, notice, is_quiet(case, config), at_receipt(case, config)))
    return notice, planned


def row_of(identity: str, alert: Alert, body: dict[str, Any], planned: Planned, now: datetime) -> Row:
    """A planned delivery as it is stored; the same identity and destination are the same delivery."""
    to, decision = planned.destination, planned.decision
    dropped = isinstance(decision, Drop)
    return Row(
        delivery_id=delivery_id(identity, to),
        alert_id=alert.id,
        channel=to.channel,
        receiver=to.receiver,
        role=to.role,
        route=to.route,
        pace="at_once" if alert.severity == "critical" else to.handling.pace,
        always=to.handling.always,
        notice=planned.notice,
        quiet=planned.quiet,
        status="suppressed" if dropped else "pending",
        reason=planned.held,
        body=body,
        created_at=now,
        due_at=None if dropped else decision.until if isinstance(decision, Wait) else now,
        finished_at=now if dropped else None,
    )


def delivery_id(identity: str, to: Destination) -> str:
    """Of a delivery: what it is of, by its identity, and where it goes."""
    whole = f"{identity}\0{to.channel}\0{to.receiver}".encode("utf-8", "surrogatepass")
    return "dlv_" + blake2b(whole, digest_size=12).hexdigest()
