"""Moments on the command line."""

from datetime import UTC, datetime

import typer


def moment(text: str | datetime) -> datetime:
    """An aware moment, or a date's first one in UTC; raises BadParameter that says how to write it."""
    if isinstance(text, datetime):  # a default passes through here too
        return text
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no moment; write 2026-03-31 or 2026-03-31T09:00:00Z") from None
    if at.tzinfo is None and len(text) == len("2026-03-31"):
        return at.replace(tzinfo=UTC)
    if at.tzinfo is None:
        raise typer.BadParameter(f"{text!r} has no time zone; write 2026-03-31T09:00:00Z")
    return at
