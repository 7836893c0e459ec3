"""Which of the ready mappings fits a topic, and what of it the samples show to need attention."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import jmespath
from jmespath.exceptions import JMESPathError
from msgspec.structs import replace

from consumers.inspection.codes import shown_codes
from consumers.inspection.dataverse_rows import table_of_row
from consumers.inspection.guesses import Guess
from consumers.inspection.tables import Table, text_of
from consumers.inspection.vocabulary import vocabulary
from consumers.mapping.code_lists import ANY_OTHER
from consumers.mapping.fields import FIELDS
from consumers.mapping.files import parse, ready_names, ready_text
from consumers.mapping.rules import EventRule, ReferenceRule, names_of
from consumers.mapping.topic import TopicMapping
from consumers.source_record import SourceRecord

_CODE = re.compile(r"code\('([^']+)',\s*([^()]+?)\)")
_ENOUGH = 0.6  # of the fields that a rule keeps


class Fit(NamedTuple):
    """A ready mapping for a topic."""

    name: str
    options: Mapping[str, Any]
    entities: list[str]  # of the samples, those that it has rules for


class CodesSeen(NamedTuple):
    """The values that the samples have where a ready mapping looks at a list of codes."""

    name: str
    of: str  # the expressions that are looked up
    counted: Counter[str]
    meanings: Mapping[str, Any]  # the ready list, in lower case
    default: Any
    allowed: list[str]

    @property
    def is_clear(self) -> bool:
        """Whether the words of each tell what it means."""
        return all(meaning_of(self.name, value) in self.allowed for value in self.unknown)

    @property
    def unknown(self) -> list[str]:
        """Those that the ready list does not name."""
        return [value for value in self.counted if value.strip().casefold() not in self.meanings]


def fit_of(guess: Guess) -> Fit | None:
    """The ready mapping that has rules for what a topic holds; None where there is none."""
    for name in ready_names():
        mapping = _mapping(name)
        formats = {mapping.format.name, *({"debezium-flat"} if mapping.format.name == "debezium" else ())}
        if guess.format not in formats:
            continue
        if guess.format != "json" and (found := _entities(mapping, guess.messages)):
            return Fit(name, {}, found)
        if (table := _dynamics_table(guess.messages)) is not None:  # a row does not name its table
            named = [replace(said, entity=table) for said in guess.messages]
            if found := _entities(mapping, named):
                return Fit(name, {"entity": table}, found)
    return None


def _entities(mapping: TopicMapping, messages: Sequence[SourceRecord]) -> list[str]:
    return sorted({said.entity or "" for said in messages if _has_rule(mapping, said)})


def raw_rules(name: str, kind: str) -> list[dict[str, Any]]:
    """The rules of a ready mapping as its file has them: kind is `event` or `reference`."""
    rules: list[dict[str, Any]] = tomllib.loads(ready_text(name))["mapping"][0].get(kind, [])
    return rules


def ready_key(name: str) -> str | None:
    """The expression of a document's id."""
    key: str | None = tomllib.loads(ready_text(name))["mapping"][0].get("key")
    return key


def entities_of(rule: Mapping[str, Any]) -> list[str]:
    """What a rule is for."""
    said = rule.get("entity", [])
    return [said] if isinstance(said, str) else list(said)


def codes_seen(name: str, tables: Sequence[Table]) -> list[CodesSeen]:
    """For each list of codes of a ready mapping, what the samples have there."""
    lists = tomllib.loads(ready_text(name)).get("codes", {})
    found: dict[str, CodesSeen] = {}
    looked: set[tuple[str, str, str]] = set()
    for list_, argument, rule in _uses_of_codes(name):
        place = (list_, argument, ",".join(entities_of(rule)))
        if list_ not in lists or place in looked:
            continue
        looked.add(place)
        known = lists[list_]
        meanings = {
            str(code).strip().casefold(): meaning for code, meaning in known.items() if code != ANY_OTHER
        }
        counted = _counted(name, argument, entities_of(rule), tables)
        if not counted:
            continue
        of = argument
        if list_ in found:
            of = ", ".join(dict.fromkeys([*found[list_].of.split(", "), argument]))
            counted += found[list_].counted
        default = known.get(ANY_OTHER)
        found[list_] = CodesSeen(list_, of, counted, meanings, default, _allowed(list_, rule, known))
    return list(found.values())


