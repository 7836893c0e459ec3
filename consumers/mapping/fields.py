"""What canonical events are made of, read off their types; and how a foreign value is fitted."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple, get_args

from msgspec import inspect

from accounts.events import TYPES, CanonicalEvent
from consumers.mapping.functions import moment_of, written

Fit = Callable[[Any], Any]


class Kind(NamedTuple):
    """What a field holds: `fit` brings a foreign value into its form, null into null."""

    name: str  # text, moment, number, flag, choice, list, object
    fit: Fit
    choices: tuple[str, ...] = ()
    members: "Mapping[str, Field]" = MappingProxyType({})  # of an object, and of a list of objects
    item: "Kind | None" = None  # of a list


class Field(NamedTuple):
    """A field of canonical data."""

    kind: Kind
    required: bool


def _text(value: Any) -> Any:
    if isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, Decimal) else value


def _number(value: Any) -> Any:
    return None if value == "" else value


_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def _flag(value: Any) -> Any:
    if isinstance(value, bool) or value is None or value == "":
        return value if isinstance(value, bool) else None
    return _FLAGS.get(str(value).casefold(), value)


def _moment(value: Any) -> Any:
    if value is None or value == "":
        return None
    return written(moment_of(value))


def _list_of(item: Kind) -> Fit:
    fit = item.fit

    def fitted(value: Any) -> list[Any]:
        """A single value is a list of one, null none; a list within counts as its items."""
        if value is None:
            return []
        if not isinstance(value, list):
            value = [value]
        found: list[Any] = []
        for each in value:
            if isinstance(each, list):
                found.extend([one for inner in each if (one := fit(inner)) is not None])
            elif (one := fit(each)) is not None:
                found.append(one)
        return found

    return fitted


def _object_of(members: Mapping[str, Field], *, named: bool) -> Fit:
    fits = {name: field.kind.fit for name, field in members.items()}

    def fitted(value: Any) -> Any:
        """What is null is left out; a thing known by an id is nothing without one."""
        if not isinstance(value, dict):
            if named and value is not None and value != "" and not isinstance(value, list):
                return {"id": _text(value)}
            return value or None
        found = {}
        for name, said in value.items():
            if said is not None and name in fits and (fit := fits[name](said)) is not None:
                found[name] = fit
        return None if named and "id" not in found else found

    return fitted


_SIMPLE: dict[type, Kind] = {
    inspect.StrType: Kind("text", _text),
    inspect.DateTimeType: Kind("moment", _moment),
    inspect.DecimalType: Kind("number", _number),
    inspect.BoolType: Kind("flag", _flag),
}


def _kind_of(said: Any) -> Kind:
    if isinstance(said, inspect.Metadata):
        return _kind_of(said.type)
    if isinstance(said, inspect.UnionType):
        return _kind_of(next(each for each in said.types if not isinstance(each, inspect.NoneType)))
    if isinstance(said, inspect.LiteralType):
        return Kind("choice", _text, tuple(map(str, said.values)))
    if isinstance(said, inspect.ListType):
        item = _kind_of(said.item_type)
        return Kind("list", _list_of(item), item.choices, item.members, item)
    if isinstance(said, inspect.StructType):
        members = _members(said)
        return Kind("object", _object_of(members, named="id" in members), (), members)
    return _SIMPLE[type(said)]


def _members(struct: inspect.StructType) -> dict[str, Field]:
    return {field.name: Field(_kind_of(field.type), field.required) for field in struct.fields}


def _data_of(event: type) -> dict[str, Field]:
    info = inspect.type_info(event)
    assert isinstance(info, inspect.StructType)  # noqa: S101
    (data,) = [field.type for field in info.fields if field.name == "data"]
    assert isinstance(data, inspect.StructType)  # noqa: S101
    return _members(data)


FIELDS: Mapping[str, Mapping[str, Field]] = dict(
    zip(TYPES, map(_data_of, get_args(CanonicalEvent)), strict=True)
)
TEXT = _SIMPLE[inspect.StrType]
MOMENT = _SIMPLE[inspect.DateTimeType]
PERSON = next(field.kind for name, field in FIELDS["crm.contact.changed"].items() if name == "contact")
ANYTHING = Kind("value", lambda value: value)
