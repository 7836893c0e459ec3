"""Slack's incoming webhook: one channel, no edits, no answers but a status."""

import json
import re
from datetime import datetime

from alerts.config import SlackConfig
from alerts.outbound import Outbound, RefusedError, Response, UnreachableError
from alerts.outcome import Accepted, Outcome, Permanent, RetryAt
from alerts.parcel import Parcel
from alerts.slack.layout import payload_of
from storage.retry import retry_after

_PASSING = frozenset({408, 425, 429})  # and all of 5xx
_ERROR_WORD = re.compile(r"[a-z_]{2,60}")


class WebhookSender:
    """Posts to one incoming webhook."""

    def __init__(self, config: SlackConfig, outbound: Outbound) -> None:
        self._url = config.webhook_url or ""
        self._buttons = config.signing_secret is not None
        self._outbound = outbound

    def send(self, parcel: Parcel, now: datetime) -> Outcome:
        """One attempt."""
        body = payload_of(parcel, mention=parcel.receiver, buttons=self._buttons, now=now)
        headers = {
            "content-type": "application/json; charset=utf-8",
            "user-agent": "turnsignal",
            # Slack ignores it; a receiver in its place may use it.
            "idempotency-key": parcel.message_id,
        }
        try:
            response = self._outbound.post(self._url, json.dumps(body).encode(), headers)
        except RefusedError as error:
            return Permanent(f"refused to post: {error}")
        except UnreachableError as error:
            return RetryAt(str(error))
        return outcome_of(response, now)


def outcome_of(response: Response, now: datetime) -> Outcome:
    """What Slack's answer means."""
    status = response.status
    if 200 <= status < 300:  # noqa: PLR2004
        return Accepted()
    if status in _PASSING or status >= 500:  # noqa: PLR2004
        return RetryAt(f"HTTP {status}", retry_after(response.headers.get("retry-after"), now))
    if 300 <= status < 400:  # noqa: PLR2004
        return Permanent(f"HTTP {status}: a redirect, which is not followed")
    return Permanent(f"HTTP {status}{_error_word(response.body)}")


def _error_word(body: bytes) -> str:
    """Slack names its errors in one word; anything else is not repeated."""
    word = body.decode("utf-8", "replace").strip()
    return f": {word}" if _ERROR_WORD.fullmatch(word) else ""
