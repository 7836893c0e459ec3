"""The cadence test: orders and contacts that slow against the account's own rhythm.

The same fold as the shift test, on Poisson counts whose rate falls to ρ of its baseline; and the silence that
makes an account lost. Integers throughout.
"""

from math import log

import msgspec

from accounts.cusum import Cusum, micro
from accounts.policy import Policy, RhythmStream
from accounts.series import CONTACTS, ORDERS, Series

STREAM_ROWS = (CONTACTS, ORDERS)
PER_MILLE = 1000
_YEAR, _AROUND = 52, 4
_RATE_PRIOR = 0.5  # events of prior weight behind a rate (Jeffreys' prior of a Poisson rate)
_SILENCE_WEEKS = 10.0  # weeks of prior weight behind the order rate of a young account


class Rhythm(msgspec.Struct, array_like=True):
    """A stream's rate in its first weeks; once they are over, what a silent week and an event weigh."""

    first: int = -1
    events: int = 0
    weeks: int = 0
    ready: bool = False
    silence: int = 0  # micro-nats that a week with e = 1 adds
    event: int = 0  # micro-nats that an event adds, which is less than nothing
    again: bool = False  # learnt again after a person's word: judges with what it holds, and goes on learning

    def learn(self, week: int, x: int, stream: RhythmStream, policy: Policy) -> None:
        """Take a week into the rhythm, and close it after its weeks."""
        if self.first < 0:
            if x <= 0:
                return
            self.first = week
        self.events += x
        self.weeks = week + 1 - self.first
        if self.again or self.weeks >= policy.rhythm_weeks:
            self.close(stream, policy)

    def close(self, stream: RhythmStream, policy: Policy) -> None:
        """Weigh silence and events by the rate as it is known."""
        scale = stream.weight / stream.dispersion
        ratio = policy.rate_ratio if stream.ratio is None else stream.ratio
        self.silence = micro(scale * self.rate * (1 - ratio))
        self.event = micro(scale * log(ratio))
        self.ready = True

    @property
    def rate(self) -> float:
        """λ0, events a week; the first event only opened the window and tells nothing of its rate."""
        return (max(0, self.events - 1) + _RATE_PRIOR) / max(1, self.weeks)


class FormerRhythms(msgspec.Struct, array_like=True):
    """What the weeks before `until` were compared with, and later ones no longer are."""

    until: int
    rhythms: list[Rhythm]


class CadenceTest(msgspec.Struct, array_like=True):
    """The two rhythms and the sum D of what falls short of them."""

    rhythms: list[Rhythm] = msgspec.field(default_factory=lambda: [Rhythm() for _ in range(2)])
    cusum: Cusum = msgspec.field(default_factory=lambda: Cusum([0, 0]))
    former: list[FormerRhythms] = []  # the oldest first: what earlier alerts were raised against

    def step(self, week: int, index: int, rows: list[list[int]], policy: Policy) -> int:
        """Fold the week at `index` of the rows into D; returns the week's seasonal factor, per mille."""
        season = self._season(index, rows, policy)
        gains = [0, 0]
        for stream, row in enumerate(STREAM_ROWS):
            x = rows[row][index]
            rhythm = self.rhythms[stream]
            if rhythm.ready:
                gains[stream] = x * rhythm.event + rhythm.silence * season // PER_MILLE
                if not rhythm.again or rhythm.weeks >= policy.rhythm_weeks:
                    continue
            rhythm.learn(week, x, policy.cadence_streams[stream], policy)
            if rhythm.ready:
                self._set_threshold(policy)
        if self.cusum.ready:
            self.cusum.add(week, gains, policy)
        return season

    def learn_again(self, week: int, index: int, series: Series, policy: Policy) -> None:
        """From `week` on, at `index` of the series, what came since D left zero is the account's rhythm.

        A stream that has not slowed keeps its own: a person's word never makes the test more sensitive.
        """
        begin = index - (week - self.cusum.onset)
        self.former = [*self.former, FormerRhythms(week, self.rhythms)]
        rows = series.counts
        self.rhythms = [self._again(stream, begin, index, rows, policy) for stream in range(len(STREAM_ROWS))]
        self.cusum.clear()
        self._set_threshold(policy)

    def _again(self, stream: int, begin: int, end: int, rows: list[list[int]], policy: Policy) -> Rhythm:
        known = self.rhythms[stream]
        # One more, since a rate leaves out the event that opens its window, and none opens this one.
        events = 1 + sum(rows[STREAM_ROWS[stream]][begin:end])
        found = Rhythm(self.cusum.onset, events, weeks=end - begin, again=True)
        if not known.ready or found.rate >= known.rate:
            return msgspec.structs.replace(known)
        found.close(policy.cadence_streams[stream], policy)
        return found

    def remember(self, week: int, policy: Policy) -> None:
        """Keep the rhythms of the weeks before `week`, where they judge and go on learning all the same."""
        if any(rhythm.again and rhythm.weeks < policy.rhythm_weeks for rhythm in self.rhythms):
            copied = [msgspec.structs.replace(rhythm) for rhythm in self.rhythms]
            self.former = [*self.former, FormerRhythms(week, copied)]

    def rhythms_at(self, week: int) -> list[Rhythm]:
        """What a week was compared with."""
        return next((former.rhythms for former in self.former if week < former.until), self.rhythms)

    def _season(self, index: int, rows: list[list[int]], policy: Policy) -> int:
        """e: last year's same weeks against the rhythm, shrunk, at most 1; in thousandths."""
        begin = index - _YEAR - _AROUND
        if begin < 0:  # no last year to compare with
            return PER_MILLE
        known = [(rhythm, row) for rhythm, row in zip(self.rhythms, STREAM_ROWS, strict=True) if rhythm.ready]
        if not known:
            return PER_MILLE
        end = begin + 2 * _AROUND + 1
        seen = sum(sum(rows[row][begin:end]) for _, row in known)
        expected = sum(rhythm.rate for rhythm, _ in known) * (2 * _AROUND + 1)
        prior = policy.season_shrinkage
        return max(0, min(PER_MILLE, round(PER_MILLE * (prior + seen) / (prior + expected))))

    def _set_threshold(self, policy: Policy) -> None:
        self.cusum.threshold = policy.micro_threshold(policy.cadence_threshold, self.events_a_year)

    @property
    def events_a_year(self) -> float:
        """Contacts and orders, by the rhythms that are ready."""
        return sum(rhythm.rate * _YEAR for rhythm in self.rhythms if rhythm.ready)


