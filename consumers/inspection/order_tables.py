"""An ERP's tables as they hang together: which lines are whose, which product, which buyer."""

from collections.abc import Mapping
from typing import NamedTuple

from consumers.inspection.joins import ids_of, joined
from consumers.inspection.kinds import Kind, Known
from consumers.inspection.roles_of_columns import Found, column_of
from consumers.inspection.tables import Column, Table, said
from consumers.inspection.vocabulary import flat, names


class Lines(NamedTuple):
    """Where the lines of an order are, and the columns of one."""

    columns: Mapping[str, Found]
    table: Table
    embedded: str | None = None  # within the orders, at this path; else a table of their own
    why: str = ""


class Orders(NamedTuple):
    """All that is known of the orders."""

    known: Known
    columns: Mapping[str, Found]
    lines: Lines | None
    buyer: Found | None
    buyers: Known | None  # the table of contacts that the buyers are in
    products: Known | None
    product_key: Found | None

    def path(self, role: str) -> str | None:
        """Where a role's column stands."""
        return self.columns[role].path if role in self.columns else None


def orders_of(known: Mapping[Kind, Known]) -> Orders | None:
    """The orders and what belongs to them; None where no table holds orders."""
    orders = known.get("orders")
    if orders is None:
        return None
    columns = dict(orders.columns)
    lines = _lines(known, orders)
    if lines is not None and lines.embedded is None:
        columns["id"], why = _joined_id(orders, columns.get("id"), lines)
        lines = lines._replace(why=why)
    products = known.get("products")
    key = _product_key(products, lines)
    contacts = known.get("contacts")
    buyer = columns.get("buyer")
    if buyer is not None and contacts is not None:
        id_ = contacts.columns["id"]
        buyer = Found(
            buyer.column, joined(buyer.column, id_.column).told(f"{contacts.table.name}.{said(id_.path)}")
        )
    if buyer is None and contacts is not None:
        buyer = _by_values(orders.table, contacts, frozenset(found.path for found in columns.values()))
    return Orders(orders, columns, lines, buyer, contacts, products, key)


def _lines(known: Mapping[Kind, Known], orders: Known) -> Lines | None:
    for path in orders.table.lists:
        inner = orders.table.within(path)
        columns: dict[str, Found] = {}
        for role in ("sku", "quantity", "price", "amount", "per", "list_price", "kind"):
            taken = frozenset(found.path for found in columns.values())
            if found := column_of(inner, "lines", role, taken=taken):
                columns[role] = found
        if flat(path) in names("lines", "embedded") and {"quantity", "sku"} <= columns.keys():
            return Lines(columns, inner, path)
    lines = known.get("lines")
    return None if lines is None else Lines(lines.columns, lines.table)


def _joined_id(orders: Known, named: Found | None, lines: Lines) -> tuple[Found, str]:
    """The id that the lines name: of several that an order has, the one whose values they share."""
    of = lines.columns["order"].column
    candidates = ids_of(orders.table)
    best = max(candidates, key=lambda column: joined(of, column).share, default=None)
    if named is not None and (best is None or joined(of, best).share <= joined(of, named.column).share):
        share = joined(of, named.column)
        return named, share.told(f"{orders.table.name}.{said(named.path)}")
    if best is None:
        return Found(of, "not found"), ""
    told = joined(of, best).told(f"{orders.table.name}.{said(best.path)}")
    return Found(best, told), told


def _product_key(products: Known | None, lines: Lines | None) -> Found | None:
    """The column of the products that a line's sku names."""
    if products is None:
        return None
    named = products.columns.get("sku")
    if lines is None or "sku" not in lines.columns:
        return named
    sku = lines.columns["sku"].column
    best = max(ids_of(products.table), key=lambda column: joined(sku, column).share, default=None)
    if best is not None and (named is None or joined(sku, best).share > joined(sku, named.column).share):
        named = Found(best, "")
    if named is None:
        return None
    return Found(named.column, joined(sku, named.column).told(f"{products.table.name}.{said(named.path)}"))


_BUYERS = 0.5  # of a column's values that must be ids of contacts


def _by_values(table: Table, contacts: Known, taken: frozenset[str]) -> Found | None:
    """A column of orders whose values are ids of contacts, whatever it is called."""
    id_ = contacts.columns["id"].column
    best: tuple[float, Column] | None = None
    for column in table.columns.values():
        if column.path in taken or not column.is_id() or (column.is_number() and len(column.counted) < 3):  # noqa: PLR2004
            continue
        join = joined(column, id_)
        if join.shared > 2 and join.share >= max(_BUYERS, best[0] if best else 0):  # noqa: PLR2004
            best = join.share, column
    if best is None:
        return None
    told = joined(best[1], id_).told(f"{contacts.table.name}.{said(id_.path)}")
    return Found(best[1], f"by its values alone, check: {told}")
