# ruff: noqa: E501  (cases, one a line)
"""Drafts for an ERP: when orders were placed, who ordered, what their products and statuses are."""

import json
from datetime import timedelta
from typing import Any

import pytest

from consumers.inspection.todos import Cost, Todos
from service.trial import Verdict
from tests.unit.consumers.inspection import systems
from tests.unit.consumers.inspection.drafts import drafted, tried
from tests.unit.consumers.inspection.systems import CONTACTS, CUSTOMERS, START, Topics, captured, day, topic


def erp(date: str | None = "bestellt_am", changed: str = "geaendert_am", **more: Any) -> Topics:
    """Orders in German as Debezium's snapshot has them; each was changed 200 days after it was placed."""
    rows = [
        {
            "auftrag_nr": f"A{n}", "kunden_nr": str(4700 + n % CUSTOMERS), "waehrung": "EUR", "status": "A",
            changed: (day(n) + timedelta(days=200)).isoformat(), **({date: day(n).isoformat()} if date else {}),
            **{name: values[n % len(values)] for name, values in more.items()},
        }
        for n in range(30)
    ]  # fmt: skip
    lines = [{"auftrag_nr": f"A{n}", "pos": 1, "artikel_nr": f"X{n % 12}", "menge": 2, "netto_preis": "10.50"} for n in range(30)]  # fmt: skip
    return _loaded(captured("erp.auftrag", "auftrag", rows)) | _loaded(captured("erp.auftrag_position", "auftrag_position", lines))  # fmt: skip


def _loaded(topics: Topics) -> Topics:
    """As a snapshot has them."""
    return {
        name: [r for record in records for r in topic(name, [{**json.loads(record.value or b""), "op": "r"}])[name]]
        for name, records in topics.items()
    }  # fmt: skip


def articles(**columns: list[Any]) -> Topics:
    rows = [{"artikel_nr": f"X{n}", **{name: values[n % len(values)] for name, values in columns.items()}} for n in range(12)]  # fmt: skip
    return captured("erp.artikel", "artikel", rows)


def orders_of(topics: Topics, text: str) -> list[dict[str, Any]]:
    return [json.loads(v.event or b"") for v in tried(topics, text) if v.became == "order.changed"]


@pytest.mark.parametrize("date", ["bestellt_am", "order_date", "ordered_at", "created_at", "erstellt_am", "erfasst_am", "angelegt_am", "ERDAT", "AUDAT", "date_order", "fecha_pedido", "date_de_commande", "OrderDate", "placed_on"])  # fmt: skip
@pytest.mark.parametrize("changed", ["geaendert_am", "updated_at", "write_date", "lastChangedAt"])
def test_orders_of_a_snapshot_stand_at_their_own_date(date: str, changed: str) -> None:
    """Not at their last change, whatever the two are called."""
    topics = erp(date, changed)
    draft = drafted(topics)
    assert f"time = \"(_.op == 'read' || _.op == 'created') && {date} || _.time\"" in draft.text
    assert {order["time"][:10] for order in orders_of(topics, draft.text)} == {day(n).isoformat()[:10] for n in range(30)}  # fmt: skip
    assert not any("was placed" in todo for todo in draft.todos)


def test_an_order_is_delivered_when_its_row_changed() -> None:
    """In a snapshot too."""
    topics = erp(status=["geliefert"])
    assert "time = \"_.op == 'read' && geaendert_am || _.time\"" in drafted(topics).text
    ends = [json.loads(v.event or b"") for v in tried(topics, drafted(topics).text) if v.became == "order.delivered"]  # fmt: skip
    assert {end["time"][:10] for end in ends} == {(day(n) + timedelta(days=200)).isoformat()[:10] for n in range(30)}  # fmt: skip


def test_a_date_that_is_never_after_the_change_is_the_orders() -> None:
    """By what it holds, when no name tells; a date of delivery lies later, a changing one differs by version."""
    late = [(day(n) + timedelta(days=500)).isoformat() for n in range(30)]
    topics = erp("dat_a", zeitpunkt_b=late, lieferdatum=["2020-01-01"])
    text = drafted(topics).text
    assert "&& dat_a ||" in text
    assert "never after geaendert_am; not by its name, check" in text
    assert "zeitpunkt_b" not in drafted(erp(None, zeitpunkt_b=late)).text
    again = erp("dat_a")
    rows = [{**json.loads(record.value or b"")["after"], "dat_a": START.isoformat(), "geaendert_am": day(300).isoformat()} for record in again["erp.auftrag"]]  # fmt: skip
    changing = {**again, "erp.auftrag": again["erp.auftrag"] + captured("erp.auftrag", "auftrag", rows)["erp.auftrag"]}  # fmt: skip
    assert "dat_a" not in drafted(changing).text


