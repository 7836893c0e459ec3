"""Mapping files: TOML that says what the records of topics mean (docs/mapping.md)."""

import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from consumers.formats import FORMATS, Format, FormatError, format_of
from consumers.mapping.code_lists import ANY_OTHER, CodeUses, doubts, note_misfits
from consumers.mapping.fields import TEXT
from consumers.mapping.functions import Codes, Search, codes_of, pure_functions, search_of
from consumers.mapping.knowledge import Scope
from consumers.mapping.mappings import Mappings
from consumers.mapping.plans import Plan, Planner
from consumers.mapping.rule_tables import event_rule, ignore_rule, merged_tables, named_rules, reference_rule
from consumers.mapping.rules import OPERATIONS, EventRule, IgnoreRule, Matter, ReferenceRule
from consumers.mapping.suggestions import did_you_mean
from consumers.mapping.table import Problems, Table
from consumers.mapping.topic import TopicMapping, whole_names

MakeFormat = Callable[[str, Mapping[str, Any]], Format]


class MappingError(ValueError):
    """Mapping files that cannot be used; `problems` are all that is wrong with them, a line each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


def ready_names() -> list[str]:
    """The mappings that come along."""
    folder = resources.files("consumers.mapping").joinpath("ready")
    return sorted(
        entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml")
    )


def ready_text(name: str) -> str:
    """The file of a mapping that comes along."""
    return resources.files("consumers.mapping").joinpath("ready", f"{name}.toml").read_text("utf-8")


@cache
def default_words() -> dict[str, Any]:
    """The word lists that every mapping has."""
    text = resources.files("consumers.mapping").joinpath("words.toml").read_text("utf-8")
    words: dict[str, Any] = tomllib.loads(text)["words"]
    return words


def load(
    files: Iterable[str | Path], make_format: MakeFormat = format_of, clusters: Collection[str] | None = None
) -> Mappings:
    """All mappings of these files, in their order; raises MappingError that tells everything wrong.

    `clusters` are those that a mapping may be limited to, the empty name included; None takes any.
    """
    texts: list[tuple[str, str]] = []
    problems = Problems()
    for file in files:
        try:
            texts.append((str(file), Path(file).read_text("utf-8")))
        except OSError as error:
            problems.note(str(file), f"cannot be read: {error.strerror}")
        except UnicodeDecodeError:
            problems.note(str(file), "not UTF-8")
    return _mappings(texts, problems, make_format, clusters)


def parse(
    text: str,
    file: str = "mapping",
    make_format: MakeFormat = format_of,
    clusters: Collection[str] | None = None,
) -> Mappings:
    """The mappings of one text; raises MappingError."""
    return _mappings([(file, text)], Problems(), make_format, clusters)


def _mappings(
    texts: Iterable[tuple[str, str]],
    problems: Problems,
    make_format: MakeFormat,
    clusters: Collection[str] | None,
) -> Mappings:
    scope = Scope()
    files: list[_File] = []
    found: list[TopicMapping] = []
    for name, text in texts:
        try:
            files.append(_File(name, tomllib.loads(text), problems, scope, make_format, clusters))
        except tomllib.TOMLDecodeError as error:
            problems.note(name, f"not TOML: {error}")
            continue
        found += files[-1].mappings()
    broken = bool(problems)  # a rule that cannot be read may be the one that keeps a kind
    kept = {kind for file in files for kind in file.kept}
    for kind, place in [asked for file in files for asked in file.asked]:
        if kind not in kept and not broken:
            problems.note(
                place, f"no [[mapping.reference]] keeps the kind {kind!r}{did_you_mean(kind, kept)}"
            )
    code_uses = [uses for file in files for uses in file.code_uses]
    note_misfits(code_uses, problems)
    if problems:
        raise MappingError(problems)
    return Mappings(found, scope, doubts(code_uses))


class _File:
    """One file while it is being read."""

    def __init__(
        self,
        file: str,
        values: dict[str, Any],
        problems: Problems,
        scope: Scope,
        make_format: MakeFormat,
        clusters: Collection[str] | None,
    ) -> None:
        self._table = Table(values, file, problems)
        self._problems = problems
        self._scope = scope
        self._make_format = make_format
        self._clusters = clusters
        self._codes = self._table.table("codes")
        self._words = self._table.table("words")
        self.asked: list[tuple[str, str]] = []  # kinds of reference data that are looked up, and where
        self.kept: set[str] = set()
        self.code_uses: list[CodeUses] = []  # of each mapping

    def mappings(self) -> list[TopicMapping]:
        """Those of the file."""
        found = []
        for number, values in enumerate(self._table.tables("mapping"), start=1):
            table = Table(values, f"{self._table.place}: mapping {number}", self._problems)
            if (mapping := self._mapping(table)) is not None:
                found.append(mapping)
        if not self._table.has("mapping"):
            self._table.note("holds no [[mapping]]")
        self._table.finish()
        return found

    def _mapping(self, table: Table) -> TopicMapping | None:
        before = len(self._problems)
        ready = self._ready(table)
        topics = table.texts("topics") or []
        if not topics:
            table.note('missing: names of topics, or patterns such as "crm.*"', "topics")
        clusters = self._limited_to(table)
        lists = {
            "codes": merged_tables(ready.get("codes", {}), self._codes),
            "words": merged_tables(merged_tables(default_words(), ready.get("words", {})), self._words),
        }
        known = {"code": lists["codes"], "words": lists["words"]}
        uses = CodeUses(self._table.place, lists["codes"])
        self.code_uses.append(uses)
        planner = Planner(self._functions(table, lists), known, self._problems, uses)
        base = Table((ready.get("mapping") or [{}])[0], f"{table.place} (ready)", self._problems)
        format_ = self._format(table, base)
        source = table.text("source") or base.text("source")
        key = self._key(table, planner, base)
        left_out = table.texts("leave_out") or []
        events, references, ignores = self._rules(table, base, planner, lists, left_out)
        if any(rule.whole for rule in events) and key is None:
            table.note("missing: rules of whole documents need the expression of the document's id", "key")
        table.finish()
        self.asked += planner.kinds
        self.kept |= {rule.kind for rule in references}
        if len(self._problems) > before or format_ is None:
            return None
        references += _whole(events, key)
        return TopicMapping(table.place, topics, format_, source, key, events, references, ignores, clusters)

    def _limited_to(self, table: Table) -> list[str] | None:
        """The clusters that a mapping is for, None for every one; the empty name is [kafka] itself."""
        if not table.has("cluster"):
            return None
        named = table.texts("cluster", may_be_empty=True)
        if named == []:
            table.note("names no cluster; leave it out for a mapping that is for all", "cluster")
        for name in named or ():
            if self._clusters is not None and name not in self._clusters:
                known = ", ".join(repr(each) for each in sorted(self._clusters))
                meant = f"there is no such one of kafka.clusters; allowed are {known} ('' is [kafka] itself)"
                table.note(f"{name!r}: {meant}", "cluster")
        return named

    def _ready(self, table: Table) -> dict[str, Any]:
        name = table.text("use", allowed=ready_names())
        return tomllib.loads(ready_text(name)) if name in ready_names() else {}

    def _functions(self, table: Table, lists: Mapping[str, Any]) -> dict[str, Callable[..., Any]]:
        codes: dict[str, Codes] = {}
        for name, said in lists["codes"].items():
            codes[name] = codes_of(
                {code: said[code] for code in said if code != ANY_OTHER}, said.get(ANY_OTHER)
            )
        words: dict[str, dict[str, Search]] = {}
        for name, said in lists["words"].items():
            for meaning, known in said.items():
                if (
                    not isinstance(known, list)
                    or not known
                    or not all(isinstance(word, str) and word for word in known)
                ):
                    table.note(f"words.{name}.{meaning}: must be a list of texts")
                    continue
                words.setdefault(name, {})[meaning] = search_of(known)
        return {**pure_functions(codes, words), **self._scope.functions()}

    def _format(self, table: Table, base: Table) -> Format | None:
        own, usual = table.text("format"), base.text("format")
        name = own or usual or "json"
        options = {**base.table("options"), **table.table("options")}
        if name not in FORMATS and self._make_format is format_of:
            table.note(f"{name!r} is not allowed{did_you_mean(name, FORMATS)}", "format")
            return None
        try:
            return self._make_format(name, options)
        except FormatError as error:
            table.note(str(error), "options")
            return None

    def _key(self, table: Table, planner: Planner, base: Table) -> Plan | None:
        own, usual = table.take("key"), base.take("key")
        value = usual if own is None else own
        return None if value is None else planner.of(value, TEXT, f"{table.place}.key")

    def _rules(
        self, table: Table, base: Table, planner: Planner, lists: object, left_out: list[str]
    ) -> tuple[list[EventRule], list[ReferenceRule], list[IgnoreRule]]:
        events = named_rules(table, base, "event", left_out, lambda rule: event_rule(rule, planner, lists))
        references = named_rules(
            table, base, "reference", left_out, lambda rule: reference_rule(rule, planner)
        )
        ignores = [
            rule
            for owner in (table, base)
            for number, said in enumerate(owner.tables("ignore"), start=1)
            if (rule := ignore_rule(Table(said, f"{owner.place}, ignore {number}", self._problems), planner))
        ]
        ready = {rule.get("name") for kind in ("event", "reference") for rule in base.tables(kind)}
        for name in sorted({*left_out} - ready):
            table.note(f"there is no ready rule {name!r} to leave out", "leave_out")
        if not events and not references and not table.has("event") and not base.has("event"):
            table.note(
                "makes nothing of its records: it needs [[mapping.event]], [[mapping.reference]] or use"
            )
        return events, references, ignores


def _whole(events: Iterable[EventRule], key: Plan | None) -> list[ReferenceRule]:
    """What is kept of documents whose changes tell only what has changed."""
    rules = [rule for rule in events if rule.whole]
    if not rules or key is None:
        return []
    entities = [rule.matter.entities for rule in rules]
    every = frozenset(entity for each in entities if each for entity in each)
    matter = Matter(None if None in entities else every, frozenset(OPERATIONS), None)
    return [ReferenceRule("whole document", "", matter, key, None, [], True, whole_names(rules))]
