"""The relay: carries alerts from the outbox to POST /webhooks/alerts, signed, until they are accepted."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import SystemRandom
from time import monotonic

import httpx
import structlog
from standardwebhooks import Webhook

from consumers import metrics
from storage import outbox
from storage.engine import UNAVAILABLE, Engine, transaction
from storage.outbox import Message
from storage.retry import Again, GiveUp, next_attempt, retry_after

log = structlog.get_logger()

_LEASE = timedelta(minutes=2)
_BATCH = 50
_IDLE_SECONDS = 1.0
_LONGEST_WAIT = 30.0
# About the message itself: no further attempt would end otherwise. A wrong address or secret (401, 403, 404,
# 405) is not among them: it may be mended, or be a proxy's word while the webhook starts.
_PERMANENT = frozenset({400, 409, 410, 413, 414, 415, 422, 431})


class Relay:
    """Posts what the outbox holds; several may run, each alert's messages stay in order."""

    def __init__(
        self,
        engine: Engine,
        url: str,
        secret: str,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        timeout_seconds: float = 15.0,
    ) -> None:
        self._engine = engine
        self._url = url
        self._webhook = Webhook(secret)
        self._now = now
        self._random = SystemRandom()
        self._timeout = timeout_seconds
        self._wake = threading.Event()
        self._last_round: float | None = None

    def wake(self) -> None:
        """There is something new in the outbox."""
        self._wake.set()

    def unready(self) -> str | None:
        """Why this relay is not doing its work; None when it is."""
        if self._last_round is None:
            return "has not finished a round yet"
        idle = monotonic() - self._last_round
        return f"has not finished a round for {idle:.0f} s" if idle > 4 * _LONGEST_WAIT else None

    def run(self, stop: threading.Event) -> None:
        """Relay until `stop` is set."""
        log.info("relaying", action="relay_started")
        wait = _IDLE_SECONDS
        with httpx.Client(timeout=self._timeout, follow_redirects=False) as client:
            while not stop.is_set():
                self._wake.clear()
                try:
                    while not stop.is_set() and self.relay_batch(client):
                        pass
                    wait = _IDLE_SECONDS
                except UNAVAILABLE as error:
                    log.warning("the database is away", action="database_unavailable", detail=str(error.orig))
                    wait = min(2 * wait, _LONGEST_WAIT)
                self._last_round = monotonic()
                self._wake.wait(wait)
        log.info("stopped relaying", action="relay_stopped")

    def relay_batch(self, client: httpx.Client) -> int:
        """Post one batch of messages that are due; returns how many were taken."""
        with transaction(self._engine) as connection:
            messages = outbox.claim(connection, self._now(), _LEASE, _BATCH)
        for message in messages:
            self._relay(client, message)
        return len(messages)

    def _relay(self, client: httpx.Client, message: Message) -> None:
        try:
            response = client.post(self._url, content=message.body, headers=self._headers(message))
        except httpx.HTTPError as error:
            self._failed(message, f"{type(error).__name__}: {error}", None, permanent=False)
            return
        if response.is_success:
            with transaction(self._engine) as connection:
                outbox.remove(connection, message)
            metrics.relayed.labels(outcome="accepted").inc()
            return
        answer = f"HTTP {response.status_code}: {response.text[:200]}"
        not_before = retry_after(response.headers.get("retry-after"), self._now())
        self._failed(message, answer, not_before, permanent=response.status_code in _PERMANENT)

    def _headers(self, message: Message) -> dict[str, str]:
        now = self._now()
        return {
            "content-type": "application/json",
            "webhook-id": message.message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._webhook.sign(message.message_id, now, message.body),
        }

    def _failed(self, message: Message, error: str, not_before: datetime | None, *, permanent: bool) -> None:
        decision: Again | GiveUp = GiveUp("the webhook refuses this alert for good")
        if not permanent:
            decision = next_attempt(message.attempts, self._now(), self._random, not_before=not_before)
        again = decision.at if isinstance(decision, Again) else None
        with transaction(self._engine) as connection:
            outbox.postpone(connection, message, again, error)
        metrics.relayed.labels(outcome="retried" if again else "given_up").inc()
        log.warning(
            "the webhook did not accept an alert",
            action="relay_retried" if again else "relay_gave_up",
            alert_id=message.alert_id,
            attempts=message.attempts,
            error=error,
            next_attempt=again.isoformat() if again else None,
        )
