"""CloudEvents of any type, for mapping: structured, binary and in batches."""

import base64
import binascii
from typing import Any

import msgspec

from accounts.events import Unreadable
from consumers.formats.content import Content
from consumers.formats.identity import identity_of
from consumers.formats.moments import moment_of
from consumers.formats.plain import json_of
from consumers.formats.several import read_each
from consumers.record import Record
from consumers.source_record import SourceRecord

_PREFIX = "ce_"


class CloudEventOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A CloudEvent says everything itself."""


class CloudEvents:
    """Reads `data` as the fields, and the attributes beside it."""

    name = "cloudevents"

    def __init__(self, content: Content, options: CloudEventOptions) -> None:
        del options
        self._content = content

    def read(self, record: Record) -> list[SourceRecord]:
        """The events of a record; see Format."""
        attributes = {
            name[len(_PREFIX) :].lower(): value
            for name, value in record.headers or ()
            if name[: len(_PREFIX)].lower() == _PREFIX and value is not None
        }
        if attributes:
            return [self._binary(attributes, record)]
        if record.value is None:
            return []
        value = self._content.value_of(record)
        if not isinstance(value, list):
            return [_structured(value)]
        return read_each(value, lambda event, _index: _structured(event))

    def _binary(self, headers: dict[str, bytes], record: Record) -> SourceRecord:
        try:
            attributes = {name: value.decode() for name, value in headers.items()}
        except UnicodeDecodeError as error:
            raise Unreadable("does_not_fit", f"a header that is not UTF-8: {error}") from error
        return _event(attributes, self._content.value_of(record) if record.value else {})


def _structured(event: Any) -> SourceRecord:
    if not isinstance(event, dict):
        raise Unreadable("does_not_fit", f"expected a CloudEvent, got {type(event).__name__}")
    attributes = {name: value for name, value in event.items() if name not in ("data", "data_base64")}
    return _event(attributes, _decoded(event) if "data_base64" in event else event.get("data"))


def _decoded(event: dict[str, Any]) -> Any:
    """`data_base64` as JSON, or as it came where it is something else."""
    encoded = event["data_base64"]
    try:
        return json_of(base64.b64decode(encoded, validate=True))
    except (TypeError, ValueError, binascii.Error):  # Unreadable is a ValueError
        return encoded


def _event(attributes: dict[str, Any], data: Any) -> SourceRecord:
    source, id_, kind = (attributes.get(name) for name in ("source", "id", "type"))
    if not (isinstance(source, str) and isinstance(id_, str) and isinstance(kind, str)):
        raise Unreadable("does_not_fit", "a CloudEvent needs `source`, `id` and `type`")
    fields = data if isinstance(data, dict) else {} if data is None else {"data": data}
    time = moment_of(attributes.get("time"))
    return SourceRecord(fields, None, "event", kind, time, identity_of(source, id_), attributes)
