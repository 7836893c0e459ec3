"""The database of what has been consumed, for commands that can look at topics or files in its place."""

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from service.commands.processes import opened, settings
from service.failures import Failure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.engine import Engine


@contextmanager
def consumed() -> "Iterator[Engine]":
    """The migrated database; where SQLite would begin a new one, the Failure says what to do instead."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    address = settings().database.url.get_secret_value()
    try:
        url = make_url(address)
    except ArgumentError:
        url = None  # what is wrong with it is told on opening
    if url is not None and url.get_backend_name() == "sqlite" and _absent(url.database):
        raise Failure("there is no database yet; name --topic … --mapping …, or files of events", 2)
    with opened() as engine:
        yield engine


def _absent(name: str | None) -> bool:
    if not name or name.startswith((":memory:", "file:")):
        return False
    file = Path(name)
    return not file.exists() or (file.is_file() and not file.stat().st_size)
