"""One channel's messages: take the next, render, send, record."""

import threading
import traceback
from collections.abc import Callable
from datetime import datetime
from random import Random
from time import monotonic, perf_counter
from typing import Literal

import structlog

from alerts import envelope as envelopes
from alerts import metrics
from alerts.config import Channel, NotifierConfig
from alerts.dispatch import take
from alerts.envelope import Envelope
from alerts.outcome import Accepted, Outcome, Permanent, RetryAt
from alerts.parcel import Bookkeeper, Sender
from alerts.pauses import Pauses
from alerts.rendering import Renderer
from storage.engine import UNAVAILABLE, Connection, Engine, transaction
from storage.retry import MOST_ATTEMPTS, Again, next_attempt

log = structlog.get_logger()

_LONGEST_WAIT = 30.0


class ChannelWorker:
    """Sends one channel's messages, one after the other; several may work side by side.

    One of them looks for work; `on_work` is called when it has found some, so that the others look, too.
    """

    def __init__(
        self,
        engine: Engine,
        sender: Sender,
        config: NotifierConfig,
        *,
        renderer: Renderer,
        pauses: Pauses,
        now: Callable[[], datetime],
        random: Random,
        on_work: Callable[[], None] | None = None,
    ) -> None:
        self.channel: Channel = sender.channel
        self._engine = engine
        self._sender = sender
        self._config = config
        self._renderer = renderer
        self._pauses = pauses
        self._now = now
        self._random = random
        self._on_work = on_work
        self._patience = config.poll_seconds if on_work else _LONGEST_WAIT
        self._wake = threading.Event()
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
        wait = self._patience
        while not stop.is_set():
            self._wake.clear()
            wait = self._patience if self._round(stop) else min(2 * wait, _LONGEST_WAIT)
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
        """Bring one message that is due as far as it goes; False when there is none to be sent now."""
        taken = self._take()
        if taken is None:
            return False
        try:
            if self._on_work:
                self._on_work()
            self._settle(taken)
        finally:
            self._pauses.arrived(taken.receiver)
        return True

    def _take(self) -> Envelope | None:
        """Claim the next message; the workers of a channel do so one after the other."""
        now = self._now()
        taken: Envelope | Literal["decided"] | None = "decided"
        with self._pauses.taking:
            while taken == "decided" and not self._pauses.channel_rests(now):
                with transaction(self._engine) as connection:
                    resting = self._pauses.resting(now)
                    taken = take(connection, self.channel, now, self._config, resting)
            if not isinstance(taken, Envelope):
                return None
            self._pauses.on_the_way(taken.receiver)
            return taken

    def _settle(self, envelope: Envelope) -> None:
        if envelope.attempts >= MOST_ATTEMPTS:  # its workers died on it, so that none could give it up
            self._fail(envelope, Permanent(f"gave up after {envelope.attempts} attempts without an end"))
            return
        began = perf_counter()
        outcome = self._attempt(envelope)
        metrics.delivery_seconds.labels(channel=self.channel).observe(perf_counter() - began)
        self._rest(envelope)
        self._record(envelope, outcome)

    def _attempt(self, envelope: Envelope) -> Outcome:
        try:
            return self._sender.send(self._renderer.parcel(envelope, self._now()), self._now())
        except UNAVAILABLE:
            raise  # what the message needs besides could not be read; its lease brings it back
        except Exception as error:  # noqa: BLE001  # one message must not end the channel
            where = _where(error)
            log.error("a sender failed", action="sender_error", channel=self.channel, at=where)  # noqa: TRY400
            return RetryAt(where)

    def _rest(self, envelope: Envelope) -> None:
        """Leave the receiver in peace for as long as the channel asks between two messages."""
        if pause := self._sender.pause:
            now = self._now()
            self._pauses.pause_receiver(envelope.receiver, now + pause, now)

    def _record(self, envelope: Envelope, outcome: Outcome) -> None:
        match outcome:
            case Accepted():
                self._deliver(envelope, outcome)
            case Permanent():
                self._fail(envelope, outcome)
            case RetryAt(reason, not_before):
                self._pause(envelope, not_before)
                attempts = envelope.attempts + 1
                decided = next_attempt(attempts, self._now(), self._random, not_before=not_before)
                if isinstance(decided, Again):
                    self._postpone(envelope, decided.at, outcome)
                else:
                    self._fail(envelope, Permanent(f"{decided.reason}: {reason}"))

    def _pause(self, envelope: Envelope, not_before: datetime | None) -> None:
        """Leave in peace who asks to wait: one receiver, or all that stand behind the same server."""
        if not_before is None:
            return
        if self._sender.shared:
            self._pauses.pause_channel(not_before, self._now())
        else:
            self._pauses.pause_receiver(envelope.receiver, not_before, self._now())

    def _deliver(self, envelope: Envelope, outcome: Accepted) -> None:
        now = self._now()
        with transaction(self._engine) as connection:
            envelopes.deliver(connection, envelope, outcome.reference, now)
            self._note(connection, envelope, outcome, final=True)
        metrics.deliveries.labels(channel=self.channel, outcome="delivered").inc(len(envelope.items))
        waited = (now - envelope.created_at).total_seconds()
        metrics.event_to_delivery.labels(channel=self.channel).observe(max(waited, 0))
        log.info("delivered", action="delivery_accepted", seconds=round(waited, 3), **self._about(envelope))

    def _fail(self, envelope: Envelope, outcome: Permanent) -> None:
        rows, reason = [item.row for item in envelope.items], outcome.reason
        with transaction(self._engine) as connection:
            envelopes.fail(connection, envelope.message_id, rows, reason, self._now())
            ended = self._note(connection, envelope, outcome, final=True)
        metrics.deliveries.labels(channel=self.channel, outcome="failed").inc(len(rows))
        log.error(
            "a delivery failed for good", action="delivery_failed", error=reason, **self._about(envelope)
        )
        self._tell_end(envelope, ended)

    def _postpone(self, envelope: Envelope, at: datetime, outcome: RetryAt) -> None:
        with transaction(self._engine) as connection:
            envelopes.postpone(connection, envelope, at, outcome.reason)
            self._note(connection, envelope, outcome, final=False)
        metrics.deliveries.labels(channel=self.channel, outcome="retried").inc(len(envelope.items))
        log.warning(
            "a delivery is tried again later",
            action="delivery_retried",
            error=outcome.reason,
            next_attempt=at.isoformat(),
            **self._about(envelope),
        )

    def _note(
        self, connection: Connection, envelope: Envelope, outcome: Outcome, *, final: bool
    ) -> str | None:
        if not isinstance(self._sender, Bookkeeper):
            return None
        return self._sender.note(connection, envelope.receiver, outcome, self._now(), final=final)

    def _tell_end(self, envelope: Envelope, ended: str | None) -> None:
        """A receiver that nothing is sent to any more is somebody's work."""
        if ended is not None:
            log.error(
                "nothing is sent to a receiver any more",
                action="receiver_disabled",
                channel=self.channel,
                receiver=envelope.receiver,
                reason=ended,
            )

    def _about(self, envelope: Envelope) -> dict[str, object]:
        first = envelope.items[0].row
        return {
            "channel": self.channel,
            "message_id": envelope.message_id,
            "alert_id": first.alert_id,
            "alerts": len(envelope.items),
            "notice": first.notice,
            "attempts": envelope.attempts + 1,
        }


def _where(error: Exception) -> str:
    """An unforeseen error without its words, which could hold a channel's secret."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {frame.filename.rpartition('/')[2]}:{frame.lineno}"