def choice_fields(name: str) -> frozenset[str]:
    """The fields that a ready mapping looks up in lists of codes, by their own names."""
    return frozenset(argument for _, argument, _ in _uses_of_codes(name) if argument.isidentifier())


def meaning_of(list_: str, value: str) -> str | None:
    """What a code means as far as its words tell; None where they do not."""
    lowered = value.casefold()
    for meaning, stems in vocabulary()["meanings"].get(list_, {}).items():
        if any(stem in lowered for stem in stems):
            return str(meaning)
    return None


@cache
def _mapping(name: str) -> TopicMapping:
    return parse(f'[[mapping]]\nuse = "{name}"\ntopics = ["any"]\n').all[0]


def _has_rule(mapping: TopicMapping, said: SourceRecord) -> bool:
    events = any(_makes(rule, said) for rule in mapping.events.values())
    return events or any(_keeps(rule, said) for rule in mapping.references if not rule.whole)


def _makes(rule: EventRule, said: SourceRecord) -> bool:
    if rule.matter.entities is None or not rule.matter.takes(said.entity, said.operation):
        return False
    names = names_of([rule.account])
    return names is None or bool(names & said.fields.keys())


def _keeps(rule: ReferenceRule, said: SourceRecord) -> bool:
    if not rule.matter.takes(said.entity, said.operation):
        return False
    needed = names_of([plan for plan in (rule.id, rule.parent) if plan is not None])
    if needed is None or not needed <= said.fields.keys():
        return False
    if said.meta.get("partial"):
        return True
    told = [names_of([plan]) for _, plan in rule.fields]
    present = sum(names is None or not names or bool(names & said.fields.keys()) for names in told)
    return present >= _ENOUGH * len(told)


def _dynamics_table(messages: Sequence[SourceRecord]) -> str | None:
    """The Dataverse table that all rows are of; None where they are not."""
    tables = {table_of_row(said.fields) for said in messages}
    return tables.pop() if len(tables) == 1 else None


def _uses_of_codes(name: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for kind in ("event", "reference"):
        for rule in raw_rules(name, kind):
            for text in _texts(rule):
                for list_, argument in _CODE.findall(text):
                    if not argument.startswith(("'", "@")):  # a constant, or what is not of the record
                        yield list_, argument, rule


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)


def _counted(name: str, argument: str, entities: Sequence[str], tables: Sequence[Table]) -> Counter[str]:
    """How often each value comes; what a reference has given a name is looked at where it comes from."""
    counted = _values(argument, entities, tables)
    if counted:
        return counted
    for rule in raw_rules(name, "reference"):
        fields = rule.get("fields")
        told = fields.get(argument) if isinstance(fields, dict) else None
        if isinstance(told, str):
            counted += _values(told, entities_of(rule), tables)
    return counted


def _values(argument: str, entities: Sequence[str], tables: Sequence[Table]) -> Counter[str]:
    try:
        search = jmespath.compile(argument).search
        values = [
            search(document)
            for table in tables
            if not entities or table.entity in entities
            for document in table.documents
        ]
    except JMESPathError:
        return Counter()
    texts = [text_of(value) for value in values if isinstance(value, str | int) and value != ""]
    counted = Counter(texts)
    shown = shown_codes((argument,), counted, is_choice=True)
    return Counter({text: count for text, count in counted.most_common() if text in shown})


def _allowed(list_: str, rule: Mapping[str, Any], known: Mapping[str, Any]) -> list[str]:
    """What codes of a list may mean: the choices of the field that has them, else what the list has."""
    for field, said in (rule.get("data") or {}).items():
        if isinstance(said, str) and f"code('{list_}'" in said and rule.get("type") in FIELDS:
            choices = FIELDS[rule["type"]][field].kind.choices
            if set(known.values()) <= set(choices):
                return list(choices)
    return sorted({str(meaning) for meaning in known.values()})