def test_without_an_orders_date_what_is_lost_is_said() -> None:
    """A load then looks as if all had been ordered at once."""
    (told,) = [todo for todo in drafted(erp(None)).todos if "was placed" in todo]
    assert "a backtest sees a load of old orders as if" in told


@pytest.mark.parametrize("group", ["warengruppe", "Item_Group", "product_group", "category", "family", "MATKL", "SPART", "gamme", "famille", "familia", "artikelgruppe"])  # fmt: skip
def test_a_group_of_products_may_tell_their_kind(group: str) -> None:
    """With the values, and article numbers to know them by."""
    topics = erp() | articles(**{group: ["10", "20", "90"], "produktlinie": ["pumps"]})
    draft = drafted(topics)
    assert f'fields = {{kind = "{group}", product_line = "produktlinie"}}' in draft.text
    assert '"10" = "component"  # seen 4 times; TODO: check (X0, X3, X6)' in draft.text
    assert any(f"[codes.product_kinds], by {group}" in todo for todo in draft.todos)
    filled = draft.text.replace('"10" = "component"', '"10" = "system"')
    kinds = {line["kind"] for order in orders_of(topics, filled) for line in order["data"]["lines"]}
    assert kinds == {"system", "component"}


def test_better_columns_than_groups_come_first() -> None:
    """A type of material tells the kind, the group is then the product line; one grouping alone is both."""
    text = drafted(erp() | articles(MTART=["FERT", "DIEN"], MATKL=["L1", "L2"])).text
    assert 'fields = {kind = "MTART", product_line = "MATKL"}' in text
    alone = drafted(erp() | articles(warengruppe=["10", "20"])).text
    assert 'fields = {kind = "warengruppe", product_line = "warengruppe"}' in alone
    same = drafted(erp() | articles(MTART=["ALLE"], MATKL=["L1", "L2"], produktlinie=["x"])).text
    assert 'kind = "MATKL"' in same


def test_any_column_of_few_values_is_offered_when_no_name_tells() -> None:
    """Not units, dates or flags, nor one that has a value for each product."""
    more: dict[str, list[Any]] = {"kz_7": ["a", "b"], "einheit": ["ST", "KG"], "aktiv": [True, False], "bezeichnung": [f"P{n}" for n in range(12)]}  # fmt: skip
    draft = drafted(erp() | articles(**more))
    assert 'fields = {kind = "kz_7"}' in draft.text
    assert "not by its name, but it has 2 values only; check" in draft.text
    assert "no column" not in " ".join(draft.todos)
    del more["kz_7"]
    (told,) = [todo for todo in drafted(erp() | articles(**more)).todos if "services: " in todo]
    assert "no column of artikel has few values that could tell" in told
    (told,) = [todo for todo in drafted(erp()).todos if "services: " in todo]
    assert "no topic of products is named here" in told


def crm(kind: str) -> tuple[Topics, dict[str, str]]:
    """Contacts of a CRM, and the ids that belong to their addresses."""
    if kind == "salesforce":
        found = systems.salesforce()
        ids = [f"0035g{n:010d}" for n in range(CONTACTS)]
    elif kind == "hubspot":
        found, ids = systems.hubspot(), [str(100 + n) for n in range(CONTACTS)]
    else:
        ids = [f"b0000000-0000-0000-0000-{n:012d}" for n in range(CONTACTS)]
        rows = [
            {"@odata.etag": f'W/"{n}"', "contactid": id_, "fullname": "Anna Schmidt", "jobtitle": "Buyer", "emailaddress1": f"a{n}@acme.example", "_parentcustomerid_value": f"a0000000-0000-0000-0000-{n % CUSTOMERS:012d}", "versionnumber": n, "modifiedon": day(n).strftime("%Y-%m-%dT%H:%M:%SZ")}
            for n, id_ in enumerate(ids)
        ]  # fmt: skip
        found = systems.dynamics_crm() | topic("dv.contact", rows)
    return found, {f"a{n}@acme.example": id_ for n, id_ in enumerate(ids)}


