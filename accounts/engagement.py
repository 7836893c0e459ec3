"""The customer's engagement: technical talks and talks with executives that fall against their own rhythm.

Poisson counts like those of the cadence test, but part of the shift test's sum: who asks nothing any more, or
sends nobody senior, has handed the decision over. An account that is leaving falls further than that.
"""

import msgspec

from accounts.evidence import SPONSORED, TECHNICAL
from accounts.policy import Policy
from accounts.rhythm import PER_MILLE, SEASON_WEEKS, YEAR, Rhythm, learnt_again, season
from accounts.series import Series

ENGAGEMENT_ROWS = (TECHNICAL, SPONSORED)


class Engagement(msgspec.Struct, array_like=True):
    """The rhythms of technical talks and of talks with executives."""

    rhythms: list[Rhythm] = msgspec.field(default_factory=lambda: [Rhythm() for _ in ENGAGEMENT_ROWS])

    def step(self, week: int, index: int, series: Series, policy: Policy, *, calm: bool) -> list[int]:
        """What the week at `index` of the series says, in micro-nats; `calm` while nothing is suspected."""
        gains = [0] * len(ENGAGEMENT_ROWS)
        for stream, row in enumerate(ENGAGEMENT_ROWS):
            came, rhythm = series.counts[row], self.rhythms[stream]
            numbers = policy.engagement_streams[stream]
            if not rhythm.ready:
                rhythm.learn(week, came[index], numbers, policy)
                continue
            if calm:
                rhythm.take_in(numbers, policy)
            begin = index - YEAR - SEASON_WEEKS // 2
            expected = PER_MILLE  # where there is no last year to compare with
            if begin >= 0:
                seen = sum(came[begin : begin + SEASON_WEEKS])
                expected = season(seen, rhythm.seasonal, policy.engagement_season)
            gains[stream] = rhythm.hear(came[index], expected)
        return gains

    def learn_again(self, onset: int, week: int, series: Series, policy: Policy) -> None:
        """From `week` on, the talks since `onset` are the rhythm, if fewer."""
        self.rhythms = [
            learnt_again(
                known,
                series.total(row, onset, week - 1),
                onset,
                week,
                policy.engagement_streams[stream],
                policy,
            )
            for stream, (row, known) in enumerate(zip(ENGAGEMENT_ROWS, self.rhythms, strict=True))
        ]
