"""Pictures of accounts in the database, for those who send or show them."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import structlog

from accounts.account import from_bytes
from accounts.feedback import Word
from accounts.policy import Policy
from accounts.timeline import Timeline, timeline
from alerts.language import ENGLISH, Language
from alerts.parcel import Picture
from alerts.picture.described import described
from alerts.picture.look import FOR_MESSAGES, Look
from storage import feedback, queries
from storage.engine import Engine, reading

_KEPT = 64  # pictures of up to 50 kB: a message goes out by several channels, a page is opened again

log = structlog.get_logger(__name__)


class Drawing(NamedTuple):
    """A file, and what it shows in one sentence."""

    content: bytes
    alt: str


class Pictures:
    """Draws the accounts of a database by the numbers that they are judged by."""

    def __init__(self, engine: Engine, policy: Policy) -> None:
        self._engine, self._policy = engine, policy

    def of(self, account_id: str, language: Language = ENGLISH, look: Look = FOR_MESSAGES) -> Drawing | None:
        """An account's picture; None where there is no such account or no week of it has closed."""
        found = self._read(account_id)
        if found is None:
            return None
        body, titles, words = found
        return _picture(body, tuple(titles), tuple(words), self._policy, language, look)

    def attached(self, account_id: str, language: Language) -> Picture | None:
        """The same for a message, which goes out without one rather than not at all."""
        try:
            drawing = self.of(account_id, language)
            return Picture(*drawing) if drawing else None
        except Exception:
            log.exception("no picture could be drawn", action="picture_failed", account_id=account_id)
            return None

    def described(self, account_id: str, language: Language = ENGLISH) -> str | None:
        """What the picture shows, in one sentence; None where there is none."""
        found = self._read(account_id)
        told = found and _timeline(found[0], tuple(found[2]), self._policy)
        return described(told, language) if told else None

    def _read(self, account_id: str) -> tuple[bytes, list[str], Sequence[Word]] | None:
        with reading(self._engine) as connection:
            found = queries.account(connection, account_id)
            if found is None or found[1] is None:
                return None
            words = feedback.words(connection, [account_id]).get(account_id, [])
        name = (found[0].card or {}).get("name")
        return found[1], [*([name] if name else []), account_id], sorted(words)


def _timeline(body: bytes, words: tuple[Word, ...], policy: Policy) -> Timeline | None:
    return timeline(from_bytes(body), policy, words)


@lru_cache(_KEPT)
def _picture(
    body: bytes,
    titles: tuple[str, ...],
    words: tuple[Word, ...],
    policy: Policy,
    language: Language,
    look: Look,
) -> Drawing | None:
    told = _timeline(body, words, policy)
    if told is None:
        return None
    from alerts.picture.drawing import drawn  # noqa: PLC0415  (matplotlib, for those who draw)

    content = drawn(
        told,
        form=look.form,
        width=look.width,
        language=language,
        theme=look.theme,
        titles=titles if look.titled else (),
    )
    return Drawing(content, described(told, language))
