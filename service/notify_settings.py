"""The settings of the notification plane: who is told of what, when, and by which channel."""

import base64
import binascii
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, field_validator

from accounts.stages import Kind, Stage
from service.sections import Name, Section, WebAddress

_SHORTEST_KEY = 24  # bytes, as Standard Webhooks asks
_SHORTEST_LINK_SECRET = 32  # as alerts.config has it


def _hours(text: str) -> str:
    from alerts.hours import hours_of  # noqa: PLC0415  (slow with all it needs, and settings are also printed)

    hours_of(text)
    return text


def _zone(name: str) -> str:
    from alerts.receivers import zone_of  # noqa: PLC0415

    if zone_of(name) is None:
        raise ValueError("not a time zone such as Europe/Berlin")
    return name


def _several(value: object) -> object:
    """One word may stand for a list of one."""
    return [value] if isinstance(value, str) else value


WorkingHours = Annotated[str, AfterValidator(_hours)]
TimeZone = Annotated[str, AfterValidator(_zone)]
Words = Annotated[list[Name], BeforeValidator(_several)]
Pace = Literal["at_once", "daily", "weekly"]
Severity = Literal["info", "warning", "critical"]
ChannelName = Literal["slack", "email", "apprise"]


class Webhook(Section):
    """The signed way from detection to notification."""

    secrets: list[SecretStr] = Field(
        [],
        description="`whsec_…` signing secrets, newest first; without one `run` makes one up.",
    )
    url: WebAddress = Field(
        None,
        description="Where the relay posts alerts; by default the own endpoint, over the loopback.",
    )

    @field_validator("secrets")
    @classmethod
    def signing_keys(cls, secrets: list[SecretStr]) -> list[SecretStr]:
        """A mistyped key would refuse every alert, and a short one be guessed."""
        if any(_key_length(secret.get_secret_value()) < _SHORTEST_KEY for secret in secrets):
            raise ValueError(f"a secret is whsec_ and at least {_SHORTEST_KEY} bytes in base64")
        return secrets


def _key_length(secret: str) -> int:
    """How many bytes a `whsec_…` secret holds; -1 where it is not base64."""
    try:
        return len(base64.b64decode(secret.removeprefix("whsec_"), validate=True))
    except (binascii.Error, ValueError):
        return -1


class Slack(Section):
    """The Slack channel; it exists where a bot token or a webhook is set."""

    bot_token: SecretStr | None = Field(
        None, description="`xoxb-…` of your app: writes to people, edits and answers its messages."
    )
    signing_secret: SecretStr | None = Field(
        None, description="Of your app: its messages get buttons, which POST /webhooks/slack hears."
    )
    channel: Name | None = Field(
        None, description="`#name` or id where the bot posts what no owner is known for."
    )
    webhook_url: SecretStr | None = Field(
        None, description="An incoming webhook of your workspace, in place of a bot."
    )
    api_url: Name = Field("https://slack.com/api/", description="Slack's API, or a stand-in for it.")
    allow_private_addresses: bool = Field(False, description="Allow a stand-in on a private address.")


class Email(Section):
    """The email channel; it exists where a host is set."""

    host: Name | None = Field(None, description="The SMTP server.")
    port: Annotated[int, Field(ge=1, le=65535)] = Field(587, description="Its port.")
    security: Literal["auto", "starttls", "tls", "none"] = Field(
        "auto", description="`auto` demands STARTTLS where there are credentials."
    )
    username: str | None = Field(None, description="For servers that want a login.")
    password: SecretStr | None = Field(None, description="For servers that want a login.")
    sender: str = Field("Turnsignal <turnsignal@localhost.localdomain>", description="The From of each mail.")


