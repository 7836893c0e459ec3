"""What a mapping costs: the same orders as canonical events and as rows that Debezium captured, in one run.

    .venv/bin/python bench/mapping.py --events 60000 --rounds 3

Three topics: canonical events; Debezium's envelopes of rows that hold all that an order needs; rows whose
buyer and whose lines' kinds are in other tables, captured too. Each is consumed into a fresh database by a
process of its own on one core; rounds are interleaved, and what is compared is the same round's. CPU is that
of the process on its core, which other work on the machine disturbs least.
"""

import argparse
import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402

from bench.throughput import Bench, Figures, _claim_cores  # noqa: E402
from tests.parts.kafka import KafkaBroker  # noqa: E402
from tests.parts.postgres import PostgresServer  # noqa: E402
from tests.parts.process import Folder  # noqa: E402

ACCOUNTS, PEOPLE, PRODUCTS = 2000, 3000, 300
PARTITIONS = 6
START_MS = 1_704_067_200_000
WEEK_MS = 7 * 86_400_000

MAPPING = """
[[mapping]]
topics = ["bench.mapped"]
format = "debezium"
source = "erp"
[[mapping.event]]
type = "order.placed"
account = "customer"
[mapping.event.data]
order_id = "id"
currency = "currency"
buyer = {id = "buyer_id", title = "buyer_title"}
[mapping.event.data.lines]
each = "lines"
sku = "sku"
kind = "code('kinds', type)"
quantity = "quantity"
unit_price = "price"

[[mapping]]
topics = ["bench.referring"]
format = "debezium"
source = "erp"
[[mapping.reference]]
entity = "people"
kind = "contact"
id = "id"
fields = ["title", "name"]
[[mapping.reference]]
entity = "products"
kind = "product"
id = "sku"
fields = {kind = "code('kinds', type)"}
[[mapping.event]]
entity = "orders"
type = "order.placed"
account = "customer"
[mapping.event.data]
order_id = "id"
currency = "currency"
buyer = "person('contact', buyer_id)"
[mapping.event.data.lines]
each = "lines"
sku = "sku"
kind = "lookup('product', sku).kind"
quantity = "quantity"
unit_price = "price"

[codes.kinds]
S = "system"
C = "component"
X = "service"
"""
KINDS = {"S": "system", "C": "component", "X": "service"}
TITLES = ("Design Engineer", "Senior Buyer", "Purchasing Manager", "Head of R&D")


def orders(count: int) -> Iterator[dict[str, Any]]:
    """Rows, the same at every run."""
    chance = random.Random(1)  # noqa: S311  (not a secret)
    for number in range(count):
        buyer = chance.randrange(PEOPLE)
        yield {
            "id": number,
            "customer": f"acct-{chance.randrange(ACCOUNTS):05}",
            "currency": "EUR",
            "at": START_MS + number * 45 * WEEK_MS // count,
            "buyer_id": f"p{buyer}",
            "buyer_title": TITLES[buyer % 4],
            "lines": [
                {
                    "sku": f"sku-{sku}",
                    "type": "SCX"[sku % 3],
                    "quantity": chance.randint(1, 9),
                    "price": f"{chance.randint(100, 900_000) / 100:.2f}",
                }
                for sku in chance.sample(range(PRODUCTS), chance.randint(1, 2))
            ],
        }


def canonical(row: dict[str, Any]) -> dict[str, Any]:
    lines = [
        {
            "sku": each["sku"],
            "kind": KINDS[each["type"]],
            "quantity": each["quantity"],
            "unit_price": each["price"],
        }
        for each in row["lines"]
    ]
    buyer = {"id": row["buyer_id"], "title": row["buyer_title"]}
    seconds = row["at"] / 1000
    from datetime import UTC, datetime  # noqa: PLC0415

    return {
        "specversion": "1.0",
        "type": "order.placed",
        "source": "erp",
        "id": f"order-{row['id']}",
        "subject": row["customer"],
        "time": datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds"),
        "data": {"order_id": str(row["id"]), "currency": row["currency"], "lines": lines, "buyer": buyer},
    }


def captured(row: dict[str, Any], table: str, at: int, number: int) -> dict[str, Any]:
    """A row in Debezium's envelope, as the PostgreSQL connector writes it without schemas."""
    source = {
        "version": "3.0.0.Final", "connector": "postgresql", "name": "erp", "ts_ms": at, "snapshot": "false",
        "db": "erp", "schema": "public", "table": table, "txId": number, "lsn": 24_000_000 + number * 56,
    }  # fmt: skip
    return {"before": None, "after": row, "source": source, "op": "c", "ts_ms": at + 5, "transaction": None}


