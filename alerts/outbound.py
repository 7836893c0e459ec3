"""Requests to addresses from settings: checked, pinned, never redirected, bounded in time and size.

The check and the connection use the same address, so that a name that resolves to another address between
the two (DNS rebinding) gains nothing. The deadline holds for the whole exchange: a server that sends a byte
now and then is alive to every read timeout, but not to this one. Proxies of the environment are not used.
"""

import ssl
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import httpcore
import httpx

from alerts.addresses import (
    RefusedAddressError,
    Resolver,
    UnresolvedError,
    checked_addresses,
    system_resolver,
)

LARGEST_BODY = 64 * 1024
_SLICE = 8 * 1024
_PORTS = {"http": 80, "https": 443}


class RefusedError(Exception):
    """This request may not be made, now or later; the reason never quotes the address."""


class UnreachableError(Exception):
    """The exchange failed or took too long; another attempt may go well."""


@dataclass(frozen=True, slots=True)
class Response:
    """What came back; the body ends at the largest that was asked for."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Outbound:
    """Posts to one kind of destination under one policy; safe to use from several threads."""

    def __init__(
        self,
        *,
        allow_private_addresses: bool,
        deadline_seconds: float,
        ca_file: Path | None = None,
        resolver: Resolver = system_resolver,
        largest_body: int = LARGEST_BODY,
    ) -> None:
        self._allow_private = allow_private_addresses
        self._seconds = deadline_seconds
        self._resolver = resolver
        self._largest = largest_body
        self._tls = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)

    def post(
        self, url: str, body: bytes, headers: Mapping[str, str], *, seconds: float | None = None
    ) -> Response:
        """Post once, within `seconds` where they are fewer; raises RefusedError or UnreachableError."""
        allowed = self._seconds if seconds is None else min(seconds, self._seconds)
        deadline = monotonic() + allowed
        target = self._target(url)
        backend = _PinnedBackend(self._addresses(target, deadline), deadline)
        try:
            return self._exchange(target, _port(target), body, headers, backend)
        except (httpcore.TimeoutException, TimeoutError):
            raise UnreachableError(f"no answer within {allowed:.3g} s") from None
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.ProxyError, OSError) as error:
            raise UnreachableError(_in_words(error)) from None

    def check(self, url: str) -> None:
        """Raise RefusedError for what is never posted to; a name that leads nowhere now may yet."""
        with suppress(UnreachableError):
            self._addresses(self._target(url), monotonic() + self._seconds)

    def _addresses(self, target: httpx.URL, deadline: float) -> list[str]:
        """Where the host may be connected to; raises RefusedError or UnreachableError."""
        try:
            return checked_addresses(
                target.raw_host.decode("ascii"),
                _port(target),
                resolver=self._resolver,
                allow_private=self._allow_private,
                seconds=deadline - monotonic(),
            )
        except RefusedAddressError as error:
            raise RefusedError(str(error)) from None
        except UnresolvedError as error:
            raise UnreachableError(str(error)) from None

    def _target(self, url: str) -> httpx.URL:
        try:
            target = httpx.URL(url)
        except httpx.InvalidURL:
            raise RefusedError("the address cannot be read") from None
        if target.scheme not in _PORTS or not target.host:
            raise RefusedError("the address is not http or https")
        if target.scheme == "http" and not self._allow_private:
            raise RefusedError("plain http is not allowed")
        if target.userinfo:
            raise RefusedError("the address holds a user name")
        return target

    def _exchange(
        self,
        target: httpx.URL,
        port: int,
        body: bytes,
        headers: Mapping[str, str],
        backend: "_PinnedBackend",
    ) -> Response:
        origin = httpcore.Origin(target.raw_scheme, target.raw_host, port)
        sent = [(b"host", target.netloc), (b"connection", b"close"), (b"accept-encoding", b"identity")]
        sent += [(name.encode(), value.encode()) for name, value in headers.items()]
        sent.append((b"content-length", str(len(body)).encode()))
        with httpcore.HTTPConnection(origin, ssl_context=self._tls, network_backend=backend) as connection:
            wire = httpcore.URL(
                scheme=target.raw_scheme, host=target.raw_host, port=port, target=target.raw_path
            )
            with connection.stream("POST", wire, headers=sent, content=body) as answer:
                return Response(
                    answer.status, _headers(answer.headers), _capped(answer.iter_stream(), self._largest)
                )


def _port(target: httpx.URL) -> int:
    return target.port or _PORTS[target.scheme]


def _headers(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in raw}


def _capped(chunks: Iterable[bytes], most: int) -> bytes:
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) >= most:
            break
    return bytes(body[:most])


def _in_words(error: Exception) -> str:
    """What failed, without an address; certificates in the library's own words."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not accepted: {cause.verify_message}"
        if isinstance(cause, ssl.SSLError):
            return "the TLS handshake failed"
        cause = cause.__cause__ or cause.__context__
    return f"the connection failed ({type(error).__name__})"


class _PinnedBackend(httpcore.NetworkBackend):
    """Connects to the checked addresses whatever name is asked for, and to no other."""

    def __init__(self, addresses: list[str], deadline: float) -> None:
        self._addresses = addresses
        self._deadline = deadline
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,  # noqa: ARG002  # the name goes into Host and SNI only
        port: int,
        timeout: float | None = None,  # noqa: ARG002
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Try the addresses in order, within the deadline."""
        failure: Exception = httpcore.ConnectError("no address")
        for untried, address in zip(range(len(self._addresses), 0, -1), self._addresses, strict=True):
            share = (
                _left(self._deadline) / untried
            )  # an address that swallows packets leaves time for the rest
            try:
                stream = self._backend.connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _TimedStream(stream, self._deadline)
        raise failure

    def connect_unix_socket(self, *_args: Any, **_options: Any) -> httpcore.NetworkStream:
        """There is none to connect to."""
        raise httpcore.UnsupportedProtocol("unix sockets are not used")

    def sleep(self, seconds: float) -> None:
        """Between httpcore's own attempts, of which none are asked for."""
        self._backend.sleep(min(seconds, _left(self._deadline)))


class _TimedStream(httpcore.NetworkStream):
    """A connection whose every step ends by the same deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        return self._stream.read(max_bytes, _left(self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        # The time allowed counts anew from each part that the other side takes: small parts, small excess.
        for start in range(0, len(buffer), _SLICE):
            self._stream.write(buffer[start : start + _SLICE], _left(self._deadline))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, _left(self._deadline))
        return _TimedStream(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(deadline: float) -> float:
    seconds = deadline - monotonic()
    if seconds <= 0:
        raise httpcore.ReadTimeout("the deadline has passed")
    return seconds
