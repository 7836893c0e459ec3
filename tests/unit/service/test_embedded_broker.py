"""The demo's broker, as far as it can be tried without one."""

import socket

from service.embedded_broker import free_port

_OUTGOING = 32768  # where Linux begins by default


def test_ports_are_free_and_not_for_outgoing_connections() -> None:
    """A port can be bound at once, and no client that waits for it is given it by chance."""
    for _ in range(20):
        port = free_port()
        assert port < _OUTGOING
        socket.create_server(("127.0.0.1", port)).close()
