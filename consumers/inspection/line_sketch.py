"""The lines of orders in a draft: as records of their own, or within the orders."""

from collections.abc import Callable, Mapping

from consumers.inspection.kinds import Known
from consumers.inspection.order_tables import Lines, Orders
from consumers.inspection.roles_of_columns import Found
from consumers.inspection.tables import expression, said
from consumers.inspection.toml_text import Text, quoted


def write_lines_reference(text: Text, known: Known, orders: Orders | None, entity: str | None) -> None:
    """Lines as parts of their orders."""
    columns = known.columns
    order = expression(columns["order"].path)
    text.add()
    text.add("[[mapping.reference]]")
    text.add('kind = "order_line"')
    if entity is not None:
        text.add(f"entity = {quoted(entity)}")
    id_, position = columns.get("id"), columns.get("position")
    if id_ is not None and id_.path != columns["order"].path:
        text.set("id", expression(id_.path), id_.why)
    elif position is not None:
        text.set(
            "id", f"join('/', [to_string({order}), to_string({expression(position.path)})])", "order and line"
        )
    else:
        text.set(
            "id",
            f"join('/', [to_string({order}), to_string({expression(columns['sku'].path)})])",
            "TODO: no column numbers the lines of an order; two of the same product would be one",
        )
    text.set("parent", order, columns["order"].why)
    text.add("[mapping.reference.fields]")
    for role in _kept(known, orders):
        if role in columns:
            text.set(role, _clean(columns[role]), columns[role].why)


def _kept(known: Known, orders: Orders | None) -> list[str]:
    """What the orders' rule asks of a line."""
    roles = ["sku", "quantity", "price", "per"] if "price" in known.columns else ["sku", "quantity", "amount"]
    roles.append("list_price")
    if orders is None or orders.products is None or "kind" not in orders.products.columns:
        roles.append("kind")
    if orders is None or "currency" not in orders.columns:
        roles.append("currency")
    return roles


def write_line_fields(text: Text, orders: Orders, todo: Callable[[str], None]) -> None:
    """The lines of an order's event."""
    lines = orders.lines
    text.add("[mapping.event.data.lines]")
    if lines is None:
        _write_total(text, orders, todo)
        return
    if lines.embedded is not None:
        text.set("each", expression(lines.embedded), "the lines stand within the order")
        fields = {role: _clean(found) for role, found in lines.columns.items()}
    else:
        text.set("each", f"parts('order_line', {expression(orders.columns['id'].path)})", lines.why)
        fields = {role: role for role in lines.columns}
    sku = fields["sku"]
    text.set("sku", sku)
    _write_kind(text, orders, lines, fields, todo)
    quantity, price = _worth(lines, fields)
    text.set("quantity", quantity)
    text.set("unit_price", price, _price_why(lines))
    if "list_price" in fields:
        text.set("list_price", fields["list_price"])


def _write_kind(
    text: Text, orders: Orders, lines: Lines, fields: Mapping[str, str], todo: Callable[[str], None]
) -> None:
    products = orders.products
    if products is not None and "kind" in products.columns:
        text.set("kind", f"code('product_kinds', lookup('product', {fields['sku']}).kind)")
    elif "kind" in lines.columns:
        text.set("kind", f"code('product_kinds', {fields['kind']})", lines.columns["kind"].why)
    else:
        text.set("kind", "'component'", "TODO: nothing here tells systems, components and services apart")
        todo(
            "which products are systems, components, services is on no topic named here: the change from "
            "whole systems to components is lost."
        )
    if products is not None and "product_line" in products.columns:
        text.set("product_line", f"lookup('product', {fields['sku']}).product_line")


def _worth(lines: Lines, fields: Mapping[str, str]) -> tuple[str, str]:
    """The expressions of quantity and price of one."""
    quantity = fields.get("quantity", "`1`")
    if "price" in fields:
        return quantity, f"divided({fields['price']}, {fields['per']})" if "per" in fields else fields[
            "price"
        ]
    whole = lines.columns.get("quantity")
    if whole is None or any(float(value) == 0 for value in whole.column.counted):
        return "`1`", fields["amount"]
    return quantity, f"divided({fields['amount']}, {quantity})"


def _price_why(lines: Lines) -> str:
    if "price" in lines.columns:
        per = lines.columns.get("per")
        of = f", for so many as {said(per.path)} says" if per is not None else ""
        return f"of {said(lines.columns['price'].path)}{of}"
    return f"no column holds the price of one: of {said(lines.columns['amount'].path)}, the worth of a line"


def _write_total(text: Text, orders: Orders, todo: Callable[[str], None]) -> None:
    total = orders.columns.get("total")
    todo("the orders' lines are on no topic named here: systems giving way to components is lost; name it.")
    text.set("sku", "'order'", "TODO: an order counts as one line of its total")
    text.set("kind", "'system'")
    text.add("quantity = 1")
    if total is not None:
        text.set("unit_price", _clean(total), total.why)
    else:
        text.add("unit_price = 0", "TODO: no column holds a total: an order's value is lost")


def _clean(found: Found) -> str:
    name = expression(found.path)
    return f"trim({name})" if found.column.is_padded() else name
