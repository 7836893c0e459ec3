"""The formats by name, and what each can be told."""

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeVar

import msgspec

from consumers.formats.cloudevents import CloudEventOptions, CloudEvents
from consumers.formats.content import Content, Decode, any_json, any_key, text
from consumers.formats.dataverse import Dataverse, DataverseOptions
from consumers.formats.debezium import Debezium, DebeziumOptions
from consumers.formats.debezium_flat import FlatDebezium, FlatOptions
from consumers.formats.documents import DocumentOptions, Documents
from consumers.formats.format import Format, FormatError
from consumers.formats.hubspot import HubSpot, HubSpotOptions
from consumers.formats.salesforce import Salesforce, SalesforceOptions

_MAKERS: dict[str, tuple[type[msgspec.Struct], Callable[[Content, Any], Format]]] = {
    "json": (DocumentOptions, Documents),
    "cloudevents": (CloudEventOptions, CloudEvents),
    "debezium": (DebeziumOptions, Debezium),
    "debezium-flat": (FlatOptions, FlatDebezium),
    "salesforce": (SalesforceOptions, Salesforce),
    "hubspot": (HubSpotOptions, HubSpot),
    "dataverse": (DataverseOptions, Dataverse),
}
FORMATS: tuple[str, ...] = tuple(_MAKERS)


class Encoding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How keys and values are encoded, whatever the format; options of every format."""

    value: Literal["json", "registry", "avro"] = "json"
    key: Literal["auto", "json", "registry", "avro", "text"] = "auto"
    value_schema: str | None = None  # a file with the Avro schema of values
    key_schema: str | None = None


_ENCODING = Encoding.__struct_fields__
_Options = TypeVar("_Options", bound=msgspec.Struct)


def format_of(name: str, options: Mapping[str, Any], registry: Decode | None = None) -> Format:
    """The format of a topic; raises FormatError for a name or an option that does not exist.

    `registry` reads what is in the wire format of a schema registry: `Registry(config).decode`.
    """
    if name not in _MAKERS:
        raise FormatError(f"format {name!r} does not exist; there are {', '.join(FORMATS)}")
    kind, make = _MAKERS[name]
    encoding = _told(name, {key: said for key, said in options.items() if key in _ENCODING}, Encoding)
    own = _told(name, {key: said for key, said in options.items() if key not in _ENCODING}, kind)
    return make(_content(encoding, registry), own)


def _told(name: str, options: dict[str, Any], kind: type[_Options]) -> _Options:
    try:
        return msgspec.convert(options, kind)
    except msgspec.ValidationError as error:
        allowed = ", ".join((*kind.__struct_fields__, *(_ENCODING if kind is not Encoding else ())))
        raise FormatError(f"format {name!r}: {error}; options are {allowed}") from error


def _content(encoding: Encoding, registry: Decode | None) -> Content:
    if registry is None and "registry" in (encoding.value, encoding.key):
        raise FormatError("the encoding 'registry' needs the address of a schema registry")
    value = _decode(encoding.value, encoding.value_schema, registry)
    if encoding.key != "auto":
        return Content(value, _decode(encoding.key, encoding.key_schema, registry))
    if registry is None:
        return Content(value, any_key)
    wire = registry
    return Content(value, lambda key: wire(key) if key[:1] == b"\0" else any_key(key))


def _decode(encoding: str, schema: str | None, registry: Decode | None) -> Decode:
    if encoding == "registry" and registry is not None:
        return registry
    if encoding == "avro":
        from consumers.formats.avro import plain_avro  # noqa: PLC0415  (an optional extra)

        return plain_avro(schema)
    return text if encoding == "text" else any_json
