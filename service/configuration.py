"""Reads the settings: defaults, then `turnsignal.toml`, then the environment. A wrong one stops the start."""

import difflib
import json
import tomllib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo

from service.settings import Settings
from service.settings_names import (
    PREFIX,
    Where,
    entries_of,
    is_model,
    path_of,
    sections,
    types_within,
    variables,
)

_CONFIG = "TURNSIGNAL_CONFIG"
_DEFAULT_FILE = Path("turnsignal.toml")
_FILE = "_FILE"
_LONGEST_SHOWN = 200
_SHALLOW = 2  # names on the way to a setting of a section itself


class SettingsError(ValueError):
    """One or more settings are wrong; each line names one, its value and what is allowed."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def load(environment: Mapping[str, str], file: Path | None = None) -> Settings:
    """The settings of this environment; `file` wins over TURNSIGNAL_CONFIG and ./turnsignal.toml.

    Raises SettingsError that names everything that is wrong.
    """
    values = _from_file(environment, file)
    problems: list[str] = []
    given = [(_known_path(name, problems), text) for name, text in _resolved(environment, problems)]
    for path, text in sorted((one for one in given if one[0]), key=lambda one: len(one[0])):  # tables first
        _put(values, path, _parsed(text, path))
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        problems += [_in_words(problem) for problem in error.errors()]
        raise SettingsError(problems) from None
    if problems:
        raise SettingsError(problems)
    return settings


def _from_file(environment: Mapping[str, str], file: Path | None) -> dict[str, Any]:
    named = file or (Path(environment[_CONFIG]) if environment.get(_CONFIG) else None)
    path = named or _DEFAULT_FILE
    if named is None and not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SettingsError([f"{path}: cannot be read: {error.strerror}"]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError([f"{path}: not TOML: {error}"]) from None


def _resolved(environment: Mapping[str, str], problems: list[str]) -> Iterator[tuple[str, str]]:
    """Our variables; one that ends in _FILE stands for what the file holds, unless a setting is named so."""
    for name, value in environment.items():
        if not name.startswith(PREFIX) or name == _CONFIG or name.startswith(f"{PREFIX}TEST_"):
            continue
        if not name.endswith(_FILE) or path_of(name):
            yield name, value
            continue
        if name.removesuffix(_FILE) in environment:
            problems.append(f"{name}: {name.removesuffix(_FILE)} is set too; set one of the two")
            continue
        try:
            yield name.removesuffix(_FILE), Path(value).read_text("utf-8").strip()
        except (OSError, ValueError) as error:  # ValueError: not UTF-8
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            problems.append(f"{name} = {value!r}: the file cannot be read: {reason}")


def _put(values: dict[str, Any], path: Where, value: Any) -> None:
    """Set a value; where the file has no table on the way, that is told later."""
    table: Any = values
    for name in path[:-1]:
        # A variable cannot hold a name's small letters and hyphens: the file's spelling is meant.
        spelt = next((key for key in table if _variable(key) == _variable(name)), name)
        table = table.setdefault(spelt, {})
        if not isinstance(table, dict):
            return
    table[path[-1]] = value


def _variable(name: str) -> str:
    return name.upper().replace("-", "_")


def _known_path(name: str, problems: list[str]) -> Where:
    """Where a variable's value stands; nowhere, and a problem, where there is no such setting."""
    if path := path_of(name):
        return path
    endings = [variable.removeprefix(PREFIX) for variable in variables()]  # the prefix alone is no likeness
    close = difflib.get_close_matches(name.removeprefix(PREFIX).upper(), endings, n=1)
    hint = f"; did you mean {PREFIX}{close[0]}?" if close else "; `turnsignal settings` lists them all"
    problems.append(f"{name}: there is no such setting{hint}")
    return ()


def _parsed(text: str, path: Where) -> Any:
    """Tables, lists and null are JSON; a list may also be words between commas, and nothing is null."""
    model = sections()[path[0]] if len(path) == _SHALLOW else entries_of(*path[:_SHALLOW])
    assert model is not None  # noqa: S101  # path_of has seen it
    kind = str(model.model_fields[path[-1]].annotation)
    is_list = kind.startswith("list")
    if kind.startswith("dict"):
        return _table(text)
    if text == "null" or (text == "" and "None" in kind):
        return None
    if is_list and text.lstrip().startswith("["):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text
    return [word.strip() for word in text.split(",") if word.strip()] if is_list else text


def _table(text: str) -> Any:
    """A JSON object, or nothing; anything else stays text, which no table is."""
    try:
        return json.loads(text or "{}", parse_float=Decimal)
    except (ValueError, RecursionError):
        return text


def _in_words(problem: Any) -> str:
    """One line of pydantic's findings: name, value, what is allowed."""
    location = [str(part) for part in problem["loc"]]
    name = ".".join(location)
    if problem["type"] == "extra_forbidden":
        return f"{name}: there is no such setting{_hint(location)}"
    if problem["type"] == "missing":  # its value is all that stands around it
        return f"{name}: needed"
    if len(location) == 1:  # whose value may hold a secret
        allowed = ", ".join(sections()[name].model_fields)
        return f"{name}: must be a table, [{name}], of {allowed}"
    message = problem["msg"].removeprefix("Value error, ")
    return f"{name} = {_shown(location, problem['input'])}: {message}"


def _hint(location: list[str]) -> str:
    known = [field.alias or name for name, field in _owner(location).model_fields.items()]
    close = difflib.get_close_matches(location[-1], known, n=1)
    meant = f"did you mean {close[0]}? " if close else ""
    return f"; {meant}Known here: {', '.join(known)}"


def _owner(location: list[str]) -> type[BaseModel]:
    """The table that a setting stands in, however deep."""
    owner: type[BaseModel] = Settings
    for part in location[:-1]:
        field = owner.model_fields.get(part)
        if field is not None:  # else the number of an item, or the name of an entry
            owner = next(filter(is_model, types_within(field.annotation)), owner)
    return owner


def _shown(location: list[str], value: Any) -> str:
    """The value, unless it is or holds a secret."""
    field = _field(location)
    if value is not None and (isinstance(value, SecretStr) or (field and _holds_secrets(field.annotation))):
        return "(hidden)"
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"


def _field(location: list[str]) -> FieldInfo | None:
    """The setting that is meant, or that the item or entry which is meant stands in."""
    names = range(len(location), 0, -1)
    return next(filter(None, (_owner(location[:n]).model_fields.get(location[n - 1]) for n in names)), None)


def _holds_secrets(annotation: object, seen: frozenset[object] = frozenset()) -> bool:
    """Whether a secret may stand in it, however deep."""
    kinds = set(types_within(annotation))
    inner = {kind for kind in kinds - seen if is_model(kind)}
    return SecretStr in kinds or any(
        _holds_secrets(field.annotation, seen | inner)
        for model in inner
        for field in model.model_fields.values()
    )
