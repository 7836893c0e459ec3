"""The part of a draft for an ERP's tables: orders with their lines, products, buyers and customers."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from consumers.formats.moments import moment_of as moment_with_zone
from consumers.inspection.codes_text import own_codes
from consumers.inspection.crm_sketch import ERP_CUSTOMER, Link
from consumers.inspection.kinds import Kind, Known
from consumers.inspection.line_sketch import write_line_fields, write_lines_reference
from consumers.inspection.order_tables import Orders
from consumers.inspection.ready import meaning_of
from consumers.inspection.roles_of_columns import Found, column_of
from consumers.inspection.samples import Sample
from consumers.inspection.tables import expression, said
from consumers.inspection.toml_text import Text, bare, listed, quoted

_SOME_CODE = " == '…'"
STATUSES = ("open", "cancelled", "delivered", "draft")
KINDS = ("system", "component", "service")


class Around(NamedTuple):
    """What else there is."""

    samples: Mapping[str, Sample]  # by topic
    link: Link | None
    same_ids: bool  # the ERP's customers are called as the CRM's accounts are
    has_crm: bool
    todo: Callable[[str], None]
    leave: Callable[[str], None]  # say why nothing is made of a topic


class Origin(NamedTuple):
    """How the records of a table tell what they are changes of."""

    sample: Sample
    entity: str | None

    @property
    def tells_changes(self) -> bool:
        """Whether an envelope says what happened to a row, and when."""
        return self.sample.guess.format in {"debezium", "debezium-flat"}


def write_tables(text: Text, known: Mapping[Kind, Known], orders: Orders | None, around: Around) -> None:
    """A mapping for each table."""
    for kind, each in known.items():
        if kind == "customers" and around.has_crm:
            around.leave(f"{each.table.topic}: customers, and the CRM tells the accounts")
            continue
        if kind == "customers" and _row_time(each, _origin(each, around)) is None:
            around.leave(f"{each.table.topic}: customers, and no column tells when one changed")
            continue
        origin = _head(text, each, around)
        if kind == "orders" and orders is not None:
            _write_order(text, orders, origin, around)
        elif kind == "lines":
            write_lines_reference(text, each, orders, origin.entity)
        elif kind == "products":
            _write_products(text, each, orders, origin)
        elif kind == "contacts":
            _write_contacts(text, each, origin, around)
        elif kind == "customers":
            _write_customers(text, each, origin)


def _origin(known: Known, around: Around) -> Origin:
    sample = around.samples[known.table.topic]
    return Origin(sample, known.table.entity if sample.guess.format != "json" else None)


def _head(text: Text, known: Known, around: Around) -> Origin:
    origin = _origin(known, around)
    sample, guess = origin.sample, origin.sample.guess
    text.add()
    what = f"{known.kind.capitalize()}: {bare(known.table.name)}, {known.why}"
    text.comment(f"{what}; as {guess.format} with a confidence of {guess.confidence:.0%}.")
    text.add("[[mapping]]")
    text.add(f"topics = {listed([sample.topic])}")
    text.add(f"format = {quoted(guess.format or 'json')}")
    text.add('source = "erp"')
    options = {**guess.options, **_options(known, origin)}
    if options:
        inner = ", ".join(
            f"{name} = {listed(value) if isinstance(value, list) else quoted(str(value))}"
            for name, value in options.items()
        )
        text.add(f"options = {{{inner}}}")
    return origin


def _options(known: Known, origin: Origin) -> dict[str, object]:
    """How a record without an envelope says what it is a change of, and when."""
    updated = known.columns.get("updated")
    if origin.tells_changes:
        return {"version": updated.path} if updated is not None and "\0" not in updated.path else {}
    id_ = known.columns.get("id") or known.columns.get("sku")
    options: dict[str, object] = {}
    if updated is None or "." in updated.path:
        return options
    path = updated.path.replace("\0", ".")
    if all(moment_with_zone(value) is not None for value in updated.column.values):
        options["time"] = path
    if id_ is not None and "." not in id_.path:
        options["identity"] = [id_.path.replace("\0", "."), path]
    return options


def write_entity(text: Text, entity: str | None) -> None:
    """Which documents a rule takes, where their records say what they are."""
    if entity is not None:
        text.add(f"entity = {quoted(entity)}")


def _account(orders: Orders, around: Around) -> tuple[str, str]:
    """The expression of an order's account, and why."""
    found = orders.columns.get("account")
    if found is None:
        around.todo("say which field of an order names the customer: without it no order counts.")
        return "''", "TODO: no column reads like a customer's number"
    if around.link is not None:
        return f"lookup('{ERP_CUSTOMER}', {around.link.key(found.path)}).account", around.link.why
    if around.same_ids:
        return expression(found.path), "the CRM's account ids are the same"
    return expression(found.path), f"{found.why}; TODO: is it the CRM's account id? See the top"


