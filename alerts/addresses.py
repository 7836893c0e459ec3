"""Which network addresses a request may go to."""

import ipaddress
import queue
import socket
import threading
from collections.abc import Callable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, int], list[str]]

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class RefusedAddressError(Exception):
    """The host stands for an address of a network that is not the public one."""


class UnresolvedError(Exception):
    """The host's name could not be resolved now."""


def is_public(address: Address) -> bool:
    """Whether this is an ordinary address of the public network, also where it wraps an IPv4 one."""
    if isinstance(address, ipaddress.IPv6Address):
        if (inner := _wrapped(address)) is not None:
            return is_public(inner)
        if address.is_site_local:
            return False
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_unspecified or address.is_loopback
    )


def _wrapped(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that routers would make of this one."""
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def system_resolver(host: str, port: int) -> list[str]:
    """The host's addresses, in the system's order of preference."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def checked_addresses(
    host: str, port: int, *, resolver: Resolver, allow_private: bool, seconds: float
) -> list[str]:
    """The addresses of a host that may be connected to, each as it was checked.

    Whatever the notation (127.1, 0x7f000001, a name), what counts is the address it resolves to. Raises
    RefusedAddressError where none may be connected to, UnresolvedError where there is none.
    """
    found = [_parsed(text) for text in _resolved(host, port, resolver, seconds)]
    allowed = [str(address) for address in found if allow_private or is_public(address)]
    if found and not allowed:
        raise RefusedAddressError("the host stands for an address that is not public")
    if not allowed:
        raise UnresolvedError("the host has no address")
    return allowed


def _parsed(text: str) -> Address:
    try:
        return ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        raise UnresolvedError("the resolver gave no address") from None


def _resolved(host: str, port: int, resolver: Resolver, seconds: float) -> list[str]:
    """The resolver's answer, in time: getaddrinfo itself knows no deadline."""
    answers: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(resolver(host, port))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=ask, name="resolver", daemon=True).start()
    try:
        answer = answers.get(timeout=max(seconds, 0))
    except queue.Empty:
        raise UnresolvedError("the host's name was not resolved in time") from None
    if isinstance(answer, Exception):
        raise UnresolvedError("the host's name cannot be resolved") from None
    return answer
