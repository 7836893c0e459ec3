"""HubSpot: batches of webhook notifications, and the objects, owners and associations of its CRM API.

The first two give the properties at the top of `fields` beside `id`, so that one mapping reads them: a
notification carries one property, an object those that were asked for; what is missing is as it was.
"""

from typing import Any

import msgspec

from accounts.events import Unreadable
from consumers.formats.content import Content
from consumers.formats.identity import digest_of, identity_of
from consumers.formats.moments import moment_of
from consumers.formats.several import read_each
from consumers.record import Record
from consumers.source_record import Operation, SourceRecord

# What HubSpot calls the types of its objects.
_TYPES = {
    "0-1": "contact",
    "0-2": "company",
    "0-3": "deal",
    "0-5": "ticket",
    "0-7": "product",
    "0-8": "line_item",
    "0-14": "quote",
    "0-27": "task",
    "0-46": "note",
    "0-47": "meeting",
    "0-48": "call",
    "0-49": "email",
    "0-123": "order",
    "0-136": "lead",
}
_SINGULAR = {
    "companies": "company",
    **{f"{name}s": name for name in _TYPES.values() if name != "company"},
}
_OPERATIONS: dict[str, Operation] = {
    "creation": "created",
    "restore": "created",
    "propertyChange": "updated",
    "deletion": "deleted",
    "privacyDeletion": "deleted",
}
_OF_OBJECT = ("id", "createdAt", "updatedAt", "archived", "archivedAt", "associations")


class HubSpotOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an object of the API does not say."""

    entity: str | None = None  # what the objects are, `contact` or `contacts`; the topic's last part else


class HubSpot:
    """Reads notifications and objects, alone or in lists."""

    name = "hubspot"

    def __init__(self, content: Content, options: HubSpotOptions) -> None:
        self._content = content
        self._options = options

    def read(self, record: Record) -> list[SourceRecord]:
        """What HubSpot says in a record; see Format."""
        if record.value is None:
            return []
        value = self._content.value_of(record)
        if isinstance(value, dict) and isinstance(value.get("results"), list):
            value = value["results"]  # a page of the API
        several = [one for each in (value if isinstance(value, list) else [value]) for one in _each(each)]
        if not isinstance(value, list) and len(several) == 1:
            return [self._one(several[0], record)]
        return read_each(several, lambda one, _index: self._one(one, record))

    def _one(self, said: Any, record: Record) -> SourceRecord:
        if isinstance(said, dict):
            if isinstance(said.get("subscriptionType"), str) and _subject_of(said) is not None:
                return _notification(said)
            if isinstance(said.get("properties"), dict) and said.get("id") is not None:
                return self._object(said, record)
            if "toObjectId" in said and "fromObjectId" in said:
                return _association(said, self._name(said, record))
            if said.get("id") is not None and "email" in said and "userId" in said:
                return _owner(said)
        raise Unreadable("does_not_fit", "neither a webhook notification nor an object of HubSpot")

    def _object(self, said: dict[str, Any], record: Record) -> SourceRecord:
        name = self._name(said, record)
        entity = _TYPES.get(name) or _SINGULAR.get(name.lower(), name)
        properties = {name: _plain(value) for name, value in said["properties"].items()}
        fields = properties | {name: said[name] for name in _OF_OBJECT if name in said}
        fields["id"] = str(said["id"])
        operation: Operation = "deleted" if said.get("archived") is True else "read"
        changed_at = said.get("updatedAt") or properties.get("hs_lastmodifieddate")
        version = f"{changed_at or ''}/{digest_of(fields)}"
        own = identity_of("hubspot", entity, fields["id"], operation, version)
        meta = {"partial": True, "changed": sorted(properties)}
        return SourceRecord(fields, None, operation, entity, moment_of(changed_at), own, meta)

    def _name(self, said: dict[str, Any], record: Record) -> str:
        return str(said.get("objectTypeId") or self._options.entity or record.topic.rpartition(".")[2])


def _each(said: Any) -> list[Any]:
    """The parts of what is told as one: of a merge each record that is no more, of associations each."""
    if not isinstance(said, dict):
        return [said]
    if isinstance(merged := said.get("mergedObjectIds"), list):
        into = said.get("newObjectId") or said.get("primaryObjectId")
        told = [one for one in (*merged, said.get("primaryObjectId")) if isinstance(one, int | str)]
        gone = [one for one in dict.fromkeys(told) if one != into]
        return [said | {"mergedObjectId": one, "intoObjectId": into} for one in gone] or [said]
    start, ends = said.get("from"), said.get("to")
    if isinstance(start, dict) and isinstance(ends, list):
        return [one | {"fromObjectId": start.get("id")} if isinstance(one, dict) else one for one in ends]
    return [said]


def _association(said: dict[str, Any], kind: str) -> SourceRecord:
    """An association as the API tells it, with its labels, in the shape of a notification of one."""
    types = said.get("associationTypes")
    told = [one.get("label") for one in types if isinstance(one, dict)] if isinstance(types, list) else []
    fields = {
        "id": str(said["fromObjectId"]),
        "fromObjectId": said["fromObjectId"],
        "toObjectId": said["toObjectId"],
        "associationType": kind.upper(),
        "labels": [label for label in told if label],
    }
    own = identity_of("hubspot", "association", digest_of(fields))
    return SourceRecord(fields, None, "event", "association", None, own, {"partial": True})


def _owner(said: dict[str, Any]) -> SourceRecord:
    """A user of HubSpot's who owns companies, deals and talks."""
    operation: Operation = "deleted" if said.get("archived") is True else "updated"
    fields = {**said, "id": str(said["id"])}
    own = identity_of("hubspot", "owner", fields["id"], operation, digest_of(fields))
    return SourceRecord(fields, None, operation, "owner", moment_of(said.get("updatedAt")), own, {})


