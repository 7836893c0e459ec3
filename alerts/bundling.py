"""What is due to one receiver, as messages: each alert in its own, or several in one, or later."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.config import Limits
from alerts.decision import Wait


@dataclass(frozen=True, slots=True)
class Due:
    """A notice that may be sent now."""

    delivery_id: str
    critical: bool = False
    digest: bool = False  # it waited for the digest, or is one
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Past:
    """What the receiver got by this channel within a day."""

    messages: int = 0
    last_gathered: datetime | None = None  # the last message with several alerts


@dataclass(frozen=True, slots=True)
class Bundles:
    """Messages, each of so many deliveries, and what waits."""

    messages: list[list[str]]
    waits: list[tuple[str, Wait]]


def bundle(
    due: Sequence[Due], past: Past, now: datetime, limits: Limits | None, next_digest: datetime
) -> Bundles:
    """Edits travel alone. Of the rest a few travel alone, many together; too many wait, but none is lost.

    What is critical waits for no limit, but travels with the others.
    """
    messages = [[one.delivery_id] for one in due if one.quiet]
    loud = [one for one in due if not one.quiet]
    if limits is None:
        digest = [one.delivery_id for one in loud if one.digest]
        alone = [[one.delivery_id] for one in loud if not one.digest]
        return Bundles([*messages, *([digest] if digest else []), *alone], [])
    waiting = _waiting(past, now, limits, next_digest)
    waits = [(one.delivery_id, waiting) for one in loud if not one.critical] if waiting else []
    going = [one for one in loud if one.critical or not waiting]
    return Bundles(messages + _together(going, past, limits), waits)


def _waiting(past: Past, now: datetime, limits: Limits, next_digest: datetime) -> Wait | None:
    if past.messages >= limits.most_a_day:
        return Wait("rate_limited", next_digest)
    resumes = past.last_gathered + limits.pause if past.last_gathered else now
    return Wait("paused", resumes) if resumes > now else None


def _together(going: Sequence[Due], past: Past, limits: Limits) -> list[list[str]]:
    if not going:
        return []
    ids = [one.delivery_id for one in going]
    room = max(1, min(limits.most_at_once, limits.most_a_day - past.messages))
    if len(going) > room or any(one.digest for one in going):
        return [ids]
    return [[one] for one in ids]
