# ruff: noqa: E501  (rows, one a line)
"""Topics as ERPs and CRMs fill them: fields as their documentation names them, values of our own.

docs/connecting.md says where the names come from.
"""

import json
import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.unit.consumers.test_records import FakeRecord

START = datetime(2025, 1, 6, 9, tzinfo=UTC)
CUSTOMERS, ORDERS, CONTACTS, PRODUCTS = 12, 40, 18, 9
Topics = dict[str, list[FakeRecord]]


def topic(name: str, values: Iterable[Any]) -> Topics:
    """A topic of JSON values."""
    records = [
        FakeRecord(json.dumps(value).encode(), (), offset, name, 0, 1_767_000_000_000, None)
        for offset, value in enumerate(values)
    ]
    return {name: records}


def captured(name: str, table: str, rows: Iterable[dict[str, Any]], connector: str = "postgresql") -> Topics:
    """A topic of Debezium's envelopes, one a row."""
    return topic(name, [_envelope(table, row, number, connector) for number, row in enumerate(rows)])


def _envelope(table: str, row: dict[str, Any], number: int, connector: str) -> dict[str, Any]:
    at = round((START + timedelta(days=400, minutes=number)).timestamp() * 1000)
    place = (
        {"lsn": 4711 + number}
        if connector == "postgresql"
        else {"file": "mysql-bin.7", "pos": number, "row": 0}
    )
    source = {"connector": connector, "db": "erp", "schema": "public", "table": table, "ts_ms": at, **place}
    return {"before": None, "after": row, "source": source, "op": "c", "ts_ms": at}


def day(number: int) -> datetime:
    return START + timedelta(days=3 * number)


def sap(prefix: str = "sap.") -> Topics:
    """SAP's sales documents, as rows of a table connector without an envelope."""
    dice = random.Random(1)
    vbak = [
        {
            "MANDT": "100", "VBELN": f"{90000 + n:010d}", "ERDAT": f"{day(n):%Y%m%d}", "ERZET": "101500", "ERNAM": "MUELLER",
            "AUART": "TA" if n % 5 else "AG", "VKORG": "1000", "NETWR": "120.50", "WAERK": "EUR",
            "KUNNR": f"{4700 + n % CUSTOMERS:010d}", "AEDAT": f"{day(n + 1):%Y%m%d}", "GBSTK": "ABC"[n % 3], "PARNR": f"{n % CONTACTS:010d}",
        }
        for n in range(ORDERS)
    ]  # fmt: skip
    vbap = [
        {
            "MANDT": "100", "VBELN": f"{90000 + n // 2:010d}", "POSNR": f"{10 * (n % 2 + 1):06d}", "MATNR": f"{300 + n % PRODUCTS:018d}",
            "ARKTX": "Sensorkopf fuer Anlage", "PSTYV": "TAN", "NETWR": f"{10 * n}.00", "WAERK": "EUR", "NETPR": f"{dice.randrange(10, 99)}.90",
            "KPEIN": "1", "KWMENG": f" {n % 4 + 1}.000", "VRKME": "ST",
        }
        for n in range(2 * ORDERS)
    ]  # fmt: skip
    mara = [
        {"MANDT": "100", "MATNR": f"{300 + n:018d}", "MTART": ("FERT", "HALB", "DIEN")[n % 3], "MATKL": f"L{n % 2}", "MEINS": "ST"}
        for n in range(PRODUCTS)
    ]  # fmt: skip
    kna1 = [
        {"MANDT": "100", "KUNNR": f"{4700 + n:010d}", "NAME1": f"Kunde {n} GmbH", "LAND1": "DE", "ORT01": "Ulm", "BRSCH": f"B{n % 3}", "ERDAT": "20200101"}
        for n in range(CUSTOMERS)
    ]  # fmt: skip
    knvk = [
        {
            "MANDT": "100", "PARNR": f"{n:010d}", "KUNNR": f"{4700 + n % CUSTOMERS:010d}", "NAMEV": "Anna", "NAME1": "Schmidt",
            "ABTPA": "Einkauf" if n % 2 else "Entwicklung", "TELF1": "+49 731 1234567", "ERDAT": "20200101",
        }
        for n in range(CONTACTS)
    ]  # fmt: skip
    tables = {"VBAK": vbak, "VBAP": vbap, "MARA": mara, "KNA1": kna1, "KNVK": knvk}
    return {
        name: records
        for table, rows in tables.items()
        for name, records in topic(prefix + table, rows).items()
    }


