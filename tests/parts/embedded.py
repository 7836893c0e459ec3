"""The broker that `turnsignal demo` embeds, in the place of Apache Kafka where that cannot be had."""

from __future__ import annotations

import importlib.metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests.parts.broker import Broker
from tests.parts.process import PartMissingError


def _binary() -> Path | None:
    """The wheel's own program: its console script only forks it, and a killed script leaves it running."""
    spec = find_spec("noida_db")
    if spec is None or spec.origin is None:
        return None
    binary = Path(spec.origin).with_name("noida-db")
    return binary if binary.is_file() else None


def why_missing() -> str | None:
    return None if _binary() else "the package noida-db is not installed"


def version() -> str:
    return importlib.metadata.version("noida-db")


class EmbeddedBroker(Broker):
    """noida-db, Kafka only: it forgets what it has not flushed when killed, and refuses values of megabytes.

    Nor does it rebalance cooperatively, evict killed members or keep to limits on fetch sizes.
    """

    apache = False

    def __init__(self) -> None:
        binary = _binary()
        if binary is None:
            raise PartMissingError(f"embedded broker: {why_missing()}")
        self.name = f"embedded noida-db {version()} (127.0.0.1)"
        self._binary = binary
        super().__init__()

    def command(self) -> list[str | Path]:
        self._binary.chmod(0o755)  # installers drop the bit that the wheel does not carry
        data = self.folder / "data"
        return [self._binary, "start", "--only", "kafka", "--kafka-port", str(self.port), "--data-dir", data]

    def serves(self, admin: Any) -> bool:
        """Its answer to DescribeCluster lacks fields that kafka-python reads."""
        admin.list_topics()
        return True
