"""Kafka as companies run it: each way in, each refusal in words, rights that are granted while we wait."""

from __future__ import annotations

import gc
import itertools
import json
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

import migrations
from consumers.consumer import Consumer
from consumers.kafka_client import reader_of
from consumers.kafka_errors import NoKafkaError
from service.cli import app
from service.configuration import load
from service.kafka_clusters import cluster_of
from storage.engine import create_engine
from tests.integration.consuming import OPTIONS, body, reached, running, send, talk, values
from tests.parts.process import wait_until
from tests.parts.secured_kafka import PASSWORD, SecuredKafka, unsecured_token
from tests.parts.web import Reply

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from consumers.kafka_config import KafkaConfig
    from storage.engine import Engine
    from tests.parts.web import WebServer

SECRET = "the-secret-of-the-token-client"
PREFIX = "TURNSIGNAL_KAFKA__"
_numbers = itertools.count(1)


USERS = ("plain", "scram", "from-a-token", "turnsignal-client")  # may read and write all topics


@pytest.fixture(scope="module")
def secured() -> Iterator[SecuredKafka]:
    """The broker and its users; `newcomer` may do nothing."""
    with SecuredKafka() as broker:
        for user in ("scram", "newcomer"):
            broker.add_user(user)
        for user in USERS:
            broker.grant(user, "GROUP", "turnsignal", "READ")
            broker.grant(user, "TOPIC", "*", "READ", "WRITE")
        broker.create_topic("letters")
        yield broker


@pytest.fixture(autouse=True)
def sockets_forgotten() -> Iterator[None]:
    """kafka-python leaves a socket whose TLS handshake fails to the garbage collector."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture
def topic(secured: SecuredKafka) -> str:
    """A topic of the test's own."""
    name = f"topic-{next(_numbers)}"
    secured.create_topic(name)
    return name


@pytest.fixture
def engine(sqlite_url: str) -> Iterator[Engine]:
    migrations.upgrade(sqlite_url)
    made = create_engine(sqlite_url)
    yield made
    made.dispose()


def configured(broker: SecuredKafka, listener: str, **settings: str) -> KafkaConfig:
    """The cluster as the settings of an environment make it, with a short session."""
    values = {"bootstrap_servers": broker.at(listener), **settings}
    config = cluster_of(load({PREFIX + name.upper(): value for name, value in values.items()}).kafka)
    fast = {**OPTIONS, "metadata_max_age_ms": 500, "bootstrap_timeout_ms": 1500}
    return replace(config, options={**config.options, **fast})


def way(broker: SecuredKafka, name: str, tokens: str, folder: Path) -> KafkaConfig:
    """One of the ways in."""
    ca = {"ca_file": str(broker.ca_file)}
    pair = {"certificate_file": str(broker.client_pem), "key_file": str(broker.client_pem)}
    secret = folder / "secret"
    secret.write_text(PASSWORD + "\n")
    known = {"username": "plain", "password_file": str(secret)}
    oauth = {"token_url": tokens, "token_client_id": "turnsignal", "token_client_secret": SECRET}
    sasl, both = {"protocol": "sasl_plaintext"}, {"protocol": "sasl_tls", **ca}
    ways = {
        "plain": ("sasl", {**sasl, "mechanism": "PLAIN", **known}),
        "plain over TLS": ("sasl_tls", {**both, "mechanism": "PLAIN", **known}),
        "SCRAM-SHA-256": ("sasl", {**sasl, "mechanism": "SCRAM-SHA-256", **known, "username": "scram"}),
        "SCRAM-SHA-512": ("sasl_tls", {**both, "mechanism": "SCRAM-SHA-512", **known, "username": "scram"}),
        "token": ("sasl_tls", {**both, "mechanism": "OAUTHBEARER", **oauth}),
        "TLS": ("tls", {"protocol": "tls", **ca}),
        "mutual TLS": ("mtls", {"protocol": "tls", **ca, **pair}),
    }
    listener, settings = ways[name]
    return configured(broker, listener, **settings)


def tokens_of(web: WebServer, subject: str = "from-a-token") -> str:
    """A token endpoint that gives such tokens."""
    answer = json.dumps({"access_token": unsecured_token(subject), "expires_in": 300})
    web.reply(*[Reply(200, answer)] * 50, path="/token")
    return web.url("/token")


WAYS = ["plain", "plain over TLS", "SCRAM-SHA-256", "SCRAM-SHA-512", "token", "TLS", "mutual TLS"]


@pytest.mark.parametrize("name", WAYS)
def test_each_way_in_consumes_and_keeps_dead_letters(
    secured: SecuredKafka, engine: Engine, web_server: WebServer, tmp_path: Path, topic: str, name: str
) -> None:
    """The consumer, the producer of the dead-letter topic, and the reader of `backtest --topic`."""
    config = way(secured, name, tokens_of(web_server), tmp_path)
    config = replace(config, topics=[topic], dead_letter_topic="letters")
    letters = len(values(config, ["letters"]))
    send(secured.bootstrap, topic, [(body(talk(1)), []), (b"{", [])])
    consumer = Consumer(engine, config)
    with running(consumer) as stop:
        wait_until(lambda: stop.is_set() or reached(engine, 2)(), 20, "the records")
        assert consumer.unready() is None
    assert len(values(config, ["letters"])) == letters + 1
    assert len(values(config, [topic])) == 2


