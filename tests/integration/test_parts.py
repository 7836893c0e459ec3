"""The parts that the other tests stand on do what those tests take for granted."""

from __future__ import annotations

import contextlib
import gc
import http.client
import json
import os
import signal
import smtplib
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from kafka import KafkaConsumer, KafkaProducer  # type: ignore[import-untyped,unused-ignore]
from kafka.errors import KafkaError  # type: ignore[import-untyped,unused-ignore]
from sqlalchemy import create_engine, text

from tests.parts.embedded import EmbeddedBroker
from tests.parts.embedded import why_missing as why_embedded_missing
from tests.parts.process import PartFailedError, Program, free_port, wait_until
from tests.parts.smtp import Answer, SmtpServer
from tests.parts.web import Reply, WebServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message

    from tests.conftest import TopicFactory
    from tests.parts.broker import Broker
    from tests.parts.postgres import PostgresServer
    from tests.parts.slack import SlackServer

ROOT = Path(__file__).parents[2]


def produce(broker: Broker, topic: str, values: list[bytes], **options: Any) -> None:
    with contextlib.closing(
        KafkaProducer(bootstrap_servers=broker.bootstrap, max_request_size=8 * 2**20, **options)
    ) as producer:
        for future in [producer.send(topic, value) for value in values]:
            future.get(timeout=20)


def consume(broker: Broker, topic: str, count: int, **options: Any) -> list[bytes]:
    """The values of a topic from its beginning, until there are `count` of them."""
    options = {"auto_offset_reset": "earliest", "group_id": None, "enable_auto_commit": False, **options}
    values: list[bytes] = []
    deadline = time.monotonic() + 30
    with contextlib.closing(
        KafkaConsumer(
            topic, bootstrap_servers=broker.bootstrap, max_partition_fetch_bytes=8 * 2**20, **options
        )
    ) as consumer:
        while len(values) < count and time.monotonic() < deadline:
            for records in consumer.poll(timeout_ms=200).values():
                values += [record.value for record in records]
    return values


class TestKafka:
    def test_what_is_produced_is_consumed_by_a_group(self, kafka: Broker, topic: TopicFactory) -> None:
        """A topic with several partitions carries records through kafka-python's group consumer."""
        name = topic(partitions=3)
        produce(kafka, name, [b"%d" % number for number in range(100)])
        values = consume(kafka, name, 100, group_id=f"{name}-group")
        assert sorted(values, key=int) == [b"%d" % number for number in range(100)]

    def test_a_value_of_five_megabytes_fits(self, apache_kafka: Broker, topic: TopicFactory) -> None:
        """The broker takes the largest value that the tests of bad input send."""
        name = topic()
        produce(apache_kafka, name, [b"x" * 5_000_000])
        assert [len(value) for value in consume(apache_kafka, name, 1)] == [5_000_000]

    def test_a_killed_broker_keeps_its_data(self, apache_kafka: Broker, topic: TopicFactory) -> None:
        """After SIGKILL and restart the same address serves the same records, and takes more."""
        name = topic()
        produce(apache_kafka, name, [b"before"], acks="all")
        bootstrap = apache_kafka.bootstrap
        apache_kafka.kill()
        assert not apache_kafka.running
        apache_kafka.restart()
        produce(apache_kafka, name, [b"after"])
        assert apache_kafka.bootstrap == bootstrap
        assert consume(apache_kafka, name, 2) == [b"before", b"after"]

    def test_a_topic_that_was_not_created_is_not_there(self, apache_kafka: Broker) -> None:
        """A misspelt topic fails a test instead of being created on the fly."""
        with contextlib.closing(
            KafkaConsumer(bootstrap_servers=apache_kafka.bootstrap, group_id=None)
        ) as consumer:
            assert not consumer.partitions_for_topic("never-created")
            assert "never-created" not in consumer.topics()

    def test_read_committed_hides_an_aborted_transaction(self, kafka: Broker, topic: TopicFactory) -> None:
        """Transactions work on one node: the consumer's isolation level means something."""
        name = topic()
        options = {"bootstrap_servers": kafka.bootstrap, "transactional_id": f"{name}-producer"}
        with contextlib.closing(KafkaProducer(**options)) as producer:
            producer.init_transactions()
            for value, end in ((b"aborted", "abort_transaction"), (b"committed", "commit_transaction")):
                producer.begin_transaction()
                producer.send(name, value).get(timeout=20)
                getattr(producer, end)()
        assert consume(kafka, name, 1, isolation_level="read_committed") == [b"committed"]

    def test_a_broker_out_of_reach_is_an_error_and_no_warning(self) -> None:
        """The sockets that kafka-python leaves to the garbage collector fail no other test."""
        with pytest.raises(KafkaError):
            KafkaConsumer(bootstrap_servers=f"127.0.0.1:{free_port()}", bootstrap_timeout_ms=500)
        gc.collect()

    def test_the_embedded_broker_stands_in(self) -> None:
        """The stand-in starts, serves kafka-python and keeps its data through a restart."""
        if reason := why_embedded_missing():
            pytest.skip(reason)
        with EmbeddedBroker() as broker:
            broker.create_topic("stand-in", partitions=2)
            produce(broker, "stand-in", [b"one", b"two"])
            assert sorted(consume(broker, "stand-in", 2, group_id="group")) == [b"one", b"two"]
            broker.restart()
            assert sorted(consume(broker, "stand-in", 2)) == [b"one", b"two"]


