"""The settings of Kafka: what goes together, what is told of what does not, and what never is told."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from consumers.oauth import ClientCredentials
from service.configuration import SettingsError, load
from service.kafka_clusters import cluster_of, clusters_of, writer_of
from service.secrets import secrets_of

if TYPE_CHECKING:
    from pathlib import Path

    from consumers.kafka_config import KafkaConfig

SASL = {"protocol": "sasl_plaintext", "mechanism": "PLAIN", "username": "u", "password": "geheim"}
TOKEN = {
    "protocol": "sasl_plaintext",
    "mechanism": "OAUTHBEARER",
    "token_url": "https://login.example/token",
    "token_client_id": "c",
    "token_client_secret": "geheim",
}


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def environment(**settings: str) -> dict[str, str]:
    return {f"TURNSIGNAL_KAFKA__{name.upper()}": value for name, value in settings.items()}


def cluster(name: str = "", **settings: str) -> KafkaConfig:
    return cluster_of(load(environment(**settings)).kafka, name)


def problems(**settings: str) -> list[str]:
    def start() -> None:
        chosen = load(environment(**settings)).kafka
        clusters_of(chosen)
        writer_of(chosen)

    with pytest.raises(SettingsError) as error:
        start()
    return error.value.problems


def without(settings: dict[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in settings.items() if name not in names}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"protocol": "ssl"}, ["kafka.protocol = 'ssl'", "'tls'"]),
        ({"protocol": "sasl_tls"}, ["kafka.mechanism = None", "needed with protocol sasl_tls: PLAIN, SCRAM"]),
        ({"mechanism": "PLAIN"}, ["kafka.mechanism = 'PLAIN'", "of no use with protocol plaintext"]),
        ({**SASL, "mechanism": "GSSAPI"}, ["kafka.mechanism = 'GSSAPI'", "'SCRAM-SHA-256'"]),
        (without(SASL, "username"), ["kafka.username = None", "needed with mechanism PLAIN"]),
        (without(SASL, "password"), ["kafka.password = None", "needed with mechanism PLAIN"]),
        ({"username": "u"}, ["kafka.username = 'u'", "of no use with mechanism None"]),
        ({**TOKEN, "username": "u"}, ["kafka.username = 'u'", "of no use with mechanism OAUTHBEARER"]),
        (without(TOKEN, "token_url"), ["kafka.token_url = None", "needed with mechanism OAUTHBEARER"]),
        ({**SASL, "token_scope": "s"}, ["kafka.token_scope = 's'", "of no use with mechanism PLAIN"]),
        ({**SASL, "token_client_secret": "geheim"}, ["kafka.token_client_secret = (hidden)", "of no use"]),
        ({"ca_file": "ca.pem"}, ["kafka.ca_file = 'ca.pem'", "of no use with protocol plaintext"]),
        ({"protocol": "tls", "certificate_file": "c"}, ["kafka.key_file = None", "with a certificate_file"]),
        ({"protocol": "tls", "key_file": "k"}, ["kafka.key_file = 'k'", "of no use with no certificate"]),
        ({"protocol": "tls", "key_password": "geheim"}, ["kafka.key_password = (hidden)", "no key_file"]),
        ({"protocol": "tls", "ca_file": "ca.pem"}, ["kafka.ca_file = 'ca.pem'", "No such file"]),
        ({"start": "yesterday"}, ["kafka.start = 'yesterday'", "earliest, latest, or a time with its zone"]),
        ({"start": "2026-01-01T00:00:00"}, ["kafka.start", "with its zone"]),
        ({"topics": "^crm.("}, ["kafka.topics = '^crm.('", "no regular expression"]),
        ({"clusters": '{"eu": {"topics": []}}'}, ["kafka.clusters", "cluster eu has no topics"]),
        ({"clusters": '{"eu": {"topcs": []}}'}, ["kafka.clusters.eu.topcs", "did you mean topics?"]),
        (
            {"clusters": '{"eu": {"protocol": "sasl_tls", "mechanism": "PLAIN", "password": 5}}'},
            ["kafka.clusters.eu.username = None", "needed with mechanism PLAIN"],
        ),
        ({"write_cluster": "eu"}, ["kafka.clusters: there is no cluster 'eu'; known: none"]),
    ],
)
def test_what_does_not_go_together_is_told(settings: dict[str, str], said: list[str]) -> None:
    """At the start, by name, and not hours later by a broker that hangs up."""
    text = "\n".join(problems(**settings))
    assert all(part in text for part in said), text
    assert "geheim" not in text


@pytest.mark.parametrize("name", ["password", "token_client_secret", "key_password"])
def test_a_secret_of_a_cluster_is_never_shown(name: str) -> None:
    """The tables of more clusters are as deep as no other setting's."""
    text = "\n".join(problems(clusters=json.dumps({"eu": {name: ["geheim"]}})))
    assert f"kafka.clusters.eu.{name} = (hidden)" in text
    assert "geheim" not in text
    named = load(environment(clusters=json.dumps({"eu": {**SASL, "topics": ["t"]}})))
    assert "geheim" in secrets_of(named)
    assert "geheim" not in repr(named) + repr(cluster_of(named.kafka, "eu"))


