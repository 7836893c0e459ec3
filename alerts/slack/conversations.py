"""Where a receiver is reached in Slack: a conversation with a member, or a channel; asked once in a while."""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.receivers import SLACK_CHANNEL, SLACK_ID
from alerts.slack.api import RefusedBySlackError, Slack

_KNOWN = timedelta(hours=12)
_UNKNOWN = timedelta(minutes=10)  # who joins the workspace is found soon
_MOST_KEPT = 10_000
_MOST_PAGES = 10
# Words for a member who cannot be written to.
_NOBODY = frozenset(
    {
        "users_not_found",
        "user_not_found",
        "user_disabled",
        "user_not_visible",
        "cannot_dm_bot",
        "invalid_users",
        "email_not_found",
    }
)


@dataclass(frozen=True, slots=True)
class Place:
    """A conversation by its id, or by a #name; `instead` where the receiver could not be found."""

    channel: str
    instead: bool = False


class Memory:
    """What was found, for a bounded time and number; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, str], tuple[str | None, datetime]] = {}

    def get(self, kind: str, name: str, now: datetime) -> tuple[bool, str | None]:
        """(whether anything is known, what)."""
        with self._lock:
            value, until = self._kept.get((kind, name), (None, now))
        return until > now, value

    def put(self, kind: str, name: str, value: str | None, now: datetime) -> None:
        """Keep what was found, or that there is nothing."""
        with self._lock:
            while len(self._kept) >= _MOST_KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[kind, name] = (value, now + (_KNOWN if value else _UNKNOWN))


class Conversations:
    """Finds places; `default` is the channel for whoever is not in the workspace."""

    def __init__(self, default: str | None) -> None:
        self._default = default
        self._memory = Memory()

    def place(self, slack: Slack, receiver: str, now: datetime) -> Place:
        """Where to write to; raises RefusedBySlackError where nobody is known and there is no default."""
        if receiver == SLACK_CHANNEL:
            return Place(self._instead("channel_not_found"))
        member = self._member(slack, receiver, now) if "@" in receiver else receiver
        if member is None:
            return Place(self._instead("users_not_found"), instead=True)
        if not (SLACK_ID.fullmatch(member) and member[0] in "UW"):
            return Place(member)
        direct = self._direct(slack, member, now)
        return Place(direct) if direct else Place(self._instead("user_not_found"), instead=True)

    def id_of(self, slack: Slack, channel: str, now: datetime) -> str | None:
        """The id of a channel that is known by its #name; None where it is not found."""
        if not channel.startswith("#"):
            return channel
        known, found = self._memory.get("name", channel, now)
        if known:
            return found
        found = _named(slack, channel[1:])
        self._memory.put("name", channel, found, now)
        return found

    def learn(self, channel: str, found: str, now: datetime) -> None:
        """Slack has said which id a channel's name stands for."""
        if channel.startswith("#"):
            self._memory.put("name", channel, found, now)

    def _instead(self, word: str) -> str:
        if self._default is None:
            raise RefusedBySlackError(word)
        return self._default

    def _member(self, slack: Slack, email: str, now: datetime) -> str | None:
        known, found = self._memory.get("email", email, now)
        if known:
            return found
        try:
            user = slack.member_by_email(email)
        except RefusedBySlackError as error:
            if error.word not in _NOBODY:
                raise
            user = {}
        member = user.get("id")
        here = isinstance(member, str) and SLACK_ID.fullmatch(member) and not user.get("deleted")
        found = str(member) if here else None
        self._memory.put("email", email, found, now)
        return found

    def _direct(self, slack: Slack, member: str, now: datetime) -> str | None:
        known, found = self._memory.get("direct", member, now)
        if known:
            return found
        try:
            found = slack.direct(member)
        except RefusedBySlackError as error:
            if error.word not in _NOBODY:
                raise
            found = None
        self._memory.put("direct", member, found, now)
        return found


def _named(slack: Slack, name: str) -> str | None:
    cursor = ""
    for _ in range(_MOST_PAGES):
        found, cursor = slack.channels(cursor)
        for channel in found:
            if isinstance(channel, dict) and channel.get("name") == name:
                return str(channel.get("id"))
        if not cursor:
            break
    return None
