"""Who is to be left in peace for a moment: a whole channel, or a receiver. Shared by a channel's workers."""

import threading
from collections import Counter
from datetime import datetime, timedelta

_LONGEST = timedelta(minutes=1)  # no mistaken header stops a channel for long


class Pauses:
    """Kept in memory: after a restart nobody is being waited for, and the channel would say so again.

    `most_at_once`: no receiver has more messages on their way to it, so that one that hangs does not hold up
    all others; who takes one holds `taking`.
    """

    def __init__(self, most_at_once: int | None = None) -> None:
        self._most_at_once = most_at_once
        self._on_the_way: Counter[str] = Counter()
        self.taking = threading.Lock()
        self._lock = threading.Lock()
        self._channel: datetime | None = None
        self._receivers: dict[str, datetime] = {}

    def channel_rests(self, now: datetime) -> bool:
        """Whether nothing may be sent at all."""
        with self._lock:
            return self._channel is not None and now < self._channel

    def resting(self, now: datetime) -> list[str]:
        """The receivers that nothing may be sent to."""
        with self._lock:
            self._receivers = {name: until for name, until in self._receivers.items() if until > now}
            busy = [name for name, count in self._on_the_way.items() if self._is_busy(count)]
            return [*self._receivers, *(name for name in busy if name not in self._receivers)]

    def on_the_way(self, receiver: str) -> None:
        """A message to a receiver has been taken."""
        with self._lock:
            self._on_the_way[receiver] += 1

    def arrived(self, receiver: str) -> None:
        """Or was not, but is not on its way any more."""
        with self._lock:
            self._on_the_way[receiver] -= 1
            self._on_the_way += Counter()  # forgets who is at none

    def _is_busy(self, count: int) -> bool:
        return self._most_at_once is not None and count >= self._most_at_once

    def pause_channel(self, until: datetime, now: datetime) -> None:
        """Send nothing until a moment."""
        with self._lock:
            self._channel = min(until, now + _LONGEST)

    def pause_receiver(self, name: str, until: datetime, now: datetime) -> None:
        """Send nothing to a receiver until a moment."""
        with self._lock:
            self._receivers[name] = min(until, now + _LONGEST)