def test_a_password_from_a_file_and_a_file_that_is_a_setting(tmp_path: Path) -> None:
    """TURNSIGNAL_KAFKA__CA_FILE names a setting, TURNSIGNAL_KAFKA__PASSWORD_FILE the file of one."""
    secret, ca = tmp_path / "secret", tmp_path / "ca.pem"
    secret.write_text("geheim\n")
    trustme.CA().cert_pem.write_to_path(str(ca))
    known = {**without(SASL, "password"), "protocol": "sasl_tls", "password_file": str(secret)}
    options = cluster(**known, ca_file=str(ca)).connection
    assert options["sasl_plain_password"] == "geheim"
    assert options["security_protocol"] == "SASL_SSL"
    assert options["ssl_context"].check_hostname


@pytest.mark.parametrize("content", ["", "no certificate"])
def test_a_file_that_holds_no_certificate_is_named(tmp_path: Path, content: str) -> None:
    """Not with OpenSSL's riddles alone."""
    (tmp_path / "ca.pem").write_text(content)
    (problem,) = problems(protocol="tls", ca_file="ca.pem")
    assert problem.startswith("kafka.ca_file = 'ca.pem': cannot be used: ")


def test_a_key_that_wants_a_password_does_not_ask_for_it(tmp_path: Path) -> None:
    """A service has nobody at its terminal."""
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415
        BestAvailableEncryption,
        Encoding,
        PrivateFormat,
        load_pem_private_key,
    )

    leaf = trustme.CA().issue_cert("client.example")
    leaf.cert_chain_pems[0].write_to_path(str(tmp_path / "client.pem"))
    key: Any = load_pem_private_key(leaf.private_key_pem.bytes(), None)
    sealed = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"geheim"))
    (tmp_path / "key.pem").write_bytes(sealed)
    pair = {"protocol": "tls", "certificate_file": "client.pem", "key_file": "key.pem"}
    assert cluster(**pair, key_password="geheim").identity == "the subject of client.pem"
    for wrong in ({}, {"key_password": "geheimer"}):
        (problem,) = problems(**pair, **wrong)
        assert problem.startswith("kafka.certificate_file = 'client.pem, key.pem': cannot be used")


def test_clusters_have_settings_of_their_own() -> None:
    """[kafka] is one of them, unless it has no topics."""
    more = json.dumps({"eu": {"bootstrap_servers": ["eu:9092"], "topics": ["t"], "start": "latest"}})
    own, eu = clusters_of(load(environment(clusters=more, batch_records="7")).kafka)
    assert (own.cluster, own.start, own.identity) == ("", "earliest", "User:ANONYMOUS")
    assert (eu.cluster, eu.bootstrap_servers, eu.start, eu.batch_records) == ("eu", ["eu:9092"], "latest", 7)
    (alone,) = clusters_of(load(environment(clusters=more, topics="[]")).kafka)
    assert alone.cluster == "eu"


def test_what_else_is_chosen_reaches_the_clients() -> None:
    """Client id, rack, a time to begin at, who we are."""
    chosen = cluster(client_id="ts-1", rack="eu-1a", start="2026-03-31T00:00:00Z", **SASL)
    assert (chosen.connection["client_id"], chosen.options["client_rack"]) == ("ts-1", "eu-1a")
    assert (chosen.start, chosen.identity) == (datetime(2026, 3, 31, tzinfo=UTC), "User:u")
    provider = cluster(**TOKEN).connection["sasl_oauth_token_provider"]
    assert isinstance(provider, ClientCredentials)
