"""What expressions see of a record besides its fields, and when it says that it happened."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from consumers.mapping.expressions import META
from consumers.mapping.functions import moment_of, written
from consumers.mapping.plans import Plan
from consumers.record import Record
from consumers.source_record import SourceRecord


def change_time(said: SourceRecord, record: Record) -> int:
    """When the record says that it happened, else when it was written: microseconds since 1970."""
    if said.time is None:
        return record.timestamp * 1000
    return micros(said.time)


def micros(moment: Any) -> int:
    """Microseconds since 1970; raises ValueError for what is no moment."""
    return (moment_of(moment) - _EPOCH) // _MICROSECOND


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def _key_of(said: SourceRecord, record: Record) -> Any:
    if "key" in said.meta:
        return said.meta["key"]
    return None if record.key is None else record.key.decode("utf-8", "replace")


META_VALUES: dict[str, Callable[[SourceRecord, Record], Any]] = {
    "op": lambda said, _record: said.operation,
    "entity": lambda said, _record: said.entity,
    "time": lambda said, _record: None if said.time is None else written(said.time),
    "before": lambda said, _record: said.before,
    "key": _key_of,
    "topic": lambda _said, record: record.topic,
    "meta": lambda said, _record: said.meta,
}


def meta_of(plans: Iterable[Plan]) -> tuple[str, ...]:
    """The names below `_` that these read."""
    used = {name for plan in plans for uses in plan.uses for name in uses.meta}
    if any(META in uses.names for plan in plans for uses in plan.uses):
        return tuple(META_VALUES)
    return tuple(name for name in META_VALUES if name in used)