def odoo() -> Topics:
    """Odoo's PostgreSQL tables, captured by Debezium; the buyer and the currency are ids."""
    order = [
        {
            "id": 100 + n, "name": f"S{n:05d}", "partner_id": 10 + n % CUSTOMERS, "date_order": f"{day(n).isoformat()}", "state": ("sale", "draft", "cancel")[n % 3],
            "currency_id": 1, "amount_untaxed": 99.5, "amount_total": 120.0, "user_id": 2, "write_date": f"{day(n + 1).isoformat()}", "create_date": f"{day(n).isoformat()}",
        }
        for n in range(ORDERS)
    ]  # fmt: skip
    line = [
        {"id": 1000 + n, "order_id": 100 + n // 2, "product_id": 500 + n % PRODUCTS, "name": "Pump", "product_uom_qty": n % 3 + 1, "price_unit": 12.5, "price_subtotal": 25.0, "discount": 0}
        for n in range(2 * ORDERS)
    ]  # fmt: skip
    product = [
        {"id": 500 + n, "default_code": f"PX-{n}", "categ_id": n % 3, "type": ("consu", "service")[n % 2], "write_date": f"{day(n).isoformat()}"}
        for n in range(PRODUCTS)
    ]  # fmt: skip
    partner = [
        {"id": 10 + n, "name": f"Firma {n}", "email": f"info@firma{n}.example", "write_date": f"{day(n).isoformat()}"}
        for n in range(CUSTOMERS)
    ]  # fmt: skip
    tables: dict[str, list[dict[str, Any]]] = {
        "sale_order": order,
        "sale_order_line": line,
        "product_product": product,
        "res_partner": partner,
    }
    return {n: r for t, rows in tables.items() for n, r in captured(f"odoo.public.{t}", t, rows).items()}


def magento() -> Topics:
    """Magento's MySQL tables, captured by Debezium; lines name the order by its inner id."""
    order = [
        {
            "entity_id": 7000 + n, "increment_id": f"1{n:08d}", "status": ("complete", "processing", "canceled")[n % 3], "customer_id": 40 + n % CUSTOMERS,
            "customer_email": f"k{n}@firma.example", "order_currency_code": "USD", "grand_total": 99.0, "created_at": f"{day(n).isoformat()}", "updated_at": f"{day(n + 2).isoformat()}",
        }
        for n in range(ORDERS)
    ]  # fmt: skip
    item = [
        {"item_id": 9000 + n, "order_id": 7000 + n // 2, "sku": f"M-{n % PRODUCTS:03d}", "product_type": ("simple", "bundle", "virtual")[n % 3], "name": "Pump", "qty_ordered": 2, "price": 14.0, "original_price": 15.0}
        for n in range(2 * ORDERS)
    ]  # fmt: skip
    return captured("shop.magento.sales_order", "sales_order", order, "mysql") | captured(
        "shop.magento.sales_order_item", "sales_order_item", item, "mysql"
    )


def woocommerce() -> Topics:
    """WooCommerce's orders as its REST interface and webhooks have them, with their lines within."""
    return topic("woo.orders", [
        {
            "id": 600 + n, "number": str(600 + n), "status": ("completed", "cancelled", "processing")[n % 3], "currency": "EUR", "customer_id": 1 + n % CUSTOMERS,
            "date_created_gmt": f"{day(n):%Y-%m-%dT%H:%M:%S}", "date_modified_gmt": f"{day(n + 1):%Y-%m-%dT%H:%M:%S}", "total": "48.00",
            "billing": {"first_name": "Anna", "last_name": "Schmidt", "company": "Acme", "email": "anna@acme.example", "phone": "555-1234"},
            "line_items": [{"id": n, "name": "Pump", "product_id": 5, "quantity": 2, "sku": f"W-{n % PRODUCTS}", "price": 12, "subtotal": "24.00", "total": "24.00"}],
        }
        for n in range(ORDERS)
    ])  # fmt: skip


def dynamics_erp() -> Topics:
    """SalesTable and SalesLine of Dynamics 365 Finance, flat."""
    table = [
        {"SALESID": f"SO-{n:06d}", "CUSTACCOUNT": f"US-{n % CUSTOMERS:03d}", "CURRENCYCODE": "USD", "SALESSTATUS": n % 4, "CREATEDDATETIME": f"{day(n).isoformat()}", "MODIFIEDDATETIME": f"{day(n + 1).isoformat()}", "RECID": 5637144576 + n}
        for n in range(ORDERS)
    ]  # fmt: skip
    line = [
        {"SALESID": f"SO-{n // 2:06d}", "LINENUM": n % 2 + 1, "ITEMID": f"D{n % PRODUCTS:04d}", "SALESQTY": 3.0, "SALESPRICE": 99.0, "LINEAMOUNT": 297.0, "CREATEDDATETIME": f"{day(n).isoformat()}", "RECID": 22565421 + n}
        for n in range(2 * ORDERS)
    ]  # fmt: skip
    return topic("ax.SalesTable", table) | topic("ax.SalesLine", line)


def prestashop() -> Topics:
    """PrestaShop's MySQL tables, captured by Debezium; the currency is an id."""
    order = [
        {"id_order": 50 + n, "reference": "XKBKNABJK", "id_customer": 3 + n % CUSTOMERS, "id_currency": 1, "total_paid": 24.0, "date_add": day(n).isoformat(), "date_upd": day(n + 1).isoformat()}
        for n in range(ORDERS)
    ]  # fmt: skip
    detail = [
        {"id_order_detail": n, "id_order": 50 + n // 2, "product_id": 5 + n % PRODUCTS, "product_name": "Pump", "product_quantity": 2, "product_price": 12.0, "product_reference": f"demo_{n % PRODUCTS}"}
        for n in range(2 * ORDERS)
    ]  # fmt: skip
    return captured("shop.ps.ps_orders", "ps_orders", order, "mysql") | captured(
        "shop.ps.ps_order_detail", "ps_order_detail", detail, "mysql"
    )


def business_central() -> Topics:
    """Business Central's tables, whose fields have spaces and dots in their names."""
    header = [
        {"Document Type": "Order", "No.": f"SO{n:05d}", "Sell-to Customer No.": f"{10000 + n % CUSTOMERS}", "Order Date": f"{day(n):%Y-%m-%d}", "Currency Code": "EUR", "Status": ("Open", "Released")[n % 2], "Sell-to Contact No.": f"CT{n % CONTACTS:06d}"}
        for n in range(ORDERS)
    ]  # fmt: skip
    line = [
        {"Document Type": "Order", "Document No.": f"SO{n // 2:05d}", "Line No.": 10000 * (n % 2 + 1), "Type": "Item", "No.": f"19{n % PRODUCTS:02d}-S", "Description": "ATHENS Desk", "Quantity": 3, "Unit Price": 64.9}
        for n in range(2 * ORDERS)
    ]  # fmt: skip
    return topic("bc.SalesHeader", header) | topic("bc.SalesLine", line)


def german() -> Topics:
    """A program of one's own, in German."""
    kopf = [
        {"AuftragsNr": f"A{n}", "KundenNr": f"K{n % CUSTOMERS}", "Bestelldatum": f"{day(n):%Y-%m-%d}", "Währung": "EUR", "Status": ("offen", "storniert", "geliefert")[n % 3], "Besteller": f"P{n % CONTACTS}"}
        for n in range(ORDERS)
    ]  # fmt: skip
    position = [
        {"AuftragsNr": f"A{n // 2}", "Pos": n % 2 + 1, "ArtikelNr": f"X{n % PRODUCTS}", "Menge": 2, "Einzelpreis": 10.5}
        for n in range(2 * ORDERS)
    ]  # fmt: skip
    artikel = [
        {"ArtikelNr": f"X{n}", "Bezeichnung": "Pumpe", "Artikelart": ("Anlage", "Ersatzteil", "Wartung")[n % 3], "Warengruppe": f"W{n % 2}"}
        for n in range(PRODUCTS)
    ]  # fmt: skip
    partner = [
        {"AnsprechpartnerID": f"P{n}", "KundenNr": f"K{n % CUSTOMERS}", "Vorname": "Anna", "Nachname": "Schmidt", "Funktion": "Einkäuferin", "Abteilung": "Einkauf"}
        for n in range(CONTACTS)
    ]  # fmt: skip
    return (
        topic("wawi.Auftragskopf", kopf) | topic("wawi.Auftragspositionen", position)
        | topic("wawi.Artikelstamm", artikel) | topic("wawi.Ansprechpartner", partner)
    )  # fmt: skip


def salesforce(name: str = "salesforce.cdc", number: str = "ERP_Customer__c") -> Topics:
    """Change Data Capture of all objects in one topic, with fields of the company's own."""
    changes: list[dict[str, Any]] = []

    def change(entity: str, id_: str, **fields: Any) -> None:
        at = round(day(len(changes) // 4).timestamp() * 1000)
        header = {
            "entityName": entity, "recordIds": [id_], "changeType": "CREATE", "transactionKey": f"t{len(changes)}",
            "sequenceNumber": 1, "commitTimestamp": at, "changedFields": list(fields),
        }  # fmt: skip
        changes.append({"ChangeEventHeader": header, **fields})

    for n in range(CUSTOMERS):
        change(
            "Account",
            f"0015g{n:010d}",
            Name=f"Kunde {n} GmbH",
            Industry="Machinery",
            NumberOfEmployees=50 * n + 7,
            **{number: str(4700 + n)},
        )
    for n in range(CONTACTS):
        named = {"FirstName": "Anna", "LastName": "Schmidt"}
        change(
            "Contact",
            f"0035g{n:010d}",
            Name=named,
            Title="Buyer",
            Email=f"a{n}@acme.example",
            AccountId=f"0015g{n % CUSTOMERS:010d}",
        )
    for n in range(ORDERS):
        stage = ("Prospecting", "Verbally Won", "Closed Won", "Dead - lost to price")[n % 4]
        change(
            "Opportunity", f"0065g{n:010d}", AccountId=f"0015g{n % CUSTOMERS:010d}", StageName=stage, CreatedDate=day(n).isoformat(), CloseDate="2025-12-31",
            Amount=1000 + n, CurrencyIsoCode="EUR", Main_Competitor__c="Rivalis;Kontra" if n % 2 else "Rivalis", Public_Tender__c=n % 5 == 0,
        )  # fmt: skip
        change(
            "Task", f"00T5g{n:010d}", WhoId=f"0035g{n % CONTACTS:010d}", AccountId=f"0015g{n % CUSTOMERS:010d}", Status="Completed", TaskSubtype="Call",
            CallType="Inbound", Subject="New price list", Description="Anna asked for a discount", CompletedDateTime=day(n).isoformat(), OwnerId=f"0055g{n % 3:010d}",
        )  # fmt: skip
    return topic(name, changes)


def orders() -> Topics:
    """The tables of the ready mapping for orders, captured by Debezium."""
    order = [
        {"id": n, "customer_id": f"{4700 + n % CUSTOMERS}", "buyer_id": n % CONTACTS, "currency": "EUR", "status": ("open", "halb fertig", "storno")[n % 3], "created_at": day(n).isoformat()}
        for n in range(ORDERS)
    ]  # fmt: skip
    line = [
        {
            "id": n,
            "order_id": n // 2,
            "sku": f"P-{n % PRODUCTS}",
            "quantity": 1,
            "unit_price": 9.5,
            "list_price": 10,
        }
        for n in range(2 * ORDERS)
    ]
    product = [
        {"sku": f"P-{n}", "kind": ("SYS", "service", "ERS")[n % 3], "product_line": "pumps"}
        for n in range(PRODUCTS)
    ]
    buyer = [{"id": n, "name": "Anna Schmidt", "title": "Buyer", "department": "Purchasing", "email": f"a{n}@acme.example"} for n in range(CONTACTS)]  # fmt: skip
    tables: dict[str, list[dict[str, Any]]] = {
        "orders": order,
        "order_lines": line,
        "products": product,
        "buyers": buyer,
    }
    return {n: r for t, rows in tables.items() for n, r in captured(f"erp.{t}", t, rows).items()}


def hubspot() -> Topics:
    """Objects of HubSpot's CRM API, a topic for each type."""

    def objects(kind: str, several: Iterable[dict[str, Any]]) -> Topics:
        return topic(f"hubspot.{kind}", [
            {"id": str(100 + n), "properties": said, "createdAt": day(n).isoformat(), "updatedAt": day(n + 1).isoformat(), "archived": False}
            for n, said in enumerate(several)
        ])  # fmt: skip

    deals = [
        {"dealstage": ("appointmentscheduled", "closedwon", "presentationscheduled")[n % 3], "createdate": day(n).isoformat(), "amount": "10", "deal_currency_code": "EUR"}
        for n in range(ORDERS)
    ]  # fmt: skip
    contacts = [{"firstname": "Anna", "lastname": "Schmidt", "jobtitle": "Buyer", "email": f"a{n}@acme.example", "associatedcompanyid": str(100 + n % CUSTOMERS)} for n in range(CONTACTS)]  # fmt: skip
    companies = [
        {"name": f"Firma {n}", "industry": "MACHINERY", "sap_number": f"{4700 + n:010d}"}
        for n in range(CUSTOMERS)
    ]
    joined = [
        {
            "eventId": n, "subscriptionType": "deal.associationChange", "portalId": 7, "occurredAt": 1735689600000 + n, "associationType": "DEAL_TO_COMPANY",
            "fromObjectId": 100 + n, "toObjectId": 100 + n % CUSTOMERS, "associationRemoved": False, "attemptNumber": 0,
        }
        for n in range(ORDERS)
    ]  # fmt: skip
    objects_ = objects("companies", companies) | objects("contacts", contacts) | objects("deals", deals)
    return objects_ | topic("hubspot.associations", [joined[:30], joined[30:]])


def dynamics_crm() -> Topics:
    """Rows of Dataverse's tables, a topic for each."""
    account = [
        {"@odata.etag": f'W/"{n}"', "accountid": f"a0000000-0000-0000-0000-{n:012d}", "name": f"Firma {n}", "accountnumber": f"{4700 + n}", "statecode": 0, "versionnumber": n, "modifiedon": day(n).strftime("%Y-%m-%dT%H:%M:%SZ")}
        for n in range(CUSTOMERS)
    ]  # fmt: skip
    case = [
        {"@odata.etag": f'W/"{n}"', "incidentid": f"c0000000-0000-0000-0000-{n:012d}", "title": "Anna complains", "statecode": n % 3, "casetypecode": 7 if n % 2 else 1, "_customerid_value": f"a0000000-0000-0000-0000-{n % CUSTOMERS:012d}", "versionnumber": n, "modifiedon": day(n).strftime("%Y-%m-%dT%H:%M:%SZ")}
        for n in range(ORDERS)
    ]  # fmt: skip
    return topic("dv.account", account) | topic("dv.incident", case)
