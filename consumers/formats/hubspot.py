"""HubSpot: batches of webhook notifications, and the objects of its CRM API.

Both give the properties at the top of `fields` beside `id`, so that one mapping reads them: a notification
carries one property, an object those that were asked for; what is missing is as it was.
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
        if not isinstance(value, list):
            return [self._one(value, record)]
        return read_each(value, lambda one, _index: self._one(one, record))

    def _one(self, said: Any, record: Record) -> SourceRecord:
        if isinstance(said, dict):
            if isinstance(said.get("subscriptionType"), str) and _subject_of(said) is not None:
                return _notification(said)
            if isinstance(said.get("properties"), dict) and said.get("id") is not None:
                return self._object(said, record)
        raise Unreadable("does_not_fit", "neither a webhook notification nor an object of HubSpot")

    def _object(self, said: dict[str, Any], record: Record) -> SourceRecord:
        name = said.get("objectTypeId") or self._options.entity or record.topic.rpartition(".")[2]
        entity = _TYPES.get(str(name)) or _SINGULAR.get(str(name).lower(), str(name))
        properties = {name: _plain(value) for name, value in said["properties"].items()}
        fields = properties | {name: said[name] for name in _OF_OBJECT if name in said}
        fields["id"] = str(said["id"])
        operation: Operation = "deleted" if said.get("archived") is True else "updated"
        changed_at = said.get("updatedAt") or properties.get("hs_lastmodifieddate")
        version = f"{changed_at or ''}/{digest_of(fields)}"
        own = identity_of("hubspot", entity, fields["id"], operation, version)
        meta = {"partial": True, "changed": sorted(properties)}
        return SourceRecord(fields, None, operation, entity, moment_of(changed_at), own, meta)


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
    entity = _TYPES.get(str(said.get("objectTypeId")), str(said.get("objectTypeId") or kind))
    if kind != "object":
        entity = kind
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
    # `attemptNumber` counts deliveries of the same notification; HubSpot does not promise that `eventId`
    # alone is unique.
    places = ("portalId", "eventId", "occurredAt", "propertyName", "toObjectId")
    own = identity_of("hubspot", entity, fields["id"], what, *[said.get(name, "") for name in places])
    return SourceRecord(fields, None, operation, entity, moment_of(said.get("occurredAt")), own, meta)
