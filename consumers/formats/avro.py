"""Avro in plain JSON: what a schema registry describes, containers, single objects and bare values.

A schema is prepared once: every logical type, whether Avro's own or Kafka Connect's, gets a reader that
leaves plain data. Schemas that contain themselves or lists of nothing are refused: with them a few bytes
would fill the stack or the memory.
"""

import base64
import io
import zlib
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import fastavro
from fastavro.read import LOGICAL_READERS
from fastavro.schema import fingerprint, to_parsing_canonical_form

from accounts.events import MAX_BYTES, Unreadable
from consumers.formats.connect import DECIMAL, named_conversion, number_of_decimal
from consumers.formats.format import FormatError
from consumers.formats.moments import day, moment, written
from consumers.formats.plain import json_of

Decode = Callable[[bytes], Any]

_OWN = "turnsignal-"  # before the names of our logical types, so that fastavro's own stay as they are
_CONTAINER = b"Obj\x01"
_SINGLE = b"\xc3\x01"
_SYNC = 16
_LARGEST = 4 * MAX_BYTES  # of a block once it is inflated
_DEEPEST = 64
_SIMPLE = frozenset(("null", "boolean", "int", "long", "float", "double", "string"))


def decoder_of(schema: Any, named: Mapping[str, Any] | None = None) -> Decode:
    """What reads one value of a schema; `named` are the schemas that it refers to, in order.

    Raises Unreadable for a schema that cannot be used.
    """
    prepared = _prepared(schema, named or {})

    def decode(value: bytes) -> Any:
        stream = io.BytesIO(value)
        read = _one(stream, prepared)
        if stream.tell() != len(value):
            raise Unreadable("bad_encoding", f"{len(value) - stream.tell()} bytes after the Avro value")
        return read

    return decode


def plain_avro(path: str | None) -> Decode:
    """What reads Avro without a registry; `path` is the schema of values that do not bring their own."""
    schema = None if path is None else _schema_of(path)
    bare = None if schema is None else decoder_of(schema)
    single = None if schema is None else _SINGLE + _fingerprint(schema)

    def decode(value: bytes) -> Any:
        if value[:4] == _CONTAINER:
            return _contained(value)
        if bare is None or single is None:
            raise Unreadable(
                "unknown_schema", "an Avro value without its schema; name a file as value_schema"
            )
        if value[:2] == _SINGLE and len(value) >= len(single):
            if not value.startswith(single):
                raise Unreadable("unknown_schema", f"Avro of another schema than {path}: {value[2:10].hex()}")
            return bare(value[len(single) :])
        return bare(value)

    return decode


def _fingerprint(schema: Any) -> bytes:
    return bytes.fromhex(fingerprint(to_parsing_canonical_form(schema), "CRC-64-AVRO"))


def _schema_of(path: str) -> Any:
    try:
        return fastavro.parse_schema(json_of(Path(path).read_bytes()))
    except OSError as error:
        raise FormatError(f"cannot read the schema {path}: {error.strerror}") from error
    except Exception as error:
        raise FormatError(f"{path} holds no Avro schema: {error}") from error


def _prepared(schema: Any, named: Mapping[str, Any]) -> Any:
    try:
        known: dict[str, Any] = {}
        for other in named.values():
            fastavro.parse_schema(_Preparation().of(other), known)
        return fastavro.parse_schema(_Preparation().of(schema), known)
    except Unreadable:
        raise
    except Exception as error:  # fastavro raises whatever a strange schema makes it stumble over
        raise Unreadable("unknown_schema", f"a schema that is no Avro: {error}") from error


def _one(stream: io.BytesIO, schema: Any) -> Any:
    try:
        return fastavro.schemaless_reader(stream, schema, None)
    except Exception as error:  # it raises whatever broken bytes make it stumble over
        raise Unreadable("bad_encoding", f"no Avro of its schema: {error!r}") from error


class _Preparation:
    """One walk through a schema."""

    def __init__(self) -> None:
        self._open: list[str] = []  # names of the types that the walk is inside

    def of(self, schema: Any, depth: int = 0) -> Any:
        """The schema with our readers; raises Unreadable."""
        if depth > _DEEPEST:
            raise Unreadable("unknown_schema", "an Avro schema that is nested too deep")
        if isinstance(schema, list):
            return [self.of(branch, depth + 1) for branch in schema]
        if isinstance(schema, str):
            if schema in self._open or any(name.endswith(f".{schema}") for name in self._open):
                raise Unreadable("unknown_schema", f"the Avro schema contains itself, at {schema}")
            return {"type": "bytes", "logicalType": f"{_OWN}bytes"} if schema == "bytes" else schema
        if not isinstance(schema, dict):
            raise Unreadable("unknown_schema", f"no Avro schema: {schema!r}")
        if isinstance(schema.get("type"), list | dict):
            return self.of(schema["type"], depth + 1)
        return self._of_object(schema, depth)

    def _of_object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        own = {name: said for name, said in schema.items() if name != "default"}
        kind = schema.get("type")
        if kind in ("record", "error"):
            name = ".".join(filter(None, (schema.get("namespace"), schema.get("name"))))
            self._open.append(name)
            own["fields"] = [self._field(field, depth) for field in schema["fields"]]
            self._open.pop()
        elif kind == "array":
            own["items"] = self.of(schema["items"], depth + 1)
            if not _takes_bytes(own["items"]):
                raise Unreadable("unknown_schema", "an Avro list whose items have no bytes")
        elif kind == "map":
            own["values"] = self.of(schema["values"], depth + 1)
        if schema.get("connect.name") == DECIMAL:
            own["scale"] = int((schema.get("connect.parameters") or {}).get("scale", schema.get("scale", 0)))
        if (reader := _reader_name(schema)) is not None:
            own["logicalType"] = reader
        else:
            own.pop("logicalType", None)
        return own

    def _field(self, field: dict[str, Any], depth: int) -> dict[str, Any]:
        plain = {name: said for name, said in field.items() if name not in ("default", "aliases")}
        return plain | {"type": self.of(field["type"], depth + 1)}


