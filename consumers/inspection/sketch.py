"""A draft of a mapping file from samples of topics: pure, samples in, text out."""

import tomllib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from consumers.inspection.crm_sketch import Accounts, accounts_of, write_codes, write_ready
from consumers.inspection.guesses import CANONICAL
from consumers.inspection.kinds import known_tables
from consumers.inspection.links import link_of, same_ids
from consumers.inspection.order_sketch import write_order_codes, write_tables
from consumers.inspection.order_tables import Orders, orders_of
from consumers.inspection.rule_text import Around
from consumers.inspection.samples import Sample
from consumers.inspection.tables import Table, said
from consumers.inspection.toml_text import Text, bare, listed


class Sketch(NamedTuple):
    """A draft, and what was left for a person."""

    text: str
    todos: list[str]
    left: list[str]  # topics and tables of which nothing was made, and why
    is_empty: bool  # nothing could be drafted


def sketch(samples: Sequence[Sample], cluster: str = "", file: str = "mapping.toml") -> Sketch:
    """The draft of these topics of a cluster, for a file of that name; see the module."""
    accounts = accounts_of(samples)
    ready = _ready_groups(samples)
    orders_fit = [group for group in ready if group[0].fit is not None and group[0].fit.name == "orders"]
    if orders_fit and (
        accounts is not None or not _is_whole(orders_fit)
    ):  # then rules of one's own fit better
        ready = [group for group in ready if group not in orders_fit]
        orders_fit = []
    in_ready = {sample.topic for group in ready for sample in group}
    others = [s for s in samples if s.topic not in in_ready and s.guess.format not in {None, CANONICAL}]
    known = known_tables([table for sample in others for table in sample.tables])
    orders = orders_of(known)
    todos: list[str] = []
    left: list[str] = []
    link = None
    body, codes = Text(), Text()
    same = False
    if (
        orders is not None
        and accounts is not None
        and (customers := orders.columns.get("account")) is not None
    ):
        same = same_ids(accounts, customers.column)
        link = None if same else link_of(accounts, customers.column)
    if orders is not None and link is None and not same:
        todos.append(_whose(orders, accounts))
    if orders_fit:
        todos.append(_WHOSE_READY)
    for group in ready:
        write_ready(body, group, link, cluster)
        name = group[0].fit.name if group[0].fit else ""
        needed = write_codes(codes, name, [table for sample in group for table in sample.tables])
        todos += [f"check [codes.{each}]: what each of your values means." for each in needed]
    around = Around(
        {s.topic: s for s in samples}, link, same, accounts is not None, todos.append, left.append, cluster
    )
    write_tables(body, known, orders, around)
    write_order_codes(codes, orders, known, todos.append)
    left += _left(samples, in_ready, [each.table for each in known.values()])
    return Sketch(
        _whole(samples, todos, left, _settings(samples, cluster, file, body), body, codes),
        todos,
        left,
        "[[mapping]]" not in body.lines,
    )


_SEE = "(docs/connecting.md, “Two systems, one customer”)"
_WHOSE_READY = (
    "orders name customers by customer_id: is it the CRM's account id? If not, keep a reference from the "
    f"ERP's customer to the account {_SEE}."
)
_APART = (
    "Till then a customer is two accounts: what its orders tell and what its people tell never meet, and a "
    "change of who decides is seen without its orders."
)


def _whose(orders: Orders, accounts: Accounts | None) -> str:
    found = orders.columns.get("account")
    name = "the customer" if found is None else said(found.path)
    if accounts is None:
        return (
            f"orders name customers by {name}, your CRM has ids of its own: draft from its accounts' topic "
            f"too, or keep a reference from the one to the other {_SEE}. {_APART}"
        )
    return (
        f"no field of {accounts.table.name} holds what {name} of the orders holds, as far as the samples "
        f"tell. Say which does, in a reference of the kind customer {_SEE}. {_APART}"
    )


def _is_whole(groups: Iterable[Sequence[Sample]]) -> bool:
    """Whether orders and their lines are there, with the names that the ready mapping has for them."""
    found = {name for group in groups for sample in group if sample.fit for name in sample.fit.entities}
    return found >= {"orders", "order_lines"}


def _ready_groups(samples: Iterable[Sample]) -> list[list[Sample]]:
    """Topics that one ready mapping fits, read in the same way."""
    groups: dict[tuple[object, ...], list[Sample]] = {}
    for sample in samples:
        if sample.fit is not None:
            options = sorted({**sample.guess.options, **sample.fit.options}.items())
            key = (sample.fit.name, sample.guess.format, tuple(options))
            groups.setdefault(key, []).append(sample)
    return list(groups.values())


def _left(samples: Iterable[Sample], in_ready: set[str], used: Sequence[Table]) -> list[str]:
    found = []
    for sample in samples:
        if sample.topic in in_ready:
            continue
        if sample.guess.format is None:
            found.append(f"{sample.topic}: unknown, {sample.guess.why}")
        elif sample.guess.format == CANONICAL:
            found.append(f"{sample.topic}: canonical events, which need no mapping")
        elif not sample.tables:
            found.append(f"{sample.topic}: no document in the samples, only housekeeping or gaps")
        else:
            others = [table for table in sample.tables if not any(table is each for each in used)]
            found += [f"{sample.topic}: {_none_of_ours(table)}" for table in others]
    return found


def _none_of_ours(table: Table) -> str:
    columns = ", ".join(said(path) for path in list(table.columns)[:8])
    told = f"its columns are {columns}" if columns else "its documents have no simple fields"
    return f"{bare(table.name)} is no table of orders, lines, products, customers or contacts; {told}"


def _whole(
    samples: Sequence[Sample],
    todos: Sequence[str],
    left: Sequence[str],
    settings: Sequence[str],
    body: Text,
    codes: Text,
) -> str:
    text = Text()
    counted = sum(len(sample.guess.messages) for sample in samples)
    text.comment(f"A draft by turnsignal mapping init, from {counted} documents of {len(samples)} topics.")
    text.comment("Each guess has its reason beside it.")
    if todos:
        text.add("#")
        text.add("# TODO:")
        for number, todo in enumerate(dict.fromkeys(todos), start=1):
            text.comment(f"{number}. {todo}")
    if left:
        text.add("#")
        text.add("# Nothing is made of:")
        for each in left:
            text.comment(f"- {each}")
    text.commented(settings)
    text.lines += body.lines + codes.lines
    return str(text)


def _settings(samples: Sequence[Sample], cluster: str, file: str, body: Text) -> list[str]:
    """What is done next, and what turnsignal.toml needs."""
    mappings = tomllib.loads("\n".join(body.lines)).get("mapping", [])
    topics = [topic for mapping in mappings for topic in mapping["topics"]]
    canonical = [sample.topic for sample in samples if sample.guess.format == CANONICAL]
    named = " ".join(f"--topic {topic}" for topic in topics)
    at = f" --cluster {cluster}" if cluster else ""
    return [
        "",
        "See what it makes of your records:",
        f"  turnsignal mapping test --mapping {file}{at} {named}",
        "In turnsignal.toml, once it is right:",
        "  [mapping]",
        f"  files = {listed([file])}",
        f"  [kafka.clusters.{cluster}]" if cluster else "  [kafka]",
        f"  topics = {listed([*topics, *canonical])}",
    ]
