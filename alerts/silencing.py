"""Silences: made and ended by people, checked before they are stored."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import uuid4

import msgspec

from alerts.matching import Matchers
from alerts.standing import as_plain
from storage import silences, turns
from storage.engine import Engine, transaction
from storage.silences import Silence

LONGEST = timedelta(days=366)

Patterns = tuple[Annotated[str, msgspec.Meta(min_length=1, max_length=200)], ...]


class AskedMatchers(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The matchers of a silence, as they are asked for."""

    account: Patterns = ()
    segment: Patterns = ()
    owner: Patterns = ()
    kind: Patterns = ()
    stage: Patterns = ()
    severity: Patterns = ()
    product_line: Patterns = ()
    at_risk_from: float | None = None
    at_risk_below: float | None = None

    def matchers(self) -> Matchers:
        """The same for deciding."""
        return Matchers(**msgspec.structs.asdict(self))


class AskedSilence(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A silence, as it is asked for."""

    matchers: AskedMatchers
    author: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
    ends_at: datetime
    starts_at: datetime | None = None


class InvalidSilenceError(Exception):
    """What was asked for is no silence; the message says what is allowed."""


def read_silence(body: bytes) -> AskedSilence:
    """From JSON; raises InvalidSilenceError."""
    try:
        return msgspec.json.decode(body, type=AskedSilence)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidSilenceError(str(error)) from None


def silence(engine: Engine, asked: AskedSilence, now: datetime) -> Silence:
    """Store one; raises InvalidSilenceError for one that fits everything, or ends before it begins."""
    plain = as_plain(asked.matchers.matchers())
    if not plain:
        raise InvalidSilenceError("a silence names at least one matcher: it would hold every alert back")
    starts = asked.starts_at or now
    if starts.tzinfo is None or asked.ends_at.tzinfo is None:
        raise InvalidSilenceError("starts_at and ends_at need a time zone")
    if not max(now, starts) < asked.ends_at <= starts + LONGEST:
        raise InvalidSilenceError("a silence ends after it starts and after now, within a year")
    for name, text in (("author", asked.author), ("reason", asked.reason)):
        if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
            raise InvalidSilenceError(f"no NUL and no half characters - at `$.{name}`")
    made = Silence(f"sil_{uuid4().hex[:24]}", plain, asked.author, asked.reason, now, starts, asked.ends_at)
    with transaction(engine) as connection:
        silences.add(connection, made)
    return made


def end(engine: Engine, silence_id: str, now: datetime) -> bool:
    """End one now; whether there was one that had not ended yet. What waits for it is looked at again."""
    with transaction(engine) as connection:
        ended = silences.end(connection, silence_id, now)
        if ended:
            turns.hurry(connection, "silenced", now)
        return ended
