"""The part of a draft for topics that a ready mapping fits: what it cannot know comes from the samples."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from consumers.inspection.codes_text import ready_codes
from consumers.inspection.ready import codes_seen, entities_of, raw_rules, ready_key, rule_text
from consumers.inspection.samples import Sample
from consumers.inspection.tables import Column, Table, expression, said
from consumers.inspection.toml_text import Text, listed, quoted
from consumers.inspection.vocabulary import flat, names

CUSTOMER = "customer"  # the reference of ready mappings that leads from an ERP's customer to a CRM's account
_WANTED = {
    "crm.opportunity.changed": ("product_line", "competitors", "tender"),
    "crm.interaction.logged": ("product_line",),
}
_LOST = {
    "product_line": "interest in fewer product lines",
    "competitors": "a competitor that is named",
    "tender": "a formal tender",
}


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


def write_ready(text: Text, samples: Sequence[Sample], link: Link | None, cluster: str) -> None:
    """A mapping of topics that one ready mapping fits."""
    fit = samples[0].fit
    assert fit is not None  # noqa: S101  (the caller has grouped them by it)
    tables = [table for sample in samples for table in sample.tables]
    entities = sorted({name for sample in samples if sample.fit for name in sample.fit.entities})
    text.add()
    sure = min(sample.guess.confidence for sample in samples)
    text.comment(f"{', '.join(entities)}; as {samples[0].guess.format} with a confidence of {sure:.0%}.")
    text.add("[[mapping]]")
    text.add(f"use = {quoted(fit.name)}")
    text.add(f"topics = {listed(sample.topic for sample in samples)}")
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
    _offer_fields(text, fit.name, tables)


def write_codes(text: Text, name: str, tables: Sequence[Table]) -> list[str]:
    """The lists of a ready mapping that need attention; returns their names."""
    needed = [seen for seen in codes_seen(name, tables) if seen.unknown]
    done = [seen for seen in needed if f"[codes.{seen.name}]" not in text.lines]
    for seen in done:
        ready_codes(text, seen)
    return [seen.name for seen in done]


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


def _offer_fields(text: Text, name: str, tables: Sequence[Table]) -> None:
    """Fields of the company's own that hold what standard ones do not, as rules to take over."""
    before = ""
    for rule in raw_rules(name, "event"):
        lines = rule_text(name, rule["name"])
        columns = [c for table in tables if table.entity in entities_of(rule) for c in table.columns.values()]
        found = {
            field: column
            for field in _WANTED.get(rule["type"], ())
            if (column := _custom(columns, field, name)) is not None
        }
        if not lines or not found:
            continue
        told = ", ".join(f"{said(column.path)} ({_LOST[field]})" for field, column in found.items())
        text.add()
        if told != before:
            text.comment(f"TODO: fields of your own look useful: {told}. With this rule they are read:")
        before = told
        kept = [line for line in lines if line.partition(" = ")[0] not in found]
        text.commented([*kept, *(f"{field} = {quoted(_value(field, c))}" for field, c in found.items())])


def _custom(columns: Iterable[Column], field: str, name: str) -> Column | None:
    stems = names("custom_fields", field)
    for column in columns:
        own = column.path.endswith("__c") if name == "salesforce" else not column.path.startswith("hs_")
        if own and "\0" not in column.path and any(stem in flat(column.path) for stem in stems):
            return column
    return None


def _value(field: str, column: Column) -> str:
    name = expression(column.path)
    several = any(";" in value for value in column.counted)
    return f"split({name}, ';')" if field == "competitors" or several else name
