"""The mappings of the settings."""

from collections.abc import Mapping, Sequence
from typing import Any

from consumers.formats import Format, format_of
from consumers.mapping.files import MappingError, load
from consumers.mapping.mappings import Mappings
from service.configuration import SettingsError
from service.settings import Settings


def mappings_of(settings: Settings, files: Sequence[str] = ()) -> Mappings | None:
    """What records of other systems mean, by these files or those of the settings; None without any.

    Raises SettingsError that tells everything that is wrong with them.
    """
    chosen = list(files) or settings.mapping.files
    if not chosen:
        return None
    try:
        return load(chosen, make_format)
    except MappingError as error:
        raise SettingsError(error.problems) from None


def make_format(name: str, options: Mapping[str, Any]) -> Format:
    """A format; here one gets what the settings say of a schema registry."""
    return format_of(name, options)
