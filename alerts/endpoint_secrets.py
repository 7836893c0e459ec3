"""The secrets that an endpoint's messages are signed with: several at once, while one replaces another."""

import base64
import binascii
import secrets
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from standardwebhooks import Webhook

OVERLAP = timedelta(hours=24)  # how long the secret before still signs, too
_PREFIX = "whsec_"
_BYTES = range(24, 65)  # as Standard Webhooks asks
_MOST = 5  # signatures a message; one more would be somebody who rotates by the minute

Secrets = Sequence[dict[str, Any]]


def new_secret() -> str:
    """One nobody has had."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def is_secret(text: str) -> bool:
    """Whether this is one as Standard Webhooks writes them."""
    if not text.startswith(_PREFIX):
        return False
    try:
        return len(base64.b64decode(text.removeprefix(_PREFIX), validate=True)) in _BYTES
    except (binascii.Error, ValueError):
        return False


def rotated(before: Secrets, new: str, now: datetime) -> list[dict[str, Any]]:
    """With a new one first; those before end within OVERLAP, if they do not end sooner."""
    until = now + OVERLAP
    kept = [{**one, "expires_at": min(_end(one) or until, until).isoformat()} for one in _living(before, now)]
    return [{"secret": new}, *kept][:_MOST]


def signatures(known: Secrets, message_id: str, at: datetime, body: bytes) -> str:
    """One for each secret that holds at a moment, the newest first, as the header takes them."""
    text, moment = body.decode(), at.astimezone(UTC)  # the library takes any zone for UTC
    return " ".join(Webhook(one["secret"]).sign(message_id, moment, text) for one in _living(known, at))


def _living(known: Secrets, now: datetime) -> Iterable[dict[str, Any]]:
    return [one for one in known if (end := _end(one)) is None or end > now]


def _end(one: dict[str, Any]) -> datetime | None:
    return datetime.fromisoformat(one["expires_at"]) if one.get("expires_at") else None
