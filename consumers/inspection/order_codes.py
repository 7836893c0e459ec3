"""The lists of codes that the rules for orders look at: statuses, and kinds of products."""

from collections.abc import Mapping

from consumers.inspection.codes_text import own_codes
from consumers.inspection.kinds import Kind, Known
from consumers.inspection.order_rows import ending_said, endings
from consumers.inspection.order_tables import Orders
from consumers.inspection.product_kinds import examples
from consumers.inspection.ready import meaning_of
from consumers.inspection.roles_of_columns import Found
from consumers.inspection.tables import said
from consumers.inspection.todos import Cost, Todos
from consumers.inspection.toml_text import Text

STATUSES = ("open", "cancelled", "delivered", "draft")
KINDS = ("system", "component", "service")


def write_order_codes(text: Text, orders: Orders | None, tables: Mapping[Kind, Known], todo: Todos) -> None:
    """The lists of codes that the rules above look at."""
    if orders is None:
        return
    if (status := orders.columns.get("status")) is not None:
        own_codes(text, "order_statuses", status.column.codes, "open", STATUSES, _endings(orders, status))
        _status_todo(status, todo)
    kind = kind_column(orders, tables)
    if kind is not None:
        shown = _products_of(orders, kind)
        own_codes(text, "product_kinds", kind.column.codes, "component", KINDS, shown)
        dumb = [value for value in kind.column.codes if meaning_of("product_kinds", value) is None]
        lost = (
            f"; {len(dumb)} of {len(kind.column.codes)} values are taken for components: till "
            "they are right, the change from whole systems to components is lost"
        )
        if not dumb:
            todo.guessed("product_kinds")
            return
        todo(
            f"check [codes.product_kinds], by {said(kind.path)}: which of your products are systems, "
            f"components, services{lost}.",
            Cost.KINDS,
        )


def _status_todo(status: Found, todo: Todos) -> None:
    silent = _silent(status)
    if not silent and all(meaning_of("order_statuses", value) for value in status.column.codes):
        todo.guessed("order_statuses")
        return
    todo(
        f"check [codes.order_statuses]: what each value of {said(status.path)} means{silent}.",
        Cost.STATUSES if silent else Cost.OTHER,
    )


def _silent(status: Found) -> str:
    """What no status reads like, and what is lost while none does."""
    read = {meaning_of("order_statuses", value) for value in status.column.codes}
    lost = {
        "cancelled": "cancelled orders count as orders",
        "delivered": "requests that nobody answers after a delivery are lost",
    }
    silent = [name for name in lost if name not in read]
    if not silent:
        return ""
    till_then = ", and ".join(lost[name] for name in silent)
    return f"; none of yours reads like {' or '.join(silent)}: till then {till_then}"


def _endings(orders: Orders, status: Found) -> dict[str, str]:
    """Of statuses whose words tell nothing, what the rows that have them show."""
    shown = endings(
        orders.known.table,
        orders.columns["id"].path,
        status.path,
        orders.path("time"),
        orders.path("updated"),
    )
    return {
        value: ending_said(ending)
        for value, ending in shown.items()
        if meaning_of("order_statuses", value) is None
    }


def _products_of(orders: Orders, kind: Found) -> dict[str, str]:
    """By kind, some article numbers, in brackets."""
    if orders.products is None or orders.product_key is None:
        return {}
    shown = examples(orders.products, orders.product_key.column, kind.column)
    return {value: f" ({several})" for value, several in shown.items() if several}


def kind_column(orders: Orders, tables: Mapping[Kind, Known]) -> Found | None:
    """The column that tells systems, components and services apart."""
    if "products" in tables and "kind" in tables["products"].columns:
        return tables["products"].columns["kind"]
    return orders.lines.columns.get("kind") if orders.lines is not None else None
