"""Who a message can go to: the people of an account by their part, and receivers named in the settings."""

import re
from dataclasses import dataclass, field
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from accounts.alert import Alert, Contact
from alerts.cleaning import is_mailbox
from alerts.hours import Hours

Channel = Literal["slack", "email", "apprise", "webhook"]
CHANNELS: tuple[Channel, ...] = ("slack", "email", "apprise", "webhook")
PEOPLE: tuple[Channel, ...] = ("slack", "email", "apprise")  # read by people; webhooks are read by programs

OWNER, MANAGER, DEFAULT = "owner", "manager", "default"
SLACK_CHANNEL = "channel"  # the receiver where nobody is mentioned: whoever reads the webhook's channel
SLACK_ID = re.compile(r"[UWCGD][A-Z0-9]{1,30}")
SLACK_NAME = re.compile(r"#[^\s#@,.]{1,79}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Somebody named in the settings: a person, a team's channel, another service.

    Raises ValueError for an address that is none.
    """

    email: str | None = None
    slack: str | None = None  # a member's or channel's id, or #name; wants a bot token
    apprise: tuple[str, ...] = field(default=(), repr=False)  # addresses that hold secrets
    locale: str | None = None
    timezone: str | None = None
    hours: Hours | None = None

    def __post_init__(self) -> None:
        if not (self.email or self.slack or self.apprise):
            raise ValueError("a receiver needs an email address, a Slack channel or addresses of Apprise")
        if self.email is not None and not is_mailbox(self.email):
            raise ValueError(f"{self.email!r} is not an email address")
        if self.slack is not None and not (
            SLACK_ID.fullmatch(self.slack) or SLACK_NAME.fullmatch(self.slack)
        ):
            raise ValueError(f"{self.slack!r} is neither #channel nor the id of a channel or a member")
        if self.timezone is not None and zone_of(self.timezone) is None:
            raise ValueError(f"{self.timezone!r} is no time zone such as Europe/Berlin")


def person(alert: Alert, role: str) -> Contact | None:
    """Whom the account's card names for a part."""
    if role == OWNER:
        return alert.account.owner
    return alert.account.manager if role == MANAGER else None


def mailbox(contact: Contact | None) -> str | None:
    """Their address, where it is one."""
    return contact.email if contact is not None and is_mailbox(contact.email) else None


def member(contact: Contact | None) -> str | None:
    """Their id in Slack, where it is one."""
    known = contact is not None and contact.slack_id is not None and SLACK_ID.fullmatch(contact.slack_id)
    return contact.slack_id if contact is not None and known else None


def zone_of(name: str | None) -> ZoneInfo | None:
    """A time zone by its IANA name; None where there is none of that name."""
    if not name or not name.isprintable() or len(name) > 64:  # noqa: PLR2004  # longer than any
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name is that of a folder
        return None
