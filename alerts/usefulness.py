"""How useful the alerts were, by what people answered."""

from collections.abc import Callable, Iterable

import msgspec

from accounts.feedback import USE
from storage.feedback import Answered


class Count(msgspec.Struct):
    """Warnings of one kind, or of one owner; `share` is the useful among those that were useful or not."""

    name: str | None
    alerts: int = 0
    answered: int = 0
    useful: int = 0
    not_useful: int = 0
    open: int = 0  # they stay: neither
    share: float | None = None


class Usefulness(msgspec.Struct):
    """All together, by kind and by owner; the most alerts first."""

    total: Count
    by_kind: list[Count]
    by_owner: list[Count]


def usefulness(warnings: Iterable[Answered]) -> Usefulness:
    """Count warnings by their last answers."""
    seen = list(warnings)
    (total,) = _counted(seen, lambda _: "all") or [Count("all")]
    return Usefulness(
        total,
        _counted(seen, lambda warning: warning.kind),
        _counted(seen, lambda warning: warning.owner),
    )


def _counted(warnings: Iterable[Answered], name_of: Callable[[Answered], str | None]) -> list[Count]:
    found: dict[str | None, Count] = {}
    for warning in warnings:
        name = name_of(warning)
        count = found.setdefault(name, Count(name))
        count.alerts += 1
        if warning.verdict is not None:
            count.answered += 1
            use = USE[warning.verdict]
            setattr(count, use, getattr(count, use) + 1)
    for count in found.values():
        decided = count.useful + count.not_useful
        count.share = round(count.useful / decided, 4) if decided else None
    return sorted(found.values(), key=lambda count: (-count.alerts, count.name or ""))
