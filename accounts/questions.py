"""The development team's silence: technical talks that fall against the account's own rhythm.

A Poisson count like those of the cadence test, but part of the shift test's sum: who asks nothing any more
has handed the decision over. Half of the rhythm is the alternative; an account that is leaving falls further.
"""

import msgspec

from accounts.cadence import PER_MILLE, Rhythm
from accounts.evidence import VOTE
from accounts.policy import Policy
from accounts.series import COMMERCIAL, TALKS, Series

_YEAR, _AROUND = 52, 4


class FormerRhythm(msgspec.Struct, array_like=True):
    """What the weeks before `until` were compared with."""

    until: int
    rhythm: Rhythm


class Questions(msgspec.Struct, array_like=True):
    """The rhythm of technical talks, and earlier ones that people's words have replaced."""

    rhythm: Rhythm = msgspec.field(default_factory=Rhythm)
    former: list[FormerRhythm] = []

    def step(self, week: int, index: int, series: Series, policy: Policy) -> int:
        """What the week at `index` of the series says, in micro-nats; 0 while there is no rhythm."""
        rhythm, asked = self.rhythm, technical_talks(series, index, index + 1)
        gain = 0
        if rhythm.ready:
            season = self._season(index, series, policy)
            gain = asked * rhythm.event + rhythm.silence * season // PER_MILLE
            if not rhythm.again or rhythm.weeks >= policy.rhythm_weeks:
                return gain
        rhythm.learn(week, asked, policy.question_stream, policy)
        return gain

    def learn_again(self, onset: int, week: int, index: int, series: Series, policy: Policy) -> None:
        """From `week` on, at `index` of the series, the talks since `onset` are the rhythm, if fewer."""
        begin = index - (week - onset)
        # One more, since a rate leaves out the event that opens its window, and none opens this one.
        asked = 1 + technical_talks(series, begin, index)
        found = Rhythm(onset, asked, weeks=index - begin, again=True)
        self.former = [*self.former, FormerRhythm(week, self.rhythm)]
        if self.rhythm.ready and found.rate < self.rhythm.rate:
            found.close(policy.question_stream, policy)
            self.rhythm = found
        else:
            self.rhythm = msgspec.structs.replace(self.rhythm)

    def remember(self, week: int, policy: Policy) -> None:
        """Keep the rhythm of the weeks before `week`, where it judges and goes on learning all the same."""
        if self.rhythm.again and self.rhythm.weeks < policy.rhythm_weeks:
            self.former = [*self.former, FormerRhythm(week, msgspec.structs.replace(self.rhythm))]

    def rhythm_at(self, week: int) -> Rhythm:
        """What a week was compared with."""
        return next((former.rhythm for former in self.former if week < former.until), self.rhythm)

    def _season(self, index: int, series: Series, policy: Policy) -> int:
        """Last year's same weeks against the rhythm, shrunk, at most 1; in thousandths."""
        begin = index - _YEAR - _AROUND
        if begin < 0:  # no last year to compare with
            return PER_MILLE
        weeks = 2 * _AROUND + 1
        prior = policy.question_season
        seen = prior + technical_talks(series, begin, begin + weeks)
        return max(0, min(PER_MILLE, round(PER_MILLE * seen / (prior + self.rhythm.rate * weeks))))


def technical_talks(series: Series, begin: int, end: int) -> int:
    """Talks that asked something technical, in these weeks of the series."""
    talks, commercial = (sum(series.counts[row][begin:end]) for row in (TALKS, COMMERCIAL))
    return max(0, talks - commercial) // VOTE