@pytest.mark.parametrize(
    ("listener", "settings", "said"),
    [
        ("sasl", {"mechanism": "PLAIN", "password": "wrong"}, "not let in User:plain (Authentication failed"),
        ("sasl", {"mechanism": "SCRAM-SHA-512", "password": "wrong"}, "check name and secret, SASL SCRAM"),
        ("sasl_tls", {"mechanism": "PLAIN"}, "closes the connection as soon as something is said"),
        ("tls", {"protocol": "plaintext"}, "another kafka.protocol than plaintext"),
        ("sasl", {"protocol": "plaintext"}, "another kafka.protocol than plaintext"),
        ("tls", {"protocol": "tls"}, "set kafka.ca_file to the authority that signed it"),
        ("mtls", {"protocol": "tls", "ca_file": "{ca}"}, "set kafka.certificate_file and kafka.key_file"),
        ("sasl", {"protocol": "tls", "ca_file": "{ca}"}, "no TLS is spoken on that port"),
        (
            "tls",
            {"mechanism": "PLAIN", "protocol": "sasl_tls", "ca_file": "{ca}"},
            "does not speak SASL PLAIN",
        ),
    ],
)
def test_each_refusal_says_what_to_mend(
    secured: SecuredKafka, listener: str, settings: dict[str, str], said: str
) -> None:
    """Not one of them is a broker that is away, and each is mended elsewhere."""
    if "mechanism" in settings:
        settings = {"protocol": "sasl_plaintext", "username": "plain", "password": PASSWORD, **settings}
    settings = {name: value.format(ca=secured.ca_file) for name, value in settings.items()}
    with pytest.raises(NoKafkaError) as refused:
        reader_of(configured(secured, listener, **settings), bootstrap_timeout_ms=1000)
    assert said in str(refused.value)
    assert PASSWORD not in str(refused.value)


def test_a_certificate_for_another_host_is_refused_unless_that_is_wanted(secured: SecuredKafka) -> None:
    """The name is checked by default; without the check the authority still is."""
    by_address = f"127.0.0.1:{secured.ports['tls']}"
    tls = {"protocol": "tls", "ca_file": str(secured.ca_file), "bootstrap_servers": by_address}
    with pytest.raises(NoKafkaError, match="certificate is for another name"):
        reader_of(configured(secured, "tls", **tls), bootstrap_timeout_ms=1000)
    reader, _ = reader_of(configured(secured, "tls", **tls, check_server_name="false"))
    reader.close()


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(401, "{}"), "gives no token to client turnsignal (HTTP 401): check kafka.token_client_id"),
        (Reply(200, "<html>"), "answers HTTP 200 and no token: is it a token endpoint?"),
        (Reply(reset=True), "no token from http://127.0.0.1"),
    ],
)
def test_a_token_that_is_not_to_be_had_is_said(
    secured: SecuredKafka, web_server: WebServer, tmp_path: Path, reply: Reply, said: str
) -> None:
    """It is the authorization server that is to be mended, not the broker."""
    web_server.reply(*[reply] * 50, path="/token")
    config = way(secured, "token", web_server.url("/token"), tmp_path)
    with pytest.raises(NoKafkaError) as refused:
        reader_of(config, bootstrap_timeout_ms=1000)
    assert said in str(refused.value)
    assert SECRET not in str(refused.value)


def test_rights_that_are_granted_while_we_wait_are_enough(
    secured: SecuredKafka, engine: Engine, topic: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each missing one is named in turn, on readiness and once in the log; no restart is needed."""
    known = {"mechanism": "SCRAM-SHA-256", "username": "newcomer", "password": PASSWORD}
    config = configured(secured, "sasl", protocol="sasl_plaintext", topics=topic, group_id="g", **known)
    send(secured.bootstrap, topic, [(body(talk(1)), [])])
    consumer, logged = Consumer(engine, config), ""

    def says(words: str) -> None:
        wait_until(lambda: words in str(consumer.unready()), 20, words)

    with running(consumer):
        says("may not join group g as User:newcomer: grant READ on it")
        secured.grant("newcomer", "GROUP", "g", "READ")
        says(f"no topic {topic} as far as User:newcomer may see: create it, or grant READ on the topic")
        secured.grant("newcomer", "TOPIC", topic, "DESCRIBE")
        says(f"may not read topic {topic} as User:newcomer: grant READ on the topic and on group g")
        secured.grant("newcomer", "TOPIC", topic, "READ")
        wait_until(reached(engine, 1), 20, "the record")
        wait_until(lambda: consumer.unready() is None, 20, "readiness")
        logged = capsys.readouterr().out
    assert logged.count("may not join group") == logged.count("may not read topic") == 1
    assert "kafka_available" in logged


def test_topics_that_we_may_not_read_are_said_and_the_others_listed(
    secured: SecuredKafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody who may see three topics and read one learns of all three, in words."""
    secured.add_user("onlooker")
    for name in ("seen.open", "seen.closed", "seen.shut", "hidden"):
        secured.create_topic(name)
        if name != "hidden":
            secured.grant("onlooker", "TOPIC", name, "DESCRIBE")
    secured.grant("onlooker", "TOPIC", "seen.open", "READ")
    for name in ("seen.open", "seen.closed", "seen.shut"):
        send(secured.bootstrap, name, [(body(talk(1)), [])])
    settings = {
        "bootstrap_servers": secured.at("sasl"), "protocol": "sasl_plaintext", "mechanism": "SCRAM-SHA-256",
        "username": "onlooker", "password": PASSWORD,
    }  # fmt: skip
    for name, value in settings.items():
        monkeypatch.setenv(PREFIX + name.upper(), value)
    told = CliRunner().invoke(app, ["topics", "--json"])
    found = {each["topic"]: each for each in map(json.loads, told.stdout.splitlines())}
    assert found.keys() == {"seen.open", "seen.closed", "seen.shut"}
    assert found["seen.open"]["format"] == "canonical events", found
    for name in ("seen.closed", "seen.shut"):
        assert (
            f"may not read topic {name} as User:onlooker: grant READ on the topic" in found[name]["problem"]
        )
