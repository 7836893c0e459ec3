"""The formats by name, and what each can be told."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from consumers.formats.content import Content, any_key
from consumers.formats.documents import DocumentOptions, Documents
from consumers.formats.format import Format, FormatError
from consumers.formats.plain import json_of

_MAKERS: dict[str, tuple[type[msgspec.Struct], Callable[[Content, Any], Format]]] = {
    "json": (DocumentOptions, Documents),
}
FORMATS: tuple[str, ...] = tuple(_MAKERS)


def format_of(name: str, options: Mapping[str, Any]) -> Format:
    """The format of a topic; raises FormatError for a name or an option that does not exist."""
    if name not in _MAKERS:
        raise FormatError(f"format {name!r} does not exist; there are {', '.join(FORMATS)}")
    kind, make = _MAKERS[name]
    try:
        own = msgspec.convert(dict(options), kind)
    except msgspec.ValidationError as error:
        allowed = ", ".join(kind.__struct_fields__)
        raise FormatError(f"format {name!r}: {error}; options are {allowed}") from error
    return make(Content(json_of, any_key), own)
