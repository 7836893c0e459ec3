"""What a sender is handed, and what it must be able to do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol, runtime_checkable

from accounts.alert import Alert
from alerts.config import Channel
from alerts.digest import Digest
from alerts.message import Message
from alerts.outcome import Outcome
from alerts.said import Said
from storage.engine import Connection

Reference = Mapping[str, Any]  # where a channel keeps a message: plain JSON, of the channel's own making


@dataclass(frozen=True, slots=True)
class Picture:
    """An account's timeline."""

    png: bytes
    alt: str  # the same in a sentence


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses that act once their page is confirmed; for one receiver, and for a time.

    A message of several alerts has `unsubscribe` alone, and the others for each of them.
    """

    acknowledge: str = ""
    snooze: str = ""
    feedback: Mapping[str, str] = field(default_factory=dict)  # by verdict
    unsubscribe: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """What a program is told: plain JSON, the same at every attempt."""

    type: str
    at: datetime
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One message to one receiver: `message_id` is the idempotency key of every attempt."""

    message_id: str
    receiver: str
    role: str  # why this receiver: owner, manager, default or a name of the settings
    content: Message | Digest
    created_at: datetime
    maybe_sent: bool = False  # an earlier attempt may have arrived
    alert: Alert | None = None  # whole, where the message is of one
    quiet: bool = False  # an edit of what `earlier` stands for
    earlier: Reference | None = None  # this alert's own message to the receiver
    picture: Callable[[], Picture | None] = lambda: None  # drawn when a sender asks for it
    links: Links | None = None
    said: Said | None = None  # what people have answered so far
    links_of_each: Mapping[str, Links] = field(default_factory=dict)  # in a digest, by its messages' alert_id
    event: Event | None = None  # in place of words, for programs


class Sender(Protocol):
    """One channel. `send` makes one attempt and never raises for what the other side does."""

    @property
    def channel(self) -> Channel:
        """Its name."""

    @property
    def shared(self) -> bool:
        """Whether all receivers stand behind one server: who asks to wait then means all of them."""

    @property
    def pause(self) -> timedelta | None:
        """How long a receiver is left in peace after a message."""

    def send(self, parcel: Parcel, now: datetime) -> Outcome:
        """One attempt."""


@runtime_checkable
class Bookkeeper(Protocol):
    """A sender that remembers how its receivers fare."""

    def note(
        self, connection: Connection, receiver: str, outcome: Outcome, now: datetime, *, final: bool
    ) -> str | None:
        """In the transaction that records an attempt; why the receiver is not sent to any more, if so.

        `final`: the message is not tried again.
        """
