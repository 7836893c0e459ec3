"""A customer whom the CRM and the ERP call differently is one account, in whatever order they tell of it."""

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import migrations
from consumers.mapping.files import load
from storage.engine import Engine, create_engine
from tests.conftest import TopicFactory
from tests.integration.consuming import config, consume, one, rows
from tests.integration.mapped_story import send
from tests.integration.mapping_parts import states
from tests.parts.broker import Broker

START = datetime(2024, 1, 3, 9, tzinfo=UTC)
CUSTOMERS = {"10023": ("0015e00000AbCdEAAV", "Acme"), "10024": ("0015e00000AbCdFAAV", "Bolt")}
UNKNOWN = "10099"
ORDERS = 30

MAPPING = """
[[mapping]]
use = "salesforce"
topics = ["{crm}"]
[[mapping]]
use = "orders"
topics = ["{erp}"]
[codes.defaults]
customers = "reference"
"""


def at(day: float) -> int:
    """Milliseconds since 1970, so many days after START."""
    return round((START + timedelta(days=day)).timestamp() * 1000)


def change(entity: str, id_: str, day: float, **fields: Any) -> dict[str, Any]:
    """A record that Salesforce tells to have been created."""
    header = {"entityName": entity, "recordIds": [id_], "changeType": "CREATE", "commitTimestamp": at(day)}
    return {"ChangeEventHeader": header | {"transactionKey": id_, "sequenceNumber": 1}, **fields}


def row(table: str, place: int, day: float, **fields: Any) -> dict[str, Any]:
    """A row that Debezium tells to have been inserted."""
    source: dict[str, Any] = {"connector": "postgresql", "db": "erp", "schema": "public", "table": table}
    source |= {"ts_ms": at(day), "lsn": place}
    return {"before": None, "after": fields, "source": source, "op": "c"}


def told_by_the_crm() -> list[dict[str, Any]]:
    """Accounts with their numbers, a contact and a call of each."""
    told = []
    for number, (account, name) in CUSTOMERS.items():
        contact = account.replace("001", "003", 1)
        person = {"FirstName": "A", "LastName": name}
        told.append(change("Account", account, 0, Name=name, AccountNumber=number))
        told.append(change("Contact", contact, 1, Name=person, Title="Buyer", AccountId=account))
        call: dict[str, Any] = {"WhoId": contact, "TaskSubtype": "Call", "Subject": "Price"}
        done = {"IsClosed": True, "ActivityDate": "2024-02-01"}
        told.append(change("Task", account.replace("001", "00T", 1), 29, **call, **done))
    return told


def told_by_the_erp() -> list[dict[str, Any]]:
    """Orders of the customers' numbers, and one of a customer whom the CRM does not know."""
    told = []
    for number in range(ORDERS):
        customer = UNKNOWN if number == 0 else list(CUSTOMERS)[number % 2]
        order = {"id": number, "customer_id": customer, "buyer_id": None, "currency": "EUR", "status": "new"}
        placed = (START + timedelta(days=7 * number)).isoformat()
        told.append(row("orders", 1000 + 2 * number, 7 * number, **order, created_at=placed))
        line = {"id": number, "order_id": number, "sku": "S", "quantity": 1, "unit_price": "10"}
        told.append(row("order_lines", 1001 + 2 * number, 7 * number, **line, list_price=None))
    return told


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A migrated database."""
    migrations.upgrade(database_url)
    made = create_engine(database_url)
    yield made
    made.dispose()


@pytest.mark.parametrize("first", ["crm", "erp", "mixed"])
def test_orders_and_talks_of_one_customer_are_of_one_account(
    kafka: Broker, topic: TopicFactory, engine: Engine, tmp_path: Path, first: str
) -> None:
    """The CRM's account has both; an order of a customer whom the CRM does not know waits."""
    crm, erp = topic(2, "crm"), topic(2, "erp")
    file = tmp_path / "mapping.toml"
    file.write_text(MAPPING.format(crm=crm, erp=erp), "utf-8")
    told = {crm: told_by_the_crm(), erp: told_by_the_erp()}
    kafka_config = replace(config(kafka.bootstrap, crm), topics=[crm, erp], batch_records=7)
    taken = 0
    for name in [erp, crm] if first == "erp" else [crm, erp]:
        random.Random(3).shuffle(told[name])
        send(kafka.bootstrap, name, told[name], 2)
        taken += len(told[name])
        if first != "mixed":
            consume(engine, kafka_config, taken, 60, load([file]))
    consume(engine, kafka_config, taken, 60, load([file]))
    assert one(engine, "SELECT count(*) FROM dead_letters") == 0
    accounts = {account for account, _ in CUSTOMERS.values()}
    kinds: dict[str, set[str]] = {}
    for account, body in rows(engine, "SELECT account_id, body FROM events"):
        kinds.setdefault(account, set()).add(json.loads(bytes(body))["type"])
    assert kinds.keys() == accounts
    every = {"crm.account.changed", "crm.contact.changed", "crm.interaction.logged", "order.changed"}
    assert all(told_of == every for told_of in kinds.values())
    assert states(engine).keys() == accounts
    orders = [json.loads(bytes(body)) for (body,) in rows(engine, "SELECT body FROM events")]
    assert sum(said["type"] == "order.changed" for said in orders) == ORDERS - 1
