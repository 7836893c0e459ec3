"""Slack's incoming webhook."""

import json
import re
from datetime import datetime, timedelta

from alerts.config import Channel, SlackConfig
from alerts.message import Message
from alerts.outbound import Outbound, RefusedError, Response, UnreachableError
from alerts.outcome import Accepted, Outcome, Permanent, RetryAt
from alerts.parcel import Parcel
from alerts.slack_blocks import payload
from storage.retry import retry_after

_PASSING = frozenset({408, 425, 429})  # and all of 5xx
_ERROR_WORD = re.compile(r"[a-z_]{2,60}")


class SlackSender:
    """Posts to one incoming webhook."""

    channel: Channel = "slack"
    shared = True

    def __init__(self, config: SlackConfig, outbound: Outbound | None = None) -> None:
        self._url = config.webhook_url or ""
        self.pause = timedelta(seconds=config.pause_seconds)
        self._outbound = outbound or Outbound(
            allow_private_addresses=config.allow_private_addresses,
            deadline_seconds=config.deadline_seconds,
            ca_file=config.ca_file,
        )

    def send(self, parcel: Parcel, now: datetime) -> Outcome:
        """One attempt."""
        if not isinstance(parcel.content, Message):
            raise TypeError("a digest has no layout in Slack yet")
        body = payload(parcel.content, parcel.receiver, parcel.message_id)
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
