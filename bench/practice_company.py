"""A broker with the topics of a made company, to practise docs/connecting.md on.

    .venv/bin/python bench/practice_company.py --accounts 120

Its Salesforce and its ERP are in Kafka as connectors would bring them: a load of what was there half a year
ago, and each change from then until today. Which accounts were lost and when is in losses.csv. The broker
runs until Ctrl-C; Java and Maven are needed.
"""

import argparse
import csv
import json
import signal
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from kafka import KafkaProducer  # noqa: E402

from service.simulation import portfolio  # noqa: E402
from tests.parts.disguise import Company, Told, captured, rows, salesforce_id  # noqa: E402
from tests.parts.kafka import KafkaBroker  # noqa: E402

LOADED = timedelta(weeks=26)  # before today


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--accounts", type=int, default=120)
    parser.add_argument("--weeks", type=int, default=156)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--losses", type=Path, default=Path("losses.csv"))
    told = parser.parse_args()
    now = datetime.now(UTC)
    events, truths = portfolio(told.accounts, told.weeks, told.seed, now - timedelta(weeks=told.weeks))
    company, loaded_at = Company(events), f"{now - LOADED:%Y-%m-%dT%H:%M:%SZ}"
    records = sorted([*captured(company, loaded_at), *rows(company, loaded_at)], key=lambda record: record.at)
    with told.losses.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["account_id", "lost_on"])
        lines.writerows(
            (salesforce_id("Account", truth.account_id), f"{truth.collapse_at:%Y-%m-%d}")
            for truth in truths
            if truth.collapse_at
        )
    with KafkaBroker() as broker:
        _fill(broker, records)
        print(f"Kafka is at {broker.bootstrap}; losses are in {told.losses}. Ctrl-C ends it.", flush=True)
        signal.sigwait({signal.SIGINT, signal.SIGTERM})


def _fill(broker: KafkaBroker, records: list[Told]) -> None:
    counted = Counter(record.topic for record in records)
    for topic in counted:
        broker.create_topic(topic, 3, **{"retention.ms": "-1"})
    producer = KafkaProducer(bootstrap_servers=broker.bootstrap, acks="all", linger_ms=20)
    for record in records:
        value = json.dumps(record.value, ensure_ascii=False).encode()
        producer.send(record.topic, value, record.key.encode())
    producer.flush()
    producer.close()
    for topic, count in sorted(counted.items()):
        print(f"{topic}: {count:,} records")


if __name__ == "__main__":
    main()
