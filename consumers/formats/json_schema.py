"""What Kafka Connect's JSON Schema converter says of values beside what JSON says itself."""

from collections.abc import Mapping
from typing import Any

from consumers.formats.connect import Convert, named_conversion, of_fields, of_items, of_values

_DEEPEST = 32


def conversion_of_json_schema(schema: Any, known: Mapping[str, Any]) -> Convert | None:
    """What to do with the values of a JSON Schema that are not null; None where they are plain already.

    `known` are the schemas that it refers to by name.
    """
    return _of(schema, schema, known, 0)


def _of(schema: Any, root: Any, known: Mapping[str, Any], depth: int) -> Convert | None:
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return None
    if isinstance(reference := schema.get("$ref"), str):
        found = _found(reference, root, known)
        return _of(found, found if reference in known else root, known, depth + 1)
    named = named_conversion(schema.get("title"), schema.get("connect.parameters"))
    return _of_parts(schema, root, known, depth) if named is None else named


def _of_parts(schema: dict[str, Any], root: Any, known: Mapping[str, Any], depth: int) -> Convert | None:
    if isinstance(properties := schema.get("properties"), dict):
        fields = {
            name: convert
            for name, said in properties.items()
            if (convert := _of(said, root, known, depth + 1)) is not None
        }
        return of_fields(fields)
    if "items" in schema:
        return of_items(_of(schema["items"], root, known, depth + 1))
    if isinstance(schema.get("additionalProperties"), dict):
        return of_values(_of(schema["additionalProperties"], root, known, depth + 1))
    return _of_branches(schema, root, known, depth)


def _of_branches(schema: dict[str, Any], root: Any, known: Mapping[str, Any], depth: int) -> Convert | None:
    """An optional value is one branch beside null; of several only the value could tell."""
    branches = [
        convert
        for branch in schema.get("oneOf") or schema.get("anyOf") or ()
        if (convert := _of(branch, root, known, depth + 1)) is not None
    ]
    return branches[0] if len(branches) == 1 else None


def _found(reference: str, root: Any, known: Mapping[str, Any]) -> Any:
    if not reference.startswith("#/"):
        return known.get(reference)
    found = root
    for name in reference[2:].split("/"):
        found = found.get(name) if isinstance(found, dict) else None
    return found
