"""Dataverse, where Dynamics 365 keeps its tables: what it posts of changes, and rows of its Web API.

A service endpoint (Azure Event Hubs, Service Bus, a webhook) gets the RemoteExecutionContext of each change,
whose columns are a list of names and values; of an update, those that were set. A row has them as members,
lookups as `_name_value`. Both give the same fields, named as in the Web API, with its annotations.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from accounts.events import Unreadable
from consumers.formats.content import Content
from consumers.formats.identity import digest_of, identity_of, name_of
from consumers.formats.moments import moment, moment_of, written
from consumers.formats.several import read_each
from consumers.record import Record
from consumers.source_record import Operation, SourceRecord

_OPERATIONS: dict[str, Operation] = {
    "Create": "created",
    "CreateMultiple": "created",
    "Update": "updated",
    "UpdateMultiple": "updated",
    "Delete": "deleted",
}
_LINKS: dict[str, Operation] = {"Associate": "created", "Disassociate": "deleted"}
_ACTIVITIES = frozenset(("appointment", "phonecall", "email", "task", "letter", "fax", "opportunityclose"))
_DATE = re.compile(r"/Date\((-?\d{1,16})(?:[+-]\d{4})?\)/").fullmatch
_SHOWN = "@OData.Community.Display.V1.FormattedValue"
_TABLE = "@Microsoft.Dynamics.CRM.lookuplogicalname"


class DataverseOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a row does not say."""

    entity: str | None = None  # its table; else that of `@odata.context`, or the topic's last part


class Dataverse:
    """Reads execution contexts, and rows alone, in lists or in pages."""

    name = "dataverse"

    def __init__(self, content: Content, options: DataverseOptions) -> None:
        self._content = content
        self._options = options

    def read(self, record: Record) -> list[SourceRecord]:
        """What a record says of rows; see Format."""
        if record.value is None:
            return []
        value = self._content.value_of(record)
        if isinstance(value, dict) and isinstance(value.get("MessageName"), str):
            return list(_changes(value))
        context = value.get("@odata.context") if isinstance(value, dict) else None
        if isinstance(value, dict) and isinstance(value.get("value"), list):
            value = value["value"]  # a page of the Web API
        entity = self._options.entity or _of_context(context) or record.topic.rpartition(".")[2]
        if isinstance(value, list):
            return read_each(value, lambda one, _index: _row(one, entity))
        return [_row(value, entity)]


def _of_context(context: Any) -> str | None:
    """The table that a context of OData names: `…/$metadata#contacts(fullname)/$entity`."""
    if not isinstance(context, str) or "#" not in context:
        return None
    return re.split(r"[(/]", context.partition("#")[2])[0] or None


def _row(said: Any, table: str) -> SourceRecord:
    if not isinstance(said, dict):
        raise Unreadable("does_not_fit", f"expected a row of Dataverse, got {type(said).__name__}")
    entity = _table_of((_of_context(said.get("@odata.context")) or table).lower())
    fields = {name: value for name, value in said.items() if not name.startswith("@odata.")}
    meta: dict[str, Any] = {"partial": True}
    if said.get("reason") == "deleted" and isinstance(said.get("id"), str):  # of a query of changes
        key = {_key_of(entity): said["id"]}
        return SourceRecord(
            key, None, "deleted", entity, None, identity_of("dataverse", entity, said["id"], "deleted"), meta
        )
    version = said.get("versionnumber") or said.get("@odata.etag")
    id_ = fields.get(_key_of(entity))
    own = identity_of("dataverse", entity, id_, "read", version if version and id_ else digest_of(fields))
    return SourceRecord(fields, None, "read", entity, moment_of(said.get("modifiedon")), own, meta)


def _table_of(name: str) -> str:
    """A table by its name, or by the name of the set of its rows."""
    if name == "opportunitycompetitors":  # a table between two
        return name
    return f"{name[:-3]}y" if name.endswith("ies") else name.removesuffix("s")


def _key_of(entity: str) -> str:
    """The column that names a row of a table."""
    return "activityid" if entity in _ACTIVITIES else f"{entity}id"


def _changes(context: dict[str, Any]) -> Iterator[SourceRecord]:
    message, entity = context["MessageName"], name_of(context.get("PrimaryEntityName"))
    told = _pairs(context.get("InputParameters"))
    if message in _LINKS:
        yield from _links(context, told, _LINKS[message])
        return
    targets = told.get("Targets")
    several = targets.get("Entities") if isinstance(targets, dict) else None
    for target in several if isinstance(several, list) else [told.get("Target")]:
        if not isinstance(target, dict):
            ids = f"{entity} {context.get('PrimaryEntityId')}"
            raise Unreadable(
                "gap", f"{ids}: {message} without its Target, which was too large; fetch the row again"
            )
        yield _change(context, target, _OPERATIONS.get(message, "event"))


