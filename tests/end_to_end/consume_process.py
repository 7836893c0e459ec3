"""A consumer as a process of its own, to be killed: DATABASE BOOTSTRAP TOPIC."""

import signal
import sys
import threading

from consumers.consumer import Consumer
from consumers.kafka_config import KafkaConfig
from service import logs
from storage.engine import create_engine

# Small batches, so that a kill finds work in flight; short sessions, so that the other one takes over soon.
OPTIONS = {"session_timeout_ms": 1500, "heartbeat_interval_ms": 300}
BATCH_RECORDS = 50


def main(database: str, bootstrap: str, topic: str) -> None:
    """Consume until told to stop."""
    logs.configure("info", "json")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    config = KafkaConfig([bootstrap], [topic], topic, BATCH_RECORDS, options=OPTIONS)
    Consumer(create_engine(database), config).run(stop)


if __name__ == "__main__":
    main(*sys.argv[1:])
