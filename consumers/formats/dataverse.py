"""Dataverse (Dynamics 365): what its webhooks tell, as rows of its Web API.

A webhook, and Azure Service Bus, carry the execution context of a step: the changed columns as the Target,
images of the row where the step asks for them. Columns get the names and values that the Web API has, so
that one mapping reads both; rows of the Web API in the same topic are read as they are.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec

from accounts.events import Unreadable
from consumers.formats.content import Content
from consumers.formats.documents import DocumentOptions, Documents
from consumers.formats.identity import digest_of, identity_of
from consumers.formats.moments import moment, moment_of, written
from consumers.record import Record
from consumers.source_record import Operation, SourceRecord

_OPERATIONS: dict[str, Operation] = {"Create": "created", "Update": "updated", "Delete": "deleted"}
_ACTIVITIES = ("appointment", "email", "fax", "letter", "phonecall", "recurringappointmentmaster", "task")
# Columns of an activity that hold its parties, and what the Web API calls their part.
_PARTS = {
    "from": 1,
    "to": 2,
    "cc": 3,
    "bcc": 4,
    "requiredattendees": 5,
    "optionalattendees": 6,
    "organizer": 7,
    "regarding": 8,
    "owner": 9,
    "resources": 10,
    "customers": 11,
}
_DATE = re.compile(r"/Date\((-?\d{1,15})(?:[+-]\d{4})?\)/")
_TARGET_TABLE = "Microsoft.Dynamics.CRM.lookuplogicalname"


class DataverseOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of rows alone; a context says all this itself."""

    entity: str | None = None  # the table that rows are of
    identity: list[str] = []  # columns that together name a change of a row
    time: str | None = None  # the column that says when a row was changed


class Dataverse:
    """Reads execution contexts and rows."""

    name = "dataverse"

    def __init__(self, content: Content, options: DataverseOptions) -> None:
        self._content = content
        self._rows = Documents(content, DocumentOptions(options.entity, options.identity, options.time))

    def read(self, record: Record) -> list[SourceRecord]:
        """The change of a row, and of an activity's parties; see Format."""
        if record.value is None:
            return []
        value = self._content.value_of(record)
        if not isinstance(value, dict) or not isinstance(value.get("MessageName"), str):
            return self._rows.read(record)
        change = _change(value)
        return [change, *_parties(change)]


def _change(context: dict[str, Any]) -> SourceRecord:
    entity, own = context.get("PrimaryEntityName"), context.get("PrimaryEntityId")
    if not isinstance(entity, str) or not isinstance(own, str):
        raise Unreadable("does_not_fit", "an execution context without PrimaryEntityName or PrimaryEntityId")
    message = context["MessageName"]
    operation = _OPERATIONS.get(message, "event")
    target = _named(context.get("InputParameters")).get("Target")
    if target is None and operation in ("created", "updated"):
        detail = f"{entity} {own}: more than 256 KB, and Dataverse left out what has changed; import the row"
        raise Unreadable("gap", detail)
    changed = _row(target)
    fields = changed | _images(context, "PostEntityImages")
    if operation == "deleted":
        fields = _images(context, "PreEntityImages")
    fields.setdefault("activityid" if entity in _ACTIVITIES else f"{entity}id", own)
    if entity in _ACTIVITIES:
        fields.setdefault("activitytypecode", entity)
    time = moment_of(fields.get("modifiedon")) or _moment(context.get("OperationCreatedOn"))
    meta: dict[str, Any] = {
        "kind": message,
        "user": context.get("InitiatingUserId"),
        "transaction": context.get("CorrelationId"),
    }
    if operation != "created":
        meta["partial"] = True
    if operation == "updated":
        meta |= {"changed": sorted(changed), "nulled": sorted(k for k in changed if changed[k] is None)}
    # Steps of one change may carry different columns; a second delivery carries the same.
    place = (message, "" if time is None else written(time), digest_of(fields))
    identity = identity_of("dataverse", entity, own, *place)
    return SourceRecord(fields, None, operation, entity, time, identity, meta)


def _parties(change: SourceRecord) -> Iterator[SourceRecord]:
    """Rows of activityparty, for which Dataverse has no webhooks, out of the columns of an activity."""
    activity = change.fields.get("activityid")
    for column, part in _PARTS.items():
        people = change.fields.get(column)
        for person in people if isinstance(people, list) else ():
            if not (party := person.get("_partyid_value")):
                continue  # an address that belongs to nobody known
            own = f"{activity}/{part}/{party}"
            fields = {"activitypartyid": own, "_activityid_value": activity, "participationtypemask": part}
            identity = identity_of("dataverse", "activityparty", own)
            yield SourceRecord(
                person | fields, None, "created", "activityparty", change.time, identity, dict(change.meta)
            )


def _images(context: dict[str, Any], name: str) -> dict[str, Any]:
    """The columns of all images of a row."""
    found: dict[str, Any] = {}
    for image in _named(context.get(name)).values():
        found |= _row(image)
    return found


def _row(entity: Any) -> dict[str, Any]:
    """An Entity of the SDK as a row of the Web API."""
    row: dict[str, Any] = {}
    for name, value in _named(entity.get("Attributes") if isinstance(entity, dict) else None).items():
        kind = str(value.get("__type", "")).partition(":")[0] if isinstance(value, dict) else ""
        if kind == "EntityReference":
            row[f"_{name}_value"] = value.get("Id")
            row[f"_{name}_value@{_TARGET_TABLE}"] = value.get("LogicalName")
        else:
            row[name] = _plain(value)
    return row


def _plain(value: Any) -> Any:
    """A column's value without the SDK's type around it."""
    if isinstance(value, str) and (at := _moment(value)):
        return written(at)
    if isinstance(value, list):
        chosen = [one["Value"] for one in value if isinstance(one, dict) and "Value" in one]
        return ",".join(map(str, chosen)) if chosen else value  # of a column with several choices
    if not isinstance(value, dict):
        return value
    if isinstance(entities := value.get("Entities"), list):
        return [_row(one) for one in entities]
    return value.get("Value", value)


def _named(pairs: Any) -> dict[str, Any]:
    """What the SDK writes as a list of {key, value}."""
    listed = pairs if isinstance(pairs, list) else []
    whole = [one for one in listed if isinstance(one, dict) and isinstance(one.get("key"), str)]
    return {one["key"]: one.get("value") for one in whole}


def _moment(text: Any) -> datetime | None:
    found = _DATE.fullmatch(text) if isinstance(text, str) else None
    return moment(int(found[1]), "ms") if found else None
