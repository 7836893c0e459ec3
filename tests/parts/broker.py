"""What the tests ask of a Kafka-protocol broker, whichever of the two it is."""

from __future__ import annotations

import signal
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Self

from tests.parts.process import Folder, Program, accepts_connections, free_port

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def admin_client(bootstrap: str, **options: Any) -> Any:
    """A KafkaAdminClient, to be closed."""
    # Imported late: it takes as long as all of the unit tests' own imports, and it warns before pytest
    # knows which warnings to expect.
    from kafka import KafkaAdminClient  # type: ignore[import-untyped,unused-ignore]  # noqa: PLC0415

    return KafkaAdminClient(bootstrap_servers=bootstrap, **options)


class Broker(ABC):
    """A broker on a free port of 127.0.0.1 with its data in a temporary folder; a context manager.

    Its port and its data stay the same through `kill`, `stop` and `restart`, until `close`.
    """

    name: str
    apache: bool
    """Whether it is Apache Kafka itself, and so keeps all of Kafka's promises."""
    start_timeout: float = 60

    def __init__(self) -> None:
        self.port = free_port()
        self._folder = Folder("broker")
        self._program = Program(self.name, self.folder / "broker.log")

    @property
    def folder(self) -> Path:
        return self._folder.path

    @property
    def log(self) -> Path:
        return self._program.log

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def running(self) -> bool:
        return self._program.running

    @property
    def pid(self) -> int:
        return self._program.pid

    @abstractmethod
    def command(self) -> Sequence[str | Path]:
        """The command that serves in the foreground."""

    def start(self) -> Self:
        self._program.start(self.command(), cwd=self.folder)
        self._program.wait_ready(lambda: accepts_connections(self.port), self.start_timeout)
        self._program.wait_ready(self._answers_metadata, self.start_timeout)
        return self

    def stop(self) -> None:
        """An orderly shutdown."""
        self._program.end(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL: no shutdown of any kind."""
        self._program.end(signal.SIGKILL)

    def restart(self) -> None:
        """Start again on the same port and data, after a stop, a kill or while it runs."""
        self.stop()
        self.start()

    def close(self) -> None:
        """End it at once and remove its data."""
        self.kill()
        self._folder.remove()

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_: object) -> None:
        self.close()

    def create_topic(self, name: str, partitions: int = 1, **configs: str) -> None:
        """Create a topic and wait until every partition has a leader."""
        options = {"num_partitions": partitions, "replication_factor": 1, "configs": configs}
        admin = admin_client(self.bootstrap)
        try:
            admin.create_topics({name: options}, wait_for_metadata=True)
        finally:
            admin.close()

    def serves(self, admin: Any) -> bool:
        """Whether the broker is in its own answer to a request for metadata."""
        cluster = admin.describe_cluster()
        return bool(cluster["brokers"]) and cluster["controller_id"] >= 0

    def _answers_metadata(self) -> bool:
        """Whether a client can work with this broker; an open port alone comes a moment earlier."""
        from kafka.errors import KafkaError  # type: ignore[import-untyped,unused-ignore]  # noqa: PLC0415

        admin = None
        try:
            admin = admin_client(self.bootstrap, bootstrap_timeout_ms=2000, request_timeout_ms=2000)
            return self.serves(admin)
        except KafkaError:
            return False
        finally:
            if admin is not None:
                admin.close()
