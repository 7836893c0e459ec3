"""Apache Kafka as companies run it: SASL, TLS and access control on listeners of their own."""

from __future__ import annotations

import base64
import json
import time
from typing import TYPE_CHECKING, Any

import trustme
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from tests.parts.broker import admin_client
from tests.parts.kafka import KafkaBroker
from tests.parts.process import free_port

if TYPE_CHECKING:
    from pathlib import Path

PASSWORD = "a-password-of-the-tests"
SCRAM = ("SCRAM-SHA-256", "SCRAM-SHA-512")
_MODULES = "org.apache.kafka.common.security"


class SecuredKafka(KafkaBroker):
    """Listeners: PLAINTEXT (whose anonymous client may do all), SASL, SASL with TLS, TLS, mutual TLS.

    Everyone else may do what an ACL grants. `authority` signs the broker's certificate, `client_pem` is one
    that mutual TLS accepts.
    """

    def __init__(self) -> None:
        self.authority = trustme.CA()
        self.ports = {name: free_port() for name in ("sasl", "sasl_tls", "tls", "mtls")}
        super().__init__(heap="384m")

    def at(self, listener: str) -> str:
        """The address of a listener, by a name that the certificate holds."""
        return f"localhost:{self.ports[listener]}"

    @property
    def ca_file(self) -> Path:
        return self.folder / "ca.pem"

    @property
    def client_pem(self) -> Path:
        return self.folder / "client.pem"

    def _defaults(self) -> dict[str, str]:
        self._write_certificates()
        protocols = {"sasl": "SASL_PLAINTEXT", "sasl_tls": "SASL_SSL", "tls": "SSL", "mtls": "SSL"}
        properties = super()._defaults()
        ours = ",".join(f"{name.upper()}://{self.at(name)}" for name in protocols)
        mapped = ",".join(f"{name.upper()}:{protocol}" for name, protocol in protocols.items())
        properties |= {
            "listeners": f"{properties['listeners']},{ours}",
            "advertised.listeners": f"{properties['advertised.listeners']},{ours}",
            "listener.security.protocol.map": f"PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,{mapped}",
            "inter.broker.listener.name": "PLAINTEXT",
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": "User:ANONYMOUS",
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(self.folder / "server.pem"),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(self.ca_file),
            "listener.name.mtls.ssl.client.auth": "required",
            "ssl.principal.mapping.rules": "RULE:.*CN=([^,]+).*/$1/,DEFAULT",
        }
        for listener in ("sasl", "sasl_tls"):
            properties |= _sasl(f"listener.name.{listener}")
        return properties

    def _write_certificates(self) -> None:
        self.authority.cert_pem.write_to_path(str(self.ca_file))
        server = self.authority.issue_cert("localhost")
        (self.folder / "server.pem").write_bytes(_as_java_reads_it(server))
        client = self.authority.issue_cert("client@turnsignal.example", common_name="turnsignal-client")
        client.private_key_and_cert_chain_pem.write_to_path(str(self.client_pem))

    def add_user(self, name: str) -> None:
        """Let a user in by SCRAM."""
        from kafka.admin import UserScramCredentialUpsertion  # noqa: PLC0415

        admin = admin_client(self.bootstrap)
        try:
            for mechanism in SCRAM:  # one at a time: of two in a request the broker takes one wrongly
                wanted = UserScramCredentialUpsertion(name, mechanism, PASSWORD)
                assert admin.alter_user_scram_credentials([wanted]) == {name: None}
        finally:
            admin.close()

    def grant(self, user: str, kind: str, name: str, *operations: str) -> None:
        """Let a user do something with a topic, a group or the cluster."""
        from kafka.admin import ACL, ACLOperation, ACLPermissionType, ResourcePattern, ResourceType  # noqa: PLC0415

        pattern = ResourcePattern(ResourceType[kind], name)
        admin = admin_client(self.bootstrap)
        try:
            rules = [
                ACL(f"User:{user}", "*", ACLOperation[one], ACLPermissionType.ALLOW, pattern)
                for one in operations
            ]
            admin.create_acls(rules)
        finally:
            admin.close()


def _as_java_reads_it(certificate: trustme.LeafCert) -> bytes:
    """Key and chain; the key in PKCS #8, the only form that Kafka takes."""
    key = load_pem_private_key(certificate.private_key_pem.bytes(), None)
    form = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return key.private_bytes(*form) + b"".join(pem.bytes() for pem in certificate.cert_chain_pems)


def _sasl(listener: str) -> dict[str, str]:
    plain = f'username="broker" password="{PASSWORD}" user_broker="{PASSWORD}" user_plain="{PASSWORD}"'
    modules = {
        "plain": f"{_MODULES}.plain.PlainLoginModule required {plain};",
        "scram-sha-256": f"{_MODULES}.scram.ScramLoginModule required;",
        "scram-sha-512": f"{_MODULES}.scram.ScramLoginModule required;",
        "oauthbearer": f"{_MODULES}.oauthbearer.OAuthBearerLoginModule required "
        'unsecuredLoginStringClaim_sub="broker";',
    }
    settings = {f"{listener}.{name}.sasl.jaas.config": module for name, module in modules.items()}
    return settings | {f"{listener}.sasl.enabled.mechanisms": ",".join(name.upper() for name in modules)}


def unsecured_token(subject: str, seconds: int = 300) -> str:
    """A JSON Web Token without a signature, as the broker's own validator for trials accepts it."""
    now = int(time.time())
    parts: list[dict[str, Any]] = [{"alg": "none"}, {"sub": subject, "iat": now, "exp": now + seconds}]
    coded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*coded, ""])