def _time(columns: Mapping[str, Found], origin: Origin) -> str | None:
    created, updated = columns.get("time"), columns.get("updated")
    first = None if created is None else expression(created.path)
    last = None if updated is None else expression(updated.path)
    if not origin.tells_changes:
        return " || ".join(filter(None, (last, first))) or None
    if last and first:
        return f"_.op == 'read' && ({last} || {first}) || _.op == 'created' && {first} || _.time"
    if first:
        return f"_.op == 'updated' && _.time || {first} || _.time"
    return f"_.time || {last}" if last else "_.time || _.meta.read_at"


def _write_order(text: Text, orders: Orders, origin: Origin, around: Around) -> None:
    account, why = _account(orders, around)
    status = orders.columns.get("status")
    time = _time(orders.columns, origin)
    _start(text, "order", "order.changed", origin)
    if status is not None:
        text.set("when", f"code('order_statuses', {expression(status.path)}) != 'cancelled'", status.why)
    else:
        around.todo("there is no status of an order: cancelled ones count as orders.")
    text.set("account", account, why)
    if time is None:
        time = "''"
        around.todo("say which field tells when an order was placed: without it no order counts.")
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


def _start(text: Text, name: str, type_: str, origin: Origin) -> None:
    text.add()
    text.add("[[mapping.event]]")
    text.add(f"name = {quoted(name)}")
    text.add(f"type = {quoted(type_)}")
    write_entity(text, origin.entity)


def _time_why(orders: Orders, origin: Origin) -> str:
    told = [said(orders.columns[role].path) for role in ("updated", "time") if role in orders.columns]
    if not told:
        return "TODO: no column reads like a moment"
    if origin.tells_changes or len(told) > 1:
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
    if buyer is not None and orders.buyers is not None:
        text.set("buyer", f"person('buyer', {expression(buyer.path)})", buyer.why)
    elif buyer is not None:
        text.set("buyer", expression(buyer.path), f"{buyer.why}; TODO: name the topic of these people")
        around.todo("the buyers' titles are on no topic named here: who orders, purchasing or not, is lost.")
    elif (email := column_of(orders.known.table, "contacts", "email")) is not None:
        first, last = (column_of(orders.known.table, "contacts", role) for role in ("first", "last"))
        named = [f"{expression(each.path)} || ''" for each in (first, last) if each is not None]
        name = f", name = {quoted(f'''trim(join(' ', [{', '.join(named)}]))''')}" if named else ""
        address = quoted(expression(email.path))
        text.add(f"buyer = {{id = {address}{name}, email = {address}}}", "known by the address; no title")
        around.todo("buyers have an address alone, and no title: who orders, purchasing or not, is lost.")
    else:
        around.todo(
            "an order names no buyer: who orders, purchasing or not, is lost (the CRM's people remain)."
        )


def _write_ends(text: Text, orders: Orders, origin: Origin, account: str, status: Found) -> None:
    order_id = quoted(expression(orders.columns["id"].path))
    dates = [expression(orders.columns[role].path) for role in ("updated", "time") if role in orders.columns]
    for name in ("cancelled", "delivered"):
        _start(text, name, f"order.{name}", origin)
        text.set("when", f"code('order_statuses', {expression(status.path)}) == '{name}'")
        text.set("account", account)
        text.set("time", " || ".join(["_.time", *dates]))
        text.add(f"data = {{order_id = {order_id}}}")


def _write_document_types(text: Text, orders: Orders) -> None:
    found = orders.columns.get("document_type")
    if found is None:
        return
    seen = ", ".join(f"{bare(value)} ({count})" for value, count in found.column.counted.most_common(12))
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
    text.add(f"fields = {_table(fields)}", _whys(known, *fields))


