"""What Kafka and the network say, in words that tell an operator what to do."""

import difflib
import os
import re
from collections.abc import Collection, Iterable, Sequence

from kafka.errors import (
    AuthorizationError,
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    IllegalSaslStateError,
    InvalidReceiveError,
    RetriableError,
    SaslAuthenticationFailedError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
    UnsupportedSaslMechanismError,
)

from consumers.kafka_config import KafkaConfig
from consumers.subscription import is_pattern

_MOST_NEAR, _NEAR = 3, 0.8
_MOST_LISTED = 8

# What is said, and waited for: it may pass, or an operator mends it while we run.
WAITED_FOR = (
    RetriableError,
    AuthorizationError,
    SaslAuthenticationFailedError,
    UnsupportedSaslMechanismError,
    IllegalSaslStateError,
)


class NoKafkaError(RetriableError):  # type: ignore[misc]
    """No cluster could be reached; the message says why, in words."""

    def __init__(self, words: str, *, refused: bool = False) -> None:
        super().__init__(words)
        self.refused = refused  # rather than that nobody was there

    def __str__(self) -> str:
        return str(self.args[0])


class ClosedAtOnceError(RetriableError):  # type: ignore[misc]
    """The broker took a connection, and closed it as soon as something was said."""


class TokenError(RetriableError):  # type: ignore[misc]
    """The authorization server gives no token; the message says why, in words."""

    def __str__(self) -> str:
        return str(self.args[0])


def in_words(error: BaseException, config: KafkaConfig) -> str:
    """What is wrong, where, and what mends it."""
    if isinstance(error, NoKafkaError):
        return str(error)
    if isinstance(error, AuthorizationError):
        return _refused(error, config)
    return f"Kafka ({config.address}): {_connection(error, config)}"


def _refused(error: AuthorizationError, config: KafkaConfig) -> str:
    who, where = config.identity, f"Kafka ({config.address}): "
    if isinstance(error, TopicAuthorizationFailedError):
        return f"{where}may not read {_topics(error)} as {who}: {_grant(_names(error), config)}"
    if isinstance(error, GroupAuthorizationFailedError):
        return f"{where}may not join group {config.group_id} as {who}: grant READ on it"
    if isinstance(error, ClusterAuthorizationFailedError):
        return f"{where}may not do this as {who}: grant IDEMPOTENT_WRITE on the cluster"
    return f"{where}refused as {who}: {error}"


def not_seen(topics: Iterable[str], config: KafkaConfig) -> str:
    """Topics that are not there, or that may not be seen, which the broker tells apart for nobody."""
    names = sorted(topics)
    listed = f"topic{'s' * (len(names) > 1)} {', '.join(names)}"
    return (
        f"Kafka ({config.address}): no {listed} as far as {config.identity} may see: "
        f"create {'them' if len(names) > 1 else 'it'}, or {_grant(names, config)}"
    )


def no_match(patterns: Iterable[str], config: KafkaConfig) -> str:
    """Patterns that mean no topic."""
    return (
        f"Kafka ({config.address}): no topic matches {', '.join(patterns)} as far as {config.identity} "
        f"may see: create one, or grant DESCRIBE and READ on it and READ on group {config.group_id}"
    )


def not_there(wanted: Iterable[str], seen: Collection[str], config: KafkaConfig) -> str:
    """Names and patterns of a reader that joins no group, which stand for no topic: as likely misspelt."""
    words = list(wanted)
    some = f"no topic{' matches' if any(map(is_pattern, words)) else ''} {', '.join(words)}"
    return (
        f"Kafka ({config.address}): {some} as far as {config.identity} may see: {_near(words, seen)} "
        f"If {'it is' if len(words) == 1 else 'they are'} right, create what is meant, "
        "or grant DESCRIBE and READ on it"
    )


def _near(wanted: Sequence[str], seen: Collection[str]) -> str:
    """What may have been meant."""
    topics = {topic.casefold(): topic for topic in sorted(seen) if not topic.startswith("_")}
    close = [
        topics[name]
        for each in wanted
        for name in difflib.get_close_matches(each.strip("^$*").casefold(), topics, _MOST_NEAR, _NEAR)
    ]
    if close:
        return f"did you mean {' or '.join(dict.fromkeys(close))}?"
    some = list(topics.values())
    listed = ", ".join(some[:_MOST_LISTED]) + (", …" if len(some) > _MOST_LISTED else "")
    return f"is it spelt right? There are {listed}." if some else "there is none at all."


