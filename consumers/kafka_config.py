"""Where the events come from, and as whom they are read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from consumers.subscription import Subscription

Start = Literal["earliest", "latest"] | datetime


@dataclass(frozen=True)
class KafkaConfig:
    """One cluster, its topics and the way in.

    `connection` holds kafka-python's options of every client, such as those of security; `options` those of
    the consumer alone.
    """

    bootstrap_servers: Sequence[str]
    topics: Sequence[str] = ("crm.events", "order.events")
    group_id: str = "turnsignal"
    batch_records: int = 5000  # a larger batch locks each account once for more events; memory grows with it
    dead_letter_topic: str | None = None
    connection: Mapping[str, Any] = field(default_factory=dict, repr=False)
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    cluster: str = ""  # its name, where there are several
    start: Start = "earliest"  # for topics of which nothing has been consumed
    identity: str = "an anonymous client"  # who the broker takes us for, in words for an operator

    @property
    def subscription(self) -> Subscription:
        """What is consumed."""
        return Subscription(tuple(self.topics), self.cluster)

    @property
    def address(self) -> str:
        """Where the cluster is, in words."""
        named = f"cluster {self.cluster!r} at " if self.cluster else ""
        return named + ", ".join(self.bootstrap_servers)
