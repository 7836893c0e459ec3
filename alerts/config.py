"""What the notification plane is told by its settings; representations show no secrets."""

from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from alerts.cleaning import is_mailbox

Channel = Literal["slack", "email"]
CHANNELS: tuple[Channel, ...] = ("slack", "email")
Security = Literal["auto", "starttls", "tls", "none"]
SECURITIES: tuple[Security, ...] = ("auto", "starttls", "tls", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackConfig:
    """One incoming webhook; its address is a secret, since whoever has it can post.

    `allow_private_addresses` also allows plain http, for a stand-in on the same network.
    Raises ValueError for an address that is no web address.
    """

    webhook_url: str = field(repr=False)
    allow_private_addresses: bool = False
    deadline_seconds: float = 15.0  # for the whole request, however its answer drips
    ca_file: Path | None = None

    def __post_init__(self) -> None:
        parts = urlsplit(self.webhook_url)
        allowed = {"https", "http"} if self.allow_private_addresses else {"https"}
        if parts.scheme not in allowed or not parts.hostname:
            raise ValueError("the Slack webhook is not an https:// address")  # which would be the secret


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailConfig:
    """One SMTP server.

    `auto` demands STARTTLS where there are credentials and is plain otherwise, as for a relay on the same
    host. Raises ValueError for a combination that would send a password in the clear, or a bad sender.
    """

    host: str
    sender: str  # "alerts@example.com" or "Turnsignal <alerts@example.com>"
    port: int = 587
    security: Security = "auto"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout_seconds: float = 20.0  # for each answer of the server
    deadline_seconds: float = 60.0  # for one message in all
    ca_file: Path | None = None

    def __post_init__(self) -> None:
        if not is_mailbox(parseaddr(self.sender)[1]):
            raise ValueError(f"the sender {self.sender!r} is not an email address")
        if self.security not in SECURITIES:
            raise ValueError(f"security {self.security!r} is not one of {', '.join(SECURITIES)}")
        if (self.username is None) != (self.password is None):
            raise ValueError("a user name and a password for email go together")
        if self.security == "none" and self.username is not None:
            raise ValueError("security 'none' would send the email password in the clear")

    @property
    def starttls(self) -> bool:
        """Whether the connection must turn to TLS before anything is said."""
        return self.security == "starttls" or (self.security == "auto" and self.username is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifierConfig:
    """Who is told by which channel. A channel without a configuration does not exist.

    `max_age`: alerts raised longer ago are history, recorded but not sent; None sends them all.
    """

    slack: SlackConfig | None = None
    email: EmailConfig | None = None
    default_email: str | None = None  # for accounts without an owner's address
    public_url: str | None = None  # where a receiver's browser finds Turnsignal; None: no links
    max_age: timedelta | None = timedelta(days=35)
    lease: timedelta = timedelta(minutes=5)  # after which the delivery of a killed worker is taken up again
    poll_seconds: float = 1.0

    def __post_init__(self) -> None:
        if self.default_email is not None and not is_mailbox(self.default_email):
            raise ValueError(f"the default receiver {self.default_email!r} is not an email address")
        if self.public_url is not None and urlsplit(self.public_url).scheme not in {"http", "https"}:
            raise ValueError(f"the public address {self.public_url!r} is not an http(s):// address")
        longest = max((c.deadline_seconds for c in (self.slack, self.email) if c), default=0.0)
        if self.lease.total_seconds() < 2 * longest:
            raise ValueError("the lease must last at least twice a channel's deadline, or messages go twice")

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels there are."""
        return tuple(name for name in CHANNELS if getattr(self, name) is not None)