def _change(context: dict[str, Any], target: dict[str, Any], operation: Operation) -> SourceRecord:
    entity = name_of(target.get("LogicalName"), context.get("PrimaryEntityName"))
    id_ = name_of(target.get("Id"), context.get("PrimaryEntityId"))
    if entity is None or id_ is None:
        raise Unreadable("does_not_fit", f"a {context['MessageName']} that names no row")
    before = _images(context.get("PreEntityImages"))
    around = before if operation == "deleted" else _images(context.get("PostEntityImages"))
    fields = {**around, **_columns(target), _key_of(entity): id_}
    time = moment_of(fields.get("modifiedon")) if operation in ("created", "updated") else None
    if time is None:
        time = moment_of(_plain(context.get("OperationCreatedOn")))
    own = identity_of(
        "dataverse", entity, id_, context["MessageName"], context.get("OperationId"), digest_of(fields)
    )
    return SourceRecord(fields, before or None, operation, entity, time, own, _meta(context))


def _links(context: dict[str, Any], told: Mapping[str, Any], operation: Operation) -> Iterator[SourceRecord]:
    """Rows of the table between two that are of each other, such as opportunities and competitors."""
    one, relation, others = told.get("Target"), told.get("Relationship"), told.get("RelatedEntities")
    name = relation.get("SchemaName") if isinstance(relation, dict) else None
    if not isinstance(one, dict) or not isinstance(name, str) or not isinstance(others, list):
        raise Unreadable("does_not_fit", f"an {context['MessageName']} that does not say what of what")
    entity = name.lower().removesuffix("_association")
    for other in others:
        ends = [end for end in (one, other) if isinstance(end, dict)]
        fields = {f"{end.get('LogicalName')}id": end.get("Id") for end in ends}
        time = moment_of(_plain(context.get("OperationCreatedOn")))
        own = identity_of("dataverse", entity, operation, context.get("OperationId"), digest_of(fields))
        yield SourceRecord(fields, None, operation, entity, time, own, _meta(context))


def _meta(context: dict[str, Any]) -> dict[str, Any]:
    return {
        "kind": context["MessageName"],
        "user": context.get("InitiatingUserId"),
        "transaction": context.get("CorrelationId"),
        "partial": True,  # a creation tells what was set, not what Dataverse filled in, nor how it is shown
    }


def _pairs(told: Any) -> dict[str, Any]:
    """A dictionary of .NET: a list of keys and values."""
    if not isinstance(told, list):
        return {}
    return {
        one["key"]: one.get("value")
        for one in told
        if isinstance(one, dict) and isinstance(one.get("key"), str)
    }


def _images(told: Any) -> dict[str, Any]:
    """The columns of all images of a row that the step was registered with."""
    fields: dict[str, Any] = {}
    for image in _pairs(told).values():
        if isinstance(image, dict):
            fields |= _columns(image)
    return fields


def _columns(row: dict[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in _pairs(row.get("Attributes")).items():
        if isinstance(value, dict) and "LogicalName" in value and "Attributes" not in value:
            fields[f"_{name}_value"] = value.get("Id")
            fields[f"_{name}_value{_TABLE}"] = value["LogicalName"]
            if value.get("Name"):
                fields[f"_{name}_value{_SHOWN}"] = value["Name"]
        elif isinstance(value, dict) and isinstance(value.get("Entities"), list):
            fields[name] = [_columns(one) for one in value["Entities"] if isinstance(one, dict)]
        elif value is None:  # nobody says whether it is a lookup
            fields[name] = fields[f"_{name}_value"] = None
        else:
            fields[name] = _plain(value)
    for name, shown in _pairs(row.get("FormattedValues")).items():
        fields[f"{f'_{name}_value' if f'_{name}_value' in fields else name}{_SHOWN}"] = shown
    return fields


def _plain(value: Any) -> Any:
    """A choice or money as a number, several choices as the Web API writes them, a moment in UTC."""
    if isinstance(value, dict):
        return value.get("Value")
    if isinstance(value, list):
        return ",".join(str(_plain(one)) for one in value)
    if isinstance(value, str) and (found := _DATE(value)):
        at = moment(int(found[1]), "ms")
        return None if at is None else written(at)
    return value