def references() -> Iterator[dict[str, Any]]:
    for number in range(PEOPLE):
        row = {"id": f"p{number}", "name": f"P. {number}", "title": TITLES[number % 4]}
        yield captured(row, "people", START_MS, number)
    for number in range(PRODUCTS):
        row = {"sku": f"sku-{number}", "type": "SCX"[number % 3], "description": "a product"}
        yield captured(row, "products", START_MS, PEOPLE + number)


def values(topic: str, count: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """(key, value) of all records of a topic."""
    if topic == "bench.referring":
        for number, each in enumerate(references()):
            yield json.dumps({"id": number}), each
    for row in orders(count):
        if topic == "bench.canonical":
            yield row["customer"], canonical(row)
        else:
            kept = row
            if topic == "bench.referring":
                lines = [{name: each[name] for name in ("sku", "quantity", "price")} for each in row["lines"]]
                kept = {**row, "lines": lines}
                del kept["buyer_title"]
            yield json.dumps({"id": row["id"]}), captured(kept, "orders", row["at"], 10_000 + row["id"])


def fill(bootstrap: str, topic: str, count: int) -> int:
    """Write a topic; returns how many records it has."""
    from kafka import KafkaProducer  # noqa: PLC0415

    producer: Any = KafkaProducer(bootstrap_servers=bootstrap, linger_ms=50, batch_size=262_144, acks=1)
    written = 0
    for key, value in values(topic, count):
        producer.send(topic, key=key.encode(), value=json.dumps(value, separators=(",", ":")).encode())
        written += 1
    producer.flush()
    producer.close()
    return written


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=60_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--databases", nargs="*", default=["postgresql", "sqlite"])
    options = parser.parse_args()
    core = _claim_cores()
    topics = ("bench.canonical", "bench.mapped", "bench.referring")
    with KafkaBroker(heap="1g") as broker, PostgresServer(fsync=True) as database:
        bench = Bench(options, broker, database, Folder("bench").path, core, None)
        mapping = bench.folder / "mapping.toml"
        mapping.write_text(MAPPING, "utf-8")
        counts = {}
        for topic in topics:
            broker.create_topic(topic, PARTITIONS)
            counts[topic] = fill(broker.bootstrap, topic, options.events)
        results: dict[tuple[str, str], list[Figures]] = {}
        for round_ in range(options.rounds):
            for kind in options.databases:
                for topic in topics[round_ % 3 :] + topics[: round_ % 3]:
                    more = [] if topic == "bench.canonical" else ["--mapping", str(mapping)]
                    figures = bench.measure(kind, topic, counts[topic], "--no-review", *more)
                    results.setdefault((kind, topic), []).append(figures)
    _print(results, options.events)
    return 0


COLUMNS = ("events/s", "time", "lowest–highest", "CPU µs", "CPU", "poll µs", "read µs", "write µs")


def _print(results: dict[tuple[str, str], list[Figures]], events: int) -> None:
    """Medians; time and CPU as multiples of the canonical path's in the same round."""
    table = Table("database", "path", title=f"{events:,} orders, medians; canonical = 1")
    for column in COLUMNS:
        table.add_column(column, justify="right")
    for (kind, topic), several in results.items():
        rounds = list(zip(several, results[kind, "bench.canonical"], strict=True))
        time = [_each(one, "seconds") / _each(usual, "seconds") for one, usual in rounds]
        cpu = [_each(one, "busy") / _each(usual, "busy") for one, usual in rounds]
        parts = [f"{median(1 / _each(one, 'seconds') for one in several):,.0f}", f"{median(time):.2f}"]
        parts += [f"{min(time):.2f}–{max(time):.2f}"]
        parts += [f"{median(1e6 * _each(one, 'busy') for one in several):.1f}", f"{median(cpu):.2f}"]
        for stage in ("poll", "read and decode", "write"):
            spent = median(each["stages"][stage] / each["events"] for each in several)
            parts.append(f"{1e6 * spent:.1f}")
        table.add_row(kind, topic, *parts)
    Console(width=120).print(table)


def _each(figures: Figures, name: str) -> float:
    """Seconds an event."""
    return float(figures[name] / figures["events"])


if __name__ == "__main__":
    sys.exit(main())
