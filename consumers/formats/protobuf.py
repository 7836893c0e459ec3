"""Protobuf in plain JSON, by what a schema registry says of it.

Some registries give compiled descriptors, others the text alone, which protoc compiles then, in a process of
its own. Fields keep their names as written; what is not set is null, and of fields without presence zero.
"""

import base64
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor, FileDescriptor
from google.protobuf.message import DecodeError, Message

from accounts.events import Unreadable
from consumers.formats.connect import exact_decimal
from consumers.formats.moments import moment, written

Decode = Callable[[bytes], Any]

_MAIN = "turnsignal/value.proto"
_DEEPEST = 100
_MOST_INDEXES = 32
_LONGEST_VARINT = 10
_COMPILE_SECONDS = 30
_LARGEST_DESCRIPTOR = 8 << 20

# What Confluent's serializers take for granted, beside Google's own.
_TAKEN_FOR_GRANTED = {
    "confluent/meta.proto": 'syntax = "proto3"; package confluent; import "google/protobuf/descriptor.proto";'
    " message Meta { string doc = 1; map<string, string> params = 2; repeated string tags = 3; }"
    " extend google.protobuf.FileOptions { Meta file_meta = 1088; }"
    " extend google.protobuf.MessageOptions { Meta message_meta = 1088; }"
    " extend google.protobuf.FieldOptions { Meta field_meta = 1088; }"
    " extend google.protobuf.EnumOptions { Meta enum_meta = 1088; }"
    " extend google.protobuf.EnumValueOptions { Meta enum_value_meta = 1088; }",
    "confluent/type/decimal.proto": 'syntax = "proto3"; package confluent.type;'
    " message Decimal { bytes value = 1; uint32 precision = 2; int32 scale = 3; }",
    "google/type/date.proto": 'syntax = "proto3"; package google.type;'
    " message Date { int32 year = 1; int32 month = 2; int32 day = 3; }",
    "google/type/timeofday.proto": 'syntax = "proto3"; package google.type;'
    " message TimeOfDay { int32 hours = 1; int32 minutes = 2; int32 seconds = 3; int32 nanos = 4; }",
}


def decoder_of_text(schema: str, references: Mapping[str, str]) -> Decode:
    """What reads the values of a schema as it was written; raises Unreadable for one that is none."""
    files = _compiled({**references, _MAIN: schema})
    return _decoder(files)


def decoder_of_descriptors(schema: bytes, references: Mapping[str, bytes]) -> Decode:
    """What reads the values of a schema that the registry has compiled."""
    main = _parsed(schema)
    files = {}
    for name, said in references.items():
        files[name] = _parsed(said)
        files[name].name = name
    main.name = _MAIN
    wanted = {name for file in (main, *files.values()) for name in file.dependency}
    granted = {name: text for name, text in _TAKEN_FOR_GRANTED.items() if name in wanted - files.keys()}
    if granted or any(name.startswith("google/") for name in wanted):
        imports = "".join(f'import "{name}"; ' for name in sorted(wanted - files.keys()))
        for file in _compiled({**granted, "turnsignal/imports.proto": f'syntax = "proto3"; {imports}'}):
            files.setdefault(file.name, file)
        files.pop("turnsignal/imports.proto", None)
    return _decoder([*files.values(), main])


def _parsed(serialized: bytes) -> descriptor_pb2.FileDescriptorProto:
    try:
        return descriptor_pb2.FileDescriptorProto.FromString(serialized)
    except DecodeError as error:
        raise Unreadable("unknown_schema", f"no descriptor of Protobuf: {error}") from error


def _compiled(files: Mapping[str, str]) -> list[descriptor_pb2.FileDescriptorProto]:
    """The descriptors of texts and all that they import, each after what it needs."""
    with tempfile.TemporaryDirectory(prefix="turnsignal-proto-") as folder:
        root = Path(folder).resolve()
        for name, text in {**_TAKEN_FOR_GRANTED, **files}.items():
            path = (root / name).resolve()
            if not path.is_relative_to(root):
                raise Unreadable("unknown_schema", f"a Protobuf import out of its folder: {name}")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        mains = [name for name in files if name.startswith("turnsignal/")]
        command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{root}", "--include_imports"]
        command += [f"--descriptor_set_out={root / 'out'}", *mains]
        try:
            done = subprocess.run(  # noqa: S603  (our own interpreter)
                command, capture_output=True, text=True, check=False, timeout=_COMPILE_SECONDS, cwd=root
            )
        except subprocess.TimeoutExpired as error:
            raise Unreadable("unknown_schema", "a Protobuf schema that takes too long to compile") from error
        if done.returncode != 0:
            raise Unreadable("unknown_schema", f"a schema that is no Protobuf: {done.stderr.strip()}")
        compiled = (root / "out").read_bytes()
    if len(compiled) > _LARGEST_DESCRIPTOR:
        raise Unreadable("unknown_schema", "a Protobuf schema that is too large")
    return list(descriptor_pb2.FileDescriptorSet.FromString(compiled).file)


