"""What Kafka Connect's schemas say of values: decimals, days and moments, put into plain JSON.

Connect's JSON converter writes `{"schema": …, "payload": …}`; its Avro and JSON Schema converters keep
the same names in `connect.name` and `title`. They are those of org.apache.kafka.connect.data and io.debezium.
"""

import binascii
from collections.abc import Callable
from datetime import UTC, timedelta
from decimal import Context, Decimal
from functools import lru_cache
from typing import Any

import msgspec

from accounts.events import Unreadable
from consumers.formats.moments import day, moment, written
from consumers.formats.plain import exact, json_of

Convert = Callable[[Any], Any]

DECIMAL = "org.apache.kafka.connect.data.Decimal"

_MANY_BYTES = 64  # of an unscaled number: 150 digits
_MOST_PLACES = 100
_SAFE, _SAFE_PLACES = 10**15, 15  # digits that survive a double
_DEEPEST = 32  # levels of a schema
_CACHED = 1 << 16  # bytes of a schema that is worth keeping


class _Enveloped(msgspec.Struct):
    schema: msgspec.Raw
    payload: Any


_enveloped = msgspec.json.Decoder(_Enveloped, float_hook=exact).decode


def is_enveloped(value: bytes) -> bool:
    """Whether JSON begins as Connect's JSON converter writes it with schemas."""
    return value[:11] == b'{"schema":{' or value[:16] == b'{"schema":null,"'


def payload_of(value: bytes) -> Any:
    """The payload of Connect's JSON, converted as its schema says; raises Unreadable."""
    try:
        enveloped = _enveloped(value)
    except RecursionError as error:
        raise Unreadable("nested_too_deep", "the JSON is nested too deep to be a record") from error
    except msgspec.ValidationError:
        return json_of(value)  # an object that only looks alike
    except ValueError as error:
        raise Unreadable("not_json", str(error)) from error
    schema = bytes(enveloped.schema)
    convert = _cached(schema) if len(schema) <= _CACHED else _compiled(schema)
    return enveloped.payload if convert is None else converted(convert, enveloped.payload)


def converted(convert: Convert, payload: Any) -> Any:
    """A payload by its schema; raises Unreadable where the two do not fit."""
    try:
        return None if payload is None else convert(payload)
    except (TypeError, ValueError, ArithmeticError, AttributeError, KeyError) as error:
        raise Unreadable("does_not_fit", f"the payload does not fit its own schema: {error}") from error


def _compiled(schema: bytes) -> Convert | None:
    try:
        return conversion_of(json_of(schema))
    except (TypeError, ValueError, AttributeError, KeyError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable("does_not_fit", f"no schema of Kafka Connect: {error}") from error


_cached = lru_cache(maxsize=256)(_compiled)


def conversion_of(schema: Any, depth: int = 0) -> Convert | None:
    """What to do with the values of a Connect schema that are not null; None where they are plain already."""
    if depth > _DEEPEST:
        raise Unreadable("nested_too_deep", "the schema is nested too deep")
    if not isinstance(schema, dict):
        return None
    if (named := named_conversion(schema.get("name"), schema.get("parameters"))) is not None:
        return named
    match schema.get("type"):
        case "struct":
            fields = {
                field["field"]: convert
                for field in schema.get("fields", [])
                if (convert := conversion_of(field, depth + 1)) is not None
            }
            return of_fields(fields)
        case "array":
            return of_items(conversion_of(schema.get("items"), depth + 1))
        case "map":
            return of_values(conversion_of(schema.get("values"), depth + 1))
    return None


def named_conversion(name: Any, parameters: Any) -> Convert | None:
    """What a logical type of this name means; None for a name that means nothing here."""
    if name == DECIMAL:
        scale = int((parameters or {}).get("scale", 0))
        return lambda value: exact_decimal(value, scale)
    return _NAMED.get(name) if isinstance(name, str) else None


def exact_decimal(value: Any, scale: int) -> Any:
    """The number of base64 or bytes in two's complement, big end first; a number is one already."""
    if isinstance(value, str):
        try:
            value = binascii.a2b_base64(value, strict_mode=True)
        except binascii.Error:
            return exact(value)  # decimal.format=NUMERIC, of a number that a double would round
    if not isinstance(value, bytes):
        return value
    if len(value) > _MANY_BYTES or abs(scale) > _MOST_PLACES:
        raise ValueError(f"a decimal of {len(value)} bytes and {scale} places")
    unscaled = int.from_bytes(value, "big", signed=True)
    if 0 <= scale <= _SAFE_PLACES and -_SAFE < unscaled < _SAFE:
        # Both are exact as doubles, so the quotient is the double nearest to the decimal.
        return unscaled / 10**scale if unscaled % 10**scale else unscaled // 10**scale
    return number_of_decimal(Decimal(unscaled).scaleb(-scale, _WIDE))


_WIDE = Context(prec=300)


def number_of_decimal(number: Decimal) -> Any:
    """A JSON number of a decimal one, or text where a double would round it."""
    if not number.is_finite():
        return str(number)
    if number == number.to_integral_value():
        return int(number)
    return exact(f"{number:f}")


def _scaled(value: Any) -> Any:
    """A decimal of io.debezium.data.VariableScaleDecimal."""
    if not isinstance(value, dict):
        return value
    return exact_decimal(value["value"], int(value["scale"]))


def _moment(unit: str) -> Convert:
    def convert(value: Any) -> Any:
        return value if (at := moment(int(value), unit)) is None else written(at)

    return convert


def _clock(unit: str) -> Convert:
    def convert(value: Any) -> Any:
        at = moment(int(value), unit)
        return value if at is None else at.astimezone(UTC).time().isoformat()

    return convert


def _interval(value: Any) -> Any:
    return value if isinstance(value, str) else timedelta(microseconds=value).total_seconds()


def _json(value: Any) -> Any:
    """A JSON column is a document; what is none stays text."""
    try:
        return json_of(value) if isinstance(value, str) else value
    except Unreadable:
        return value


_NAMED: dict[str, Convert] = {
    "org.apache.kafka.connect.data.Date": day,
    "org.apache.kafka.connect.data.Time": _clock("ms"),
    "org.apache.kafka.connect.data.Timestamp": _moment("ms"),
    "io.debezium.time.Date": day,
    "io.debezium.time.Time": _clock("ms"),
    "io.debezium.time.MicroTime": _clock("us"),
    "io.debezium.time.NanoTime": _clock("ns"),
    "io.debezium.time.Timestamp": _moment("ms"),
    "io.debezium.time.MicroTimestamp": _moment("us"),
    "io.debezium.time.NanoTimestamp": _moment("ns"),
    "io.debezium.time.MicroDuration": _interval,
    "io.debezium.data.VariableScaleDecimal": _scaled,
    "io.debezium.data.Json": _json,
}


def of_fields(fields: dict[str, Convert]) -> Convert | None:
    """The conversion of some fields of an object, in place."""
    if not fields:
        return None
    pairs = tuple(fields.items())

    def convert(value: Any) -> Any:
        for name, of_field in pairs:
            if (said := value.get(name)) is not None:
                value[name] = of_field(said)
        return value

    return convert


def of_items(of_item: Convert | None) -> Convert | None:
    """The conversion of all items of a list."""
    if of_item is None:
        return None
    return lambda value: [None if item is None else of_item(item) for item in value]


def of_values(of_value: Convert | None) -> Convert | None:
    """The conversion of all values of an object."""
    if of_value is None:
        return None
    return lambda value: {name: None if item is None else of_value(item) for name, item in value.items()}
