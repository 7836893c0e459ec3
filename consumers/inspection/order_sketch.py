"""The part of a draft for an ERP's tables: orders with their lines, products, buyers and customers."""

from collections.abc import Mapping

from consumers.inspection.crm_sketch import CUSTOMER
from consumers.inspection.kinds import Kind, Known
from consumers.inspection.line_sketch import write_line_fields, write_lines_reference
from consumers.inspection.order_tables import Orders
from consumers.inspection.people_sketch import row_time, write_contacts, write_customers
from consumers.inspection.roles_of_columns import Found, column_of
from consumers.inspection.rule_text import (
    Around,
    Origin,
    end_time_expression,
    fields_text,
    origin_of,
    time_expression,
    whys,
    write_entity,
    write_head,
    write_start,
)
from consumers.inspection.tables import expression, said
from consumers.inspection.todos import Cost
from consumers.inspection.toml_text import Text, bare, quoted

_NO_DATE = (
    "no column of {table} tells when an order was placed, only when its row changed: a backtest sees a load "
    "of old orders as if all had been placed at their last change, or on the day of the load."
)
_SOME_CODE = " == '…'"


def write_tables(text: Text, known: Mapping[Kind, Known], orders: Orders | None, around: Around) -> None:
    """A mapping for each table."""
    for kind, each in known.items():
        if kind == "customers" and around.has_crm:
            around.leave(f"{each.table.topic}: customers, and the CRM tells the accounts")
            continue
        if kind == "customers" and row_time(each, origin_of(each, around)) is None:
            around.leave(f"{each.table.topic}: customers, and no column tells when one changed")
            continue
        origin = write_head(text, each, around)
        if kind == "orders" and orders is not None:
            _write_order(text, orders, origin, around)
        elif kind == "lines":
            write_lines_reference(text, each, orders, origin.entity)
        elif kind == "products":
            _write_products(text, each, orders, origin)
        elif kind == "contacts":
            write_contacts(text, each, origin, around)
        elif kind == "customers":
            write_customers(text, each, origin)


def _account(orders: Orders, around: Around) -> tuple[str, str]:
    """The expression of an order's account, and why."""
    found = orders.columns.get("account")
    if found is None:
        around.todo(
            "say which field of an order names the customer: without it no order counts.", Cost.CUSTOMERS
        )
        return "''", "TODO: no column reads like a customer's number"
    if around.link is not None:
        return f"lookup('{CUSTOMER}', {around.link.key(found.path)}).account", around.link.why
    if around.same_ids:
        return expression(found.path), "the CRM's account ids are the same"
    return expression(found.path), f"{found.why}; TODO: is it the CRM's account id? See the top"


def _write_order(text: Text, orders: Orders, origin: Origin, around: Around) -> None:
    account, why = _account(orders, around)
    status = orders.columns.get("status")
    time = time_expression(orders.columns, origin)
    write_start(text, "order", "order.changed", origin)
    if status is not None:
        text.set("when", f"code('order_statuses', {expression(status.path)}) != 'cancelled'", status.why)
    else:
        around.todo("there is no status of an order: cancelled ones count as orders.")
    text.set("account", account, why)
    if time is None:
        time = "''"
        around.todo(
            "say which field tells when an order was placed: without it no order counts.", Cost.CUSTOMERS
        )
    elif "time" not in orders.columns:
        around.todo(_NO_DATE.format(table=bare(orders.known.table.name)), Cost.DATES)
    text.set("time", time, _time_why(orders, origin))
    text.add("[mapping.event.data]")
    text.set("order_id", expression(orders.columns["id"].path), orders.columns["id"].why)
    _write_currency(text, orders, around)
    _write_buyer(text, orders, around)
    write_line_fields(text, orders, around.todo)
    if status is not None:
        _write_ends(text, orders, origin, account, status)
    if status is not None:
        text.add()
        text.add("[[mapping.ignore]]")
        text.add('reason = "no order yet"')
        write_entity(text, origin.entity)
        text.set("when", f"code('order_statuses', {expression(status.path)}) == 'draft'")
    _write_document_types(text, orders)


