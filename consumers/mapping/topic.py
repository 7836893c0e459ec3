"""The mapping of one topic or several: from a source's record to events, drafts and reference data."""

import re
from collections.abc import Iterable, Mapping
from fnmatch import translate
from hashlib import blake2b
from typing import Any, NamedTuple

import msgspec

from accounts.events import Unreadable
from consumers.formats import Format
from consumers.mapping.drafts import Draft, concerned_from, draft_row, pruning, short
from consumers.mapping.events import event_of
from consumers.mapping.expressions import META
from consumers.mapping.fields import TEXT
from consumers.mapping.knowledge import PARENT, parent_of, reference_of
from consumers.mapping.plans import Plan, item_root
from consumers.mapping.roots import META_VALUES, change_time, meta_of
from consumers.mapping.rules import (
    REASON,
    UNMATCHED,
    EventRule,
    IgnoreRule,
    ReferenceRule,
    Told,
    applies,
    kept_of,
    names_of,
)
from consumers.record import cluster_of
from consumers.records import Record, row_of
from consumers.source_record import SourceRecord
from storage.draft_rows import FOREVER, DraftRow
from storage.event_rows import EventRow
from storage.reference_rows import ReferenceRow

_encode = msgspec.json.Encoder(order="deterministic").encode
_LONGEST_ID = 400


class Outcome(msgspec.Struct):
    """What one message of a record became: one of these, or nothing but reference data."""

    events: list[tuple[str, EventRow]] = []  # with their types
    drafts: list[DraftRow] = []
    references: list[ReferenceRow] = []
    problems: list[Unreadable] = []
    ignored: str | None = None  # why it was left aside


class _Rules(NamedTuple):
    """Those for one kind of message."""

    events: list[EventRule]
    references: list[ReferenceRule]
    ignores: list[IgnoreRule]


