"""Customers and contacts of an ERP in a draft: people to look up, and accounts where no CRM tells them."""

from consumers.inspection.kinds import Known
from consumers.inspection.roles_of_columns import Found, column_of
from consumers.inspection.rule_text import (
    Around,
    Origin,
    fields_text,
    time_expression,
    whys,
    write_entity,
    write_start,
)
from consumers.inspection.tables import expression, said
from consumers.inspection.toml_text import Text


def write_contacts(text: Text, known: Known, origin: Origin, around: Around) -> None:
    """People to look up as buyers; where no CRM tells them, contacts of their accounts too."""
    id_ = expression(known.columns["id"].path)
    person = _person(known)
    text.add()
    text.add("[[mapping.reference]]")
    text.add('kind = "buyer"')
    write_entity(text, origin.entity)
    text.set("id", id_, known.columns["id"].why)
    text.add(f"fields = {fields_text(person)}", whys(known, "title", "department"))
    for role in ("title", "department"):
        if role in known.columns and _is_coded(known.columns[role]):
            around.todo(f"{said(known.columns[role].path)} of {known.table.name} holds codes, no words: "
                        "a code list that gives titles tells who is of purchasing.")  # fmt: skip
    account = known.columns.get("account")
    if around.has_crm or account is None:
        return
    time = row_time(known, origin)
    if time is None:
        return
    write_start(text, "contact", "crm.contact.changed", origin)
    text.set("when", expression(account.path))
    text.set("account", expression(account.path), account.why)
    text.set("time", time)
    text.add(f"data = {{contact = {fields_text({'id': id_, **person})}}}")


def write_customers(text: Text, known: Known, origin: Origin) -> None:
    """Customers as accounts, where no CRM tells these."""
    columns = known.columns
    time = row_time(known, origin) or "_.time"
    write_start(text, "account", "crm.account.changed", origin)
    text.set("account", expression(columns["id"].path), columns["id"].why)
    text.set("time", time)
    data = {role: expression(columns[role].path) for role in ("name", "segment") if role in columns}
    text.add(f"data = {fields_text(data)}", whys(known, *data))


def row_time(known: Known, origin: Origin) -> str | None:
    """When a row changed; None where nothing tells."""
    columns = dict(known.columns)
    if (created := column_of(known.table, "orders", "time")) is not None:
        columns["time"] = created
    if origin.tells_changes:
        dates = [expression(columns[role].path) for role in ("updated", "time") if role in columns]
        return " || ".join(["_.time", *dates, "_.meta.read_at"])
    return time_expression(columns, origin)


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


def _is_coded(found: Found) -> bool:
    return all(len(value) <= 4 for value in found.column.counted)  # noqa: PLR2004  (PAFKT, ABTNR: two to four)
