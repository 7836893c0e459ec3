"""Several alerts in one message: the accounts that matter most, by value at risk, and how many more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.alert import Alert, Severity
from alerts import headlines
from alerts.cleaning import clean, shorten
from alerts.matching import at_risk
from alerts.message import Notice, account_name, link_to, tone_of
from alerts.wording import day, stake

MOST_ENTRIES = 5
_LONGEST_SUBJECT = 120
_GRAVITY: dict[Severity, int] = {"info": 0, "warning": 1, "critical": 2}


@dataclass(frozen=True, slots=True)
class Entry:
    """One account, cleaned; nothing in it is escaped yet."""

    account: str
    headline: str
    tone: str
    since: str
    at_risk: str
    decides: str
    play: str
    link: str | None
    new: bool  # the receiver was not told of this before


@dataclass(frozen=True, slots=True)
class Digest:
    """What a receiver should look at, in words."""

    subject: str
    headline: str
    sentence: str
    entries: tuple[Entry, ...]
    more: str  # how many further accounts there are
    corrections: tuple[str, ...]  # what no longer holds
    link: str | None
    remark: str
    language: object = None
