"""Keys and values of records as plain data, whatever encodes them."""

from collections.abc import Callable
from typing import Any

import msgspec

from accounts.events import Unreadable
from consumers.formats.connect import is_enveloped, payload_of
from consumers.formats.plain import check_size, json_of
from consumers.record import Record

Decode = Callable[[bytes], Any]


class Content:
    """How the keys and the values of a topic are encoded."""

    def __init__(self, value: Decode, key: Decode) -> None:
        self._value = value
        self._key = key

    def value_of(self, record: Record) -> Any:
        """The value of a record that has one; raises Unreadable."""
        if not record.value:
            raise Unreadable("empty", "the record has no value")
        check_size(record.value)
        return self._value(record.value)

    def key_of(self, record: Record) -> Any:
        """The key, None where there is none; raises Unreadable."""
        if not record.key:
            return None
        check_size(record.key)
        return self._key(record.key)


_CONNECT = {"schema", "payload"}


def any_json(value: bytes) -> Any:
    """JSON, and Connect's JSON with schemas; raises Unreadable."""
    if is_enveloped(value):
        return payload_of(value)
    plain = json_of(value)
    if isinstance(plain, dict) and len(plain) == len(_CONNECT) and _is_connect(plain):
        return payload_of(msgspec.json.encode(plain))  # in the other order
    return plain


def _is_connect(plain: dict[str, Any]) -> bool:
    schema = plain.get("schema")
    return plain.keys() == _CONNECT and (schema is None or (isinstance(schema, dict) and "type" in schema))


def any_key(key: bytes) -> Any:
    """A key that is JSON or text; None for one that is neither."""
    if key[:1] in b'{["':
        try:
            return any_json(key)
        except Unreadable:
            pass
    try:
        return key.decode()
    except UnicodeDecodeError:
        return None


def text(key: bytes) -> str:
    """Text; raises Unreadable."""
    try:
        return key.decode()
    except UnicodeDecodeError as error:
        raise Unreadable("does_not_fit", f"a key that is not UTF-8: {error}") from error
