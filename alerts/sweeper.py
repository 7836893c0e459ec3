"""Looks after alerts as time passes: reminders, escalation, and the digests of what is open."""

import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from time import monotonic

import msgspec
import structlog

from accounts.alert import Alert, as_builtins
from alerts import metrics
from alerts.config import NotifierConfig
from alerts.decision import Drop
from alerts.destinations import Destination, destinations, hours_of, zone
from alerts.envelope import DIGEST
from alerts.follow_up import Course, Next, follow_up
from alerts.matching import by_value_at_risk
from alerts.planning import Planned, delivery_id, row_of
from storage import alerts as store
from storage import answers, deliveries, feedback, follow_ups, history
from storage.answers import NONE
from storage.deliveries import Row
from storage.engine import UNAVAILABLE, Connection, Engine, transaction
from storage.follow_ups import Heard
from storage.history import Entry

log = structlog.get_logger()

_BATCH = 200
_SECONDS = 30.0
_DIGESTS_EVERY = timedelta(minutes=15)
_MOST_IN_A_DIGEST = 1000


class Sweeper:
    """Plans what follows; the channels' workers send it. Several may sweep on one database."""

    def __init__(
        self, engine: Engine, config: NotifierConfig, now: Callable[[], datetime], wake: Callable[[], None]
    ) -> None:
        self._engine = engine
        self._config = config
        self._now = now
        self._wake = wake
        self._digests_at: datetime | None = None
        self._last_round: float | None = None

    def unready(self) -> str | None:
        """Why nobody looks after alerts; None when somebody does."""
        if self._last_round is None:
            return "follow-ups have not finished a round yet"
        idle = monotonic() - self._last_round
        return f"follow-ups have not finished a round for {idle:.0f} s" if idle > 10 * _SECONDS else None

    def run(self, stop: threading.Event) -> None:
        """Sweep until `stop` is set."""
        while not stop.is_set():
            self._round(stop)
            stop.wait(_SECONDS)

    def _round(self, stop: threading.Event) -> None:
        try:
            while not stop.is_set() and self.sweep():
                self._wake()
            self.prepare_digests()
        except UNAVAILABLE as error:
            log.warning("the database is away", action="database_unavailable", detail=str(error.orig))
            return
        except Exception as error:  # noqa: BLE001  # whoever ended here would remind nobody for good
            log.error("a sweep failed", action="sweeper_error", at=type(error).__name__)  # noqa: TRY400
            return
        self._last_round = monotonic()

    def sweep(self) -> int:
        """Follow up one batch of alerts that are due; returns how many were looked at."""
        now = self._now()
        with transaction(self._engine) as connection:
            alerts = [msgspec.convert(body, Alert) for body in follow_ups.due(connection, now, _BATCH)]
            ids = [alert.id for alert in alerts]
            heard = _by_alert(follow_ups.heard(connection, ids))
            said, verdicts = answers.of(connection, ids), feedback.last_verdicts(connection, ids)
            for alert in alerts:
                handled = verdicts.get(alert.id) == "being_handled"
                known = Course(alert, heard.get(alert.id, []), said.get(alert.id, NONE), handled, now)
                plan = follow_up(known, self._config)
                for notice in plan.notices:
                    self._put(connection, alert, notice, now)
                # What was planned is looked at again once it has been sent.
                again = plan.look_again or (now + timedelta(days=1) if plan.notices else None)
                store.follow_up(connection, alert.id, again)
        return len(alerts)

    def _put(self, connection: Connection, alert: Alert, following: Next, now: datetime) -> None:
        to = following.destination
        decision = None if to.receiver else Drop("no_receiver")
        planned = Planned(to, following.notice, quiet=False, decision=decision)
        identity = f"{alert.id}\0{following.notice}\0{following.occasion}"
        deliveries.put(connection, [row_of(identity, alert, as_builtins(alert), planned, now)])
        what = "escalated" if following.notice == "escalated" else "reminded"
        detail = {"why": following.occasion, "decision": planned.in_words}
        history.add(connection, [Entry(alert.id, now, what, detail)])
        metrics.actions.labels(action=what).inc()

    def prepare_digests(self) -> None:
        """Let each receiver of open alerts have a digest at its next moment, with what is open by then."""
        now, pace = self._now(), self._config.digest
        if pace is None or (self._digests_at is not None and now < self._digests_at + _DIGESTS_EVERY):
            return
        with transaction(self._engine) as connection:
            open_ = [msgspec.convert(body, Alert) for body in follow_ups.open_alerts(connection)]
            follow_ups.put_digests(connection, list(_digests(open_, now, self._config)))
        self._digests_at = now


def _digests(open_: list[Alert], now: datetime, config: NotifierConfig) -> list[Row]:
    found: dict[tuple[str, str], tuple[Destination, list[Alert]]] = {}
    for alert in open_:
        for to in destinations(alert, config):
            if to.receiver and to.channel in {"slack", "email"}:
                found.setdefault((to.channel, to.receiver), (to, []))[1].append(alert)
    return [_digest(to, alerts, now, config) for to, alerts in found.values()]


def _digest(to: Destination, alerts: list[Alert], now: datetime, config: NotifierConfig) -> Row:
    pace = config.digest or "weekly"
    most = sorted(alerts, key=lambda alert: (*by_value_at_risk(alert), alert.id))[:_MOST_IN_A_DIGEST]
    moment = hours_of(to.role, config).next_digest(now, pace, zone(to.role, most[0], config))
    return Row(
        delivery_id=delivery_id(f"{DIGEST}\0{moment.isoformat()}", to),
        alert_id=None,
        channel=to.channel,
        receiver=to.receiver,
        role=to.role,
        route=to.route,
        pace=pace,
        always=False,
        notice=DIGEST,
        quiet=False,
        status="pending",
        reason="digest",
        body={"alerts": [alert.id for alert in most]},
        created_at=now,
        due_at=moment,
        finished_at=None,
    )


def _by_alert(heard: list[Heard]) -> Mapping[str, list[Heard]]:
    found: dict[str, list[Heard]] = {}
    for one in heard:
        found.setdefault(one.alert_id, []).append(one)
    return found