def _time_why(orders: Orders, origin: Origin) -> str:
    told = [said(orders.columns[role].path) for role in ("updated", "time") if role in orders.columns]
    if not told:
        return "TODO: no column reads like a moment"
    if "time" in orders.columns and origin.tells_changes:
        return f"{said(orders.columns['time'].path)}: {orders.columns['time'].why}"
    if origin.tells_changes:
        return f"{told[0]}: {orders.columns['updated'].why}; TODO: no column has the order's own date"
    if len(told) > 1:
        return f"{', '.join(told)}: by name and what they hold"
    return f"{told[0]}: the same for each version of an order, for want of a time of its change"


def _write_currency(text: Text, orders: Orders, around: Around) -> None:
    if (currency := orders.columns.get("currency")) is not None:
        text.set("currency", expression(currency.path), currency.why)
    elif orders.lines is not None and not orders.lines.embedded and "currency" in orders.lines.columns:
        order_id = expression(orders.columns["id"].path)
        text.set(
            "currency", f"parts('order_line', {order_id})[0].currency", "of the lines: an order has none"
        )
    else:
        around.todo("no field holds a currency's code: orders are taken for EUR.")
        text.set(
            "currency", "'EUR'", "TODO: the currency of your orders, or a code list of your currency ids"
        )


def _write_buyer(text: Text, orders: Orders, around: Around) -> None:
    buyer = orders.buyer
    titled = orders.buyers is not None and {"title", "department"} & orders.buyers.columns.keys()
    if around.buyer is not None and not (buyer is not None and titled):
        text.set("buyer", around.buyer.person, around.buyer.why)
    elif buyer is not None and orders.buyers is not None:
        text.set("buyer", f"person('buyer', {expression(buyer.path)})", buyer.why)
    elif buyer is not None:
        text.set("buyer", expression(buyer.path), f"{buyer.why}; TODO: name the topic of these people")
        around.todo(
            "the buyers' titles are on no topic named here: who orders, purchasing or not, is lost.",
            Cost.PEOPLE,
        )
    elif (email := column_of(orders.known.table, "contacts", "email")) is not None:
        first, last = (column_of(orders.known.table, "contacts", role) for role in ("first", "last"))
        named = [f"{expression(each.path)} || ''" for each in (first, last) if each is not None]
        name = f", name = {quoted(f'''trim(join(' ', [{', '.join(named)}]))''')}" if named else ""
        address = quoted(expression(email.path))
        text.add(f"buyer = {{id = {address}{name}, email = {address}}}", "known by the address; no title")
        around.todo(
            "buyers have an address alone, and no title: who orders, purchasing or not, is lost.", Cost.PEOPLE
        )
    else:
        around.todo(
            "an order names no buyer: who orders, purchasing or not, is lost (the CRM's people remain).",
            Cost.PEOPLE,
        )


def _write_ends(text: Text, orders: Orders, origin: Origin, account: str, status: Found) -> None:
    order_id = quoted(expression(orders.columns["id"].path))
    for name in ("cancelled", "delivered"):
        write_start(text, name, f"order.{name}", origin)
        text.set("when", f"code('order_statuses', {expression(status.path)}) == '{name}'")
        text.set("account", account)
        text.set("time", end_time_expression(orders.columns, origin))
        text.add(f"data = {{order_id = {order_id}}}")


def _write_document_types(text: Text, orders: Orders) -> None:
    found = orders.columns.get("document_type")
    if found is None:
        return
    seen = ", ".join(f"{bare(value)} ({count})" for value, count in found.column.codes.most_common(12))
    name = expression(found.path)
    text.add()
    text.comment(f"TODO: {said(found.path)} tells kinds of documents: {seen}. Leave out what is no order:")
    text.commented(["[[mapping.ignore]]", 'reason = "no order"', f"when = {quoted(name + _SOME_CODE)}"])


def _write_products(text: Text, known: Known, orders: Orders | None, origin: Origin) -> None:
    key = (
        orders.product_key if orders is not None and orders.product_key is not None else known.columns["sku"]
    )
    text.add()
    text.add("[[mapping.reference]]")
    text.add('kind = "product"')
    write_entity(text, origin.entity)
    text.set("id", expression(key.path), key.why)
    fields = {
        role: expression(known.columns[role].path)
        for role in ("kind", "product_line")
        if role in known.columns
    }
    text.add(f"fields = {fields_text(fields)}", whys(known, *fields))
