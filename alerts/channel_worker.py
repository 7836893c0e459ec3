"""One channel's deliveries: claim, reconsider, send, record."""

import threading
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from time import monotonic, perf_counter
from typing import cast

import msgspec
import structlog

from accounts.alert import Alert
from alerts import metrics
from alerts.config import Channel, NotifierConfig
from alerts.decision import Turn, reconsider
from alerts.message import Message, Notice, message_of
from alerts.outcome import Accepted, Outcome, Permanent, RetryAt
from alerts.parcel import Parcel, Sender
from storage import deliveries
from storage.deliveries import Claim
from storage.engine import UNAVAILABLE, Engine, transaction
from storage.retry import MOST_ATTEMPTS, Again, next_attempt

log = structlog.get_logger()

_LONGEST_PAUSE = timedelta(minutes=1)
_LONGEST_WAIT = 30.0


class ChannelWorker:
    """Sends one channel's messages, one after the other."""

    def __init__(
        self,
        engine: Engine,
        sender: Sender,
        config: NotifierConfig,
        *,
        now: Callable[[], datetime],
        random: Random,
    ) -> None:
        self.channel: Channel = sender.channel
        self._engine = engine
        self._sender = sender
        self._config = config
        self._now = now
        self._random = random
        self._wake = threading.Event()
        self._paused_until: datetime | None = None
        self._last_round: float | None = None

    def wake(self) -> None:
        """There may be something to send at once."""
        self._wake.set()

    def unready(self) -> str | None:
        """Why this worker is not doing its work; None when it is."""
        if self._last_round is None:
            return "has not finished a round yet"
        idle = monotonic() - self._last_round
        return f"has not finished a round for {idle:.0f} s" if idle > 8 * _LONGEST_WAIT else None

    def run(self, stop: threading.Event) -> None:
        """Send what is due until `stop` is set."""
        wait = self._config.poll_seconds
        while not stop.is_set():
            self._wake.clear()
            wait = self._config.poll_seconds if self._round(stop) else min(2 * wait, _LONGEST_WAIT)
            if not stop.is_set():
                self._wake.wait(wait)

    def _round(self, stop: threading.Event) -> bool:
        """Send all that is due; False where something else than a message was in the way."""
        try:
            while not stop.is_set() and self.deliver_one():
                self._last_round = monotonic()
        except UNAVAILABLE as error:
            detail = str(error.orig)
            log.warning(
                "the database is away", action="database_unavailable", channel=self.channel, detail=detail
            )
            return False
        except Exception as error:  # noqa: BLE001  # a channel whose thread ended would stay silent for good
            where = _where(error)
            log.error("a round failed", action="notifier_error", channel=self.channel, at=where)  # noqa: TRY400
            return False
        self._last_round = monotonic()
        return True

    def deliver_one(self) -> bool:
        """Bring one delivery that is due as far as it goes; False when there is none to be sent now."""
        if self._paused_until is not None and self._now() < self._paused_until:
            return False
        with transaction(self._engine) as connection:
            claim = deliveries.claim(connection, self.channel, self._now(), self._config.lease)
        if claim is None:
            return False
        self._settle(claim)
        return True

    def _settle(self, claim: Claim) -> None:
        if claim.attempts > MOST_ATTEMPTS:  # its workers died on it, so that none could give it up
            self._fail(claim, f"gave up after {claim.attempts - 1} attempts without an end")
            return
        try:
            alert, alert_now = (msgspec.convert(body, Alert) for body in (claim.body, claim.alert_now))
        except msgspec.ValidationError as error:
            self._fail(claim, f"the stored alert cannot be read: {error}")
            return
        notice = cast("Notice", claim.notice)
        maybe_sent = claim.attempts > 1 and claim.last_error is None
        held = reconsider(Turn(notice, alert_now.retracted, claim.told_before, maybe_sent))
        if held is not None:
            self._suppress(claim, held)
            return
        began = perf_counter()
        outcome = self._attempt(claim, message_of(alert, notice, self._config.public_url))
        metrics.delivery_seconds.labels(channel=self.channel).observe(perf_counter() - began)
        self._record(claim, outcome)

    def _attempt(self, claim: Claim, message: Message) -> Outcome:
        parcel = Parcel(
            claim.delivery_id, claim.receiver, claim.reason or "default", message, claim.created_at
        )
        try:
            return self._sender.send(parcel, self._now())
        except Exception as error:  # noqa: BLE001  # one message must not end the channel
            where = _where(error)
            log.error("a sender failed", action="sender_error", channel=self.channel, at=where)  # noqa: TRY400
            return RetryAt(where)

    def _record(self, claim: Claim, outcome: Outcome) -> None:
        match outcome:
            case Accepted():
                self._deliver(claim)
            case Permanent(reason):
                self._fail(claim, reason)
            case RetryAt(reason, not_before):
                self._pause(not_before)
                decided = next_attempt(claim.attempts, self._now(), self._random, not_before=not_before)
                if isinstance(decided, Again):
                    self._postpone(claim, decided.at, reason)
                else:
                    self._fail(claim, f"{decided.reason}: {reason}")

    def _pause(self, not_before: datetime | None) -> None:
        """A channel that asks to wait means all messages, but no mistaken header stops it for long."""
        if not_before is not None:
            self._paused_until = min(not_before, self._now() + _LONGEST_PAUSE)

    def _deliver(self, claim: Claim) -> None:
        now = self._now()
        with transaction(self._engine) as connection:
            deliveries.finish(connection, claim, "delivered", now, reason=None)
        metrics.deliveries.labels(channel=self.channel, outcome="delivered").inc()
        waited = (now - claim.created_at).total_seconds()
        metrics.event_to_delivery.labels(channel=self.channel).observe(max(waited, 0))
        log.info("delivered", action="delivery_accepted", seconds=round(waited, 3), **self._about(claim))

    def _fail(self, claim: Claim, reason: str) -> None:
        with transaction(self._engine) as connection:
            deliveries.finish(connection, claim, "failed", self._now(), reason=reason)
        metrics.deliveries.labels(channel=self.channel, outcome="failed").inc()
        log.error("a delivery failed for good", action="delivery_failed", error=reason, **self._about(claim))

    def _suppress(self, claim: Claim, reason: str) -> None:
        with transaction(self._engine) as connection:
            deliveries.finish(connection, claim, "suppressed", self._now(), reason=reason)
        metrics.deliveries.labels(channel=self.channel, outcome="suppressed").inc()
        metrics.suppressed.labels(channel=self.channel, reason=reason).inc()
        log.info("not sent", action="delivery_suppressed", reason=reason, **self._about(claim))

    def _postpone(self, claim: Claim, at: datetime, error: str) -> None:
        with transaction(self._engine) as connection:
            deliveries.postpone(connection, claim, at, error)
        metrics.deliveries.labels(channel=self.channel, outcome="retried").inc()
        log.warning(
            "a delivery is tried again later",
            action="delivery_retried",
            error=error,
            next_attempt=at.isoformat(),
            **self._about(claim),
        )

    def _about(self, claim: Claim) -> dict[str, object]:
        return {
            "channel": self.channel,
            "delivery_id": claim.delivery_id,
            "alert_id": claim.alert_id,
            "notice": claim.notice,
            "attempts": claim.attempts,
        }


def _where(error: Exception) -> str:
    """An unforeseen error without its words, which could hold a channel's secret."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {frame.filename.rpartition('/')[2]}:{frame.lineno}"
