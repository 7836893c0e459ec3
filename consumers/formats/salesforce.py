"""Salesforce: Change Data Capture, Platform Events, PushTopics and queried records, in any wrapping.

An update carries the changed fields alone: `fields` has these and `Id`, `meta.partial` says so, and the
mapping adds what was known of the record. An event of several records becomes one SourceRecord each.

A gap event says that a record has changed and not how: a dead letter of reason `gap` names the records to
fetch from Salesforce again. A gap of a deletion lacks nothing, and is one.
"""

from typing import Any

import msgspec

from accounts.events import Unreadable
from consumers.formats.content import Content
from consumers.formats.identity import digest_of, identity_of, name_of, place_of
from consumers.formats.moments import moment_of
from consumers.formats.salesforce_bitmap import names_of
from consumers.record import Record
from consumers.source_record import Operation, SourceRecord

_HEADER = "ChangeEventHeader"
_OPERATIONS: dict[str, Operation] = {
    "CREATE": "created",
    "UPDATE": "updated",
    "DELETE": "deleted",
    "UNDELETE": "created",
    "GAP_DELETE": "deleted",
    "SNAPSHOT": "read",
}
_PUSH_TOPIC: dict[str, Operation] = {
    "created": "created",
    "updated": "updated",
    "deleted": "deleted",
    "undeleted": "created",
}
_CONNECTORS_OWN = ("_ObjectType", "_EventType", "ReplayId")


class SalesforceOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the event does not say."""

    entity: str | None = (
        None  # what an event or a record without a type is called; else the topic's last part
    )


class Salesforce:
    """Reads what Salesforce's event bus says, in the wrapping of any connector."""

    name = "salesforce"

    def __init__(self, content: Content, options: SalesforceOptions) -> None:
        self._content = content
        self._options = options

    def read(self, record: Record) -> list[SourceRecord]:
        """The changes, or the event, of a record; see Format."""
        if record.value is None:
            return []
        body, around = _unwrapped(self._content.value_of(record))
        replay = around.get("replayId")
        header = body.get(_HEADER)
        if isinstance(header, dict):
            return _changes(body, header, replay)
        kind = body.get("_EventType")
        if isinstance(kind, str) and kind in _PUSH_TOPIC and body.get("Id"):
            return [_pushed(body, _PUSH_TOPIC[kind])]
        uuid = body.get("EventUuid", around.get("EventUuid"))
        if body.get("Id") and uuid is None and replay is None and "ReplayId" not in body:
            return [self._record(body, record)]
        return [self._event(body, replay, uuid, record)]

    def _record(self, body: dict[str, Any], record: Record) -> SourceRecord:
        """A record as a query gave it, for a beginning: the fields that were asked for."""
        attributes = body.get("attributes")
        told = attributes.get("type") if isinstance(attributes, dict) else None
        entity = name_of(told, self._options.entity, record.topic.rpartition(".")[2])
        fields = {name: value for name, value in body.items() if name != "attributes"}
        operation: Operation = "deleted" if body.get("IsDeleted") is True else "read"
        version = body.get("SystemModstamp") or body.get("LastModifiedDate")
        named = version or digest_of(fields)
        if version and isinstance(attributes, dict) and "notification" in attributes:
            # Of an outbound message; another may tell other fields of the same state, and a second delivery
            # of this one what has changed since.
            named = f"{version}/{digest_of(fields)}"
        own = identity_of("salesforce", entity, body["Id"], operation, named)
        return SourceRecord(fields, None, operation, entity, moment_of(version), own, {"partial": True})

    def _event(self, body: dict[str, Any], replay: Any, uuid: Any, record: Record) -> SourceRecord:
        """A Platform Event: a message, no change of a document."""
        entity = name_of(body.get("_ObjectType"), self._options.entity, record.topic.rpartition(".")[2])
        replay = body.get("ReplayId", replay)
        own = uuid
        if own is None:
            own = place_of(record) if replay is None else f"replay={replay}"
        meta = {"replay": replay, "user": body.get("CreatedById")}
        time = moment_of(body.get("CreatedDate"))
        fields = {name: value for name, value in body.items() if name not in _CONNECTORS_OWN}
        return SourceRecord(fields, None, "event", entity, time, identity_of("salesforce", entity, own), meta)


