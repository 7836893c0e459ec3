"""The endpoints of other programs: which of them want to hear of what, and by which name."""

from fnmatch import fnmatchcase
from typing import get_args

from alerts.destinations import Destination, webhook_destination
from alerts.message import Notice
from storage import webhook_endpoints
from storage.engine import Connection

TEST = "test"  # the notice of a delivery that a person asked for, to try an endpoint
TEST_EVENT = "endpoint.test"
_TO_PEOPLE_ALONE = frozenset({"reminder", "escalated"})


def event_type(notice: str) -> str:
    """What a notice is called to programs."""
    return TEST_EVENT if notice == TEST else f"alert.{notice}"


EVENT_TYPES = tuple(event_type(notice) for notice in get_args(Notice) if notice not in _TO_PEOPLE_ALONE)


def fits(event: str, patterns: list[str]) -> bool:
    """Whether an endpoint that asked for these wants it; none are all."""
    return not patterns or any(fnmatchcase(event, pattern) for pattern in patterns)


def subscribed(connection: Connection, notice: Notice) -> list[Destination]:
    """The endpoints that a notice goes to."""
    return [
        webhook_destination(one.endpoint_id)
        for one in webhook_endpoints.active(connection)
        if fits(event_type(notice), one.event_types)
    ]
