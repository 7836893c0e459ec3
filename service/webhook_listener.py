"""A receiver of webhooks for trying them: verifies, shows what comes, and answers as it is told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec

from alerts.signature import BadSignatureError, Verifier

LARGEST_BODY = 1024 * 1024
_SECONDS = 30.0  # for a request to come whole


@dataclass(frozen=True, slots=True)
class Heard:
    """One request: its id and event, or why it is not believed."""

    message_id: str
    event: Mapping[str, Any] | None
    problem: str | None
    repeated: bool
    answered: int


class Listener(ThreadingHTTPServer):
    """Listens on a port of this machine, 0 being a free one; `on_heard` is called for each request."""

    daemon_threads = True

    def __init__(self, port: int, secret: str, status: int, on_heard: Callable[[Heard], None]) -> None:
        self.verifier = Verifier([secret])
        self.status = status
        self.on_heard = on_heard
        self.ids: set[str] = set()
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def url(self) -> str:
        """Where it is posted to."""
        return f"http://127.0.0.1:{self.server_address[1]}/"

    def judge(self, headers: Mapping[str, str], body: bytes) -> Heard:
        """What a request says; what is not signed is answered 401."""
        try:
            message_id = self.verifier.verify(body, headers)
            event = msgspec.json.decode(body, type=dict[str, Any])
        except (BadSignatureError, msgspec.DecodeError) as error:
            return Heard(headers.get("webhook-id", ""), None, str(error), repeated=False, answered=401)
        repeated = message_id in self.ids
        self.ids.add(message_id)
        return Heard(message_id, event, None, repeated, self.status)


class _Handler(BaseHTTPRequestHandler):
    server: Listener
    timeout = _SECONDS

    def do_POST(self) -> None:  # http.server's name
        length = self.headers.get("content-length", "")
        if not length.isdecimal() or len(length) > len(str(LARGEST_BODY)) or int(length) > LARGEST_BODY:
            self.send_error(413)
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        heard = self.server.judge(headers, self.rfile.read(int(length)))
        self.send_response(heard.answered)
        self.send_header("content-length", "0")
        self.end_headers()
        self.server.on_heard(heard)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # its name in http.server
        """What comes is shown by `on_heard`."""
