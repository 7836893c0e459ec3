"""The customer's engagement: technical talks and talks with executives that fall against their own rhythm.

Poisson counts like those of the cadence test, but part of the shift test's sum: who asks nothing any more, or
sends nobody senior, has handed the decision over. An account that is leaving falls further than that.
"""

import msgspec

from accounts.evidence import COMMERCIAL, SPONSORED, TALKS, VOTE
from accounts.policy import Policy
from accounts.rhythm import PER_MILLE, SEASON_WEEKS, YEAR, Rhythm, learnt_again, season
from accounts.series import Series

ENGAGEMENTS = 2  # technical talks, talks with executives


class Engagement(msgspec.Struct, array_like=True):
    """The rhythms of technical talks and of talks with executives."""

    rhythms: list[Rhythm] = msgspec.field(default_factory=lambda: [Rhythm() for _ in range(ENGAGEMENTS)])

    def step(self, week: int, index: int, series: Series, policy: Policy, *, calm: bool) -> list[int]:
        """What the week at `index` of the series says, in micro-nats; `calm` while nothing is suspected."""
        gains = [0] * ENGAGEMENTS
        for stream, rhythm in enumerate(self.rhythms):
            numbers = policy.engagement_streams[stream]
            came = talks(stream, series, index, index + 1)
            if not rhythm.ready:
                rhythm.learn(week, came, numbers, policy)
                continue
            if calm:
                rhythm.take_in(numbers, policy)
            gains[stream] = rhythm.hear(came, self._season(stream, index, series, policy))
        return gains

    def learn_again(self, onset: int, week: int, series: Series, policy: Policy) -> None:
        """From `week` on, the talks since `onset` are the rhythm, if fewer."""
        begin, end = max(0, onset - series.start), week - series.start
        self.rhythms = [
            learnt_again(
                known,
                talks(stream, series, begin, end),
                onset,
                week,
                policy.engagement_streams[stream],
                policy,
            )
            for stream, known in enumerate(self.rhythms)
        ]

    def _season(self, stream: int, index: int, series: Series, policy: Policy) -> int:
        begin = index - YEAR - SEASON_WEEKS // 2
        if begin < 0:  # no last year to compare with
            return PER_MILLE
        seen = talks(stream, series, begin, begin + SEASON_WEEKS)
        return season(seen, self.rhythms[stream].seasonal, policy.engagement_season)


def talks(stream: int, series: Series, begin: int, end: int) -> int:
    """Talks that asked something technical, or with executives, in these weeks of the series."""
    if stream:
        return max(0, sum(series.counts[SPONSORED][begin:end]))
    told, commercial = series.counts[TALKS], series.counts[COMMERCIAL]
    return max(0, sum(told[begin:end]) - sum(commercial[begin:end])) // VOTE
