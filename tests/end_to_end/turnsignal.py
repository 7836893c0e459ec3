"""`turnsignal` as a real process, with an environment of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

PROGRAM = str(Path(sys.executable).with_name("turnsignal"))


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """This process's environment without its own settings, with those given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TURNSIGNAL_")}
    return kept | {f"TURNSIGNAL_{name}": value for name, value in settings.items()}


@contextmanager
def running(
    *arguments: str, settings: Mapping[str, str], log: Path, **variables: str
) -> Iterator["subprocess.Popen[bytes]"]:
    """The process, killed at the end if it still runs; what it writes goes to `log`."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [PROGRAM, *arguments],
            env=environment(settings) | variables,
            cwd=log.parent,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def terminate(process: "subprocess.Popen[bytes]", timeout: float = 30) -> int:
    """Ask it to stop, as an orchestrator does; returns its exit code."""
    process.send_signal(signal.SIGTERM)
    return process.wait(timeout)


def send(bootstrap: str, topic: str, events: Iterable[tuple[str, datetime, bytes]]) -> int:
    """Send (key, time, value) with the time as record timestamp; returns how many."""
    from kafka import KafkaProducer  # noqa: PLC0415  (it warns before pytest knows which warnings to expect)

    producer: Any = KafkaProducer(bootstrap_servers=bootstrap, acks="all", linger_ms=20)
    count = 0
    try:
        for key, at, value in events:
            producer.send(topic, key=key.encode(), value=value, timestamp_ms=round(at.timestamp() * 1000))
            count += 1
        producer.flush()
    finally:
        producer.close()
    return count
