"""Records of other systems beside this file, and the events that a ready mapping makes of them."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from accounts.events import Unreadable
from consumers.formats import PartlyUnreadable
from consumers.mapping.files import parse
from consumers.mapping.mappings import Mappings
from consumers.mapping.rules import kept_of
from consumers.mapping.topic import Outcome, TopicMapping
from consumers.record import Record
from consumers.source_record import SourceRecord
from service.reference_memory import ReferenceMemory
from tests.unit.consumers.test_records import FakeRecord

RECORDS = Path(__file__).with_name("records")
WRITTEN_AT = 1_767_000_000_000


class Case(msgspec.Struct, forbid_unknown_fields=True):
    """A file of records: what they show, and what they become."""

    says: str
    records: list[dict[str, Any]]  # {topic, key?, value}; docs/connecting.md says where the shapes come from
    events: list[dict[str, Any]]  # all of them, whole, by account, time and id
    mapping: str = ""  # what a user adds to the ready mapping
    problems: list[str] = []  # how the details of dead letters begin


def cases(name: str) -> list[str]:
    """The names of the files for a ready mapping."""
    return sorted(path.stem for path in (RECORDS / name).glob("*.json"))


def case(name: str, stem: str) -> Case:
    """One of them."""
    return msgspec.json.decode((RECORDS / name / f"{stem}.json").read_bytes(), type=Case)


def mappings_of(name: str, more: str) -> Mappings:
    """A ready mapping as a user names it; what follows it in `more` may begin with keys of its own."""
    return parse(f'[[mapping]]\nuse = "{name}"\ntopics = ["{name}.*"]\n{more}')


def records_of(said: Case) -> list[FakeRecord]:
    """The records as a consumer gets them: in bytes, each with an offset in its topic."""
    ends: dict[str, int] = {}
    found = []
    for one in said.records:
        topic = one["topic"]
        offset = ends[topic] = ends.get(topic, -1) + 1
        key = None if one.get("key") is None else json.dumps(one["key"]).encode()
        value = None if one["value"] is None else json.dumps(one["value"]).encode()
        found.append(FakeRecord(value, offset=offset, topic=topic, timestamp=WRITTEN_AT, key=key))
    return found


class Made:
    """What a mapping makes of records, and which of its rules had a part in it."""

    def __init__(self, mappings: Mappings) -> None:
        self._mappings = mappings
        self._memory = ReferenceMemory(mappings)
        self._bodies: set[bytes] = set()
        self.problems: list[str] = []
        self.rules: set[str] = set()

    def read(self, records: Iterable[Record]) -> None:
        """Read records."""
        for record in records:
            mapping = self._mappings.of(record.topic)
            assert mapping is not None, record.topic
            try:
                messages = mapping.format.read(record)
            except Unreadable as error:
                self.problems.append(error.detail)
                messages = error.others if isinstance(error, PartlyUnreadable) else []
            for message in messages:
                outcome = mapping.read(message, record)
                self._keep(outcome, mapping)
                self.rules |= set(_kept(mapping, message))

    def _keep(self, outcome: Outcome, mapping: TopicMapping) -> None:
        self._bodies |= {row.body for _, row in outcome.events}
        for draft in outcome.drafts:
            self._memory.add_draft(draft)
        for reference in outcome.references:
            self._memory.add_reference(reference)
        self.problems += [problem.detail for problem in outcome.problems]
        if outcome.ignored in {rule.reason for rule in mapping.ignores}:
            self.rules.add(f"ignore {outcome.ignored}")

    def events(self) -> list[dict[str, Any]]:
        """All events, once everything has been read."""
        filled = list(self._memory.fill())
        self.problems += [one.problem for one in filled if one.problem is not None]
        bodies = self._bodies | {one.event.body for one in filled if one.event is not None}
        events = sorted(map(json.loads, bodies), key=lambda said: (said["subject"], said["time"], said["id"]))
        self.rules |= {f"event {_rule_of(said['id'])}" for said in events}
        return events


def _rule_of(event_id: str) -> str:
    *_, last = event_id.split(":")
    return last


def _kept(mapping: TopicMapping, said: SourceRecord) -> Iterator[str]:
    """The reference rules that keep something of a message."""
    for rule in mapping.references:
        taken = rule.name != "whole document" and rule.matter.takes(said.entity, said.operation)
        if taken and kept_of(rule, said.fields, partial=bool(said.meta.get("partial"))) is not None:
            yield f"reference {rule.name}"


def all_rules(name: str) -> set[str]:
    """The rules of a ready mapping."""
    mapping = mappings_of(name, "").all[0]
    return {
        *(f"event {rule}" for rule in mapping.events),
        *(f"reference {rule.name}" for rule in mapping.references if rule.name != "whole document"),
        *(f"ignore {rule.reason}" for rule in mapping.ignores),
    }
