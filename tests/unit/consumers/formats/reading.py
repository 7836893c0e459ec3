"""Records of the shapes beside this file, and what a format reads of them."""

import json
from pathlib import Path
from typing import Any

from accounts.events import Unreadable
from consumers.formats import format_of
from consumers.source_record import SourceRecord
from tests.unit.consumers.test_records import FakeRecord, Headers

SHAPES = Path(__file__).with_name("shapes")


def shape(name: str) -> Any:
    """A record of another system; docs/connecting.md says where its shape comes from."""
    return json.loads((SHAPES / f"{name}.json").read_text("utf-8"))


def record(value: Any, key: Any = None, headers: Headers = (), **more: Any) -> FakeRecord:
    return FakeRecord(encoded(value), headers, key=encoded(key), **more)


def encoded(value: Any) -> bytes | None:
    return value if value is None or isinstance(value, bytes) else json.dumps(value).encode()


def keyed(name: str, **more: Any) -> FakeRecord:
    """A record of a shape that has a key."""
    both = shape(name)
    return record(both["value"], both["key"], **more)


def read(format_name: str, *records: FakeRecord, **options: Any) -> list[SourceRecord]:
    kind = format_of(format_name, options)
    return [said for one in records for said in kind.read(one)]


def only(format_name: str, one: FakeRecord, **options: Any) -> SourceRecord:
    (said,) = read(format_name, one, **options)
    return said


def why(format_name: str, one: FakeRecord, **options: Any) -> tuple[str, str]:
    """Reason and detail of what cannot be read."""
    try:
        found = read(format_name, one, **options)
    except Unreadable as error:
        return error.reason, error.detail
    raise AssertionError(f"it was read: {found}")
