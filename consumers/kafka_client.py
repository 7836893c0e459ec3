"""kafka-python's clients, and what has become of their connections.

kafka-python tries again without end and says why in its own log alone: a password that is refused looks like
a broker that is away. The client here keeps the last failure of each broker.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any
from weakref import WeakSet

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.coordinator.assignors.range import RangePartitionAssignor
from kafka.errors import (
    KafkaConfigurationError,
    KafkaError,
    KafkaTimeoutError,
    RequestTimedOutError,
    RetriableError,
    UnknownTopicOrPartitionError,
)
from kafka.net.compat import KafkaNetClient

from consumers.kafka_config import KafkaConfig
from consumers.kafka_errors import ClosedAtOnceError, NoKafkaError, in_words

_NO_TIME = (KafkaTimeoutError, RequestTimedOutError)
_AT_ONCE = 2.0  # seconds within which a broker closes what it does not want
_BOOTSTRAP_MS = 5000  # how long a client looks for a broker before it says that there is none


class WatchedClient(KafkaNetClient):  # type: ignore[misc]
    """Remembers why each broker cannot be reached."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.failures: dict[Any, BaseException] = {}  # by kafka-python's number of the broker
        self._seen: WeakSet[Any] = WeakSet()
        self._connect = self._manager.get_connection
        self._manager.get_connection = self._watched

    def failure(self) -> BaseException | None:
        """Why none of the brokers can be reached; None where one can, or nobody has tried."""
        brokers = self.cluster.brokers()
        if not brokers:  # it has not come so far
            return next(reversed(self.failures.values()), None)
        failures = [self.failures.get(broker.node_id) for broker in brokers]
        return failures[0] if all(failures) else None

    def _watched(self, node_id: Any, *arguments: Any, **named: Any) -> Any:
        connection = self._connect(node_id, *arguments, **named)
        if connection not in self._seen:
            self._seen.add(connection)
            opened: list[float] = []

            def up(_: object) -> None:
                opened.append(monotonic())
                self.failures.pop(node_id, None)

            def closed(error: BaseException) -> None:
                if opened and monotonic() - opened[0] < _AT_ONCE:
                    self._note(node_id, ClosedAtOnceError(str(error)))

            _hear_out(connection)
            connection.init_future.add_callback(up)
            connection.init_future.add_errback(lambda error: self._note(node_id, error))
            connection.close_future.add_errback(closed)
        return connection

    def _note(self, node_id: Any, error: BaseException) -> None:
        # A broker that has refused us may hang up the next time without a word, and the last attempt before
        # a deadline has no time left for an answer: what was said before tells more.
        vague = isinstance(error, _NO_TIME) or "socket disconnected" in str(error)
        if not vague or node_id not in self.failures:
            self.failures[node_id] = error


def _hear_out(connection: Any) -> None:
    """Let a connection read a broker's last answer also where the broker hangs up right behind it.

    kafka-python 3.0 throws away what came together with the end, such as why a password is refused.
    """
    made = connection.connection_made

    def listening(transport: Any) -> None:
        receive = transport._sock_recv  # noqa: SLF001  (there is no other way in)

        def heard_out() -> tuple[bytes, BaseException | None]:
            data, error = receive()
            return data, None if data else error  # the end is met again at the next reading

        transport._sock_recv = heard_out  # noqa: SLF001
        made(transport)

    connection.connection_made = listening


def consumer_of(config: KafkaConfig) -> tuple[Any, WatchedClient]:
    """A consumer of the group, and its client; raises NoKafkaError in words."""
    options = {
        "group_id": config.group_id,
        "enable_auto_commit": False,
        "auto_offset_reset": "none",  # an offset that is gone is said loudly, never skipped in silence
        "isolation_level": "read_committed",
        "partition_assignment_strategy": [RangePartitionAssignor],
        "max_poll_records": config.batch_records,
        "metrics_enabled": False,
        "metadata_max_age_ms": 30_000,  # how soon a new partition, or a topic that a pattern means, is seen
        **config.options,
    }
    return _made(KafkaConsumer, config, options)


def reader_of(config: KafkaConfig, **options: Any) -> tuple[Any, WatchedClient]:
    """A consumer that belongs to no group; raises NoKafkaError in words."""
    alone = {"enable_auto_commit": False, "isolation_level": "read_committed", "auto_offset_reset": "none"}
    return _made(KafkaConsumer, config, alone | options)


def producer_of(config: KafkaConfig, **options: Any) -> tuple[Any, WatchedClient]:
    """A producer whose records are on every replica in sync; raises NoKafkaError in words."""
    return _made(KafkaProducer, config, {"acks": "all", **options})


def cause_of(error: BaseException, client: WatchedClient | None, topic: str) -> BaseException:
    """Why a producer gave up on a topic: it says no more than that time was up."""
    if client is None or not isinstance(error, KafkaTimeoutError):
        return error
    if (failure := client.failure()) is None and topic not in client.cluster.topics():
        failure = UnknownTopicOrPartitionError(topic)
    return failure or error


@contextmanager
def admin_of(config: KafkaConfig, **options: Any) -> Iterator[Any]:
    """A client for questions to the cluster; raises NoKafkaError in words."""
    admin, _ = _made(KafkaAdminClient, config, options)
    try:
        yield admin
    finally:
        admin.close()


def _made(
    kind: Callable[..., Any], config: KafkaConfig, options: dict[str, Any]
) -> tuple[Any, WatchedClient]:
    """The client; one that does not come about leaves no thread and no socket behind."""
    clients: list[WatchedClient] = []

    def client(**chosen: Any) -> WatchedClient:
        clients.append(WatchedClient(**chosen))
        return clients[-1]

    shared = {
        "bootstrap_servers": list(config.bootstrap_servers),
        "reconnect_backoff_max_ms": 1000,  # the default of 30 s would outlast most brokers' restarts
        "bootstrap_timeout_ms": _BOOTSTRAP_MS,
        "kafka_client": client,
    }
    try:
        return kind(**{**shared, **config.connection, **options}), clients[0]
    except KafkaConfigurationError:  # a mistake of ours, and not to be waited out
        for made in clients:
            made.close()
        raise
    except KafkaError as error:
        cause = next((made.failure() for made in clients), None) or error
        for made in clients:
            made.close()
        refused = not isinstance(cause, RetriableError)
        raise NoKafkaError(in_words(cause, config), refused=refused) from error