class Silence(msgspec.Struct, array_like=True):
    """How long no order has come, in weeks that count: a seasonal week counts by its factor, per mille."""

    first: int = -1
    last: int = -1
    orders: int = 0
    active: int = 0  # per-mille weeks from the first order to the last
    quiet: int = 0  # per-mille weeks since the last, or since a person's word that all is well
    excused: int = -1  # the last week that such a word covers

    def step(self, week: int, orders: int, season: int) -> None:
        """Count one week."""
        if orders > 0:
            if self.first < 0:
                self.first = week
            else:
                self.active += self.quiet + PER_MILLE
            self.last, self.quiet = week, 0
        elif self.first >= 0:
            # Once a whole year was silent, last year's silence excuses nothing any more.
            self.quiet += season if week - self.last <= _YEAR else PER_MILLE
        self.orders += orders

    def excuse(self, week: int) -> None:
        """All is well before `week`: the silence so far is part of the account's rhythm."""
        self.active, self.quiet, self.excused = self.active + self.quiet, 0, week - 1

    @property
    def since(self) -> int:
        """The first week of the silence that counts."""
        return max(self.last, self.excused) + 1

    @property
    def weeks_between(self) -> int:
        """Weeks from one order to the next, rounded, at least one."""
        return max(1, round(self.active / PER_MILLE / max(1, self.orders - 1)))

    def alive(self, policy: Policy) -> float:
        """P(still a customer | no order for so long), with a drop-out hazard h a week.

        S(t) / (S(t) + h·∫S) with S(t) = (K/(K+t))^r, the chance of t weeks without an order at a Poisson rate
        whose gamma posterior is integrated out: K weeks known, r orders and prior. After the Pareto/NBD of
        Schmittlein, Morrison & Colombo (1987), with a known hazard in place of their gamma one.
        """
        known = self.active / PER_MILLE + _SILENCE_WEEKS
        quiet = self.quiet / PER_MILLE
        r = max(0, self.orders - 1) + _RATE_PRIOR
        ratio = known / (known + quiet)
        silent_alive = float(ratio**r)
        silent_gone = policy.drop_out * known / (r - 1) * (1 - ratio ** (r - 1))
        return float(silent_alive / (silent_alive + silent_gone))

    def lost(self, week: int, policy: Policy) -> bool:
        """Whether the silence is too long for the account's own rhythm."""
        if self.orders < 2 or week + 1 - self.since < policy.lost_after_weeks:  # noqa: PLR2004  (one order is no rhythm)
            return False
        return self.alive(policy) < policy.alive_below
