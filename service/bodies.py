"""Request bodies, read no further than they may go."""

from collections.abc import Awaitable, Callable

from fastapi import Request

from service.problems import Problem

LARGEST_JSON = 64 * 1024


async def capped(request: Request, most: int) -> bytes | None:
    """The request's body; None as soon as it is too large, whatever its length claims."""
    claimed = request.headers.get("content-length", "")
    if claimed.isdecimal() and len(claimed) > len(str(most)):
        return None
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            return None
    return bytes(body)


def json_body(what: str) -> Callable[[Request], Awaitable[bytes]]:
    """A dependency: a small body of JSON, still to be read; raises Problem 413 and 415."""

    async def read(request: Request) -> bytes:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":  # a form of another site could not send it either
            raise Problem(415, "Not JSON", "send content-type: application/json")
        body = await capped(request, LARGEST_JSON)
        if body is None:
            raise Problem(413, "Body too large", f"{what} has at most {LARGEST_JSON} bytes")
        return body

    return read
