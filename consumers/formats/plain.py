"""Plain data, as JSON has it, from the bytes of JSON."""

from decimal import Decimal
from typing import Any

import msgspec

from accounts.events import MAX_BYTES, Unreadable

_SAFE_DIGITS = 15  # every decimal number of so many digits survives a double


def exact(text: str) -> float | str:
    """A number; the text of one that a double would round."""
    number = float(text)
    if len(text) <= _SAFE_DIGITS or Decimal(repr(number)) == Decimal(text):
        return number
    return text


_decode = msgspec.json.Decoder(float_hook=exact).decode


def check_size(value: bytes) -> None:
    """Raises Unreadable for what is too large to be a record of business."""
    if len(value) > MAX_BYTES:
        raise Unreadable("too_large", f"{len(value)} bytes; at most {MAX_BYTES} are read")


def json_of(value: bytes | str) -> Any:
    """Plain data of JSON; raises Unreadable."""
    try:
        return _decode(value)
    except RecursionError as error:
        raise Unreadable("nested_too_deep", "the JSON is nested too deep to be a record") from error
    except ValueError as error:  # msgspec.DecodeError and UnicodeDecodeError
        raise Unreadable("not_json", str(error)) from error
