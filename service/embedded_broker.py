"""The Kafka-protocol broker that `turnsignal demo` brings with it (docs/adr/0003-embedded-broker.md)."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

_START_SECONDS = 30.0
_STOP_SECONDS = 5.0
_PORTS = range(20000, 32768)


class BrokerMissingError(RuntimeError):
    """The embedded broker cannot be started; says what to do."""


@contextmanager
def embedded_broker(folder: Path) -> Iterator[str]:
    """Run the broker on a free loopback port with its data in `folder`; gives `host:port`.

    Raises BrokerMissingError where the package is absent or the broker does not start.
    """
    port = free_port()
    log = folder / "broker.log"
    command = [str(_binary()), "start", "--only", "kafka", "--kafka-port", str(port), "--data-dir"]
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603  (our own wheel's program)
            [*command, str(folder / "broker")], stdout=output, stderr=output, start_new_session=True
        )
    try:
        _wait_until_ready(process, port, log)
        yield f"127.0.0.1:{port}"
    finally:
        _stop(process)


def free_port() -> int:
    """A TCP port on the loopback address that nobody listens on now, below those of outgoing connections.

    From among those a client that waits for the broker could by chance connect to itself, and keep the port.
    """
    while True:
        port = _PORTS.start + secrets.randbelow(len(_PORTS))
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port


def _binary() -> Path:
    """The wheel's own program; its console script would only fork it, and could not be stopped with it."""
    spec = find_spec("noida_db")
    binary = Path(spec.origin).with_name("noida-db") if spec and spec.origin else None
    if binary is None or not binary.is_file():
        raise BrokerMissingError(
            f"the embedded broker is not installed: {sys.executable} -m pip install noida-db"
        )
    with suppress(OSError):
        binary.chmod(0o755)  # installers drop the bit that the wheel does not carry
    return binary


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    tail = log.read_text(errors="replace")[-2000:]
    raise BrokerMissingError(f"the embedded broker did not start; its log ends with:\n{tail}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    for force in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, force)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_SECONDS)
            return
