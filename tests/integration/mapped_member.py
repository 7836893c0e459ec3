"""A member of a group on mapped topics as a process that kills itself before its Nth word to the database.

DATABASE BOOTSTRAP TOPICS GROUP MAPPING N, topics with commas; N = 0 lives until it is told to stop.
"""

import os
import signal
import sys
import threading
from itertools import count
from typing import Any

import sqlalchemy as sa

from consumers.consumer import Consumer
from consumers.kafka_config import KafkaConfig
from consumers.mapping.files import load
from service import logs
from storage.engine import create_engine

OPTIONS = {"session_timeout_ms": 1500, "heartbeat_interval_ms": 300}


def main(database: str, bootstrap: str, topics: str, group: str, mapping: str, last: str) -> None:
    """Consume until told to stop, or until it is time to die."""
    logs.configure("info", "json")
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    engine = create_engine(database)
    if int(last):
        words = count(1)

        def die_in_time(*_: Any) -> None:
            if next(words) >= int(last):
                os.kill(os.getpid(), signal.SIGKILL)

        sa.event.listen(engine, "before_cursor_execute", die_in_time)
        sa.event.listen(engine, "commit", die_in_time)
    config = KafkaConfig([bootstrap], topics.split(","), group, 20, options=OPTIONS)
    Consumer(engine, config, load([mapping])).run(stop)


if __name__ == "__main__":
    main(*sys.argv[1:])
