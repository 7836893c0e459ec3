"""The changed fields of Salesforce's Pub/Sub API: bits that count the fields of the event's schema.

`["0x440000"]` are the fields at these positions, `["0x04", "2-0x10"]` a part of the field at position 2 too.
The least significant bit is the first field.
"""

from typing import Any

_LONGEST = 1024  # digits: 4096 fields


def names_of(told: Any, body: dict[str, Any]) -> list[str]:
    """Names of fields, told as names or as bits; `body` has all fields of the schema, in its order."""
    names: list[str] = []
    for said in told if isinstance(told, list) else ():
        if not isinstance(said, str):
            continue
        if said.startswith("0x"):
            names += _named(said, list(body))
        elif "-0x" in said:
            names += _parts(said, body)
        else:
            names.append(said)
    return names


def _parts(said: str, body: dict[str, Any]) -> list[str]:
    position, _, bits = said.partition("-")
    fields = list(body)
    if not position.isdigit() or int(position) >= len(fields):
        return []
    whole = fields[int(position)]
    inside = body[whole]
    if not isinstance(inside, dict):
        return [whole]
    return [f"{whole}.{part}" for part in _named(bits, list(inside))]


def _named(bits: str, fields: list[str]) -> list[str]:
    try:
        number = int(bits[2:][:_LONGEST], 16)
    except ValueError:
        return []
    return [name for position, name in enumerate(fields) if number >> position & 1]
