"""From settings to the clusters that are consumed, written to and asked."""

import re
import ssl
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from consumers.event_writer import EventWriter
from consumers.kafka_config import KafkaConfig, Start
from consumers.oauth import ClientCredentials
from service.configuration import SettingsError
from service.kafka_settings import Kafka, KafkaCluster

_PROTOCOLS = {
    "plaintext": "PLAINTEXT",
    "tls": "SSL",
    "sasl_plaintext": "SASL_PLAINTEXT",
    "sasl_tls": "SASL_SSL",
}


def clusters_of(kafka: Kafka) -> list[KafkaConfig]:
    """Every cluster that something is consumed of; raises SettingsError."""
    own = [cluster_of(kafka)] if kafka.topics else []
    return own + [cluster_of(kafka, name) for name in kafka.clusters]


def cluster_of(kafka: Kafka, name: str = "") -> KafkaConfig:
    """One cluster by its name, the empty one being [kafka] itself; raises SettingsError."""
    if name and name not in kafka.clusters:
        known = ", ".join(kafka.clusters) or "none"
        raise SettingsError([f"kafka.clusters: there is no cluster {name!r}; known: {known}"])
    cluster = kafka.clusters[name] if name else kafka
    path = f"kafka.clusters.{name}" if name else "kafka"
    _check_patterns(cluster, path)
    return KafkaConfig(
        bootstrap_servers=cluster.bootstrap_servers,
        topics=cluster.topics,
        group_id=cluster.group_id,
        batch_records=kafka.batch_records,
        dead_letter_topic=cluster.dead_letter_topic,
        connection=_connection(cluster, path),
        options={"client_rack": cluster.rack} if cluster.rack else {},
        cluster=name,
        start=_start(cluster.start),
        identity=_identity(cluster),
    )


def writer_of(kafka: Kafka, refused: Mapping[str, str] | None = None) -> EventWriter:
    """What writes events into the cluster that is set for them, but for some topics; raises SettingsError."""
    return EventWriter(cluster_of(kafka, kafka.write_cluster), kafka.write_topics, refused)


def _start(text: str) -> Start:
    match text:
        case "earliest" | "latest":
            return text
        case _:
            return datetime.fromisoformat(text)


def _check_patterns(cluster: KafkaCluster, path: str) -> None:
    for topic in cluster.topics:
        if topic.startswith("^"):
            try:
                re.compile(topic)
            except re.error as error:
                raise SettingsError([f"{path}.topics = {topic!r}: no regular expression: {error}"]) from None


def _connection(cluster: KafkaCluster, path: str) -> Mapping[str, Any]:
    """kafka-python's options of every client."""
    options: dict[str, Any] = {
        "client_id": cluster.client_id,
        "security_protocol": _PROTOCOLS[cluster.protocol],
    }
    context = _tls(cluster, path) if cluster.protocol in {"tls", "sasl_tls"} else None
    if context is not None:
        options |= {"ssl_context": context, "ssl_check_hostname": cluster.check_server_name}
    if cluster.mechanism is not None:
        options["sasl_mechanism"] = cluster.mechanism
    if cluster.username is not None and cluster.password is not None:
        options["sasl_plain_username"] = cluster.username
        options["sasl_plain_password"] = cluster.password.get_secret_value()
    if cluster.mechanism == "OAUTHBEARER":
        options["sasl_oauth_token_provider"] = _tokens(cluster, context)
    return options


def _tokens(cluster: KafkaCluster, context: ssl.SSLContext | None) -> ClientCredentials:
    secret = cluster.token_client_secret
    return ClientCredentials(
        cluster.token_url or "",
        cluster.token_client_id or "",
        secret.get_secret_value() if secret else "",
        cluster.token_scope,
        verify=_authorities(cluster) if context is not None and cluster.ca_file else True,
    )


def _authorities(cluster: KafkaCluster) -> ssl.SSLContext:
    """The system's authorities and ours: the token endpoint may have a certificate of either."""
    context = ssl.create_default_context()
    context.load_verify_locations(cluster.ca_file)
    return context


def _tls(cluster: KafkaCluster, path: str) -> ssl.SSLContext:
    name, value = "ca_file", cluster.ca_file
    try:
        context = ssl.create_default_context(cafile=cluster.ca_file)
        context.check_hostname = cluster.check_server_name
        if cluster.certificate_file is not None:
            name, value = "certificate_file", f"{cluster.certificate_file}, {cluster.key_file}"
            password = cluster.key_password.get_secret_value() if cluster.key_password else ""
            # A function, or OpenSSL would ask for a missing password on the terminal.
            context.load_cert_chain(cluster.certificate_file, cluster.key_file, lambda: password)
    except ssl.SSLError as error:
        reason = (error.reason or "no PEM").replace("_", " ").lower()
        raise SettingsError([f"{path}.{name} = {value!r}: cannot be used: {reason}"]) from None
    except OSError as error:
        raise SettingsError([f"{path}.{name} = {value!r}: cannot be read: {error.strerror}"]) from None
    return context


def _identity(cluster: KafkaCluster) -> str:
    """Who the broker takes us for, in words for an operator."""
    if cluster.username is not None:
        return f"User:{cluster.username}"
    if cluster.mechanism == "OAUTHBEARER":
        return f"the subject of OAuth client {cluster.token_client_id}"
    if cluster.certificate_file is not None:
        return f"the subject of {cluster.certificate_file}"
    return "User:ANONYMOUS"
