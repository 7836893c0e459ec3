"""What a sender is handed, and what it must be able to do."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from alerts.config import Channel
from alerts.message import Message
from alerts.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Parcel:
    """One delivery: `delivery_id` is the idempotency key of every attempt."""

    delivery_id: str
    receiver: str
    route: str  # why this receiver: owner or default
    message: Message
    created_at: datetime


class Sender(Protocol):
    """One channel. `send` makes one attempt and never raises for what the other side does."""

    @property
    def channel(self) -> Channel:
        """Its name."""

    def send(self, parcel: Parcel, now: datetime) -> Outcome:
        """One attempt."""
