"""Names in several languages, of vocabulary.toml."""

import re
import tomllib
from functools import cache
from importlib import resources
from typing import Any

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@cache
def vocabulary() -> dict[str, Any]:
    """The file as it stands."""
    return tomllib.loads(
        resources.files("consumers.inspection").joinpath("vocabulary.toml").read_text("utf-8")
    )


def names(section: str, entry: str) -> list[str]:
    """The names of an entry, better guesses first."""
    found: list[str] = vocabulary()[section].get(entry, [])
    return found


def flat(name: str) -> str:
    """A name as it is compared: in lower case, letters and digits alone, without a custom field's ending."""
    return "".join(letter for letter in name.removesuffix("__c").casefold() if letter.isalnum())


def parts(name: str) -> list[str]:
    """The words of a name."""
    return [
        part.casefold() for part in re.split(r"[\W_]+", _CAMEL.sub(" ", name.removesuffix("__c"))) if part
    ]


def holds(name: str, section: str, entry: str) -> bool:
    """Whether one of the names stands anywhere in a name."""
    lowered = flat(name)
    return any(known in lowered for known in names(section, entry))
