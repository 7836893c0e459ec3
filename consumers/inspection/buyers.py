"""How an order's buyer and a CRM's contact find each other: by id, by address, by a number."""

from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

from consumers.inspection.joins import joined, of_samples
from consumers.inspection.order_tables import Orders
from consumers.inspection.ready import entities_of, raw_rules
from consumers.inspection.samples import Sample
from consumers.inspection.tables import Column, Table, expression, said
from consumers.inspection.toml_text import Text, quoted

_NAMED, _UNNAMED, _FEWEST_UNNAMED = 0.2, 0.6, 5  # as of customers; see links.py


class Contacts(NamedTuple):
    """Where a CRM keeps its contacts."""

    table: Table
    id: str
    email: str | None


class Buyer(NamedTuple):
    """The column of orders that names a contact, and by what."""

    contacts: Contacts
    by: Literal["id", "email", "number"]
    column: Column  # of the orders
    field: Column  # of the contacts
    why: str

    @property
    def person(self) -> str:
        """The expression of the buyer."""
        name = expression(self.column.path)
        if self.by == "id":
            return f"person('contact', {name})"
        key = f"lower({name})" if self.by == "email" else name
        return f"person('contact', lookup('contact_by_{self.by}', {key}).id)"


def contacts_of(samples: Iterable[Sample]) -> Contacts | None:
    """The contacts of the CRM among the samples; None where there are none."""
    for sample in samples:
        for rule in raw_rules(sample.fit.name, "event") if sample.fit else ():
            if rule["type"] != "crm.contact.changed" or not isinstance(rule["data"]["contact"], dict):
                continue
            for table in sample.tables:
                if table.entity in entities_of(rule) and (found := _contacts(rule["data"]["contact"], table)):
                    return found
    return None


def _contacts(contact: dict[str, Any], table: Table) -> Contacts | None:
    if contact["id"] not in table.columns:
        return None
    email = contact.get("email")
    return Contacts(table, contact["id"], email if email in table.columns else None)


def buyer_of(contacts: Contacts, orders: Orders) -> Buyer | None:
    """The column of orders whose values are contacts' ids, addresses or numbers; None where none is."""
    taken = {found.path for role, found in orders.columns.items() if role != "buyer"}
    found: list[tuple[float, Buyer]] = []
    for column in orders.known.table.columns.values():
        if column.path in taken or not column.values or column.is_flag:
            continue
        found += _by_id(contacts, column)
        found += _by_email(contacts, column)
    best = max(found, key=lambda each: each[0])[1] if found else None
    return best or (
        _by_number(contacts, orders.columns["buyer"].column) if "buyer" in orders.columns else None
    )


def _by_id(contacts: Contacts, column: Column) -> list[tuple[float, Buyer]]:
    field = contacts.table.columns[contacts.id]
    join = joined(column, field)
    share = join.shared / max(min(join.of, len(field.counted)), 1)
    if join.shared < _FEWEST_UNNAMED or share < _UNNAMED:
        return []
    why = join.told(f"{contacts.table.name}.{said(field.path)}")
    return [(share, Buyer(contacts, "id", column, field, why))]


def _by_email(contacts: Contacts, column: Column) -> list[tuple[float, Buyer]]:
    if contacts.email is None:
        return []
    field = contacts.table.columns[contacts.email]
    mine = {value.lower() for value in column.counted if "@" in value}
    theirs = {value.lower() for value in field.counted}
    shared = len(mine & theirs)
    share = shared / max(min(len(mine), len(theirs)), 1)
    if share < _NAMED:
        return []
    where = f"{contacts.table.name}.{said(field.path)}"
    why = f"{shared} of {len(mine)} addresses of {said(column.path)} are in {where}"
    why += of_samples(shared, len(mine))
    return [(share, Buyer(contacts, "email", column, field, why))]


def _by_number(contacts: Contacts, column: Column) -> Buyer | None:
    """A field of the contacts that holds what the orders' buyer does, as the ERP's number of a person."""
    for field in contacts.table.columns.values():
        if field.path in {contacts.id, contacts.email} or not field.is_id() or not field.is_unique():
            continue
        join = joined(column, field)
        share = join.shared / max(min(join.of, len(field.counted)), 1)
        if join.shared >= _FEWEST_UNNAMED and share >= _UNNAMED:
            why = join.told(f"{contacts.table.name}.{said(field.path)}")
            return Buyer(contacts, "number", column, field, why)
    return None


def write_buyer_reference(text: Text, buyer: Buyer) -> None:
    """What leads from an address or a number to the contact, beside the CRM's ready mapping."""
    if buyer.by == "id":
        return
    name = expression(buyer.field.path)
    text.add()
    text.comment(f"An order's buyer is a contact of the CRM: {buyer.why}.")
    text.add("[[mapping.reference]]")
    text.add(f"kind = {quoted(f'contact_by_{buyer.by}')}")
    if buyer.contacts.table.entity:
        text.add(f"entity = {quoted(buyer.contacts.table.entity)}")
    text.set("when", name)
    text.set("id", f"lower({name})" if buyer.by == "email" else name)
    text.add(f"fields = {{id = {quoted(buyer.contacts.id)}}}")
