"""An SMTP server that keeps what it receives and answers each delivery attempt as scripted."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import ssl
import subprocess
import threading
from collections import deque
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.parts.process import Folder, PartFailedError, PartMissingError, wait_until

if TYPE_CHECKING:
    from collections.abc import Mapping
    from email.message import EmailMessage
    from pathlib import Path

OK = "250 2.0.0 OK"


@dataclass(frozen=True)
class Answer:
    """How one delivery attempt, from its MAIL command on, is answered."""

    mail: str = OK
    recipients: Mapping[str, str] = field(default_factory=dict)
    """Replies to RCPT for some addresses; the others are accepted."""
    data: str = OK
    """The reply after the whole message; it is kept only if this begins with 2."""
    delay: float = 0
    """Seconds before the reply to the message; `float("inf")` never replies."""
    drop: bool = False
    """Close the connection in place of a reply to the message."""
    keep: bool = False
    """Keep a message whose reply is lost, as a server does that dies after it has taken it over."""


@dataclass(frozen=True)
class Received:
    """One message that was accepted."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    user: str | None
    encrypted: bool

    @property
    def message(self) -> EmailMessage:
        """The message read back, its lines ending as Python's do."""
        return message_from_bytes(self.raw.replace(b"\r\n", b"\n"), policy=policy.default)


class SmtpServer:
    """aiosmtpd on 127.0.0.1 in a thread; a context manager.

    With `credentials` it demands AUTH, with `starttls` it demands encryption first, with a certificate of
    `ca_file` for localhost and 127.0.0.1; without `smtputf8` it knows addresses in ASCII only.
    """

    def __init__(
        self, *, credentials: tuple[str, str] | None = None, starttls: bool = False, smtputf8: bool = True
    ) -> None:
        self.messages: list[Received] = []
        self.attempts = 0
        """How many MAIL commands came, however they were answered."""
        self.host = "127.0.0.1"
        self.port = 0
        self.ca_file: Path | None = None
        self._credentials = credentials
        self._answers: deque[Answer] = deque()
        self._current: dict[Session, Answer] = {}
        self._starttls = starttls
        self._smtputf8 = smtputf8
        self._folder: Folder | None = None
        self._tls: ssl.SSLContext | None = None
        self._sessions: list[SMTP] = []
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="smtp-server", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None

    def answer(self, *answers: Answer) -> None:
        """Script the next attempts, one answer each; after them everything is accepted again."""
        self._answers.extend(answers)

    def wait_for(self, count: int, timeout: float = 10) -> list[Received]:
        """Wait until that many messages were accepted."""
        wait_until(
            lambda: len(self.messages) >= count, timeout, f"{count} messages ({len(self.messages)} came)"
        )
        return self.messages

    def start(self) -> Self:
        if self._starttls:
            self._make_certificate()
        self._thread.start()
        self._ready.wait(10)
        if not self.port:
            raise PartFailedError("the SMTP server did not start") from self._failure
        return self

    def close(self) -> None:
        if self._loop is not None and self._stopping is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join(10)
        if self._folder is not None:
            self._folder.remove()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    # What aiosmtpd calls, by name.

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del server
        if self._credentials is not None and not session.authenticated:
            return "530 5.7.0 Authentication required"
        self.attempts += 1
        answer = self._answers.popleft() if self._answers else Answer()
        self._current[session] = answer
        if answer.mail.startswith("2"):
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return answer.mail

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del server, options
        reply = self._current[session].recipients.get(address, OK)
        if reply.startswith("2"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self._current[session]
        await asyncio.sleep(min(answer.delay, 86400))
        if answer.keep:
            self.messages.append(self._received(session, envelope))
        if answer.drop:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        elif answer.data.startswith("2"):
            self.messages.append(self._received(session, envelope))
        return answer.data

    @staticmethod
    def _received(session: Session, envelope: Envelope) -> Received:
        assert isinstance(envelope.content, bytes)
        login: Any = session.auth_data
        user = login.login.decode() if isinstance(login, LoginPassword) else None
        recipients = tuple(str(address) for address in envelope.rcpt_tos)
        return Received(str(envelope.mail_from), recipients, envelope.content, user, session.ssl is not None)

    def _authenticate(
        self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any
    ) -> AuthResult:
        assert self._credentials is not None
        user, password = (text.encode() for text in self._credentials)
        success = isinstance(data, LoginPassword) and (data.login, data.password) == (user, password)
        return AuthResult(success=success, handled=False, auth_data=data if success else None)

    def _protocol(self) -> SMTP:
        smtp = SMTP(
            self,
            hostname="localhost",
            enable_SMTPUTF8=self._smtputf8,
            tls_context=self._tls,
            require_starttls=self._starttls,
            authenticator=self._authenticate if self._credentials else None,
            auth_require_tls=self._starttls,
        )
        self._sessions.append(smtp)
        return smtp

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # noqa: BLE001  # told to whoever waits for the start
            self._failure = error
            self._ready.set()

    async def _serve(self) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        server = await self._loop.create_server(self._protocol, self.host, 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stopping.wait()
        server.close()
        for smtp in self._sessions:
            if isinstance(smtp.transport, asyncio.Transport):
                smtp.transport.abort()
        await asyncio.sleep(0)  # lets the transports close their sockets before the loop ends
        await server.wait_closed()

    def _make_certificate(self) -> None:
        """A certificate that signs itself, made anew: one in the repository would run out some day."""
        if shutil.which("openssl") is None:
            raise PartMissingError("no openssl on the PATH to make a certificate with")
        self._folder = Folder("smtp")
        self.ca_file, key = self._folder.path / "certificate.pem", self._folder.path / "key.pem"
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
        command += ["-nodes", "-days", "2", "-subj", "/CN=localhost"]
        command += ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
        command += ["-keyout", str(key), "-out", str(self.ca_file)]
        subprocess.run(command, check=True, capture_output=True)
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(self.ca_file, key)


class ScriptedSmtp:
    """A bare server on 127.0.0.1 that says its lines, one for each line it is told; a context manager.

    The first is said unasked. `pause` is the time between two bytes. After the last line it says nothing.
    """

    def __init__(self, *lines: str, pause: float = 0) -> None:
        self._lines = lines
        self._pause = pause
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="scripted-smtp")
        self.host, self.port = "127.0.0.1", int(self._listener.getsockname()[1])
        self.heard: list[bytes] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)

    def _run(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                client.settimeout(0.05)
                with client, contextlib.suppress(OSError):
                    self._talk(client)

    def _talk(self, client: socket.socket) -> None:
        for line in self._lines:
            for byte in f"{line}\r\n".encode():
                client.sendall(bytes([byte]))
                if self._closing.wait(self._pause):
                    return
            if not self._listen(client):
                return
        while self._listen(client):
            pass

    def _listen(self, client: socket.socket) -> bool:
        """Whether something came before the other side went away or took its leave."""
        while not self._closing.is_set():
            try:
                data = client.recv(65536)
            except TimeoutError:
                continue
            self.heard.append(data)
            return not data.upper().startswith(b"QUIT") and bool(data)
        return False
