"""A draft of a mapping file from samples of topics: pure, samples in, text out."""

import shlex
import tomllib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from consumers.inspection.buyers import Buyer, buyer_of, contacts_of, write_buyer_reference
from consumers.inspection.crm_sketch import Accounts, Link, accounts_of, write_codes, write_ready
from consumers.inspection.guesses import CANONICAL
from consumers.inspection.kinds import known_tables
from consumers.inspection.links import link_of, same_ids
from consumers.inspection.order_codes import write_order_codes
from consumers.inspection.order_sketch import write_tables
from consumers.inspection.order_tables import Orders, orders_of
from consumers.inspection.own_rules import people_missing, write_own_fields
from consumers.inspection.product_kinds import with_product_kinds
from consumers.inspection.rule_text import Around
from consumers.inspection.samples import Sample
from consumers.inspection.tables import Table, said
from consumers.inspection.todos import Cost, Todos
from consumers.inspection.toml_text import Text, bare, listed
from consumers.inspection.topic_words import TopicWords
from consumers.subscription import Subscription


class Sketch(NamedTuple):
    """A draft, and what was left for a person."""

    text: str
    todos: list[str]
    left: list[str]  # topics and tables of which nothing was made, and why
    is_empty: bool  # nothing could be drafted


def sketch(
    samples: Sequence[Sample], cluster: str = "", file: str = "mapping.toml", wanted: Sequence[str] = ()
) -> Sketch:
    """The draft of these topics of a cluster, which were asked for by `wanted`, for a file of that name."""
    words = TopicWords([sample.topic for sample in samples], wanted)
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
    known = with_product_kinds(known_tables([table for sample in others for table in sample.tables]))
    orders = orders_of(known)
    todo = Todos()
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
        todo(_whose(orders, accounts), Cost.CUSTOMERS)
    if orders_fit:
        todo(_WHOSE_READY, Cost.CUSTOMERS)
    contacts = contacts_of(samples)
    buyer = None if orders is None or contacts is None else buyer_of(contacts, orders)
    for group in ready:
        _write_ready_group(body, codes, group, Meeting(link, buyer, words), cluster, todo)
    around = Around(
        {s.topic: s for s in samples},
        link,
        same,
        accounts is not None,
        todo,
        left.append,
        cluster,
        buyer,
        words,
    )
    write_tables(body, known, orders, around)
    write_order_codes(codes, orders, known, todo)
    todos = todo.listed()
    left += _left(samples, in_ready, [each.table for each in known.values()])
    return Sketch(
        _whole(samples, todos, left, _settings(samples, cluster, file, body, words), body, codes),
        todos,
        left,
        "[[mapping]]" not in body.lines,
    )


class Meeting(NamedTuple):
    """Where a CRM and an ERP meet."""

    link: Link | None
    buyer: Buyer | None
    words: TopicWords


def _write_ready_group(
    body: Text, codes: Text, group: Sequence[Sample], meeting: Meeting, cluster: str, todo: Todos
) -> None:
    """The mapping of topics that one ready mapping fits, with fields of the company's own."""
    name = group[0].fit.name if group[0].fit else ""
    tables = write_ready(body, group, meeting.link, cluster, meeting.words)
    if meeting.buyer is not None and any(table is meeting.buyer.contacts.table for table in tables):
        write_buyer_reference(body, meeting.buyer)
    write_own_fields(body, codes, name, tables, todo)
    people_missing(name, tables, todo)
    for seen in write_codes(codes, name, tables):
        if seen.is_clear:
            todo.guessed(seen.name)
        else:
            todo(f"check [codes.{seen.name}]: what each of your values means{_LOST.get(seen.name, '')}.")


_LOST = {
    "stages": "; one that means won or lost and is in no list leaves its opportunities open",
    "deal_stages": "; one that means won or lost and is in no list leaves its deals open",
    "case_types": "; complaints that are not named are lost among the tickets",
    "ticket_categories": "; complaints that are not named are lost among the tickets",
    "case_statuses": "; requests that nobody answers are lost where answered ones are not named",
    "ticket_stages": "; requests that nobody answers are lost where answered ones are not named",
    "task_channels": "; tasks of a kind that is in no list do not count as talks",
    "event_channels": "; visits and demos that are not named count as meetings",
    "deciding_roles": "; who decides on an opportunity is lost where the role is not named",
    "buying_roles": "; who decides on a deal is lost where the role is not named",
}
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


def _settings(samples: Sequence[Sample], cluster: str, file: str, body: Text, words: TopicWords) -> list[str]:
    """What is done next, and what turnsignal.toml needs."""
    mappings = tomllib.loads("\n".join(body.lines)).get("mapping", [])
    taken = [Subscription(mapping["topics"]).covers for mapping in mappings]
    topics = list(dict.fromkeys(s.topic for covers in taken for s in samples if covers(s.topic)))
    canonical = [sample.topic for sample in samples if sample.guess.format == CANONICAL]
    named = " ".join(f"--topic {shlex.quote(topic)}" for topic in words.of(topics))
    at = f" --cluster {cluster}" if cluster else ""
    return [
        "",
        "See what it makes of your records:",
        f"  turnsignal mapping test --mapping {file}{at} {named}",
        "In turnsignal.toml, once it is right:",
        "  [mapping]",
        f"  files = {listed([file])}",
        f"  [kafka.clusters.{cluster}]" if cluster else "  [kafka]",
        f"  topics = {listed(words.of([*topics, *canonical]))}",
    ]
