"""The settings of Kafka: clusters, topics, and the way in."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr, ValidationInfo, field_validator

from service.sections import Name, Section, WebAddress

Mechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"]
_WITH_PASSWORD = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
_WITH_TLS = ("tls", "sasl_tls")
_WITH_SASL = ("sasl_plaintext", "sasl_tls")


def _start(text: str) -> str:
    if text in {"earliest", "latest"}:
        return text
    try:
        zone = datetime.fromisoformat(text).tzinfo
    except ValueError:
        zone = None
    if zone is None:
        raise ValueError("not earliest, latest, or a time with its zone such as 2026-03-31T00:00:00Z")
    return text


def _needed(value: object, *, needed: bool, with_: str) -> None:
    """Raises ValueError where a value is missing, or has no use."""
    if needed and value is None:
        raise ValueError(f"needed with {with_}")
    if not needed and value is not None:
        raise ValueError(f"of no use with {with_}; leave it out")


class KafkaCluster(Section):
    """A cluster, its topics, and the way in."""

    bootstrap_servers: list[Name] = Field(
        ["localhost:9092"], min_length=1, description="Brokers to ask first."
    )
    topics: list[Name] = Field(
        ["crm.events", "order.events"],
        description="Topics to consume: names, wildcards (`crm.*`), or regular expressions (`^crm\\..*`).",
    )
    group_id: str = Field("turnsignal", min_length=1, description="The consumer group.")
    client_id: Name = Field("turnsignal", description="What the brokers' logs and quotas know us by.")
    rack: Name | None = Field(None, description="Where we are; brokers may let us read from a replica here.")
    start: Annotated[str, AfterValidator(_start)] = Field(
        "earliest",
        description="Where a topic begins of which nothing was consumed: `earliest`, `latest`, or a time.",
    )
    dead_letter_topic: Name | None = Field(
        None, description="A topic that unreadable records are copied to; the table has them in any case."
    )
    protocol: Literal["plaintext", "tls", "sasl_plaintext", "sasl_tls"] = Field(
        "plaintext", description="How the brokers are spoken to (docs/operations.md)."
    )
    mechanism: Mechanism | None = Field(None, validate_default=True, description="How SASL lets us in.")
    username: Name | None = Field(None, validate_default=True, description="For PLAIN and SCRAM.")
    password: SecretStr | None = Field(None, validate_default=True, description="For PLAIN and SCRAM.")
    token_url: WebAddress = Field(
        None, validate_default=True, description="For OAUTHBEARER: where tokens are had."
    )
    token_client_id: Name | None = Field(
        None, validate_default=True, description="For OAUTHBEARER: who asks for a token."
    )
    token_client_secret: SecretStr | None = Field(
        None, validate_default=True, description="For OAUTHBEARER: the secret of who asks."
    )
    token_scope: Name | None = Field(None, description="For OAUTHBEARER: what the token is to allow.")
    ca_file: Name | None = Field(
        None, description="PEM of the authorities that sign the brokers' certificates; else the system's."
    )
    certificate_file: Name | None = Field(None, description="PEM of our own certificate, for mutual TLS.")
    key_file: Name | None = Field(None, validate_default=True, description="PEM of its private key.")
    key_password: SecretStr | None = Field(None, description="Opens the private key.")
    check_server_name: bool = Field(True, description="Refuse a certificate that is for another host.")

    @field_validator("mechanism")
    @classmethod
    def goes_with_protocol(cls, value: str | None, info: ValidationInfo) -> str | None:
        """SASL needs to be told how; anything else has no use for it."""
        if "protocol" in info.data:
            protocol = info.data["protocol"]
            with_ = f"protocol {protocol}: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER"
            needed = protocol in _WITH_SASL
            _needed(value, needed=needed, with_=with_ if needed else f"protocol {protocol}")
        return value

    @field_validator("username", "password")
    @classmethod
    def for_passwords(cls, value: object, info: ValidationInfo) -> object:
        """Half of it would be refused by the broker, hours later."""
        if "mechanism" in info.data:
            mechanism = info.data["mechanism"]
            _needed(value, needed=mechanism in _WITH_PASSWORD, with_=f"mechanism {mechanism}")
        return value

    @field_validator("token_url", "token_client_id", "token_client_secret", "token_scope")
    @classmethod
    def for_tokens(cls, value: object, info: ValidationInfo) -> object:
        """All but the scope is needed."""
        if "mechanism" in info.data:
            mechanism = info.data["mechanism"]
            wanted = mechanism == "OAUTHBEARER"
            if not (wanted and info.field_name == "token_scope"):
                _needed(value, needed=wanted, with_=f"mechanism {mechanism}")
        return value

    @field_validator("ca_file", "certificate_file", "key_file", "key_password")
    @classmethod
    def for_tls(cls, value: object, info: ValidationInfo) -> object:
        """Certificates that nobody looks at would be false comfort."""
        protocol = info.data.get("protocol", "tls")
        if protocol not in _WITH_TLS:
            _needed(value, needed=False, with_=f"protocol {protocol}")
        elif info.field_name == "key_file" and "certificate_file" in info.data:
            given = info.data["certificate_file"] is not None
            _needed(value, needed=given, with_="a certificate_file" if given else "no certificate_file")
        elif info.field_name == "key_password" and info.data.get("key_file") is None:
            _needed(value, needed=False, with_="no key_file")
        return value


class Kafka(KafkaCluster):
    """Where the events come from."""

    batch_records: int = Field(5000, ge=1, le=100_000, description="Records a transaction, at most.")
    write_topics: dict[Name, Name] = Field(
        {"crm.*": "crm.events", "order.*": "order.events"},
        description="Where `POST /webhooks/events` and `turnsignal import` write, by the event's type.",
    )
    write_cluster: str = Field("", description="Which of `kafka.clusters` they write to; else this one.")
    clusters: dict[Name, KafkaCluster] = Field(
        {},
        validate_default=True,
        description="More clusters by name, each with settings as above (docs/operations.md).",
    )

    @field_validator("clusters")
    @classmethod
    def something_to_consume(
        cls, clusters: dict[str, KafkaCluster], info: ValidationInfo
    ) -> dict[str, KafkaCluster]:
        """Without a topic the service would stand still, and look well."""
        if "topics" not in info.data:
            return clusters
        if not info.data["topics"] and not clusters:
            raise ValueError("with kafka.topics = [] there is nothing to consume; name a topic")
        if empty := [name for name, cluster in clusters.items() if not cluster.topics]:
            raise ValueError(f"cluster {empty[0]} has no topics; name one")
        return clusters
