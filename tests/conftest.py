"""The real parts as fixtures, which of them there are on this machine, and a closed door to other hosts."""

from __future__ import annotations

import ipaddress
import itertools
import logging
import os
import socket
import sqlite3
import warnings
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

import hypothesis
import pytest
import structlog

from tests.parts import embedded, kafka, postgres
from tests.parts.process import PartMissingError
from tests.parts.slack import SlackServer
from tests.parts.slack_workspace import SlackWorkspace
from tests.parts.smtp import SmtpServer
from tests.parts.web import WebServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.parts.broker import Broker
    from tests.parts.postgres import PostgresServer

UNDER_CI = os.environ.get("CI", "").lower() in {"1", "true"}
# "kafka" or "embedded" leave no choice; else Apache Kafka, or the embedded one where that cannot be had.
CHOSEN_BROKER = os.environ.get("TURNSIGNAL_TEST_BROKER", "")

broker_note = pytest.StashKey[str]()


class TopicFactory(Protocol):
    """Creates a topic with a name of its own and gives the name."""

    def __call__(self, partitions: int = 1, prefix: str = "topic", **configs: str) -> str: ...


def pytest_configure(config: pytest.Config) -> None:
    # The same examples each time, however slow the machine: a failure is the change's, never the day's.
    patient = [hypothesis.HealthCheck.too_slow]
    hypothesis.settings.register_profile(
        "dependable", derandomize=True, deadline=None, suppress_health_check=patient
    )
    hypothesis.settings.load_profile("dependable")
    # kafka-python 3.0 reads its protocol schemas with functions that Python 3.11 and 3.12 call deprecated.
    config.addinivalue_line("filterwarnings", "ignore:(read|open)_text is deprecated:DeprecationWarning")
    # It leaves sockets that never got a connection (proto=6, and no raddr) to the garbage collector, which
    # would charge them to whichever test runs then.
    never_connected = (
        r"unclosed <socket\.socket fd=\d+, family=2, type=1, proto=6, laddr=\('0\.0\.0\.0', \d+\)>"
    )
    config.addinivalue_line("filterwarnings", f"ignore:{never_connected}:ResourceWarning")
    # pytest collects garbage once more at its very end, where lines added here no longer count.
    warnings.filterwarnings("ignore", never_connected, ResourceWarning)


def pytest_report_header() -> list[str]:
    database = f"PostgreSQL {found[1]}" if (found := postgres.installation()) else postgres.why_missing()
    return [
        f"broker: {_broker_in_words()}",
        f"databases: {database}, SQLite {sqlite3.sqlite_version}",
    ]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """What the header could not know: that the jars could not be fetched."""
    if note := config.stash.get(broker_note, None):
        terminalreporter.section("broker")
        terminalreporter.line(note)


def _broker_in_words() -> str:
    reason = kafka.why_missing()
    if CHOSEN_BROKER != "embedded" and reason is None:
        fetched = "" if kafka.jars_folder().is_dir() else ", jars to be fetched from Maven Central"
        return kafka.KafkaBroker.name + fetched
    if CHOSEN_BROKER == "kafka" or (UNDER_CI and CHOSEN_BROKER != "embedded"):
        return f"none: Apache Kafka is asked for, but {reason}"
    because = "chosen by TURNSIGNAL_TEST_BROKER" if CHOSEN_BROKER == "embedded" else reason
    if missing := embedded.why_missing():
        return f"none: {because}; {missing}"
    return f"embedded noida-db {embedded.version()} (127.0.0.1) in place of Apache Kafka: {because}"


def missing(part: object) -> NoReturn:
    """Skip the test for want of a part; under CI fail it, since there every part is promised."""
    if UNDER_CI:
        pytest.fail(f"missing part (CI): {part}", pytrace=False)
    pytest.skip(str(part))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup() -> Iterator[None]:
    yield from _missing_parts_skip()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    yield from _missing_parts_skip()


def _missing_parts_skip() -> Iterator[None]:
    try:
        yield
    except PartMissingError as error:
        missing(error)


@pytest.fixture(autouse=True)
def logs_left_alone() -> Iterator[None]:
    """Fail the test that sets how this process logs: others, much later, would wait for words in vain."""
    yield
    root = logging.getLogger()
    ours = [each for each in root.handlers if isinstance(each.formatter, structlog.stdlib.ProcessorFormatter)]
    for handler in ours:
        root.removeHandler(handler)
    assert not ours, "a command that sets up logs belongs in a process of its own"


