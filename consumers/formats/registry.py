"""A schema registry that speaks Confluent's HTTP interface, and values in its wire format.

A value begins with a zero byte and the schema's number in four; schemas never change, so each is asked for
once. A registry that does not answer, or refuses our credentials, is SourceAway: the record is read later. A
number that the registry does not know is the record's own fault.
"""

import base64
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from time import monotonic
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from accounts.events import Unreadable
from consumers.formats.connect import Convert, converted
from consumers.formats.format import FormatError, SourceAway
from consumers.formats.json_schema import conversion_of_json_schema
from consumers.formats.plain import json_of

Decode = Callable[[bytes], Any]

_HEAD = 5  # bytes before the payload
_LARGEST = 4 << 20  # bytes of a registry's answer
_MOST_REFERENCES = 200
_MOST_CACHED = 2000
_FORGET_UNKNOWN = 30.0  # seconds until a number that was unknown is asked for again
_LONG = 1.0  # seconds in vain, after which it is left alone
_NOT_FOUND = 404
_UNKNOWN = (40401, 40402, 40403)  # what a registry says of subjects, versions and schemas that it lacks


@dataclass(frozen=True)
class RegistryConfig:
    """Where the registry is; `username` and `password`, or `token`, where it asks for them."""

    urls: Sequence[str]
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    ca_file: str | None = None
    timeout: float = 10.0  # seconds of each request