def buyers(verdicts: list[Verdict]) -> list[dict[str, Any]]:
    told = [json.loads(v.event or b"")["data"] for v in verdicts if v.became == "order.changed"]
    return [data["buyer"] for data in told if "buyer" in data]


@pytest.mark.parametrize("kind", ["salesforce", "hubspot", "dynamics"])
@pytest.mark.parametrize("by", ["email", "id"])
def test_buyers_are_contacts_of_the_crm(kind: str, by: str) -> None:
    """By their address in any case, or by their id; with the title that decides whose buyer it is."""
    contacts, ids = crm(kind)
    values = [address.upper() for address in ids] if by == "email" else list(ids.values())
    topics = erp(besteller_email=values) if by == "email" else erp(person=values)
    topics |= contacts
    text = drafted(topics).text
    assert ('kind = "contact_by_email"' in text) == (by == "email")
    found = buyers(tried(topics, text))
    assert len(found) == 30
    assert {buyer["id"] for buyer in found} == set(ids.values())
    assert {buyer["title"] for buyer in found} == {"Buyer"}


def test_buyers_are_found_by_a_number_that_contacts_have() -> None:
    """A field of the company's own that holds what the ERP calls a person."""
    topics = systems.salesforce()
    records = []
    for record in topics["salesforce.cdc"]:
        said = json.loads(record.value or b"")
        if said["ChangeEventHeader"]["entityName"] == "Contact":
            said["ERP_Person__c"] = "P" + said["ChangeEventHeader"]["recordIds"][0][-6:]
        records.append(said)
    topics = topic("salesforce.cdc", records) | erp(besteller=[f"P{n:06d}" for n in range(CONTACTS)])
    text = drafted(topics).text
    assert "lookup('contact_by_number', besteller).id" in text
    assert {buyer["title"] for buyer in buyers(tried(topics, text))} == {"Buyer"}


def test_buyers_that_no_contact_is_stay_what_they_were() -> None:
    """Known by the address alone, and what that loses is said."""
    topics = erp(besteller_email=[f"b{n}@other.example" for n in range(30)]) | systems.salesforce()
    draft = drafted(topics)
    assert "contact_by_email" not in draft.text
    assert any("buyers have an address alone" in todo for todo in draft.todos)


def test_what_rows_end_in_is_said_of_statuses_without_words() -> None:
    """Asked, not asserted: it stays open."""
    first = erp()
    rows = [json.loads(record.value or b"")["after"] for record in first["erp.auftrag"]]
    ended = [{**row, "status": "L", "geaendert_am": (day(n) + timedelta(days=230)).isoformat()} for n, row in enumerate(rows[:20])]  # fmt: skip
    topics = first | {"erp.auftrag": first["erp.auftrag"] + captured("erp.auftrag", "auftrag", ended)["erp.auftrag"]}  # fmt: skip
    text = drafted(topics).text
    told = " ".join(text.replace("\n# ", " ").split())
    assert 'rows end in it, on average 230 days after the order: delivered? "L" = "open"' in told
    assert '"A" = "open"  # seen 30 times; TODO: check\n' in text


def test_what_only_a_default_names_is_asked_first_and_what_words_tell_last() -> None:
    """Kinds, then statuses, decide; what was guessed with certainty is one thing to check."""
    rows = [{"order_id": f"O{n}", "kunde": "7", "status": "AL"[n % 2], "bestellt_am": day(n).isoformat()} for n in range(30)]  # fmt: skip
    topics = erp() | captured("erp.auftrag", "auftrag", rows) | articles(warengruppe=["10", "20", "90"])
    todos = drafted(topics | systems.salesforce()).todos
    marks = ["[codes.product_kinds]", "[codes.order_statuses]", "[codes.stages]"]
    places = [next(place for place, todo in enumerate(todos) if mark in todo) for mark in marks]
    assert places == sorted(places)
    todo = Todos()
    todo.guessed("one")
    todo.guessed("two")
    todo("other")
    todo("statuses", Cost.STATUSES)
    todo("kinds", Cost.KINDS)
    assert todo.listed()[:3] == ["kinds", "statuses", "other"]
    assert "[codes.one], [codes.two]" in todo.listed()[3]
