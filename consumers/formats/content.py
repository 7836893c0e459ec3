"""Keys and values of records as plain data, whatever encodes them."""

from collections.abc import Callable
from typing import Any

from accounts.events import Unreadable
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


def any_key(key: bytes) -> Any:
    """A key that is JSON or text; None for one that is neither."""
    if key[:1] in b'{["':
        try:
            return json_of(key)
        except Unreadable:
            pass
    try:
        return key.decode()
    except UnicodeDecodeError:
        return None
