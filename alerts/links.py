"""Links that act without a login: signed, each for one purpose and one receiver, and only for a time.

The receiver's address stands in the link, signed but not encrypted: whoever sees the link has the message it
came in, and unsubscribing must work when nothing else is known of the address any more.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Annotated, Literal

import msgspec
from itsdangerous import BadData, URLSafeSerializer

from accounts.alert import Alert
from accounts.feedback import VERDICTS, Verdict
from alerts.config import NotifierConfig
from alerts.parcel import Links

Action = Literal["acknowledge", "snooze", "feedback", "unsubscribe"]

LIFETIMES: Mapping[Action, timedelta] = MappingProxyType(
    {
        "acknowledge": timedelta(days=30),
        "snooze": timedelta(days=30),
        "feedback": timedelta(days=30),
        "unsubscribe": timedelta(days=366),  # who wants to hear no more presses it in some old message
    }
)
LONGEST_TOKEN = 2000
_EPOCH = date(1970, 1, 1)
_FURTHEST = 1_000_000  # days, which a date can still tell
_PURPOSE = "turnsignal links that act, 1"  # a signature of the same secret for something else does not fit


class UnknownLinkError(Exception):
    """The link is not ours, or not whole."""


class ExpiredLinkError(Exception):
    """It was ours, and has run out."""

    def __init__(self, ticket: "Ticket") -> None:
        super().__init__("the link has run out")
        self.ticket = ticket


class Ticket(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What one link allows."""

    action: Action
    alert_id: str  # empty where it is about no single alert
    channel: str
    receiver: str
    locale: str
    last_day: Annotated[int, msgspec.Meta(ge=0, le=_FURTHEST)]  # on which it holds, in UTC, from 1970
    verdict: Verdict | None = None  # of feedback: what the receiver chose in the message

    def ends(self) -> date:
        """The last day on which it holds."""
        return _EPOCH + timedelta(days=self.last_day)


class SignedLinks:
    """Makes links and reads them back; `secrets` has the newest first, which signs."""

    def __init__(self, secrets: Iterable[str], public_url: str) -> None:
        self.public_url = public_url.rstrip("/")
        self._signer = URLSafeSerializer(
            list(reversed(list(secrets))),  # itsdangerous wants the newest last
            salt=_PURPOSE,
            serializer_kwargs={"ensure_ascii": True},  # half characters would not be text otherwise
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )

    def __call__(self, alert: Alert | None, channel: str, receiver: str, locale: str, now: datetime) -> Links:
        """For a message of an alert, or of none; the same all day: a message sent twice is the same."""

        def link(action: Action, verdict: Verdict | None = None) -> str:
            about = alert.id if alert and action != "unsubscribe" else ""
            last_day = (now.astimezone(UTC).date() + LIFETIMES[action] - _EPOCH).days
            token = self.token(Ticket(action, about, channel, receiver, locale, last_day, verdict))
            return f"{self.public_url}/{'unsubscribe' if action == 'unsubscribe' else 'act'}/{token}"

        if alert is None:
            return Links(unsubscribe=link("unsubscribe"))
        return Links(
            acknowledge=link("acknowledge"),
            snooze=link("snooze"),
            feedback={verdict: link("feedback", verdict) for verdict in VERDICTS},
            unsubscribe=link("unsubscribe"),
        )

    def token(self, ticket: Ticket) -> str:
        """A ticket as it stands in a link."""
        return self._signer.dumps(msgspec.to_builtins(ticket))

    def read(self, token: str, now: datetime) -> Ticket:
        """The ticket of a link; raises UnknownLinkError or ExpiredLinkError."""
        if len(token) > LONGEST_TOKEN:
            raise UnknownLinkError
        try:
            ticket = msgspec.convert(self._signer.loads(token), Ticket)
        except (BadData, msgspec.ValidationError, ValueError):
            raise UnknownLinkError from None
        if now.astimezone(UTC).date() > ticket.ends():
            raise ExpiredLinkError(ticket)
        return ticket


def make_links(config: NotifierConfig) -> SignedLinks | None:
    """As the settings have it; None without a secret or without an address of our own to lead to."""
    if not config.link_secrets or config.public_url is None:
        return None
    return SignedLinks(config.link_secrets, config.public_url)