def _subject_of(said: dict[str, Any]) -> Any:
    """The object that a notification is about; of an association that changed, the one it starts from."""
    for name in ("objectId", "fromObjectId", "primaryObjectId"):
        if said.get(name) is not None:
            return said[name]
    return None


def _plain(value: Any) -> Any:
    """A property; of older interfaces, one with its history."""
    return value["value"] if isinstance(value, dict) and "value" in value else value


def _notification(said: dict[str, Any]) -> SourceRecord:
    kind, _, what = said["subscriptionType"].rpartition(".")
    type_id = said.get("objectTypeId") or said.get("fromObjectTypeId")
    entity = kind if kind != "object" else _TYPES.get(str(type_id), str(type_id or kind))
    operation = _OPERATIONS.get(what, "event")
    meta: dict[str, Any] = {
        "partial": True,
        "kind": said["subscriptionType"],
        "user": said.get("sourceId"),
        "origin": said.get("changeSource"),
        "portal": said.get("portalId"),
    }
    fields: dict[str, Any] = {"id": str(_subject_of(said))}
    if operation == "updated":
        name = said.get("propertyName")
        if not isinstance(name, str):
            raise Unreadable("does_not_fit", "a propertyChange without propertyName")
        fields[name] = said.get("propertyValue")
        meta["changed"] = [name]
    elif operation == "event":
        fields |= {name: value for name, value in said.items() if name != "attemptNumber"}
        if what == "associationChange" and "associationType" not in said:
            fields["associationType"] = _direction_of(said)
    # `attemptNumber` counts deliveries of the same notification; HubSpot does not promise that `eventId`
    # alone is unique.
    places = ("portalId", "eventId", "occurredAt", "propertyName", "toObjectId", "mergedObjectId")
    own = identity_of("hubspot", entity, fields["id"], what, *[said.get(name, "") for name in places])
    return SourceRecord(fields, None, operation, entity, moment_of(said.get("occurredAt")), own, meta)


def _direction_of(said: dict[str, Any]) -> str:
    """What HubSpot calls an association by the types at its ends: DEAL_TO_CONTACT."""
    ends = [str(said.get(name)) for name in ("fromObjectTypeId", "toObjectTypeId")]
    return "_TO_".join(_TYPES.get(end, end) for end in ends).upper()