def _unwrapped(value: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The event itself, and what stands beside it, out of what CometD and connectors put around it."""
    around: dict[str, Any] = {}
    for _ in range(3):
        if not isinstance(value, dict):
            break
        if isinstance(event := value.get("event"), dict):
            around = event
        if isinstance(inner := value.get("data"), dict) and _HEADER not in value:
            value = inner  # {"data": {...}, "channel": "/data/ChangeEvents"}
        elif isinstance(inner := value.get("payload"), dict) and _HEADER not in value:
            value = inner  # {"schema": "I8b-…", "payload": {...}, "event": {...}}
        elif isinstance(inner := value.get("sobject"), dict) and isinstance(event, dict):
            value = inner | {"_EventType": event.get("type"), "CreatedDate": event.get("createdDate")}
        else:
            break
    if not isinstance(value, dict):
        raise Unreadable("does_not_fit", f"expected an event of Salesforce, got {type(value).__name__}")
    return value, around


def _changes(body: dict[str, Any], header: dict[str, Any], replay: Any) -> list[SourceRecord]:
    kind, entity = header.get("changeType"), header.get("entityName")
    told = header.get("recordIds")
    records = [said for said in told if isinstance(said, str)] if isinstance(told, list) else []
    if isinstance(kind, str) and kind.startswith("GAP_") and kind != "GAP_DELETE":
        raise Unreadable("gap", _gap(kind, entity, records, header))
    operation = _OPERATIONS.get(kind) if isinstance(kind, str) else None
    if operation is None or not isinstance(entity, str) or not records:
        raise Unreadable("does_not_fit", f"a {_HEADER} of {entity}, {kind}, {len(records)} records")
    if any("*" in said for said in records):
        raise Unreadable("gap", f"{entity} {records}: a field's type was converted, and values were lost")
    meta, fields = _told(body, header, operation)
    meta["replay"] = body.get("ReplayId", replay)
    time = moment_of(header.get("commitTimestamp"))
    place = (header.get("transactionKey"), header.get("sequenceNumber"), kind)
    return [
        SourceRecord(
            {"Id": said, **fields},
            None,
            operation,
            entity,
            time,
            identity_of("salesforce", entity, said, *place),
            meta,
        )
        for said in records
    ]


def _told(
    body: dict[str, Any], header: dict[str, Any], operation: Operation
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What an event says beside its fields, and the fields."""
    changed = names_of(header.get("changedFields"), body)
    nulled = names_of(header.get("nulledFields"), body)
    differing = names_of(header.get("diffFields"), body)  # their values are differences of texts
    fields = {
        name: value
        for name, value in body.items()
        if name not in (_HEADER, *_CONNECTORS_OWN)
        and name not in differing
        # Where a connector has a column for each field, null is a field that was not sent.
        and (value is not None or operation in ("created", "read"))
    }
    if operation in ("updated", "deleted"):
        fields = {name: _parts_told(value) for name, value in fields.items()}
    for name in nulled:
        _set_null(fields, name)
    _set_name_beside(fields)
    meta: dict[str, Any] = {
        "transaction": header.get("transactionKey"),
        "user": header.get("commitUser"),
        "origin": header.get("changeOrigin"),
        "kind": header.get("changeType"),
    }
    if operation in ("updated", "deleted"):
        meta["partial"] = True
    if operation == "updated":
        meta["changed"] = changed or sorted(fields)
        meta["nulled"] = nulled
    if differing:
        meta["partial"] = True
        meta["not_told"] = differing
    return meta, fields


def _parts_told(value: Any) -> Any:
    """Of a field that has parts, such as an address, those that were sent."""
    if not isinstance(value, dict):
        return value
    return {part: said for part, said in value.items() if said is not None}


def _set_name_beside(fields: dict[str, Any]) -> None:
    """The parts of a person's name, as queries have them: an update tells only those that have changed."""
    if isinstance(name := fields.get("Name"), dict):
        for part, said in name.items():
            fields.setdefault(part, said)


def _set_null(fields: dict[str, Any], name: str) -> None:
    """`Name.MiddleName` is a part of a field that has parts."""
    whole, _, part = name.partition(".")
    if not part:
        fields[whole] = None
    elif isinstance(inside := fields.get(whole) or {}, dict):
        fields[whole] = {**inside, part: None}


def _gap(kind: str, entity: Any, records: list[str], header: dict[str, Any]) -> str:
    what = f"{entity} {', '.join(records)}" if kind != "GAP_OVERFLOW" else f"all records of {entity}"
    return (
        f"{what}: Salesforce sent no fields ({kind}, transaction {header.get('transactionKey')}); "
        "fetch them and import them again"
    )


def _pushed(body: dict[str, Any], operation: Operation) -> SourceRecord:
    """A record of a PushTopic: the fields that its query names."""
    entity = name_of(body.get("_ObjectType"))
    time = body.get("CreatedDate") if operation == "created" else None
    changed_at = body.get("LastModifiedDate") or body.get("SystemModstamp") or time
    own = identity_of(
        "salesforce", entity, body["Id"], body.get("_EventType"), body.get("ReplayId", changed_at)
    )
    fields = {name: value for name, value in body.items() if name not in _CONNECTORS_OWN}
    meta = {"replay": body.get("ReplayId"), "partial": True}
    return SourceRecord(fields, None, operation, entity, moment_of(changed_at), own, meta)
