"""The part of a draft for topics that a ready mapping fits: what it cannot know comes from the samples."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from consumers.inspection.codes_text import ready_codes
from consumers.inspection.ready import CodesSeen, codes_seen, entities_of, raw_rules, ready_key
from consumers.inspection.samples import Sample
from consumers.inspection.tables import Column, Table, expression
from consumers.inspection.toml_text import Text, confidence, listed, quoted
from consumers.inspection.topic_words import TopicWords

CUSTOMER = "customer"  # the reference of ready mappings that leads from an ERP's customer to a CRM's account


class Accounts(NamedTuple):
    """Where a CRM keeps its accounts."""

    table: Table
    id: str  # the field
    source: str  # the ready mapping's name


class Link(NamedTuple):
    """The field of a CRM's accounts that holds the ERP's customer number."""

    accounts: Accounts
    column: Column
    why: str
    padded: bool

    def key(self, path: str) -> str:
        """A customer's number, as both sides write it."""
        name = expression(path)
        return f"to_string(to_number({name}))" if self.padded else name

    @property
    def when(self) -> str:
        """Which accounts have one; of what is no number, none."""
        name = expression(self.column.path)
        return f"to_number({name}) != `null`" if self.padded else name


def accounts_of(samples: Iterable[Sample]) -> Accounts | None:
    """The accounts of the CRM among the samples; None where there is none."""
    for sample in samples:
        for rule in raw_rules(sample.fit.name, "event") if sample.fit else ():
            for table in sample.tables:
                is_accounts = rule["type"] == "crm.account.changed" and table.entity in entities_of(rule)
                if is_accounts and sample.fit is not None and (id_ := _id_of(rule, sample.fit.name, table)):
                    return Accounts(table, id_, sample.fit.name)
    return None


def _id_of(rule: Mapping[str, Any], name: str, table: Table) -> str | None:
    """The field of an account's id: what the rule says, or where it says more, the documents' key."""
    said_ = (rule["account"], ready_key(name))
    return next((text for text in said_ if text in table.columns), None)


def write_ready(
    text: Text, samples: Sequence[Sample], link: Link | None, cluster: str, words: TopicWords
) -> list[Table]:
    """The beginning of a mapping of topics that one ready mapping fits; returns their tables."""
    fit = samples[0].fit
    assert fit is not None  # noqa: S101  (the caller has grouped them by it)
    tables = [table for sample in samples for table in sample.tables]
    entities = sorted({name for sample in samples if sample.fit for name in sample.fit.entities})
    text.add()
    sure = min(sample.guess.confidence for sample in samples)
    text.comment(f"{', '.join(entities)}; as {samples[0].guess.format}{confidence(sure)}.")
    text.add("[[mapping]]")
    text.add(f"use = {quoted(fit.name)}")
    text.add(f"topics = {listed(words.of(sample.topic for sample in samples))}")
    if cluster:
        text.add(f"cluster = {quoted(cluster)}")
    options = {**samples[0].guess.options, **fit.options}
    if options:
        inner = ", ".join(f"{name} = {quoted(str(value))}" for name, value in options.items())
        text.add(f"options = {{{inner}}}")
    if samples[0].guess.format == "debezium-flat":
        text.add('format = "debezium-flat"')
    if unseen := _unseen(fit.name, samples, entities):
        text.add(f"leave_out = {listed(unseen)}", "none of theirs here: take out what comes later")
    if link is not None and link.accounts.table in tables:
        _write_link(text, link)
    return tables


def write_codes(text: Text, name: str, tables: Sequence[Table]) -> list[CodesSeen]:
    """The lists of a ready mapping that need attention."""
    needed = [seen for seen in codes_seen(name, tables) if seen.unknown]
    done = [seen for seen in needed if f"[codes.{seen.name}]" not in text.lines]
    for seen in done:
        ready_codes(text, seen)
    return done


def _unseen(name: str, samples: Sequence[Sample], entities: Sequence[str]) -> list[str]:
    """Rules of which no record was seen, where each topic holds one kind: no sample can have missed it."""
    if any(sample.fit is not None and sample.fit.options for sample in samples):
        return []  # the table is named
    if any(len(sample.tables) > 1 for sample in samples):
        return []
    kept = {rule["name"] for rule in raw_rules(name, "reference")}  # what others look up stays
    return [
        rule["name"]
        for rule in raw_rules(name, "event")
        if not {*entities_of(rule)} & {*entities} and rule["name"] not in kept
    ]


def _write_link(text: Text, link: Link) -> None:
    text.add()
    text.comment(f"The ERP's customer number leads to the account: {link.why}.")
    text.add("[[mapping.reference]]")
    text.add(f"kind = {quoted(CUSTOMER)}")
    if link.accounts.table.entity:
        text.add(f"entity = {quoted(link.accounts.table.entity)}")
    text.set("when", link.when)
    text.set("id", link.key(link.column.path))
    text.add(f"fields = {{account = {quoted(link.accounts.id)}}}")
