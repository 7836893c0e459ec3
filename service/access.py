"""Who may read: a bearer token for programs, the same token as a password for people."""

import base64
import binascii
import hmac
from collections.abc import Callable, Sequence

from fastapi import Request

from service.problems import Problem

_CHALLENGE = 'Basic realm="Turnsignal", charset="UTF-8"'


def reader(tokens: Sequence[str], *, open_access: bool) -> Callable[[Request], None]:
    """A dependency that lets pass who knows one of the tokens; raises Problem 401 for everyone else."""

    def check(request: Request) -> None:
        if open_access:
            return
        given = _given(request.headers.get("authorization", ""))
        # Every token is compared, in constant time, so that the answer's delay tells nothing.
        matches = [hmac.compare_digest(given.encode(), token.encode()) for token in tokens]
        if not given or not any(matches):
            detail = "give one of http.tokens as bearer token, or as password with any user name"
            raise Problem(401, "Who are you?", detail, authenticate=_CHALLENGE)

    return check


def _given(header: str) -> str:
    scheme, _, credentials = header.partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(credentials, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""
