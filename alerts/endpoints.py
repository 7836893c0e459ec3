"""The endpoints of other programs: which of them want to hear of what."""

from fnmatch import fnmatchcase

from alerts.destinations import Destination, webhook_destination
from alerts.message import Notice
from storage import webhook_endpoints
from storage.engine import Connection


def event_type(notice: Notice) -> str:
    """What a notice is called to programs."""
    return f"alert.{notice}"


def subscribed(connection: Connection, notice: Notice) -> list[Destination]:
    """The endpoints that a notice goes to."""
    wanted = event_type(notice)
    return [
        webhook_destination(one.endpoint_id)
        for one in webhook_endpoints.active(connection)
        if not one.event_types or any(fnmatchcase(wanted, pattern) for pattern in one.event_types)
    ]
