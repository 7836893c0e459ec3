"""What settings there are, and which environment variable stands for each."""

from collections.abc import Iterator
from typing import TypeGuard, get_args, get_origin

from pydantic import BaseModel

from service.sections import Section
from service.settings import Settings

PREFIX = "TURNSIGNAL_"

Where = tuple[str, ...]


def sections() -> dict[str, type[Section]]:
    """The sections by name."""
    found: dict[str, type[Section]] = {}
    for name, field in Settings.model_fields.items():
        assert isinstance(field.annotation, type) and issubclass(field.annotation, Section)  # noqa: S101, PT018
        found[name] = field.annotation
    return found


def variables() -> dict[str, tuple[str, str]]:
    """Every environment variable and the (section, setting) it stands for."""
    return {
        f"{PREFIX}{section}__{name}".upper(): (section, name)
        for section, model in sections().items()
        for name in model.model_fields
    }


def path_of(variable: str) -> Where | None:
    """Where a variable's value stands: (section, setting), or these, an entry's name and its setting."""
    known = variables()
    if variable in known:
        return known[variable]
    for table, (section, setting) in known.items():
        entry, _, field = variable.removeprefix(f"{table}__").lower().rpartition("__")
        model = entries_of(section, setting)
        if variable.startswith(f"{table}__") and entry and model and field in model.model_fields:
            return section, setting, entry, field
    return None


def entries_of(section: str, setting: str) -> type[BaseModel] | None:
    """What the entries of a table of tables are."""
    annotation = sections()[section].model_fields[setting].annotation
    named = get_args(annotation) if get_origin(annotation) is dict else ()
    return named[1] if named and is_model(named[1]) else None


def is_model(kind: object) -> TypeGuard[type[BaseModel]]:
    """Whether a type is a table of settings."""
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def types_within(annotation: object) -> Iterator[object]:
    """A type, and those within it."""
    yield annotation
    for inner in get_args(annotation):
        yield from types_within(inner)
