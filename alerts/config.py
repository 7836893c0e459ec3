"""What the notification plane is told by its settings; representations show no secrets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from alerts.cleaning import is_mailbox
from alerts.hours import ALWAYS, Hours
from alerts.receivers import CHANNELS, MANAGER, OWNER, SLACK_ID, SLACK_NAME, Channel, Receiver
from alerts.routing import ROOT, Route, named_receivers

__all__ = [
    "CHANNELS",
    "AppriseConfig",
    "Channel",
    "EmailConfig",
    "Limits",
    "NotifierConfig",
    "SlackConfig",
    "WebhooksConfig",
]

Security = Literal["auto", "starttls", "tls", "none"]
SHORTEST_LINK_SECRET = 32
SECURITIES: tuple[Security, ...] = ("auto", "starttls", "tls", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackConfig:
    """An app's bot, an incoming webhook, or both; the webhook's address is a secret: whoever has it can post.

    With a bot, people are written to directly, messages are edited and answered; `channel` is where it posts
    what nobody is known for. With `signing_secret` its messages have buttons. `allow_private_addresses` also
    allows plain http, for a stand-in on the same network. Raises ValueError for what cannot be.
    """

    webhook_url: str | None = field(default=None, repr=False)
    bot_token: str | None = field(default=None, repr=False)
    signing_secret: str | None = field(default=None, repr=False)
    channel: str | None = None
    api_url: str = "https://slack.com/api/"
    allow_private_addresses: bool = False
    pause_seconds: float = 1.0  # between two messages to one receiver, as Slack asks
    deadline_seconds: float = 15.0  # for the whole request, however its answer drips
    ca_file: Path | None = None

    def __post_init__(self) -> None:
        if self.webhook_url is None and self.bot_token is None:
            raise ValueError("Slack needs a webhook_url or a bot_token")
        if self.webhook_url is not None and not self._fits(self.webhook_url):
            raise ValueError("the Slack webhook is not an https:// address")  # which would be the secret
        if not self._fits(self.api_url):
            raise ValueError("the address of Slack's API is not an https:// address")
        if self.channel is not None and not (
            SLACK_ID.fullmatch(self.channel) or SLACK_NAME.fullmatch(self.channel)
        ):
            raise ValueError(f"{self.channel!r} is neither #channel nor the id of a channel")

    def _fits(self, url: str) -> bool:
        parts = urlsplit(url)
        allowed = {"https", "http"} if self.allow_private_addresses else {"https"}
        return parts.scheme in allowed and bool(parts.hostname)


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
class WebhooksConfig:
    """How other programs' endpoints are posted to. Raises ValueError for what cannot be."""

    allow_private_addresses: bool = False  # and plain http: for programs on the same network
    disable_after: timedelta = timedelta(days=5)  # without a single success
    deadline_seconds: float = 15.0
    ca_file: Path | None = None

    def __post_init__(self) -> None:
        if self.disable_after < timedelta(hours=1):
            raise ValueError("an endpoint is given at least an hour before it is disabled")


@dataclass(frozen=True, slots=True, kw_only=True)
class AppriseConfig:
    """How the services that receivers' `apprise` addresses stand for are reached."""

    allow_private_addresses: bool = False  # services of your own, on your network
    deadline_seconds: float = 30.0  # for one message to all addresses of a receiver


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many messages a receiver is put up with, channel by channel."""

    gather: timedelta = timedelta(0)  # how long a notice waits for others, to travel with them
    most_at_once: int = 3  # more alerts than these that are due together travel in one message
    pause: timedelta = timedelta(hours=4)  # after a message with several alerts, but for what is critical
    most_a_day: int = 10  # the rest waits for the next digest, but for what is critical


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifierConfig:
    """Who is told of what, when, and by which channel. A channel without a configuration does not exist.

    `max_age`: alerts raised longer ago are history, recorded but not sent; None sends them all. `limits`:
    None sends each alert in a message of its own. Raises ValueError for what does not go together.
    """

    slack: SlackConfig | None = None
    email: EmailConfig | None = None
    webhooks: WebhooksConfig | None = None
    apprise: AppriseConfig = AppriseConfig()  # used where a receiver has addresses for it
    receivers: Mapping[str, Receiver] = field(default_factory=dict)
    routes: Route = ROOT
    hours: Hours = ALWAYS  # of receivers who have none of their own
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))  # of accounts that name none
    locale: str | None = None  # likewise
    digest: Literal["daily", "weekly"] | None = None  # how often owners get what is open, if anything is
    limits: Limits | None = None
    default_email: str | None = None  # for accounts without an owner's address
    public_url: str | None = None  # where a receiver's browser finds Turnsignal; None: no links
    link_secrets: tuple[str, ...] = field(default=(), repr=False)  # sign links that act; the newest first
    max_age: timedelta | None = timedelta(days=35)
    lease: timedelta = timedelta(minutes=5)  # after which the delivery of a killed worker is taken up again
    poll_seconds: float = 1.0

    def __post_init__(self) -> None:
        if self.default_email is not None and not is_mailbox(self.default_email):
            raise ValueError(f"the default receiver {self.default_email!r} is not an email address")
        if self.public_url is not None and urlsplit(self.public_url).scheme not in {"http", "https"}:
            raise ValueError(f"the public address {self.public_url!r} is not an http(s):// address")
        if any(len(secret) < SHORTEST_LINK_SECRET for secret in self.link_secrets):
            raise ValueError(f"a secret for links has at least {SHORTEST_LINK_SECRET} characters")
        apprise = self.apprise if "apprise" in self.channels else None
        there = (self.slack, self.email, self.webhooks, apprise)
        longest = max((one.deadline_seconds for one in there if one), default=0.0)
        if self.lease.total_seconds() < 2 * longest:
            raise ValueError("the lease must last at least twice a channel's deadline, or messages go twice")
        unknown = named_receivers(self.routes) - {OWNER, MANAGER} - self.receivers.keys()
        if unknown:
            raise ValueError(f"no receiver is called {', '.join(sorted(unknown))}")

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels there are."""
        there = {
            "slack": self.slack is not None,
            "email": self.email is not None,
            "apprise": any(receiver.apprise for receiver in self.receivers.values()),
            "webhook": self.webhooks is not None,
        }
        return tuple(name for name in CHANNELS if there[name])
