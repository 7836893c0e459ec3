"""How the keys and the values of a topic are encoded, as far as their bytes tell."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from accounts.events import Unreadable
from consumers.formats.connect import is_enveloped
from consumers.formats.plain import json_of
from consumers.record import Record

_MAGIC = b"\0"
_HEADER = 5  # bytes before what a schema registry describes: a zero and the schema's number
_CONTAINER = b"Obj\x01"
_SHOWN = 8
_WIRE_TYPES = {0, 1, 2, 5}
_WIDTHS = {1: 8, 5: 4}


class Encoding(NamedTuple):
    """How values are encoded: `name` in words, `options` as a mapping has them; None: nothing reads it."""

    name: str
    options: Mapping[str, Any] | None
    share: float  # of the values, how many are encoded so
    why: str = ""  # where nothing reads it


def value_encoding(records: Sequence[Record]) -> Encoding | None:
    """What most values are; None where there is none, only tombstones."""
    values = [record.value for record in records if record.value]
    if not values:
        return None
    kind, count = Counter(map(_kind, values)).most_common(1)[0]
    share = count / len(values)
    if kind == "registry":
        return Encoding("registry wire format", {"value": "registry"}, share)
    if kind == "avro":
        return Encoding("avro container", {"value": "avro"}, share)
    if kind in {"json", "connect json"}:
        return Encoding(kind, {}, share)
    sample = next(value for value in values if _kind(value) == kind)
    return Encoding(kind, None, share, _why(kind, sample))


def keys_told(records: Iterable[Record]) -> str:
    """What the keys are, in a word."""
    kinds = Counter(_key(record.key) for record in records if record.key)
    return kinds.most_common(1)[0][0] if kinds else "none"


def _kind(value: bytes) -> str:
    if value[:1] == _MAGIC and len(value) > _HEADER:
        return "registry"
    if value[:4] == _CONTAINER:
        return "avro"
    try:
        read = json_of(value)
    except Unreadable:
        return "protobuf" if is_protobuf(value) else "text" if _is_text(value) else "unknown"
    if is_enveloped(value) or (isinstance(read, dict) and read.keys() == {"schema", "payload"}):
        return "connect json"
    return "json" if isinstance(read, dict | list) else "text"


def _key(key: bytes) -> str:
    if key[:1] == _MAGIC and len(key) > _HEADER:
        return "registry"
    if key[:1] in {b"{", b"["}:
        return "json"
    return "text" if _is_text(key) else "bytes"


def _why(kind: str, sample: bytes) -> str:
    first = sample[:_SHOWN].hex(" ")
    if kind == "protobuf":
        return (
            f"it may be Protobuf (first bytes {first}), which can be read in the wire format of a schema "
            "registry alone"
        )
    if kind == "text":
        return "it is text, and no JSON object"
    return f"neither JSON nor Avro in a container nor a registry's wire format (first bytes {first})"


def _is_text(value: bytes) -> bool:
    try:
        return value.decode().replace("\n", "").replace("\r", "").replace("\t", "").isprintable()
    except UnicodeDecodeError:
        return False


def is_protobuf(value: bytes) -> bool:
    """Whether bytes are fields of Protobuf from the first to the last, of numbers that people give."""
    place = 0
    while place < len(value):
        tag, place = _varint(value, place)
        if tag is None or tag & 7 not in _WIRE_TYPES or not 0 < tag >> 3 < 1 << 12:
            return False
        wire = tag & 7
        if wire in _WIDTHS:
            place += _WIDTHS[wire]
        else:
            said, place = _varint(value, place)
            if said is None:
                return False
            place += said if wire == 2 else 0  # noqa: PLR2004  (a length, and so many bytes)
    return place == len(value)


def _varint(value: bytes, place: int) -> tuple[int | None, int]:
    number = shift = 0
    while place < len(value) and shift < 64:  # noqa: PLR2004  (bits)
        byte = value[place]
        number |= (byte & 127) << shift
        place, shift = place + 1, shift + 7
        if not byte & 128:
            return number, place
    return None, place