class Registry:
    """Reads values in the wire format; belongs to one thread.

    Raises FormatError for a wrong configuration or a library that is not installed.
    """

    def __init__(self, config: RegistryConfig) -> None:
        for needed in ("fastavro", "google.protobuf", "grpc_tools"):
            if not _is_installed(needed):
                raise FormatError(f"a schema registry needs {needed}: pip install 'turnsignal[registry]'")
        self._urls = [_checked(url) for url in config.urls]
        if not self._urls:
            raise FormatError("the schema registry needs an address")
        self._client = httpx.Client(
            timeout=config.timeout,
            verify=_trust(config.ca_file),
            follow_redirects=False,
            trust_env=False,
            auth=_Credentials(config),
            headers={"Accept": "application/vnd.schemaregistry.v1+json, application/json"},
        )
        self._decoders: dict[int, Decode] = {}
        self._unknown: dict[int, float] = {}
        self._away: tuple[float, str] = (0.0, "")  # until when it is not asked again, and why not

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def decode(self, value: bytes) -> Any:
        """Plain data of a value in the wire format; raises Unreadable and SourceAway."""
        if len(value) < _HEAD or value[0] != 0:
            raise Unreadable(
                "bad_encoding", f"no wire format of a schema registry: it begins with {value[:_HEAD].hex()!r}"
            )
        number = int.from_bytes(value[1:_HEAD], "big")
        decode = self._decoders.get(number)
        if decode is None:
            decode = self._decoders[number] = self._decoder(number)
        return decode(value[_HEAD:])

    def _decoder(self, number: int) -> Decode:
        if len(self._decoders) >= _MOST_CACHED:
            self._decoders.clear()
        if monotonic() < self._unknown.get(number, 0.0):
            raise self._unknown_schema(number)
        told = self._get(f"/schemas/ids/{number}")
        if told is None:
            if len(self._unknown) >= _MOST_CACHED:
                self._unknown.clear()
            self._unknown[number] = monotonic() + _FORGET_UNKNOWN
            raise self._unknown_schema(number)
        return self._decoder_of(number, told)

    def _decoder_of(self, number: int, told: dict[str, Any]) -> Decode:
        kind, schema = told.get("schemaType") or "AVRO", told.get("schema")
        if not isinstance(schema, str):
            raise Unreadable("unknown_schema", f"schema {number} has no text")
        references = self._references(told)
        if kind == "AVRO":
            from consumers.formats.avro import decoder_of  # noqa: PLC0415  (an optional extra)

            return decoder_of(_avro(schema), {name: _avro(text) for name, text in references.items()})
        if kind == "PROTOBUF":
            return self._protobuf(number, schema, told)
        if kind == "JSON":
            known = {name: json_of(text) for name, text in references.items()}
            return _json_decoder(conversion_of_json_schema(json_of(schema), known))
        raise Unreadable("unknown_schema", f"schema {number} is {kind}; AVRO, PROTOBUF and JSON are read")

    def _protobuf(self, number: int, schema: str, told: dict[str, Any]) -> Decode:
        from consumers.formats import protobuf  # noqa: PLC0415  (an optional extra)

        compiled = self._get(f"/schemas/ids/{number}?format=serialized") or told
        text = compiled.get("schema")
        if isinstance(text, str) and (serialized := _base64(text)) is not None:
            files = self._references(told, "?format=serialized")
            known = {name: found for name, said in files.items() if (found := _base64(said)) is not None}
            if len(known) == len(files):
                return protobuf.decoder_of_descriptors(serialized, known)
        return protobuf.decoder_of_text(schema, self._references(told))

    def _references(self, told: dict[str, Any], query: str = "") -> dict[str, str]:
        """The texts of the schemas that one refers to, by the names it uses, the deepest first."""
        found: dict[str, str] = {}
        self._collect(told, query, found, 0)
        return found

    def _collect(self, told: dict[str, Any], query: str, found: dict[str, str], depth: int) -> None:
        for reference in told.get("references") or ():
            name, subject, version = (reference.get(part) for part in ("name", "subject", "version"))
            if name in found:
                continue
            if len(found) >= _MOST_REFERENCES or depth > _MOST_REFERENCES // 10:
                raise Unreadable("unknown_schema", f"a schema with more than {_MOST_REFERENCES} references")
            other = self._get(f"/subjects/{quote(str(subject), safe='')}/versions/{version}{query}")
            if other is None or not isinstance(other.get("schema"), str):
                raise Unreadable(
                    "unknown_schema", f"{name} ({subject}, version {version}) is not in the registry"
                )
            self._collect(other, query, found, depth + 1)
            found[str(name)] = other["schema"]

    def check(self) -> str | None:
        """Why the registry is of no help now, in words; None where it is."""
        try:
            self._get("/schemas/ids/1")
        except (SourceAway, Unreadable) as error:
            return str(error)
        return None

    def _get(self, path: str) -> dict[str, Any] | None:
        """The answer of the first registry that has one; None where it knows nothing of the sort.

        One that keeps us waiting in vain is then left alone for as long: everything else waits meanwhile.
        """
        begun, (until, problem) = monotonic(), self._away
        if begun < until:
            raise SourceAway(problem)
        for url in self._urls:
            try:
                with self._client.stream("GET", url + path) as response:
                    body = b""
                    for chunk in response.iter_bytes():
                        body += chunk
                        if len(body) > _LARGEST:
                            raise Unreadable("unknown_schema", f"a schema of more than {_LARGEST} bytes")
            except (httpx.HTTPError, OSError) as error:
                problem = f"{url}: {error!r}"
                continue
            answer = _object(body)
            if response.is_success and answer is not None:
                return answer
            if response.status_code == _NOT_FOUND and answer and answer.get("error_code") in _UNKNOWN:
                return None
            problem = f"{url} answers {response.status_code} to {path}"
        waited, words = monotonic() - begun, f"the schema registry does not help: {problem}"
        if waited > _LONG:
            self._away = begun + 2 * waited, words
        raise SourceAway(words)

    def _unknown_schema(self, number: int) -> Unreadable:
        return Unreadable(
            "unknown_schema", f"schema {number} is not in the registry at {', '.join(self._urls)}"
        )


class _Credentials(httpx.Auth):
    def __init__(self, config: RegistryConfig) -> None:
        self._header: str | None = None
        if config.token is not None:
            self._header = f"Bearer {config.token}"
        elif config.username is not None:
            both = f"{config.username}:{config.password or ''}".encode()
            self._header = f"Basic {base64.b64encode(both).decode()}"

    def auth_flow(self, request: httpx.Request) -> Any:
        """Nothing but the header."""
        if self._header is not None:
            request.headers["Authorization"] = self._header
        yield request


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # of the package around it
        return False


def _checked(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
        raise FormatError(f"no address of a schema registry: {parts.scheme}://{parts.hostname}")
    return url.rstrip("/")


def _trust(ca_file: str | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as error:
        raise FormatError(f"cannot read the certificates in {ca_file}: {error}") from error


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        answer = json_of(body)
    except Unreadable:
        return None
    return answer if isinstance(answer, dict) else None


def _avro(schema: str) -> Any:
    """A schema of Avro; that of a simple type may be its bare name."""
    try:
        return json_of(schema)
    except Unreadable:
        return schema.strip()


def _base64(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return None


def _json_decoder(convert: Convert | None) -> Decode:
    def decode(value: bytes) -> Any:
        plain = json_of(value)
        return plain if convert is None else converted(convert, plain)

    return decode
