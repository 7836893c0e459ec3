"""The cumulative sum behind both tests (Page 1954; Lorden 1971), in integers."""

import msgspec

from accounts.policy import MICRO, Policy


class Cusum(msgspec.Struct, array_like=True):
    """A sum that never falls below zero, and what it is made of since it left zero.

    All in micro-nats: `sum(parts) - clipped == total`, so an alert's evidence adds up to what raised it.
    """

    parts: list[int]
    total: int = 0
    onset: int = -1  # the week in which the sum left zero
    clipped: int = 0  # taken off by the weekly clip and by the ceiling
    threshold: int = 0  # 0 while nothing can be said
    crossed: bool = False  # reached the threshold, and not fallen below half of it since

    def add(self, week: int, gains: list[int], policy: Policy) -> None:
        """Fold one week's gains, one a stream, into the sum."""
        gain = sum(gains)
        clip = policy.clip_micro
        kept = max(-clip, min(gain, clip))
        if self.total + kept <= 0:
            self.total, self.onset, self.parts, self.clipped = 0, -1, [0] * len(gains), 0
        else:
            if not self.total:
                self.onset = week
            total = min(self.total + kept, max(self.total, round(policy.ceiling * self.threshold)))
            self.clipped += gain - (total - self.total)
            self.total = total
            self.parts = [part + more for part, more in zip(self.parts, gains, strict=True)]
        self.crossed = self.total >= (self.threshold // 2 if self.crossed else self.threshold)

    @property
    def ready(self) -> bool:
        """Whether any stream has something to be compared with."""
        return self.threshold > 0

    @property
    def half_way(self) -> bool:
        """Whether the sum has come half way to its threshold."""
        return self.ready and 2 * self.total >= self.threshold


def micro(nats: float) -> int:
    """Nats as an integer of micro-nats."""
    return round(MICRO * nats)
