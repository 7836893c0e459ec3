"""Who may read and write: a bearer token for programs, the same token as a password for people."""

import base64
import binascii
import hmac
from collections.abc import Awaitable, Callable, Sequence

from fastapi import Request

from service.problems import Problem

# Browsers ask for a password on the first; programs read the second.
_CHALLENGE = 'Basic realm="Turnsignal", charset="UTF-8", Bearer realm="Turnsignal"'


def reader(tokens: Sequence[str], *, open_access: bool) -> Callable[[Request], Awaitable[None]]:
    """A dependency that lets pass who knows one of the tokens; raises Problem 401 for everyone else."""
    known = [token.encode() for token in tokens if token]

    async def check(request: Request) -> None:
        if open_access:
            return
        given = _given(request.headers.get("authorization", ""))
        # Every token is compared, in constant time, so that the answer's delay tells nothing.
        matches = [hmac.compare_digest(given, token) for token in known]
        if not any(matches):
            detail = "give one of http.tokens as bearer token, or as password with any user name"
            raise Problem(401, "Who are you?", detail, headers={"www-authenticate": _CHALLENGE})

    return check


def writer(tokens: Sequence[str], *, open_access: bool) -> Callable[[Request], Awaitable[None]]:
    """The same for what changes something, by bearer token alone; raises Problem 401 for everyone else.

    A browser adds a password to whatever another site makes it send, but never a bearer token.
    """
    check = reader(tokens, open_access=open_access)

    async def check_bearer(request: Request) -> None:
        scheme = request.headers.get("authorization", "").partition(" ")[0].lower()
        if not open_access and scheme != "bearer":
            detail = "writing wants one of http.tokens as bearer token; a password does not do"
            raise Problem(
                401, "Who are you?", detail, headers={"www-authenticate": 'Bearer realm="Turnsignal"'}
            )
        await check(request)

    return check_bearer


def _given(header: str) -> bytes:
    scheme, _, credentials = header.partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip().encode("latin-1", "replace")  # header bytes as they came
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(credentials, validate=True).partition(b":")[2]
    except (binascii.Error, ValueError):
        return b""