def _decoder(files: list[descriptor_pb2.FileDescriptorProto]) -> Decode:
    pool = descriptor_pool.DescriptorPool()
    waiting = {file.name: file for file in files}
    try:
        _add(_MAIN, waiting, pool)
        main = pool.FindFileByName(_MAIN)
    except (KeyError, TypeError, ValueError) as error:
        raise Unreadable(
            "unknown_schema", f"Protobuf descriptors that do not fit together: {error}"
        ) from error
    messages: dict[tuple[int, ...], type[Message]] = {}

    def decode(value: bytes) -> Any:
        path, start = _indexes(value)
        kind = messages.get(path)
        if kind is None:
            kind = messages[path] = message_factory.GetMessageClass(_descriptor(main, path))
        try:
            message = kind.FromString(value[start:])
        except (DecodeError, RecursionError) as error:
            raise Unreadable("bad_encoding", f"no Protobuf of its schema: {error}") from error
        return _plain(message, 0)

    return decode


def _add(
    name: str, waiting: dict[str, descriptor_pb2.FileDescriptorProto], pool: descriptor_pool.DescriptorPool
) -> None:
    """A file can be added once all that it imports is there."""
    file = waiting.pop(name, None)
    if file is None:
        return
    for needed in file.dependency:
        _add(needed, waiting, pool)
    pool.Add(file)  # type: ignore[attr-defined,unused-ignore]


def _indexes(value: bytes) -> tuple[tuple[int, ...], int]:
    """Which message of the schema it is, from the outermost in, and where it begins."""
    count, start = _varint(value, 0)
    if count == 0:
        return (0,), start
    if not 0 < count <= _MOST_INDEXES:
        raise Unreadable("bad_encoding", f"a Protobuf message {count} levels deep in its schema")
    path = []
    for _ in range(count):
        index, start = _varint(value, start)
        path.append(index)
    return tuple(path), start


def _varint(value: bytes, start: int) -> tuple[int, int]:
    """A zigzag number and where it ends."""
    number = 0
    for position in range(start, min(start + _LONGEST_VARINT, len(value))):
        number |= (value[position] & 0x7F) << 7 * (position - start)
        if not value[position] & 0x80:
            return (number >> 1) ^ -(number & 1), position + 1
    raise Unreadable("bad_encoding", "a Protobuf value without its message index")


def _descriptor(file: FileDescriptor, path: tuple[int, ...]) -> Descriptor:
    if min(path) < 0:
        raise Unreadable("bad_encoding", f"the schema has no message {list(path)}")
    try:
        found = list(file.message_types_by_name.values())[path[0]]
        for index in path[1:]:
            found = found.nested_types[index]
    except IndexError as error:
        raise Unreadable("bad_encoding", f"the schema has no message {list(path)}") from error
    return found


def _plain(message: Message, depth: int) -> Any:
    if depth > _DEEPEST:
        raise Unreadable("nested_too_deep", "a Protobuf message that is nested too deep")
    descriptor = message.DESCRIPTOR
    if (special := _SPECIAL.get(descriptor.full_name)) is not None:
        return special(message)
    if descriptor.full_name.startswith("google.protobuf."):
        return _well_known(message)
    return {field.name: _value(message, field, depth) for field in descriptor.fields}


def _value(message: Message, field: FieldDescriptor, depth: int) -> Any:
    value = getattr(message, field.name)
    if field.is_repeated:
        kind = field.message_type
        if kind is not None and kind.GetOptions().map_entry:
            of_value = kind.fields_by_name["value"]
            return {str(name): _single(said, of_value, depth) for name, said in value.items()}
        return [_single(item, field, depth) for item in value]
    if field.has_presence and not message.HasField(field.name):
        return None
    return _single(value, field, depth)


def _single(value: Any, field: FieldDescriptor, depth: int) -> Any:
    if field.message_type is not None:
        return _plain(value, depth + 1)
    if field.enum_type is not None:
        known = field.enum_type.values_by_number.get(value)
        return value if known is None else known.name
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _well_known(message: Message) -> Any:
    try:
        return json_format.MessageToDict(message)
    except (json_format.Error, ValueError, TypeError, RecursionError) as error:
        raise Unreadable("does_not_fit", f"{message.DESCRIPTOR.full_name}: {error}") from error


def _timestamp(message: Any) -> Any:
    at = moment(message.seconds * 10**6 + message.nanos // 1000, "us")
    return None if at is None else written(at)


def _number(message: Any) -> Any:
    try:
        return exact_decimal(message.value, message.scale)
    except (ValueError, ArithmeticError) as error:
        raise Unreadable("does_not_fit", str(error)) from error


def _date(message: Any) -> Any:
    try:
        return date(message.year, message.month, message.day).isoformat()
    except ValueError:
        return None  # google.type.Date may leave the day or the year open


def _time_of_day(message: Any) -> str:
    return f"{message.hours:02}:{message.minutes:02}:{message.seconds:02}"


def _wrapped(message: Any) -> Any:
    value = message.value
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


_WRAPPERS = ("Double", "Float", "Int64", "UInt64", "Int32", "UInt32", "Bool", "String", "Bytes")
_SPECIAL: dict[str, Callable[[Any], Any]] = {
    "google.protobuf.Timestamp": _timestamp,
    "confluent.type.Decimal": _number,
    "google.type.Date": _date,
    "google.type.TimeOfDay": _time_of_day,
    **{f"google.protobuf.{name}Value": _wrapped for name in _WRAPPERS},
}