def _table(fields: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{name} = {quoted(value)}" for name, value in fields.items()) + "}"


def _whys(known: Known, *roles: str) -> str:
    return "; ".join(f"{role}: {known.columns[role].why}" for role in roles if role in known.columns)


def _person(known: Known) -> dict[str, str]:
    """The fields of a person, by what they are in an event."""
    columns = known.columns
    fields = {}
    parts = [f"{expression(columns[role].path)} || ''" for role in ("first", "last") if role in columns]
    if "name" in columns:
        fields["name"] = expression(columns["name"].path)
    elif parts:
        fields["name"] = f"trim(join(' ', [{', '.join(parts)}]))"
    fields |= {
        role: expression(columns[role].path) for role in ("title", "department", "email") if role in columns
    }
    return fields


def _write_contacts(text: Text, known: Known, origin: Origin, around: Around) -> None:
    id_ = expression(known.columns["id"].path)
    person = _person(known)
    text.add()
    text.add("[[mapping.reference]]")
    text.add('kind = "buyer"')
    write_entity(text, origin.entity)
    text.set("id", id_, known.columns["id"].why)
    text.add(f"fields = {_table(person)}", _whys(known, "title", "department"))
    for role in ("title", "department"):
        if role in known.columns and _is_coded(known.columns[role]):
            around.todo(f"{said(known.columns[role].path)} of {known.table.name} holds codes, no words: "
                        "a code list that gives titles tells who is of purchasing.")  # fmt: skip
    account = known.columns.get("account")
    if around.has_crm or account is None:
        return
    time = _row_time(known, origin)
    if time is None:
        return
    _start(text, "contact", "crm.contact.changed", origin)
    text.set("when", expression(account.path))
    text.set("account", expression(account.path), account.why)
    text.set("time", time)
    text.add(f"data = {{contact = {_table({'id': id_, **person})}}}")


def _is_coded(found: Found) -> bool:
    return all(len(value) <= 4 for value in found.column.counted)  # noqa: PLR2004  (PAFKT, ABTNR: two to four)


def _row_time(known: Known, origin: Origin) -> str | None:
    columns = dict(known.columns)
    if (created := column_of(known.table, "orders", "time")) is not None:
        columns["time"] = created
    if origin.tells_changes:
        dates = [expression(columns[role].path) for role in ("updated", "time") if role in columns]
        return " || ".join(["_.time", *dates, "_.meta.read_at"])
    return _time(columns, origin)


def _write_customers(text: Text, known: Known, origin: Origin) -> None:
    columns = known.columns
    time = _row_time(known, origin) or "_.time"
    _start(text, "account", "crm.account.changed", origin)
    text.set("account", expression(columns["id"].path), columns["id"].why)
    text.set("time", time)
    data = {role: expression(columns[role].path) for role in ("name", "segment") if role in columns}
    text.add(f"data = {_table(data)}", _whys(known, *data))


def write_order_codes(
    text: Text, orders: Orders | None, tables: Mapping[Kind, Known], todo: Callable[[str], None]
) -> None:
    """The lists of codes that the rules above look at."""
    if orders is None:
        return
    if (status := orders.columns.get("status")) is not None:
        own_codes(text, "order_statuses", status.column.counted, "open", STATUSES)
        read = {meaning_of("order_statuses", value) for value in status.column.counted}
        silent = [name for name in ("cancelled", "delivered") if name not in read]
        none = f"; none of yours reads like {' or '.join(silent)}" if silent else ""
        todo(f"check [codes.order_statuses]: what each status means{none}.")
    kind = kind_column(orders, tables)
    if kind is not None:
        own_codes(text, "product_kinds", kind.column.counted, "component", KINDS)
        todo("check [codes.product_kinds]: which of your products are systems, components, services.")


def kind_column(orders: Orders, tables: Mapping[Kind, Known]) -> Found | None:
    """The column that tells systems, components and services apart."""
    if "products" in tables and "kind" in tables["products"].columns:
        return tables["products"].columns["kind"]
    return orders.lines.columns.get("kind") if orders.lines is not None else None
