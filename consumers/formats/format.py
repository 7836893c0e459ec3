"""What every format is: from one record of Kafka to what its source says."""

from typing import Protocol

from accounts.events import Unreadable
from consumers.record import Record
from consumers.source_record import SourceRecord


class Format(Protocol):
    """Reads records of one form; belongs to one thread."""

    name: str

    def read(self, record: Record) -> list[SourceRecord]:
        """What a record says; nothing where it is empty on purpose, such as a tombstone.

        Raises Unreadable for what cannot be read, PartlyUnreadable where some of several can, and
        SourceAway where it could be read later.
        """
        ...


class PartlyUnreadable(Unreadable):
    """A record of several messages of which some cannot be read; `detail` names them by index."""

    def __init__(self, reason: str, detail: str, others: list[SourceRecord]) -> None:
        super().__init__(reason, detail)
        self.others = others


class SourceAway(Exception):  # noqa: N818  (it describes the schema registry)
    """What a record is read with does not answer; the same record must be tried again later."""


class FormatError(ValueError):
    """A format or an option that does not exist; the message says what is allowed."""