class Webhooks(Section):
    """Alerts for other programs, at the endpoints of `turnsignal webhooks`."""

    enabled: bool = Field(True, description="Post to endpoints, where there are any.")
    allow_private_addresses: bool = Field(
        False, description="Also to programs on your own network, and without TLS."
    )
    disable_after_days: float = Field(
        5.0, ge=1, le=365, description="Disable an endpoint that has accepted nothing for so long."
    )


class Apprise(Section):
    """Other services, at the `apprise` addresses of `notify.receivers`."""

    allow_private_addresses: bool = Field(False, description="Also services on your own network.")


class Match(Section):
    """Which alerts a route is for: all that is given must fit; * and ? stand for any letters."""

    account: Words = Field([])
    segment: Words = Field([])
    owner: Words = Field([])
    kind: Annotated[list[Kind], BeforeValidator(_several)] = Field([])
    stage: Annotated[list[Stage], BeforeValidator(_several)] = Field([])
    severity: Annotated[list[Severity], BeforeValidator(_several)] = Field([])
    product_line: Words = Field([])
    at_risk_from: float | None = Field(None, ge=0)
    at_risk_below: float | None = Field(None, ge=0)


class RouteSettings(Section):
    """A node of the tree of routes; what it leaves open it takes from the node above."""

    name: Name
    match: Match = Match()
    to: Words | None = None
    channels: list[ChannelName] | None = None
    pace: Pace | None = None
    always: bool | None = None
    repeat_days: int | None = Field(None, ge=0, le=366)
    escalate_days: int | None = Field(None, ge=0, le=60)
    goes_on: bool = Field(False, alias="continue")
    routes: list["RouteSettings"] = Field([])


class ReceiverSettings(Section):
    """Somebody to be told who is not an account's owner or manager."""

    email: Name | None = None
    slack: Name | None = None
    apprise: list[SecretStr] = Field([])
    locale: Name | None = None
    timezone: TimeZone | None = None
    hours: WorkingHours | None = None


class Notify(Section):
    """Who is told, of what, and when."""

    routes: list[RouteSettings] = Field(
        [], description="The tree of routes (docs/alerting.md); without any, each alert goes to the owner."
    )
    receivers: dict[Name, ReceiverSettings] = Field(
        {}, description="Receivers that routes may name besides `owner` and `manager` (docs/alerting.md)."
    )
    default_email: str | None = Field(None, description="Receiver for accounts without an owner's address.")
    public_url: WebAddress = Field(None, description="Where browsers find these pages; without it no links.")
    link_secrets: list[SecretStr] = Field(
        [], description="Sign the links in emails that acknowledge, snooze and answer; newest first."
    )
    hours: WorkingHours = Field(
        "mon-fri 08:00-18:00",
        description="When people are written to, by their own clock; what is critical goes at once.",
    )
    timezone: TimeZone = Field("UTC", description="Of accounts that name none.")
    locale: Name | None = Field(None, description="Language of accounts that name none; else English.")
    digest: Literal["off", "daily", "weekly"] = Field(
        "weekly", description="How often owners get what is open on their accounts, if anything is."
    )
    gather_seconds: float = Field(
        30.0, ge=0, le=3600, description="How long an alert waits for others, to travel in one message."
    )
    most_at_once: int = Field(
        3, ge=1, description="More alerts than these that are due to a receiver together travel in one."
    )
    most_a_day: int = Field(
        10, ge=1, description="Messages a receiver gets in 24 hours; the rest waits for the next morning."
    )
    max_age_days: int | None = Field(
        35, ge=1, description="Alerts raised longer ago are recorded, not sent; `null` sends all history."
    )

    @field_validator("link_secrets")
    @classmethod
    def long_enough(cls, secrets: list[SecretStr]) -> list[SecretStr]:
        """A short key is guessed, and whoever has it acts in everybody's name."""
        if any(len(secret.get_secret_value()) < _SHORTEST_LINK_SECRET for secret in secrets):
            raise ValueError(f"a secret needs at least {_SHORTEST_LINK_SECRET} characters")
        return secrets
