"""The events that every subject reads: canonical CloudEvents in time order, the same at every run."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from kafka import KafkaProducer

from bench.measuring import subject_arguments

ACCOUNTS = 5000
WEEKS = 45
START = datetime(2024, 1, 1, tzinfo=UTC)
END = START + timedelta(weeks=WEEKS)

_PEOPLE = (
    ("Entwicklungsingenieur", "R&D"),
    ("Application Engineer", "Engineering"),
    ("Senior Buyer", "Purchasing"),
    ("采购经理", "采购部"),
)
_TOPICS = ("application", "technical", "price", "terms", "delivery", "support")


def events(count: int) -> Iterator[tuple[bytes, bytes]]:
    """(account, CloudEvent) of `count` talks and orders, spread evenly over the accounts and the weeks."""
    chance = random.Random(1)  # noqa: S311  (not a secret)
    for number in range(count):
        account = f"acct-{chance.randrange(ACCOUNTS):05}"
        event = {
            "specversion": "1.0",
            "id": f"evt-{number:08}",
            "source": "/bench/erp" if number % 4 == 3 else "/bench/crm",
            "type": "order.placed" if number % 4 == 3 else "crm.interaction.logged",
            "subject": account,
            "time": (START + number * (END - START) / count).isoformat(timespec="milliseconds"),
            "data": _order(number, chance) if number % 4 == 3 else _talk(account, chance),
        }
        yield account.encode(), json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode()


def _talk(account: str, chance: random.Random) -> dict[str, Any]:
    return {
        "channel": chance.choice(("meeting", "call", "email")),
        "direction": chance.choice(("inbound", "outbound")),
        "participants": [
            {"id": f"{account}-p{who}", "title": _PEOPLE[who][0], "department": _PEOPLE[who][1]}
            for who in chance.sample(range(len(_PEOPLE)), chance.randint(1, 2))
        ],
        "topics": chance.sample(_TOPICS, chance.randint(1, 2)),
    }


def _order(number: int, chance: random.Random) -> dict[str, Any]:
    price = f"{chance.randint(100_000, 9_000_000) / 100:.2f}"
    lines = [{"sku": "LCR-4200", "kind": "system", "quantity": 1, "unit_price": price}]
    if chance.random() < 0.6:
        lines.append({"sku": "CARE-1Y", "kind": "service", "quantity": 1, "unit_price": "1200.00"})
    return {"order_id": f"so-{number:08}", "currency": "EUR", "lines": lines}


def produce() -> None:
    """Write the events in large uncompressed batches."""
    options = subject_arguments("Fill a topic.").parse_args()
    producer = KafkaProducer(
        bootstrap_servers=options.bootstrap,
        linger_ms=50,
        batch_size=256 * 1024,
        acks=1,
        metrics_enabled=False,
    )
    for account, body in events(options.events):
        producer.send(options.topic, key=account, value=body)
    producer.flush()
    producer.close()


if __name__ == "__main__":
    produce()
