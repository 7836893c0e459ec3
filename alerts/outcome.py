"""What a sender reports of one attempt. When to try again is decided elsewhere, by storage.retry."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Accepted:
    """The channel has taken the message over; `reference` is where it keeps it, to edit or answer it."""

    reference: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class RetryAt:
    """It may pass; `not_before` is what the receiver asked for, if it did."""

    reason: str
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Permanent:
    """No further attempt would end otherwise."""

    reason: str


@dataclass(frozen=True, slots=True)
class Gone(Permanent):
    """The receiver wants nothing any more."""


Outcome = Accepted | RetryAt | Permanent
