"""Which table holds orders, which lines, products, customers, contacts."""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from consumers.inspection.roles_of_columns import Found, column_of
from consumers.inspection.tables import Table
from consumers.inspection.vocabulary import flat, names

Kind = Literal["orders", "lines", "products", "customers", "contacts"]

# What a table of a kind must have, and what makes it more likely.
_NEEDS: Mapping[Kind, tuple[tuple[str, ...], ...]] = {
    "orders": (("id",), ("account",), ("time", "updated")),
    "lines": (("order",), ("quantity",), ("price", "amount"), ("sku",)),
    "products": (("sku",), ("kind", "product_line")),
    "customers": (("id",), ("name",)),
    "contacts": (("id",), ("name", "last", "email"), ("account",)),
}
# Without these nothing can be made of one, whatever it is called.
_MUST: Mapping[Kind, frozenset[str]] = {
    "orders": frozenset(("id",)),
    "lines": frozenset(("order", "quantity", "sku")),
    "products": frozenset(("sku",)),
    "customers": frozenset(("id",)),
    "contacts": frozenset(("id",)),
}
_MORE: Mapping[Kind, tuple[str, ...]] = {
    "orders": ("currency", "status", "buyer", "total", "document_type", "updated", "time"),
    "lines": ("id", "position", "price", "per", "amount", "list_price", "currency", "kind"),
    "products": ("kind", "product_line"),
    "customers": ("segment", "updated"),
    "contacts": ("name", "first", "last", "title", "department", "email", "updated"),
}
_BY_NAME, _BY_PART_OF_NAME = 4.0, 1.5
_SHORTEST_PART = 4


class Known(NamedTuple):
    """A table whose kind is known, and the columns that play a role in it."""

    kind: Kind
    table: Table
    columns: Mapping[str, Found]
    why: str


def known_tables(tables: Sequence[Table]) -> dict[Kind, Known]:
    """The best table of each kind; each table is of one kind."""
    scored = [judged for table in tables for kind in _NEEDS if (judged := _judged(table, kind)) is not None]
    scored.sort(key=lambda each: -each[0])
    found: dict[Kind, Known] = {}
    used: set[int] = set()
    for _, known in scored:
        if known.kind not in found and id(known.table) not in used:
            found[known.kind] = known
            used.add(id(known.table))
    return found


def kind_of(table: Table) -> Kind | None:
    """What a table by itself is most likely; None where it is none of these."""
    judged = [found for kind in _NEEDS if (found := _judged(table, kind)) is not None]
    return max(judged, key=lambda each: each[0])[1].kind if judged else None


def _judged(table: Table, kind: Kind) -> tuple[float, Known] | None:
    """How likely a table is of a kind; None where it cannot be."""
    named = _named(table.name, kind)
    columns: dict[str, Found] = {}
    for role in dict.fromkeys((*(role for needs in _NEEDS[kind] for role in needs), *_MORE[kind])):
        taken = frozenset(found.path for found in columns.values())
        if (found := column_of(table, kind, role, taken=taken)) is not None:
            columns[role] = found
    missing = [needs for needs in _NEEDS[kind] if not columns.keys() & set(needs)]
    if kind == "orders" and _embedded(table):
        missing = [needs for needs in missing if needs != ("account",)]
    if len(missing) > (1 if named >= _BY_NAME else 0) or not _MUST[kind] <= columns.keys():
        return None
    if kind == "lines" and not columns.keys() & {"price", "amount"}:
        return None
    if not named and not _is_telling(kind, columns):
        return None
    score = named + len(columns) - 2 * len(missing)
    why = "by its name and columns" if named else "by its columns"
    return score, Known(kind, table, columns, why)


def _embedded(table: Table) -> bool:
    return any(flat(path) in names("lines", "embedded") for path in table.lists)


def _is_telling(kind: Kind, columns: Mapping[str, Found]) -> bool:
    """Whether columns alone tell a kind: ids and names are in every table."""
    telling = {
        "orders": {"currency", "status", "total"},
        "lines": {"order", "quantity", "sku"},
        "contacts": {"title", "first", "last", "email"},
    }.get(kind)
    return telling is not None and len(telling & columns.keys()) > 1


def _named(name: str, kind: Kind) -> float:
    known = names(kind, "tables")
    told = flat(name)
    if told in known:
        return _BY_NAME
    ends = any(len(entry) >= _SHORTEST_PART and told.endswith(entry) for entry in known)
    return _BY_PART_OF_NAME if ends else 0