class TopicMapping:
    """What is made of the records of some topics."""

    def __init__(
        self,
        place: str,
        topics: Iterable[str],
        format_: Format,
        source: str | None,
        key: Plan | None,
        events: list[EventRule],
        references: list[ReferenceRule],
        ignores: list[IgnoreRule],
        clusters: Iterable[str] | None = None,
    ) -> None:
        self.place = place
        self.topics = tuple(topics)
        self.clusters = None if clusters is None else tuple(clusters)  # None: of every cluster
        self.format = format_
        self.source = source
        self.key = key
        self.events = {rule.name: rule for rule in events}
        self.stamped = {rule.stamp: rule for rule in events if rule.asks}
        self.references = references
        self.ignores = ignores
        self._patterns = [re.compile(translate(topic)).match for topic in self.topics]
        self._asks = {rule.name: rule.asks for rule in events}
        self._rules: dict[tuple[str | None, str], _Rules] = {}
        self._pruned = {rule.name: pruning(rule) for rule in events}
        self._meta = meta_of(self._plans())

    def _plans(self) -> Iterable[Plan]:
        for rule in self.events.values():
            yield from (plan for _, plan in rule.plans)
            yield from filter(None, [rule.each])
        for kept in self.references:
            yield from filter(
                None, [kept.id, kept.parent, kept.matter.when, *(plan for _, plan in kept.fields)]
            )
        yield from (rule.matter.when for rule in self.ignores if rule.matter.when)
        yield from filter(None, [self.key])

    def matches(self, topic: str, cluster: str) -> bool:
        """Whether this mapping is for a topic of a cluster."""
        return self.is_of(cluster) and any(match(topic) for match in self._patterns)

    def is_of(self, cluster: str) -> bool:
        """Whether this mapping is for topics of a cluster."""
        return self.clusters is None or cluster in self.clusters

    @property
    def reasons(self) -> list[str]:
        """Why messages may be left aside: what they are counted by."""
        return [*dict.fromkeys(rule.reason for rule in self.ignores), UNMATCHED]

    def read(self, said: SourceRecord, record: Record) -> Outcome:
        """What one message becomes; what goes wrong with one rule does not touch the others."""
        rules = self._rules_for(said)
        root = self._root(said, record)
        outcome = Outcome()
        try:
            for ignore in rules.ignores:
                if applies(ignore.matter, root):
                    outcome.ignored = ignore.reason
                    return outcome
        except Exception as error:  # noqa: BLE001  (whatever an expression raises)
            outcome.problems.append(Unreadable(REASON, f"ignore {ignore.reason}: {error}"))
            return outcome
        for kept in rules.references:
            try:
                self._keep(kept, said, root, record, outcome)
            except Unreadable as error:
                outcome.problems.append(error)
        for rule in rules.events:
            try:
                self._apply(rule, said, root, record, outcome)
            except Unreadable as error:
                outcome.problems.append(error)
        if not (outcome.events or outcome.drafts or outcome.references or outcome.problems):
            outcome.ignored = UNMATCHED
        return outcome

    def _rules_for(self, said: SourceRecord) -> _Rules:
        kind = said.entity, said.operation
        rules = self._rules.get(kind)
        if rules is None:
            rules = self._rules[kind] = _Rules(
                [rule for rule in self.events.values() if rule.matter.takes(*kind)],
                [rule for rule in self.references if rule.matter.takes(*kind)],
                [rule for rule in self.ignores if rule.matter.takes(*kind)],
            )
        return rules

    def _root(self, said: SourceRecord, record: Record) -> dict[str, Any]:
        root = said.fields
        if self._meta:
            root[META] = {name: META_VALUES[name](said, record) for name in self._meta}
        return root

    def source_of(self, record: Record) -> str:
        """The `source` of its events."""
        return self.source or record.topic

    def _keep(
        self, rule: ReferenceRule, said: SourceRecord, root: dict[str, Any], record: Record, outcome: Outcome
    ) -> None:
        kept = kept_of(rule, root, partial=bool(said.meta.get("partial")))
        if kept is None:
            return
        fields = kept.fields if kept.parent is None else {**kept.fields, PARENT: kept.parent}
        kind = self._whole_kind(said, record) if rule.whole else rule.kind
        version = blake2b(f"{kind}\0{said.identity}\0{kept.id}".encode(), digest_size=16).digest()
        outcome.references.append(
            ReferenceRow(
                reference_of(kind, kept.id),
                version,
                None if kept.parent is None else parent_of(kind, kept.parent),
                kind,
                kept.id,
                change_time(said, record),
                said.operation == "deleted",
                _encode(fields),
                record.topic,
                record.partition,
                record.offset,
                cluster_of(record),
            )
        )

    def _whole_kind(self, said: SourceRecord, record: Record) -> str:
        return f"={self.source_of(record)}/{said.entity or ''}"

    def _apply(
        self, rule: EventRule, said: SourceRecord, root: dict[str, Any], record: Record, outcome: Outcome
    ) -> None:
        if rule.once:
            outcome.drafts.append(self._once(rule, said, root, record))
            return
        identity = f"{said.identity}:{rule.name}"
        if rule.each is None:
            self._one(rule, said, root, identity, record, outcome)
            return
        for number, item in enumerate(_items(rule, root)):
            try:
                self._one(rule, said, item_root(item, root), f"{identity}:{number}", record, outcome)
            except Unreadable as error:
                outcome.problems.append(error)

    def _one(
        self,
        rule: EventRule,
        said: SourceRecord,
        root: dict[str, Any],
        identity: str,
        record: Record,
        outcome: Outcome,
    ) -> None:
        if rule.id is not None:
            identity = str(_called(rule, "id", rule.id, root) or "")
        identity = short(identity)
        source = self.source_of(record)
        if self._asks[rule.name]:
            outcome.drafts.append(self._draft(rule, said, root, Told(source, identity, said.time), record))
            return
        made = event_of(rule, root, Told(source, identity, said.time))
        if made is not None:
            row = row_of(*made, record.topic, record.partition, record.offset, cluster_of(record))
            outcome.events.append((rule.type, row))

    def _draft(
        self, rule: EventRule, said: SourceRecord, root: dict[str, Any], told: Told, record: Record
    ) -> DraftRow:
        whole = reference_of(*self._document(rule, said, root, record)) if rule.whole else None
        names, meta = self._pruned[rule.name]
        kept = dict(root) if names is None else {name: root[name] for name in names if name in root}
        kept.pop(META, None)
        if meta:
            kept[META] = {name: value for name, value in root[META].items() if name in meta}
        changed = change_time(said, record)
        time = None if said.time is None else changed
        draft = Draft(kept, told.source, told.identity, time, whole)
        return draft_row(rule, draft, concerned_from(rule, root, changed), record)

    def _once(self, rule: EventRule, said: SourceRecord, root: dict[str, Any], record: Record) -> DraftRow:
        """The same draft, whichever change of the document tells of it."""
        kind, key = self._document(rule, said, root, record)
        identity = short(f"{said.entity or ''}/{key}:{rule.name}")
        draft = Draft({}, self.source_of(record), identity, None, reference_of(kind, key))
        return draft_row(rule, draft, FOREVER, record)

    def _document(
        self, rule: EventRule, said: SourceRecord, root: dict[str, Any], record: Record
    ) -> tuple[str, str]:
        """The kind and the id of the document that a record is a change of."""
        key = None if self.key is None else TEXT.fit(_called(rule, "key", self.key, root))
        if not isinstance(key, str):
            raise Unreadable(REASON, f"rule {rule.name}: key gives {key!r}, no id")
        return self._whole_kind(said, record), key


def _items(rule: EventRule, root: Mapping[str, Any]) -> list[Any]:
    assert rule.each is not None  # noqa: S101
    items = _called(rule, "each", rule.each, root)
    return items if isinstance(items, list) else []


def _called(rule: EventRule, name: str, plan: Plan, root: Mapping[str, Any]) -> Any:
    try:
        return plan.call(root)
    except Exception as error:  # noqa: BLE001  (whatever an expression raises)
        raise Unreadable(REASON, f"rule {rule.name}: {name} = {plan.text}: {error}") from None


def whole_names(rules: Iterable[EventRule]) -> frozenset[str] | None:
    """What rules of whole documents read of them."""
    return names_of([plan for rule in rules for _, plan in rule.plans])
