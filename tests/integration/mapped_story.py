"""The history of two accounts as a CRM and an ERP tell it on their own topics, and as canonical events."""

import json
import random
import warnings
from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2024, 1, 3, 9, tzinfo=UTC)
ACCOUNTS = {"001A": "Acme", "001B": "Bolt"}
PEOPLE = {"003A": ("001A", "Design Engineer"), "003B": ("001A", "Senior Buyer"), "003C": ("001B", "Buyer")}
SUBJECTS = {"New price list": ["price"], "Design review": ["technical"], "Hello": []}
PRODUCTS = {"S": "system", "C": "component", "V": "service"}
WEEKS = 50


class Story:
    """The same history as records of Salesforce and of Debezium, and as canonical events."""

    def __init__(self) -> None:
        self.crm: list[dict[str, Any]] = []
        self.erp: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []
        self._tell()

    def _tell(self) -> None:
        chance = random.Random(4)
        for number, (account, name) in enumerate(ACCOUNTS.items()):
            self._change("Account", account, number, Name=name)
            self._event("crm.account.changed", account, number, {"name": name})
        for number, (person, (account, title)) in enumerate(PEOPLE.items(), start=10):
            named = {"FirstName": "A", "LastName": person}
            self._change("Contact", person, number, Name=named, Title=title, AccountId=account)
            contact = {"id": person, "name": f"A {person}", "title": title}
            self._event("crm.contact.changed", account, number, {"contact": contact})
        for number, (sku, kind) in enumerate(PRODUCTS.items()):
            self._row("products", number, {"sku": sku, "kind": kind, "product_line": None})
        for week in range(WEEKS):
            self._talk(week, chance.choice(list(PEOPLE)), chance.choice(list(SUBJECTS)))
            self._order(week, chance.choice(list(ACCOUNTS)), chance.sample(list(PRODUCTS), 2))

    def _change(self, entity: str, id_: str, minutes: float, kind: str = "CREATE", **fields: Any) -> None:
        at = round((START + timedelta(minutes=minutes)).timestamp() * 1000)
        header = {
            "entityName": entity, "recordIds": [id_], "changeType": kind,
            "transactionKey": f"{id_}-{minutes}", "sequenceNumber": 1, "commitTimestamp": at,
            "changedFields": list(fields),
        }  # fmt: skip
        self.crm.append({"ChangeEventHeader": header, **fields})

    def _row(self, table: str, minutes: float, row: dict[str, Any]) -> None:
        at = round((START + timedelta(minutes=minutes)).timestamp() * 1000)
        source = {"connector": "postgresql", "db": "erp", "schema": "public", "table": table, "ts_ms": at}
        source |= {"lsn": 1000 + len(self.erp), "txId": len(self.erp)}
        self.erp.append({"before": None, "after": row, "source": source, "op": "c", "ts_ms": at})

    def _event(self, type_: str, account: str, minutes: float, data: dict[str, Any]) -> None:
        event = {
            "specversion": "1.0", "type": type_, "source": "told", "id": str(len(self.events)),
            "subject": account, "time": (START + timedelta(minutes=minutes)).isoformat(), "data": data,
        }  # fmt: skip
        self.events.append(event)

    def _talk(self, week: int, person: str, subject: str) -> None:
        minutes, task = week * 7 * 1440, f"00T{week}"
        done = (START + timedelta(minutes=minutes)).isoformat()
        fields = {"WhoId": person, "OwnerId": "005V", "TaskSubtype": "Call", "CallType": "Inbound"}
        self._change("Task", task, minutes - 60, Status="Open", Subject="to do", **fields)
        self._change(
            "Task", task, minutes + 5, "UPDATE", Status="Completed", Subject=subject, CompletedDateTime=done
        )
        account, title = PEOPLE[person]
        people = [
            {"id": person, "name": f"A {person}", "title": title},
            {"id": "005V", "side": "vendor"},
        ]
        data = {"channel": "call", "direction": "inbound", "participants": people}
        self._event("crm.interaction.logged", account, minutes, data | {"topics": SUBJECTS[subject]})

    def _order(self, week: int, account: str, skus: list[str]) -> None:
        minutes = week * 7 * 1440 + 30
        at = (START + timedelta(minutes=minutes)).isoformat()
        order = {"id": week, "customer_id": account, "buyer_id": None, "currency": "EUR", "status": "new"}
        self._row("orders", minutes, order | {"created_at": at})
        lines = []
        for number, sku in enumerate(skus):
            line = {"sku": sku, "quantity": 2, "unit_price": f"{100 + week}.50", "list_price": None}
            self._row("order_lines", minutes + 1, {"id": f"{week}-{number}", "order_id": week} | line)
            lines.append({"sku": sku, "kind": PRODUCTS[sku], "quantity": 2, "unit_price": line["unit_price"]})
        data = {"order_id": str(week), "currency": "EUR", "lines": lines}
        self._event("order.changed", account, minutes, data)


STORY = Story()


def send(bootstrap: str, topic: str, values: list[dict[str, Any]], partitions: int) -> None:
    """Send values, each to the partition of its document, as connectors do."""
    with warnings.catch_warnings():
        from kafka import KafkaProducer  # noqa: PLC0415  (it warns before pytest knows which to expect)
    producer: Any = KafkaProducer(bootstrap_servers=bootstrap, acks="all")
    for number, value in enumerate(values):
        producer.send(topic, value=json.dumps(value).encode(), partition=number % partitions)
    producer.flush()
    producer.close()


MAPPING = """
[[mapping]]
use = "salesforce"
topics = ["{crm}"]
[[mapping]]
use = "orders"
topics = ["{erp}"]
"""


def told_of(values: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Shuffled, a third of them twice."""
    chance = random.Random(9)
    told = values + chance.sample(values, len(values) // 3)
    chance.shuffle(told)
    return told
