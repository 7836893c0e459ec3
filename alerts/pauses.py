"""Who is to be left in peace for a moment: a whole channel, or a receiver. Shared by a channel's workers."""

import threading
from datetime import datetime, timedelta

_LONGEST = timedelta(minutes=1)  # no mistaken header stops a channel for long


class Pauses:
    """Kept in memory: after a restart nobody is being waited for, and the channel would say so again."""

    def __init__(self) -> None:
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
            return list(self._receivers)

    def pause_channel(self, until: datetime, now: datetime) -> None:
        """Send nothing until a moment."""
        with self._lock:
            self._channel = min(until, now + _LONGEST)

    def pause_receiver(self, name: str, until: datetime, now: datetime) -> None:
        """Send nothing to a receiver until a moment."""
        with self._lock:
            self._receivers[name] = min(until, now + _LONGEST)
