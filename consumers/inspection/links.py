"""How an ERP's customers and a CRM's accounts find each other."""

from consumers.inspection.crm_sketch import Accounts, Link
from consumers.inspection.joins import Join, joined, of_samples
from consumers.inspection.tables import Column, said
from consumers.inspection.vocabulary import flat, names

_NAMED, _UNNAMED = 0.2, 0.6  # the least share of customers that are found, with a telling name and without
_FEWEST_UNNAMED = 5


def same_ids(accounts: Accounts, customers: Column) -> bool:
    """Whether the ERP's customer number is the CRM's account id already."""
    own = accounts.table.columns.get(accounts.id)
    return own is not None and _share(joined(customers, own)) >= _UNNAMED


def link_of(accounts: Accounts, customers: Column) -> Link | None:
    """The field of the accounts that holds the ERP's customer number; None where none does."""
    found: list[tuple[bool, float, Link]] = []
    for column in accounts.table.columns.values():
        if column.path == accounts.id or not column.values or not column.is_id() or not column.is_unique():
            continue
        named = any(stem in flat(column.path) for stem in names("links", "erp_customer"))
        exact, loose = joined(column, customers), joined(column, customers, loosely=True)
        join = loose if loose.shared > exact.shared else exact
        if _is_link(join, customers, named=named):
            where = f"{accounts.table.name}.{said(column.path)}"
            why = f"{join.shared} of {join.of} values of {where} are in {said(customers.path)}"
            why += ", once leading zeros are left out" if join.padded else ""
            why += of_samples(join.shared, join.of)
            found.append((named, _share_of(join, customers), Link(accounts, column, why, join.padded)))
    return max(found, key=lambda each: each[:2])[2] if found else None


def _is_link(join: Join, customers: Column, *, named: bool) -> bool:
    share = _share_of(join, customers)
    if named:
        return bool(join.shared) and share >= _NAMED
    return join.shared >= _FEWEST_UNNAMED and share >= _UNNAMED


def _share_of(join: Join, customers: Column) -> float:
    """Of the side with fewer values: neither sample has all."""
    return join.shared / max(min(join.of, len(customers.counted)), 1)


def _share(join: Join) -> float:
    return join.share if join.shared else 0
