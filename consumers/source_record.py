"""What a record of another system says, whatever format carried it."""

from datetime import datetime
from typing import Any, Literal

import msgspec

Operation = Literal["created", "updated", "deleted", "read", "event"]


class SourceRecord(msgspec.Struct, frozen=True):
    """One change of one document, or one message about something that happened.

    `identity` is the same whenever the source tells of the same change again, also after a snapshot is taken
    anew or a connector has started over; where the source has no such thing, it is the record's own place.
    """

    fields: dict[str, Any]  # the document after the change; of one that was deleted, as it was before
    before: dict[str, Any] | None
    operation: Operation  # `read`: of a snapshot; `event`: no change of a document
    entity: str | None  # what kind of document: an sObject, a table, an object type
    time: datetime | None  # when it happened, as the source has it
    identity: str
    meta: dict[str, Any]  # what else the format says: transaction, user, changed fields
