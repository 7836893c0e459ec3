"""An HTTP server that records requests and answers them by a script."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self

from tests.parts.process import wait_until

if TYPE_CHECKING:
    from collections.abc import Mapping
    from email.message import Message

RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER: on, no seconds


@dataclass(frozen=True)
class Reply:
    """What one request is answered with."""

    status: int = 200
    body: str | bytes = "ok"
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0
    """Seconds before the first byte; `float("inf")` never replies."""
    drip: float = 0
    """Seconds before each byte of the body: alive for every read timeout, never done within a deadline."""
    reset: bool = False
    """Read the request, then reset the connection in place of a reply."""

    @property
    def content(self) -> bytes:
        return self.body.encode() if isinstance(self.body, str) else self.body


@dataclass(frozen=True)
class Request:
    """One request as it came."""

    method: str
    path: str
    headers: Message
    """Case-insensitive, by `request.headers["Content-Type"]`."""
    body: bytes
    at: float
    """On the monotonic clock."""

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class WebServer:
    """Listens on a free port of 127.0.0.1 in threads; a context manager."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.stopping = threading.Event()
        self._replies: defaultdict[str | None, deque[Reply]] = defaultdict(deque)
        self._lock = threading.Lock()
        self._server = _Server(self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, name="web-server", daemon=True
        )

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def reply(self, *replies: Reply, path: str | None = None) -> None:
        """Script the next requests, to one path or to any that has no script; then the default again."""
        with self._lock:
            self._replies[path].extend(replies)

    def default(self, request: Request) -> Reply:
        """The reply to a request for which nothing is scripted."""
        del request
        return Reply()

    def wait_for(self, count: int, timeout: float = 10) -> list[Request]:
        """Wait until that many requests have come."""
        wait_until(
            lambda: len(self.requests) >= count, timeout, f"{count} requests ({len(self.requests)} came)"
        )
        return self.requests

    def take(self, request: Request) -> Reply:
        """Record a request; its reply."""
        with self._lock:
            self.requests.append(request)
            for path in (request.path, None):
                if self._replies[path]:
                    return self._replies[path].popleft()
        return self.default(request)

    def start(self) -> Self:
        self._thread.start()
        return self

    def close(self) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._thread.join(10)
        self._server.close_connections()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that server_close waits for the handlers, and none outlives its test

    def __init__(self, owner: WebServer) -> None:
        self.owner = owner
        self._connections: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        if request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, len(RESET_ON_CLOSE)) == RESET_ON_CLOSE:
            request.close()  # an orderly shutdown first would send FIN, and no reset
        else:
            super().shutdown_request(request)

    def close_connections(self) -> None:
        """End the connections that clients keep alive; their handlers wait for a next request."""
        for connection in list(self._connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep quiet: a client that gave up on a slow reply is what such a test is about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def handle_any(self) -> None:
        owner = self.server.owner
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        reply = owner.take(Request(self.command, self.path, self.headers, body, time.monotonic()))
        if reply.delay and owner.stopping.wait(min(reply.delay, 86400)):
            self.close_connection = True
        elif reply.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            self.close_connection = True
        else:
            self._send(reply)

    do_DELETE = do_GET = do_HEAD = do_PATCH = do_POST = do_PUT = handle_any  # noqa: N815  # http.server's names

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in {"Content-Length": str(len(reply.content)), **reply.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if not reply.drip:
            self.wfile.write(reply.content)
            return
        for byte in reply.content:
            if self.server.owner.stopping.wait(reply.drip):
                self.close_connection = True
                return
            self.wfile.write(bytes([byte]))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # its name in http.server
        """Keep quiet: `requests` has it all."""
