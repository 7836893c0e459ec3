"""Reads the settings: defaults, then `turnsignal.toml`, then the environment. A wrong one stops the start."""

import difflib
import json
import tomllib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeGuard, get_args

from pydantic import BaseModel, SecretStr, ValidationError

from service.sections import Section
from service.settings import Settings

PREFIX = "TURNSIGNAL_"
_CONFIG = "TURNSIGNAL_CONFIG"
_DEFAULT_FILE = Path("turnsignal.toml")
_FILE = "_FILE"
_LONGEST_SHOWN = 200


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
    for name, text in _resolved(environment, problems):
        path = _known_path(name, problems)
        section = values.setdefault(path[0], {}) if path else None
        if path and isinstance(section, dict):  # else the file has no table there, which is told below
            section[path[1]] = _parsed(text, path)
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
    """Our variables; one that ends in _FILE stands for what the file holds."""
    for name, value in environment.items():
        if not name.startswith(PREFIX) or name == _CONFIG or name.startswith(f"{PREFIX}TEST_"):
            continue
        if not name.endswith(_FILE):
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


def variables() -> dict[str, tuple[str, str]]:
    """Every environment variable and the (section, setting) it stands for."""
    return {
        f"{PREFIX}{section}__{name}".upper(): (section, name)
        for section, model in sections().items()
        for name in model.model_fields
    }


def sections() -> dict[str, type[Section]]:
    """The sections by name."""
    found: dict[str, type[Section]] = {}
    for name, field in Settings.model_fields.items():
        assert isinstance(field.annotation, type) and issubclass(field.annotation, Section)  # noqa: S101, PT018
        found[name] = field.annotation
    return found


def _known_path(name: str, problems: list[str]) -> tuple[str, str] | None:
    known = variables()
    if name in known:
        return known[name]
    endings = [variable.removeprefix(PREFIX) for variable in known]  # the prefix alone is no likeness
    close = difflib.get_close_matches(name.removeprefix(PREFIX).upper(), endings, n=1)
    hint = f"; did you mean {PREFIX}{close[0]}?" if close else "; `turnsignal settings` lists them all"
    problems.append(f"{name}: there is no such setting{hint}")
    return None


def _parsed(text: str, path: tuple[str, str]) -> Any:
    """Tables, lists and null are JSON; a list may also be words between commas, and nothing is null."""
    kind = str(sections()[path[0]].model_fields[path[1]].annotation)
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
            owner = next(filter(_is_model, _types(field.annotation)), owner)
    return owner


def _is_model(kind: object) -> TypeGuard[type[BaseModel]]:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _types(annotation: object) -> Iterator[object]:
    """A type, and those within it."""
    yield annotation
    for inner in get_args(annotation):
        yield from _types(inner)


def _shown(location: list[str], value: Any) -> str:
    """The value, unless it is a secret."""
    inside = location[0] == "notify" and location[1] == "receivers"  # where Apprise's addresses are
    if (
        is_secret(location[0], location[1])
        or isinstance(value, SecretStr)
        or (inside and "apprise" in location)
    ):
        return "(hidden)"
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"


def is_secret(section: str, name: str) -> bool:
    """Whether a setting must not be shown."""
    model = sections().get(section)
    field = model.model_fields.get(name) if model else None
    return field is not None and "SecretStr" in str(field.annotation)