class TestPostgres:
    def test_databases_are_fresh(self, postgres: PostgresServer) -> None:
        """Each test has a database of its own, without tables and in UTF-8."""
        first, second = postgres.create_database(), postgres.create_database()
        run_sql(first, "CREATE TABLE account (name text)", "INSERT INTO account VALUES ('华为 Müller')")
        assert first != second
        assert run_sql(first, "SELECT name FROM account") == "华为 Müller"
        assert run_sql(second, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
        for url in (first, second):
            postgres.drop_database(url)

    def test_a_killed_server_keeps_what_was_committed(
        self, postgres: PostgresServer, postgres_url: str
    ) -> None:
        """After SIGKILL and restart the same address has the committed row."""
        run_sql(postgres_url, "CREATE TABLE account (id int)", "INSERT INTO account VALUES (1)")
        postgres.kill()
        assert not postgres.running
        postgres.restart()
        assert run_sql(postgres_url, "SELECT sum(id) FROM account") == 1
        assert "was not properly shut down" in postgres.log.read_text("utf-8")

    def test_any_database(self, database_url: str) -> None:
        """A test that asks for a database runs on PostgreSQL and on SQLite."""
        run_sql(database_url, "CREATE TABLE account (id integer)", "INSERT INTO account VALUES (7)")
        assert run_sql(database_url, "SELECT id FROM account") == 7


def run_sql(url: str, *statements: str) -> Any:
    """Run statements in one transaction; the first value of the last one's result."""
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            for statement in statements:
                result = connection.execute(text(statement))
            return result.scalar() if result.returns_rows else None
    finally:
        engine.dispose()


def a_message(subject: str = "Hello") -> EmailMessage:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, "a@example.com", "b@example.com"
    message.set_content("Grüße")
    return message


def send(server: SmtpServer, *recipients: str, timeout: float = 5) -> dict[str, tuple[int, bytes]]:
    with smtplib.SMTP(server.host, server.port, timeout=timeout) as client:
        return client.send_message(a_message(), to_addrs=recipients or ("b@example.com",))


class TestSmtp:
    def test_a_message_arrives(self, smtp_server: SmtpServer) -> None:
        """What was sent is read back, decoded, with its envelope."""
        send(smtp_server)
        (received,) = smtp_server.wait_for(1)
        assert (received.sender, received.recipients) == ("a@example.com", ("b@example.com",))
        assert received.message["Subject"] == "Hello"
        assert received.message.get_content() == "Grüße\n"
        assert not received.encrypted

    @pytest.mark.parametrize("code", [451, 550])
    def test_answers_come_as_scripted(self, smtp_server: SmtpServer, code: int) -> None:
        """A refusal hits one attempt; the next is accepted."""
        smtp_server.answer(Answer(data=f"{code} scripted"))
        with pytest.raises(smtplib.SMTPDataError) as refused:
            send(smtp_server)
        assert refused.value.smtp_code == code
        send(smtp_server)
        assert (smtp_server.attempts, len(smtp_server.messages)) == (2, 1)

    def test_a_sender_can_be_refused(self, smtp_server: SmtpServer) -> None:
        """The reply to MAIL is scripted too, and is counted as an attempt."""
        smtp_server.answer(Answer(mail="452 4.3.1 Too busy"))
        with pytest.raises(smtplib.SMTPSenderRefused):
            send(smtp_server)
        assert smtp_server.attempts == 1

    def test_one_of_two_recipients_can_be_refused(self, smtp_server: SmtpServer) -> None:
        """The other one still gets the message."""
        smtp_server.answer(Answer(recipients={"gone@example.com": "550 5.1.1 No such user"}))
        assert send(smtp_server, "b@example.com", "gone@example.com").keys() == {"gone@example.com"}
        assert smtp_server.messages[0].recipients == ("b@example.com",)

    def test_it_can_hang_and_drop(self, smtp_server: SmtpServer) -> None:
        """A server that never replies, or hangs up, costs the client its timeout and no more."""
        smtp_server.answer(Answer(delay=float("inf")), Answer(drop=True))
        with pytest.raises(smtplib.SMTPServerDisconnected, match="timed out"):
            send(smtp_server, timeout=1)
        with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
            send(smtp_server)
        assert smtp_server.messages == []

    def test_it_closes_while_it_hangs(self) -> None:
        """A connection that waits for its reply does not hold up the end of the test."""
        started = time.monotonic()
        with SmtpServer() as server:
            server.answer(Answer(delay=float("inf")))
            with pytest.raises(smtplib.SMTPServerDisconnected, match="timed out"):
                send(server, timeout=1)
        assert time.monotonic() - started < 10

    def test_starttls_and_auth(self) -> None:
        """With both demanded, only an encrypted and authenticated client gets a message through."""
        with SmtpServer(credentials=("user", "secret"), starttls=True) as server:
            with pytest.raises(smtplib.SMTPSenderRefused) as refused:
                send(server)
            assert refused.value.smtp_code == 530
            with smtplib.SMTP("localhost", server.port, timeout=5) as client:
                client.starttls(context=ssl.create_default_context(cafile=str(server.ca_file)))
                with pytest.raises(smtplib.SMTPAuthenticationError):
                    client.login("user", "wrong")
                client.login("user", "secret")
                client.send_message(a_message())
            assert (server.messages[0].user, server.messages[0].encrypted) == ("user", True)

    def test_auth_without_tls(self) -> None:
        """AUTH can be demanded on a plain connection."""
        with SmtpServer(credentials=("user", "secret")) as server:
            with pytest.raises(smtplib.SMTPSenderRefused):
                send(server)
            with smtplib.SMTP(server.host, server.port, timeout=5) as client:
                client.login("user", "secret")
                client.send_message(a_message())
            assert server.messages[0].user == "user"


def post(url: str, payload: Any, timeout: float = 5) -> tuple[int, str, Message]:
    request = urllib.request.Request(  # the address is the test's own server
        url, json.dumps(payload).encode(), {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=timeout) as response:
            return response.status, response.read().decode(), response.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode(), error.headers


def section(length: int = 10) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": "x" * length}}


def button(label: str = "Open", url: str = "https://example.com", **more: Any) -> dict[str, Any]:
    element = {"type": "button", "text": {"type": "plain_text", "text": label}, "url": url, **more}
    return {"type": "actions", "elements": [element]}


def fields(count: int, length: int) -> dict[str, Any]:
    return {"type": "section", "fields": [{"type": "mrkdwn", "text": "x" * length}] * count}


def header(length: int, kind: str = "plain_text") -> dict[str, Any]:
    return {"type": "header", "text": {"type": kind, "text": "x" * length}}


class TestSlack:
    def test_a_good_message_is_taken(self, slack_server: SlackServer) -> None:
        """Text and blocks at the very limits are answered "ok", and recorded with their headers."""
        blocks = [header(150), section(3000), fields(10, 2000), button("x" * 75), {"type": "divider"}]
        payload = {"text": "Fallback", "blocks": blocks + [section()] * 45}
        assert post(slack_server.webhook, payload)[:2] == (200, "ok")
        (request,) = slack_server.requests
        assert (request.method, request.json) == ("POST", payload)
        assert request.headers["content-type"] == "application/json"

    @pytest.mark.parametrize(
        "blocks",
        [
            [section()] * 51,
            [section(3001)],
            [section(0)],
            [header(151)],
            [header(10, "mrkdwn")],
            [fields(11, 1)],
            [fields(1, 2001)],
            [button("x" * 76)],
            [button(url="https://example.com/" + "x" * 3000)],
            [button(url="javascript:alert(1)")],
            [button(style="warning")],
            [{"type": "actions", "elements": []}],
            [{"type": "section"}],
            [{"type": "paragraph"}],
            [{"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}] * 11}],
            [{**section(), "block_id": "same"}] * 2,
            ["text"],
            "text",
        ],
    )
    def test_what_slack_refuses_is_refused(self, slack_server: SlackServer, blocks: Any) -> None:
        """A message over one of Slack's limits fails here as it would there, with a reason."""
        answer = post(slack_server.webhook, {"text": "Fallback", "blocks": blocks})
        assert answer[:2] == (400, "invalid_blocks")
        assert len(slack_server.rejections) == 1

    def test_a_message_must_say_something(self, slack_server: SlackServer) -> None:
        """Neither an empty message nor one that is not JSON is taken."""
        assert post(slack_server.webhook, {})[:2] == (400, "no_text")
        assert post(slack_server.webhook, ["text"])[:2] == (400, "invalid_payload")

    def test_answers_come_as_scripted(self, slack_server: SlackServer) -> None:
        """Status, headers and body are the script's, one a request, then the default again."""
        slack_server.reply(Reply(429, headers={"Retry-After": "7"}), Reply(500, body="oops"))
        status, _, headers = post(slack_server.webhook, {"text": "x"})
        assert (status, headers["Retry-After"]) == (429, "7")
        assert post(slack_server.webhook, {"text": "x"})[:2] == (500, "oops")
        assert post(slack_server.webhook, {"text": "x"})[:2] == (200, "ok")

    def test_one_path_can_fail_alone(self, slack_server: SlackServer) -> None:
        """A script for one webhook leaves the others working."""
        slack_server.reply(Reply(404, body="no_service"), path="/services/gone")
        assert post(slack_server.webhook, {"text": "x"})[0] == 200
        assert post(slack_server.url("/services/gone"), {"text": "x"})[:2] == (404, "no_service")


class TestWebServer:
    def test_it_can_reset_the_connection(self, web_server: WebServer) -> None:
        """The client sees a reset, not an end of file."""
        web_server.reply(Reply(reset=True))
        with pytest.raises(ConnectionResetError):
            request_plainly(web_server)
        assert len(web_server.wait_for(1)) == 1

    def test_it_can_be_slow(self, web_server: WebServer) -> None:
        """A delay holds back the whole reply."""
        web_server.reply(Reply(delay=0.2))
        started = time.monotonic()
        assert request_plainly(web_server) == (200, b"ok")
        assert time.monotonic() - started >= 0.2

    def test_it_can_drip(self, web_server: WebServer) -> None:
        """Each byte comes within a read timeout that the whole reply takes longer than."""
        web_server.reply(Reply(body="0123456789", drip=0.2))
        started = time.monotonic()
        assert request_plainly(web_server, timeout=1.5) == (200, b"0123456789")
        assert time.monotonic() - started > 1.5

    def test_it_closes_while_it_hangs_and_drips(self) -> None:
        """Neither unfinished replies nor idle kept-alive connections hold up the end of a test."""
        started = time.monotonic()
        with contextlib.ExitStack() as clients, WebServer() as server:
            server.reply(Reply(), Reply(delay=float("inf")), Reply(drip=60))
            for count in (1, 2, 3):
                client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
                clients.push(contextlib.closing(client))
                client.request("GET", "/")
                server.wait_for(count)
                if count == 1:
                    clients.enter_context(client.getresponse()).read()
        assert time.monotonic() - started < 10


def request_plainly(server: WebServer, timeout: float = 5) -> tuple[int, bytes]:
    """A GET without a layer that turns a reset into an error of its own."""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=timeout)) as client:
        client.request("GET", "/")
        response = client.getresponse()
        return response.status, response.read()


class TestProcesses:
    @pytest.fixture
    def sleeper(self, tmp_path: Path) -> Iterator[Program]:
        program = Program("sleeper", tmp_path / "log")
        yield program
        program.end(signal.SIGKILL)

    def test_a_failed_start_shows_the_log(self, sleeper: Program, tmp_path: Path) -> None:
        """What a program says before it ends is in the error."""
        sleeper.start(["sh", "-c", "echo the reason; exit 3"], cwd=tmp_path)
        with pytest.raises(PartFailedError, match="the reason"):
            sleeper.wait_ready(lambda: False, timeout=10)

    def test_a_start_that_takes_too_long_fails(self, sleeper: Program, tmp_path: Path) -> None:
        """A part that hangs fails its test with a name, not by the test's timeout."""
        sleeper.start(["sleep", "60"], cwd=tmp_path)
        with pytest.raises(PartFailedError, match="sleeper was not ready"):
            sleeper.wait_ready(lambda: False, timeout=0.1)

    def test_killed_tests_leave_nothing_behind(self) -> None:
        """After SIGKILL of the tests their programs are ended and their folders removed."""
        script = (
            "import time; from tests.parts.process import Folder, Program\n"
            "folder = Folder('orphan'); program = Program('sleep', folder.path / 'log')\n"
            "program.start(['sleep', '300'], cwd=folder.path); print(program.pid, folder.path, flush=True)\n"
            "time.sleep(300)"
        )
        with subprocess.Popen(
            [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=ROOT
        ) as tests:
            assert tests.stdout is not None
            pid, folder = tests.stdout.readline().split()
            tests.kill()
        wait_until(lambda: not is_running(int(pid)), 10, "the end of the program")
        wait_until(lambda: not Path(folder).exists(), 10, "the removal of the folder")

    def test_ports_are_free_and_not_for_outgoing_connections(self) -> None:
        """A port can be bound at once, and no client can be given it by chance."""
        port = free_port()
        with (
            socket.create_server(("127.0.0.1", port)),
            socket.create_connection(("127.0.0.1", port)) as client,
        ):
            assert client.getsockname()[1] > port


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


class TestNetwork:
    def test_other_hosts_are_out_of_reach(self) -> None:
        """No test depends on, or tells anything to, a machine other than this one."""
        with socket.socket() as sock, pytest.raises(pytest.fail.Exception, match="another host"):
            sock.connect(("192.0.2.1", 80))
        with pytest.raises(socket.gaierror):
            socket.getaddrinfo("hooks.slack.com", 443)