def _takes_bytes(schema: Any) -> bool:
    """Whether each value takes at least a byte; a name that is referred to may not, so it does not count."""
    if isinstance(schema, str):
        return schema in _SIMPLE - {"null"}
    if isinstance(schema, list):
        return bool(schema)  # the number of the branch
    if schema.get("type") in ("record", "error"):
        return any(_takes_bytes(field["type"]) for field in schema["fields"])
    return bool(schema.get("type") != "null" and (schema.get("type") != "fixed" or schema.get("size", 0) > 0))


def _reader_name(schema: dict[str, Any]) -> str | None:
    """The reader for what a schema says of its values; readers of Connect's types are made on the way."""
    kind, logical = schema.get("type"), schema.get("logicalType")
    connect = schema.get("connect.name") or (schema.get("name") if kind == "record" else None)
    if kind == "record" and schema.get("namespace") and "." not in str(connect):
        connect = f"{schema['namespace']}.{connect}"
    if logical == "decimal" or (connect == DECIMAL and kind in ("bytes", "fixed")):
        return f"{_OWN}decimal"
    if (convert := named_conversion(connect, None)) is not None:
        name = f"{_OWN}{connect}"
        LOGICAL_READERS[f"{kind}-{name}"] = lambda value, _writer, _reader: convert(value)
        return name
    if isinstance(logical, str) and f"{kind}-{_OWN}{logical}" in LOGICAL_READERS:
        return f"{_OWN}{logical}"
    return f"{_OWN}bytes" if kind in ("bytes", "fixed") else None


def _decimal(value: bytes, writer: dict[str, Any], _reader: Any) -> Any:
    unscaled = int.from_bytes(value, "big", signed=True)
    if len(value) > 64 or not 0 <= int(writer.get("scale", 0)) <= 100:  # noqa: PLR2004  (150 digits)
        raise ValueError(f"a decimal of {len(value)} bytes")
    return number_of_decimal(Decimal(unscaled).scaleb(-int(writer.get("scale", 0))))


def _moment(unit: str) -> Callable[[int, Any, Any], Any]:
    def read(value: int, _writer: Any, _reader: Any) -> Any:
        at = moment(value, unit)
        return value if at is None else written(at)

    return read


def _clock(unit: str) -> Callable[[int, Any, Any], Any]:
    def read(value: int, _writer: Any, _reader: Any) -> Any:
        at = moment(value, unit)
        return value if at is None else at.time().isoformat()

    return read


_Reader = Callable[[Any, Any, Any], Any]
_READERS: tuple[tuple[str, str, _Reader], ...] = (
    ("bytes", "bytes", lambda value, _writer, _reader: base64.b64encode(value).decode()),
    ("fixed", "bytes", lambda value, _writer, _reader: base64.b64encode(value).decode()),
    ("bytes", "decimal", _decimal),
    ("fixed", "decimal", _decimal),
    ("int", "date", lambda value, _writer, _reader: day(value)),
    ("int", "time-millis", _clock("ms")),
    ("long", "time-micros", _clock("us")),
    ("long", "timestamp-millis", _moment("ms")),
    ("long", "timestamp-micros", _moment("us")),
    ("long", "timestamp-nanos", _moment("ns")),
    ("long", "local-timestamp-millis", _moment("ms")),
    ("long", "local-timestamp-micros", _moment("us")),
    ("long", "local-timestamp-nanos", _moment("ns")),
)
LOGICAL_READERS.update({f"{kind}-{_OWN}{logical}": read for kind, logical, read in _READERS})

_HEADER = fastavro.parse_schema(
    {
        "type": "record",
        "name": "turnsignal.Header",
        "fields": [{"name": "meta", "type": {"type": "map", "values": "bytes"}}],
    }
)


def _contained(value: bytes) -> Any:
    """The value of an object container; a list where it holds several, or none."""
    stream = io.BytesIO(value)
    stream.seek(len(_CONTAINER))
    meta = _one(stream, _HEADER)["meta"]
    schema = _prepared(json_of(meta.get("avro.schema", b"")), {})
    codec = meta.get("avro.codec", b"null")
    sync = stream.read(_SYNC)
    found: list[Any] = []
    while stream.tell() < len(value):
        count, size = _one(stream, "long"), _one(stream, "long")
        block = stream.read(size) if 0 <= size <= len(value) else b""
        if len(block) != size or stream.read(_SYNC) != sync or not 0 < count <= _LARGEST:
            raise Unreadable("bad_encoding", "a broken block in an Avro container")
        inner = io.BytesIO(_inflated(block, codec))
        if count > len(inner.getbuffer()):
            raise Unreadable("bad_encoding", "an Avro container with more values than bytes")
        found += [_one(inner, schema) for _ in range(count)]
    return found[0] if len(found) == 1 else found


def _inflated(block: bytes, codec: bytes) -> bytes:
    if codec == b"null":
        return block
    if codec != b"deflate":
        raise Unreadable("bad_encoding", f"an Avro container in {codec!r}; null and deflate are read")
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        inflated = inflate.decompress(block, _LARGEST)
    except zlib.error as error:
        raise Unreadable("bad_encoding", f"an Avro container that does not inflate: {error}") from error
    if inflate.unconsumed_tail:
        raise Unreadable("too_large", f"an Avro container of more than {_LARGEST} bytes")
    return inflated
