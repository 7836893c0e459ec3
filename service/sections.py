"""What every part of the settings is made of."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


class Section(BaseModel):
    """A part of the settings; a name that is not here is an error, not a silence."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def _web_address(value: str | None) -> str | None:
    if value is not None:
        try:
            parts = urlsplit(value)
            fits = parts.scheme in {"http", "https"} and parts.hostname
        except ValueError:  # as for an unclosed [
            fits = None
        if not fits:
            raise ValueError("not an http:// or https:// address")
    return value


WebAddress = Annotated[str | None, AfterValidator(_web_address)]
Name = Annotated[str, Field(min_length=1)]
