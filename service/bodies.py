"""Request bodies, read no further than they may go."""

from fastapi import Request


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