@pytest.fixture(scope="session", autouse=True)
def loopback_only() -> Iterator[None]:
    """Refuse every connection and every look-up that would leave the machine."""
    connect, connect_ex, getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def checked_connect(self: socket.socket, address: Any) -> None:
        _refuse_others(self, address)
        connect(self, address)

    def checked_connect_ex(self: socket.socket, address: Any) -> int:
        _refuse_others(self, address)
        return connect_ex(self, address)

    def checked_getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        if not _is_local_or_literal(host):
            raise socket.gaierror(socket.EAI_NONAME, f"tests resolve no names of other hosts: {host}")
        return getaddrinfo(host, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", checked_connect)
        patch.setattr(socket.socket, "connect_ex", checked_connect_ex)
        patch.setattr(socket, "getaddrinfo", checked_getaddrinfo)
        yield


def _refuse_others(sock: socket.socket, address: Any) -> None:
    if sock.family not in {socket.AF_INET, socket.AF_INET6}:
        return
    host = address[0]
    if host != "localhost" and not ipaddress.ip_address(host.partition("%")[0]).is_loopback:
        pytest.fail(f"a test connects to another host: {address}")


def _is_local_or_literal(host: str | bytes | None) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name in {None, "", "localhost", socket.gethostname()}:
        return True
    try:
        ipaddress.ip_address(str(name).partition("%")[0])
    except ValueError:
        return False
    return True


@pytest.fixture(scope="session")
def kafka_broker(request: pytest.FixtureRequest) -> Iterator[Broker]:
    """The broker of the whole run: Apache Kafka, or the embedded one as the header says."""
    with _make_broker(request.config) as broker:
        yield broker


def _make_broker(config: pytest.Config) -> Broker:
    if CHOSEN_BROKER != "embedded":
        try:
            return kafka.KafkaBroker()
        except PartMissingError as error:
            if UNDER_CI or CHOSEN_BROKER == "kafka":
                raise
            config.stash[broker_note] = f"The embedded broker was used in place of Apache Kafka. {error}"
    return embedded.EmbeddedBroker()


@pytest.fixture(name="kafka")
def running_kafka(kafka_broker: Broker) -> Broker:
    """The broker, started again if the test before has stopped it."""
    if not kafka_broker.running:
        kafka_broker.restart()
    return kafka_broker


@pytest.fixture
def apache_kafka(kafka: Broker) -> Broker:
    """The broker, for tests of what only Apache Kafka itself does: large values, survival of SIGKILL."""
    if not kafka.apache:
        reason = f"needs Apache Kafka, not {kafka.name}"
        if CHOSEN_BROKER == "embedded":
            pytest.skip(reason)
        missing(reason)
    return kafka


_topic_numbers = itertools.count(1)


@pytest.fixture
def topic(kafka: Broker) -> TopicFactory:
    """`topic(partitions=6)` creates a topic with a name of its own and gives the name."""

    def create(partitions: int = 1, prefix: str = "topic", **configs: str) -> str:
        name = f"{prefix}-{next(_topic_numbers)}"
        kafka.create_topic(name, partitions, **configs)
        return name

    return create


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The server of the whole run, with fsync off: a crash of the machine is not among these tests."""
    with postgres.PostgresServer(fsync=False) as server:
        yield server


@pytest.fixture(name="postgres")
def running_postgres(postgres_server: PostgresServer) -> PostgresServer:
    """The server, started again if the test before has stopped it."""
    if not postgres_server.running:
        postgres_server.restart()
    return postgres_server


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """A fresh, empty database on PostgreSQL, dropped after the test."""
    url = postgres.create_database()
    yield url
    if postgres.running:
        postgres.drop_database(url)


@pytest.fixture(scope="session")
def logical_postgres() -> Iterator[PostgresServer]:
    """A server that keeps what logical decoding needs, for change data capture."""
    with postgres.PostgresServer(fsync=False, settings={"wal_level": "logical"}) as server:
        yield server


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A database file of SQLite that is not there yet."""
    return f"sqlite:///{tmp_path / 'turnsignal.sqlite'}"


@pytest.fixture(params=["postgresql", "sqlite"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh, empty database, once on PostgreSQL and once on SQLite."""
    url: str = request.getfixturevalue("postgres_url" if request.param == "postgresql" else "sqlite_url")
    return url


@pytest.fixture
def smtp_server() -> Iterator[SmtpServer]:
    """An SMTP server without AUTH and TLS; tests of these start their own `SmtpServer`."""
    with SmtpServer() as server:
        yield server


@pytest.fixture
def slack_server() -> Iterator[SlackServer]:
    with SlackServer() as server:
        yield server


@pytest.fixture
def slack_workspace() -> Iterator[SlackWorkspace]:
    with SlackWorkspace() as server:
        yield server


@pytest.fixture
def web_server() -> Iterator[WebServer]:
    """An HTTP server that answers 200 "ok" unless scripted: the other end of outgoing webhooks."""
    with WebServer() as server:
        yield server
