"""Files of events into Kafka, going on where an earlier run was interrupted."""

import csv
import json
import re
from collections.abc import Callable, Iterator
from hashlib import file_digest
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import msgspec

from accounts.events import MAX_BYTES, UnknownType, Unreadable, decode
from consumers.event_writer import EventWriter, NoTopicError
from consumers.record_writer import Written

_CHUNK = 1000  # lines whose events are acknowledged together
_SUFFIX = ".turnsignal-import"
_STEP = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)|\[(\d+)\]")
_LONGEST_LIST = 1000
_LONGEST_LINE = MAX_BYTES + 2


FieldPath = list[str | int]


class Progress(msgspec.Struct):
    """How far a file has come; kept beside it, and worth something for just these bytes."""

    digest: str
    offset: int = 0  # in bytes, of the next line
    line: int = 0  # lines before it
    written: int = 0
    ignored: int = 0  # events of types that nobody reads
    bad: int = 0
    done: bool = False


class BadLine(NamedTuple):
    """A line that is no event, and why."""

    number: int
    reason: str


class Line(NamedTuple):
    """A line's number, the offset behind it, and the event it holds."""

    number: int
    end: int
    body: bytes


class Importer:
    """Reads files; `on_progress` is told the offset it has come to, `on_bad` each line that is no event."""

    def __init__(
        self,
        writer: EventWriter | None,
        *,
        event_time: bool = False,
        on_progress: Callable[[int], None] = lambda _: None,
        on_bad: Callable[[BadLine], None] = lambda _: None,
    ) -> None:
        self._writer = writer  # None: nothing is written, not even how far it came
        self._event_time = event_time
        self._on_progress = on_progress
        self._on_bad = on_bad

    def run(self, path: Path, *, again: bool = False) -> Progress:
        """Import a file, from where its bytes stopped before unless `again`; raises NotWrittenError."""
        with path.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
            progress = Progress(digest) if again or self._writer is None else _resumed(path, digest)
            if progress.done:
                return progress
            waiting: list[Written] = []
            for line in _lines(path, file, progress):
                if (event := self._event(line, progress)) is not None:
                    waiting.append(event)
                progress.offset, progress.line = line.end, line.number
                if line.number % _CHUNK == 0:
                    self._settle(path, waiting, progress)
            progress.done = True
            self._settle(path, waiting, progress)
        return progress

    def _event(self, line: Line, progress: Progress) -> Written | None:
        try:
            event = decode(line.body)
            if self._writer is None:
                progress.written += 1
                return None
            at = int(event.time.timestamp() * 1000) if self._event_time else None
            return self._writer.addressed(event, line.body, at)
        except UnknownType:
            progress.ignored += 1
        except (Unreadable, NoTopicError) as error:
            progress.bad += 1
            self._on_bad(BadLine(line.number, str(error)))
        return None

    def _settle(self, path: Path, waiting: list[Written], progress: Progress) -> None:
        """Write what waits; only then is the file that far."""
        if self._writer is not None:
            if waiting:
                self._writer.write(waiting)
            progress.written += len(waiting)
            _keep(path, progress)
        waiting.clear()
        self._on_progress(progress.offset)


def position_of(path: Path) -> Path:
    """The file beside a file that says how far it has been imported."""
    return path.with_name(path.name + _SUFFIX)


def _resumed(path: Path, digest: str) -> Progress:
    try:
        kept = msgspec.json.decode(position_of(path).read_bytes(), type=Progress)
    except (OSError, ValueError):  # none, or not one of ours
        return Progress(digest)
    return kept if kept.digest == digest else Progress(digest)


def _keep(path: Path, progress: Progress) -> None:
    target = position_of(path)
    partial = target.with_name(target.name + ".part")
    partial.write_bytes(msgspec.json.encode(progress))
    partial.replace(target)


def _lines(path: Path, file: BinaryIO, progress: Progress) -> Iterator[Line]:
    file.seek(0)
    if path.suffix.lower() == ".csv":
        yield from _rows(file, progress)
        return
    file.seek(progress.offset)
    number = progress.line
    while line := file.readline(_LONGEST_LINE):
        rest = line
        while rest and not rest.endswith(b"\n"):  # what is longer is refused for its length, and not kept
            rest = file.readline(_LONGEST_LINE)
        number += 1
        if body := line.strip():
            yield Line(number, file.tell(), body)


class _Counted:
    """Lines of text with the offset behind the last one; csv reads several for a row with line breaks."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.lines = 0

    def __iter__(self) -> Iterator[str]:
        while line := self._file.readline():
            self.lines += 1
            yield line.decode("utf-8-sig" if self.lines == 1 else "utf-8", "replace")


def _rows(file: BinaryIO, progress: Progress) -> Iterator[Line]:
    """Rows of a CSV file whose columns are named as the fields of an event: `data.participants[0].title`."""
    text = _Counted(file)
    reader = csv.reader(iter(text))
    header = next(reader, [])
    paths = [_path(name.strip()) for name in header]
    if progress.offset > file.tell():
        file.seek(progress.offset)
        text.lines = progress.line
    for row in reader:
        if row:
            yield Line(text.lines, file.tell(), _event_of(paths, row))


def _path(name: str) -> FieldPath:
    """The steps of a column's name; raises ValueError that says how to write one."""
    steps: FieldPath = []
    for part in name.split("."):
        found = list(_STEP.finditer(part))
        if not found or "".join(match[0] for match in found) != part or found[0][2] is not None:
            raise ValueError(f"column {name!r} is no field of an event, such as data.participants[0].title")
        steps += [match[1] or int(match[2]) for match in found]
    if any(isinstance(step, int) and step >= _LONGEST_LIST for step in steps):
        raise ValueError(f"column {name!r}: lists have at most {_LONGEST_LIST} items")
    return steps


def _event_of(paths: list[FieldPath], row: list[str]) -> bytes:
    """The event of a row; an empty cell says nothing."""
    event: dict[str, Any] = {"specversion": "1.0", "data": {}}
    for path, cell in zip(paths, row, strict=False):
        if cell:
            _set(event, path, _BOOLEANS.get(cell, cell) if path[-1] == "tender" else cell)
    for name in _LISTS.get(str(event.get("type")), ()):
        event["data"].setdefault(name, [])
    return json.dumps(_without_gaps(event), ensure_ascii=False).encode()


_BOOLEANS = {"true": True, "false": False}
_LISTS = {  # what an event must have, and a row without such cells has none of
    "crm.interaction.logged": ("participants", "topics"),
    "crm.opportunity.changed": ("deciders", "competitors"),
    "order.placed": ("lines",),
    "order.changed": ("lines",),
}


def _set(event: dict[str, Any], path: FieldPath, value: object) -> None:
    """Put a value where a path leads, with whatever is missing on the way; lists are dicts by number."""
    holder: dict[Any, Any] = event
    for step in path[:-1]:
        holder = holder.setdefault(step, {})
    holder[path[-1]] = value


def _without_gaps(value: Any) -> Any:
    """Dicts by number as lists: an item that no cell says anything of is none."""
    if not isinstance(value, dict):
        return value
    if value and all(isinstance(key, int) for key in value):
        return [_without_gaps(value[key]) for key in sorted(value)]
    return {key: _without_gaps(inner) for key, inner in value.items()}
