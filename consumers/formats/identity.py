"""Names of changes that stay the same whenever the same change is told again."""

from hashlib import blake2b
from typing import Any

import msgspec

from consumers.record import Record, cluster_of

_LONGEST = 300  # an event's id may have 512 characters, and a mapping adds its own to it

_encode = msgspec.json.Encoder(order="deterministic").encode


def identity_of(*parts: str | int | None) -> str:
    """The parts in one text; of one that is too long the end is a digest."""
    text = "/".join([part if part.__class__ is str else str(part) for part in parts])
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST]}/{blake2b(text.encode('utf-8', 'replace'), digest_size=16).hexdigest()}"
    return text.replace("\0", "\\0") if "\0" in text else text


def name_of(*said: Any) -> str | None:
    """The first that is a name."""
    return next((one for one in said if isinstance(one, str) and one), None)


def place_of(record: Record, index: int | None = None) -> str:
    """The record's own place, where the source has no name for a change."""
    place = f"{record.topic}/{record.partition}/{record.offset}"
    if cluster := cluster_of(record):
        place = f"{cluster}:{place}"
    return place if index is None else f"{place}/{index}"


def digest_of(value: Any) -> str:
    """The same for equal documents, whatever the order of their fields."""
    return blake2b(_encode(value), digest_size=16).hexdigest()


def text_of(key: Any) -> str:
    """A key of a document as text: the value of a simple one, `a=1,b=2` of several columns."""
    if isinstance(key, dict):
        if len(key) == 1:
            return text_of(*key.values())
        return ",".join([f"{name}={text_of(value)}" for name, value in sorted(key.items())])
    if isinstance(key, str):
        return key
    return str(key) if key.__class__ is int else _encode(key).decode()
