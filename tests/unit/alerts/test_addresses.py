"""Requests go to public addresses only, whatever the notation."""

import _socket
import ipaddress
import socket

import pytest

from alerts.addresses import (
    RefusedAddressError,
    Resolver,
    UnresolvedError,
    checked_addresses,
    is_public,
    system_resolver,
)
from alerts.outbound import Outbound, RefusedError, UnreachableError

PRIVATE = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",  # noqa: S104
    "224.0.0.1", "240.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1", "::", "::1", "fe80::1", "fd00::1",
    "fec0::1", "ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2002:a00:1::1", "2001:0:7f00:1::",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_inside_are_not_public(address: str) -> None:
    """Loopback, private, link-local, shared, multicast, reserved, and IPv6 that wraps one of these."""
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"])
def test_addresses_outside_are_public(address: str) -> None:
    """Ordinary addresses, also as networks that speak only IPv6 write them."""
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.1", "0x7f000001", "0x7f.1", "2130706433", "0177.0.0.1", "localhost", "0"]
)
def test_every_notation_of_loopback_is_refused(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What counts is what the system makes of the host, not how it is written."""
    # The guard against look-ups in tests knows only plain notation; the C library itself asks nobody here.
    monkeypatch.setattr(socket, "getaddrinfo", _socket.getaddrinfo)
    with pytest.raises(RefusedError, match=r"not public|cannot be read"):
        Outbound(allow_private_addresses=False, deadline_seconds=5).post(f"https://{host}/", b"", {})


@pytest.mark.parametrize("url", ["https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/"])
def test_ipv6_notations_of_loopback_are_refused(url: str) -> None:
    """Mapped IPv4 is what it maps."""
    with pytest.raises(RefusedError, match="not public"):
        Outbound(allow_private_addresses=False, deadline_seconds=5).post(url, b"", {})


@pytest.mark.parametrize(
    "url", ["http://8.8.8.8/", "file:///etc/passwd", "ftp://8.8.8.8/", "https://u:p@8.8.8.8/", "", "https://"]
)
def test_only_plain_https_addresses_are_posted_to(url: str) -> None:
    """No other scheme, no password in the address."""
    with pytest.raises(RefusedError) as refused:
        Outbound(allow_private_addresses=False, deadline_seconds=5).post(url, b"", {})
    assert "8.8.8.8" not in str(refused.value)


def resolver(*answers: list[str]) -> Resolver:
    """Gives the next answer at each look-up."""
    left = list(answers)
    return lambda _host, _port: left.pop(0)


def test_of_mixed_addresses_only_the_public_are_used() -> None:
    """A name that also stands for a machine inside does not lead there."""
    found = checked_addresses(
        "x", 443, resolver=resolver(["10.0.0.1", "8.8.8.8"]), allow_private=False, seconds=5
    )
    assert found == ["8.8.8.8"]


def test_a_name_without_an_address_may_have_one_later() -> None:
    """No answer, a broken one, a failing one or none in time is worth another attempt."""
    for answer in ([], ["not an address"]):
        with pytest.raises(UnresolvedError):
            checked_addresses("x", 443, resolver=resolver(answer), allow_private=False, seconds=5)
    with pytest.raises(UnresolvedError, match="cannot be resolved"):
        checked_addresses("none.example", 443, resolver=system_resolver, allow_private=False, seconds=5)
    with pytest.raises(RefusedAddressError):
        checked_addresses("x", 443, resolver=resolver(["10.0.0.1"]), allow_private=False, seconds=5)


def test_a_name_is_resolved_once_and_its_checked_address_used() -> None:
    """DNS rebinding: a second look-up would lead inside; there is none."""
    asked: list[str] = []

    def rebinding(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["192.0.2.1"] if len(asked) > 1 else ["127.0.0.1"]

    outbound = Outbound(allow_private_addresses=True, deadline_seconds=5, resolver=rebinding)
    with pytest.raises(UnreachableError):  # nobody listens there, but it was 127.0.0.1 that was asked
        outbound.post("http://rebinding.example:1/", b"", {})
    assert asked == ["rebinding.example"]
