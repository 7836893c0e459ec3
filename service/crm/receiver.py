"""What the webhooks of every CRM have in common: who is let in, what is written, how it is answered."""

import hmac
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import msgspec
from fastapi import Response
from fastapi.responses import JSONResponse

from service.problems import Problem

MEBIBYTE = 1024 * 1024
OUTCOMES = ("accepted", "not_found", "unauthenticated", "too_large", "malformed", "invalid", "unavailable")


class Notified(NamedTuple):
    """A record to be: the changes of one document have one key, and so stay in their order."""

    key: bytes | None
    value: bytes


class Refusal(Exception):  # noqa: N818  # it is one, whatever its cause
    """Why a request is not taken: what is counted, and what the caller is told, never with a secret."""

    def __init__(self, outcome: str, status: int, title: str, detail: str, retry_after: int = 0) -> None:
        super().__init__(detail)
        self.outcome = outcome
        self.status = status
        self.title = title
        self.detail = detail
        self.headers = {"retry-after": str(retry_after)} if retry_after else {}


class Receiver(Protocol):
    """The webhooks of one kind of CRM."""

    largest_body: int  # bytes; before a signature is known to be good, a body is anybody's

    def admit(self, headers: Mapping[str, str], token: str) -> None:
        """Refuse what needs no body to be refused; `token` is the end of the address. Raises Refusal."""

    def records(self, headers: Mapping[str, str], body: bytes) -> list[Notified]:
        """What a request tells, once the whole of it is believed; raises Refusal."""

    def accepted(self, number: int) -> Response:
        """The answer when Kafka has all of them."""

    def refused(self, refusal: Refusal) -> Response:
        """The answer to what is not taken; may raise Problem."""


class JsonAnswers:
    """Answers of those that speak JSON, or that look at the status alone."""

    largest_body = 2 * MEBIBYTE

    def accepted(self, number: int) -> Response:
        """See Receiver."""
        return JSONResponse({"accepted": number})

    def refused(self, refusal: Refusal) -> Response:
        """See Receiver."""
        raise Problem(refusal.status, refusal.title, refusal.detail, headers=refusal.headers)


class Token:
    """A secret that comes along with each request: as bearer token, or as the end of the address."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._known = [secret.encode() for secret in secrets]

    def check(self, headers: Mapping[str, str], token: str) -> None:
        """Raises Refusal, the same for none and for a wrong one."""
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        given = token or (bearer.strip() if scheme.lower() == "bearer" else "")
        if not is_one_of(given, self._known):
            detail = "give one of the source's secrets as bearer token, or as the end of the address"
            raise unauthenticated(detail)


def is_one_of(given: str, known: Sequence[bytes]) -> bool:
    """Compare with every one, in constant time, so that the answer's delay tells nothing."""
    bytes_ = given.encode("utf-8", "surrogatepass")
    matches = [hmac.compare_digest(bytes_, one) for one in known]
    return any(matches)


def unauthenticated(detail: str) -> Refusal:
    """What nobody who knows the secret has sent, as far as we can tell."""
    return Refusal("unauthenticated", 401, "Not believed", detail)


def no_address(token: str) -> None:
    """For those that sign, nothing follows the source's name. Raises Refusal."""
    if token:
        raise Refusal("not_found", 404, "Not Found", "there is nothing at this address")


def items_of(body: bytes) -> list[bytes]:
    """Each item of a list as it came, or the one thing that it is; raises Refusal."""
    try:
        if body.lstrip()[:1] == b"[":
            return [bytes(raw) for raw in msgspec.json.decode(body, type=list[msgspec.Raw])]
        msgspec.json.decode(body)
    except (ValueError, RecursionError) as error:
        raise Refusal("malformed", 400, "Not JSON", str(error)) from None
    return [body]


def object_of(item: bytes) -> dict[str, Any]:
    """An item's fields; none where it is no object, which the topic's format says later."""
    try:
        found = msgspec.json.decode(item)
    except (ValueError, RecursionError) as error:
        raise Refusal("malformed", 400, "Not JSON", str(error)) from None
    return found if isinstance(found, dict) else {}


def key_of(fields: Mapping[str, Any], *names: str) -> bytes | None:
    """The first of these fields that has an id."""
    for name in names:
        if isinstance(value := fields.get(name), str | int) and value != "":
            return str(value).encode()
    return None
