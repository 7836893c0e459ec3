"""Why an account is in its stage: everything that decided it, as one record for a text, JSON or a page."""

from datetime import datetime

import msgspec

from accounts.alert import AccountCard, Evidence, LedBy, Play, Value
from accounts.stages import Kind, Stage


class Share(msgspec.Struct, frozen=True):
    """A share among so many votes of so many weeks; None where nobody voted."""

    share: float | None
    votes: float
    weeks: int


class Rate(msgspec.Struct, frozen=True):
    """So many a week, over so many weeks; None before the first."""

    a_week: float | None
    weeks: int


class ShareReading(msgspec.Struct, frozen=True):
    """A stream of the shift test: the baseline and now, and what it has in the sum."""

    signal: str
    nats: float
    before: Share
    now: Share
    since: datetime  # where "now" begins
    learning: bool  # no baseline yet
    text: str = ""
    distinct_people: int = 0
    people: list[str] = []  # of these, those seen most often
    event_ids: list[str] = []


class LineReading(msgspec.Struct, frozen=True):
    """A product line among several, each judged by baselines of its own."""

    line: str  # empty for what names none
    since: datetime | None  # its first vote
    learning: bool  # no stream of it has a baseline yet
    nats: float  # what it has in the shift test's sum
    worth: float | None  # its share of two years' orders in the account's first currency


class RhythmReading(msgspec.Struct, frozen=True):
    """A stream of the cadence test: its own rhythm and now, and what it has in the sum."""

    signal: str
    nats: float
    before: Rate
    now: Rate
    since: datetime
    learning: bool
    text: str = ""


class TestReading(msgspec.Struct, frozen=True):
    """A test's sum against its threshold, in nats; once crossed, it holds until it is `clears_below`."""

    __test__ = False  # or pytest takes it for one of its own

    test: str
    sum: float
    threshold: float | None
    clears_below: float | None
    crossed: bool
    since: datetime | None
    clipped: float  # taken off by the weekly clip and the ceiling: parts − clipped = sum


class SilenceReading(msgspec.Struct, frozen=True):
    """How long no order has come, against the account's own rhythm."""

    last_order: datetime | None  # the week it came in
    weeks: int | None
    weeks_between: int | None
    alive: float | None
    lost_below: float


class StageFrom(msgspec.Struct, frozen=True):
    """A stage that held from then on."""

    at: datetime
    before: Stage
    after: Stage


class LeaderFrom(msgspec.Struct, frozen=True):
    """A leader from then on."""

    at: datetime
    before: LedBy
    after: LedBy


class Raised(msgspec.Struct, frozen=True):
    """An alert of the account, and until when it held."""

    kind: Kind
    onset_at: datetime
    raised_at: datetime
    until: datetime | None


class Dossier(msgspec.Struct, frozen=True):
    """All of it, as known when the week before `known_to` had closed."""

    account_id: str
    account: AccountCard
    known_to: datetime
    stage: Stage
    stage_since: datetime
    because: str
    led_by: LedBy
    led_by_since: datetime | None  # None: from the start
    tests: list[TestReading]
    shares: list[ShareReading]
    lines: list[LineReading]  # none where the account is of one product line
    rhythms: list[RhythmReading]
    silence: SilenceReading
    besides: list[Evidence]  # seen, and part of no sum
    value: Value
    alerts: list[Raised]
    play: Play | None  # of the newest alert that holds and warns
    transitions: list[StageFrom]
    leaders: list[LeaderFrom]
    would_change: list[str]
