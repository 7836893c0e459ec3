"""The cadence test: orders and contacts that slow against the account's own rhythm.

The same fold as the shift test, on Poisson counts whose rate falls to ρ of its baseline; and the silence that
makes an account lost. Integers throughout.
"""

import msgspec

from accounts.cusum import Cusum
from accounts.evidence import CONTACTS, ORDERS
from accounts.policy import Policy
from accounts.rhythm import PER_MILLE, SEASON_WEEKS, YEAR, Rhythm, learnt_again, season
from accounts.series import REACH_WEEKS, Series

STREAM_ROWS = (CONTACTS, ORDERS)
_ORDER_PRIOR = 0.5  # orders of prior weight behind the order rate of a young account …
_SILENCE_WEEKS = 10.0  # … and weeks


class CadenceReading(msgspec.Struct, array_like=True):
    """What the test said when an alert was raised."""

    onset: int  # −1 where the sum was zero
    parts: list[int]  # micro-nats, a number a stream
    clipped: int
    rates: list[float]  # events a week, by each rhythm


class CadenceTest(msgspec.Struct, array_like=True):
    """The two rhythms and the sum D of what falls short of them."""

    rhythms: list[Rhythm] = msgspec.field(default_factory=lambda: [Rhythm() for _ in STREAM_ROWS])
    cusum: Cusum = msgspec.field(default_factory=lambda: Cusum([0, 0]))

    def step(self, week: int, index: int, rows: list[list[int]], policy: Policy) -> int:
        """Fold the week at `index` of the rows into D; returns the week's seasonal factor, per mille."""
        expected = self._season(index, rows, policy)
        calm, moved, gains = not self.cusum.total, False, [0, 0]
        for stream, row in enumerate(STREAM_ROWS):
            x, numbers = rows[row][index], policy.cadence_streams[stream]
            rhythm = self.rhythms[stream]
            if not rhythm.ready:
                rhythm.learn(week, x, numbers, policy)
                moved = moved or rhythm.ready
                continue
            if calm and rhythm.take_in(numbers, policy):
                moved = True
            gains[stream] = rhythm.hear(x, expected)
        if moved:
            self._set_threshold(policy)
        if self.cusum.ready:
            self.cusum.add(week, gains, policy)
        return expected

    def learn_again(self, week: int, series: Series, policy: Policy) -> None:
        """From `week` on, what came since D left zero is the account's rhythm.

        A stream that has not slowed keeps its own.
        """
        onset = max(self.cusum.onset, week - REACH_WEEKS)
        events = [series.total(row, onset, week - 1) for row in STREAM_ROWS]
        self.rhythms = [
            learnt_again(known, events[stream], onset, week, policy.cadence_streams[stream], policy)
            for stream, known in enumerate(self.rhythms)
        ]
        self.cusum.clear()
        self._set_threshold(policy)

    def _season(self, index: int, rows: list[list[int]], policy: Policy) -> int:
        begin = index - YEAR - SEASON_WEEKS // 2
        if begin < 0:  # no last year to compare with
            return PER_MILLE
        seen = expected = 0
        for rhythm, row in zip(self.rhythms, STREAM_ROWS, strict=True):
            if rhythm.ready:
                seen += sum(rows[row][begin : begin + SEASON_WEEKS])
                expected += rhythm.seasonal
        return season(seen, expected, policy.season_shrinkage) if expected else PER_MILLE

    def _set_threshold(self, policy: Policy) -> None:
        nats = policy.micro_threshold(policy.cadence_threshold, self.events_a_year)
        self.cusum.set_threshold(nats, policy)

    @property
    def events_a_year(self) -> float:
        """Contacts and orders, by the rhythms that are ready."""
        return sum(rhythm.rate * YEAR for rhythm in self.rhythms if rhythm.ready)

    def reading(self) -> CadenceReading:
        """What the test says now."""
        rates = [rhythm.rate for rhythm in self.rhythms]
        return CadenceReading(self.cusum.onset, self.cusum.parts, self.cusum.clipped, rates)


class Silence(msgspec.Struct, array_like=True):
    """How long no order has come, in weeks that count: a seasonal week counts by its factor, per mille."""

    first: int = -1
    last: int = -1
    orders: int = 0
    intervals: int = 0  # orders after the first, in thousandths
    active: int = 0  # per-mille weeks that they are of
    quiet: int = 0  # per-mille weeks since the last, or since a person's word that all is well
    excused: int = -1  # the last week that such a word covers

    def step(self, week: int, orders: int, season: int, policy: Policy) -> None:
        """Count one week; what is older than `policy.memory_weeks` fades."""
        self.intervals += PER_MILLE * orders
        if orders > 0:
            if self.first < 0:
                self.first = week
                self.intervals -= PER_MILLE
            else:
                self.active += self.quiet + PER_MILLE
            self.last, self.quiet = week, 0
            most = PER_MILLE * policy.memory_weeks
            if self.active > most:
                self.intervals = (self.intervals * most + self.active // 2) // self.active
                self.active = most
        elif self.first >= 0:
            # Once a whole year was silent, last year's silence excuses nothing any more.
            self.quiet += season if week - self.last <= YEAR else PER_MILLE
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
        return max(1, round(self.active / max(PER_MILLE, self.intervals)))

    def alive(self, policy: Policy) -> float:
        """P(still a customer | no order for so long), with a drop-out hazard h a week.

        S(t) / (S(t) + h·∫S) with S(t) = (K/(K+t))^r, the chance of t weeks without an order at a Poisson rate
        whose gamma posterior is integrated out: K weeks known, r orders and prior. After the Pareto/NBD of
        Schmittlein, Morrison & Colombo (1987), with a known hazard in place of their gamma one.
        """
        known = self.active / PER_MILLE + _SILENCE_WEEKS
        quiet = self.quiet / PER_MILLE
        r = max(0, self.intervals) / PER_MILLE + _ORDER_PRIOR
        ratio = known / (known + quiet)
        silent_alive = float(ratio**r)
        silent_gone = policy.drop_out * known / (r - 1) * (1 - ratio ** (r - 1))
        return float(silent_alive / (silent_alive + silent_gone))

    def lost(self, week: int, policy: Policy) -> bool:
        """Whether the silence is too long for the account's own rhythm."""
        if self.orders < 2 or week + 1 - self.since < policy.lost_after_weeks:  # noqa: PLR2004  (one order is no rhythm)
            return False
        return self.alive(policy) < policy.alive_below
