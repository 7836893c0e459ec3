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
    ceiling: int = 0
    burst: int = 0  # that the weeks of one burst may add together
    recent: list[tuple[int, int]] = []  # (week, what it added), of the last weeks of a burst
    crossed: bool = False  # reached the threshold, and not fallen below half of it since

    def add(self, week: int, gains: list[int], policy: Policy) -> None:
        """Fold one week's gains, one a stream, into the sum."""
        gain = sum(gains)
        if gain <= 0 and not self.total:
            return
        clip = policy.clip_micro
        kept = (
            self._without_burst(week, min(gain, clip), policy.burst_weeks) if gain > 0 else max(-clip, gain)
        )
        if self.total + kept <= 0:
            self.total, self.onset, self.parts, self.clipped = 0, -1, [0] * len(gains), 0
        else:
            if not self.total:
                self.onset = week
            total = min(self.total + kept, max(self.total, self.ceiling))
            self.clipped += gain - (total - self.total)
            self.total = total
            self.parts = [part + more for part, more in zip(self.parts, gains, strict=True)]
        self.crossed = self.total >= (self.threshold // 2 if self.crossed else self.threshold)

    def clear(self) -> None:
        """Back to zero, as if nothing had been gathered; the threshold stays."""
        self.total, self.onset, self.clipped, self.crossed = 0, -1, 0, False
        self.parts, self.recent = [0] * len(self.parts), []

    def _without_burst(self, week: int, gain: int, burst_weeks: int) -> int:
        """What may be added of a gain: the weeks of one burst together stay below their share."""
        recent = [(then, added) for then, added in self.recent if week - then < burst_weeks]
        gain = max(0, min(gain, self.burst - sum([added for _, added in recent])))
        recent.append((week, gain))
        self.recent = recent
        return gain

    def set_threshold(self, threshold: int, policy: Policy) -> None:
        """Judge by this threshold from now on."""
        self.threshold = threshold
        self.ceiling = round(policy.ceiling * threshold)
        self.burst = round(policy.burst_share * threshold)

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