def may_not_write(error: BaseException, topic: str, config: KafkaConfig) -> str:
    """What keeps a record from a topic."""
    if isinstance(error, TopicAuthorizationFailedError):
        return f"Kafka ({config.address}): may not write to topic {topic} as {config.identity}: grant WRITE"
    if isinstance(error, UnknownTopicOrPartitionError):
        seen = f"no topic {topic} as far as {config.identity} may see"
        return f"Kafka ({config.address}): {seen}: create it, or grant WRITE on it"
    return in_words(error, config)


def _names(error: BaseException) -> list[str]:
    """The topics that an error of kafka-python names, one way or the other."""
    told = error.args[0] if error.args else ()
    return [told] if isinstance(told, str) else sorted(map(str, told))


def _topics(error: BaseException) -> str:
    names = _names(error)
    return f"topic{'s' * (len(names) > 1)} {', '.join(names)}"


def _grant(topics: list[str], config: KafkaConfig) -> str:
    those = "the topic" if len(topics) == 1 else "the topics"
    return f"grant READ on {those} and on group {config.group_id}"


# What OpenSSL and the sockets say, and what it means here. The first that fits.
_SAYINGS = {
    r"CERTIFICATE_VERIFY_FAILED.*(?:Hostname mismatch|IP address mismatch)": (
        "its TLS certificate is for another name ({said}): connect by a name that the certificate holds"
    ),
    r"CERTIFICATE_VERIFY_FAILED": (
        "its TLS certificate is not accepted ({said}): set kafka.ca_file to the authority that signed it"
    ),
    r"CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_UNKNOWN": (
        "it does not accept our client certificate, or misses one ({said}): "
        "set kafka.certificate_file and kafka.key_file to a pair that its authority has signed"
    ),
    r"WRONG_VERSION_NUMBER|RECORD_LAYER_FAILURE|UNEXPECTED_EOF|EOF occurred|PACKET_LENGTH_TOO_LONG": (
        "no TLS is spoken on that port ({said}): check kafka.protocol, which is {protocol}, and the port"
    ),
}


def _connection(error: BaseException, config: KafkaConfig) -> str:
    protocol = config.connection.get("security_protocol", "PLAINTEXT")
    if isinstance(error, TokenError):
        return str(error)
    if isinstance(error, SaslAuthenticationFailedError):
        said = str(error).rpartition("SaslAuthenticationFailedError: ")[2]
        return f"it does not let in {config.identity} ({said}): check name and secret, {_mechanism(config)}"
    if isinstance(error, UnsupportedSaslMechanismError | IllegalSaslStateError):
        said = re.sub(r"^\[Error \d+\] \w+(: )?", "", str(error))
        told = said or "no SASL at all"
        return f"the port does not speak {_mechanism(config)} ({told}): check kafka.mechanism and the port"
    text = str(error)
    if isinstance(error, ClosedAtOnceError | InvalidReceiveError) or "socket disconnected" in text:
        return (
            f"it closes the connection as soon as something is said: the port wants another kafka.protocol "
            f"than {_ours(protocol)}, or a client certificate"
        )
    for pattern, meaning in _SAYINGS.items():
        if re.search(pattern, text, re.IGNORECASE | re.DOTALL):
            return meaning.format(said=_said(text), protocol=_ours(protocol))
    return f"it does not answer ({_said(text)})"


def _mechanism(config: KafkaConfig) -> str:
    return f"SASL {config.connection.get('sasl_mechanism', 'without a mechanism')}"


def _ours(protocol: str) -> str:
    """The name that the settings have for it."""
    return protocol.lower().replace("ssl", "tls")


def _said(text: str) -> str:
    """The heart of what a library said."""
    text = re.sub(r"KafkaConnectionError: |Handshake failed: |\(_ssl\.c:\d+\)", "", text)
    text = re.sub(r"(\d+) E[A-Z]+", lambda number: os.strerror(int(number[1])).lower(), text)
    return text.strip().strip("'\"") or "no reason is known"
