"""From a way through the routes to addresses: who gets an alert by which channel, and when they work."""

from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from accounts.alert import Alert
from alerts.config import NotifierConfig
from alerts.hours import Hours
from alerts.receivers import (
    DEFAULT,
    MANAGER,
    OWNER,
    PEOPLE,
    SLACK_CHANNEL,
    Channel,
    mailbox,
    member,
    person,
    zone_of,
)
from alerts.routing import ROOT, Handling, Taken, ways


@dataclass(frozen=True, slots=True)
class Destination:
    """One address that an alert is meant for; without `receiver` nobody is known there."""

    channel: Channel
    receiver: str
    role: str  # owner, manager, default, or a name of the settings
    route: str
    handling: Handling

    @property
    def program(self) -> bool:
        """Whether a program reads it, which neither sleeps nor tires."""
        return self.channel == "webhook"


def destinations(alert: Alert, config: NotifierConfig) -> list[Destination]:
    """Everybody the routes name, an address once; the first way that leads there counts."""
    found: dict[tuple[Channel, str], Destination] = {}
    for taken in ways(config.routes, alert):
        for one in _on(taken, alert, config):
            found.setdefault((one.channel, one.receiver), one)
    known = [one for one in found.values() if one.receiver]
    reached = {one.channel for one in known}
    return known + [one for one in found.values() if not one.receiver and one.channel not in reached]


def managers(alert: Alert, taken: Taken, config: NotifierConfig) -> list[Destination]:
    """Where the account's manager is reached, without a default in their place."""
    names = [name for name in config.channels if name in PEOPLE and _wanted(taken.handling, name)]
    found = (_address(name, MANAGER, alert, config) for name in names)
    return [
        Destination(name, address, MANAGER, taken.name, taken.handling)
        for name, address in zip(names, found, strict=True)
        if address
    ]


def _on(taken: Taken, alert: Alert, config: NotifierConfig) -> Iterator[Destination]:
    """Where nobody of the account is known by a channel, its default receiver stands in."""
    people = {OWNER, MANAGER} & set(taken.handling.to)
    for channel in config.channels:
        if channel not in PEOPLE or not _wanted(taken.handling, channel):
            continue
        found = [(role, _address(channel, role, alert, config)) for role in taken.handling.to]
        known = [(role, address) for role, address in found if address]
        if not known and people and channel != "apprise":
            known = [(DEFAULT, default(channel, config) or "")]
        for role, address in known:
            yield Destination(channel, address, role, taken.name, taken.handling)


def _wanted(handling: Handling, channel: str) -> bool:
    return handling.channels is None or channel in handling.channels


def _address(channel: Channel, role: str, alert: Alert, config: NotifierConfig) -> str | None:
    if named := config.receivers.get(role):
        if channel == "apprise":
            return role if named.apprise else None
        return named.email if channel == "email" else named.slack
    contact = person(alert, role)
    if channel == "email":
        return mailbox(contact)
    if channel == "slack" and config.slack is not None:
        by_mail = mailbox(contact) if config.slack.bot_token else None  # the bot finds them by it
        return member(contact) or by_mail
    return None


def default(channel: Channel, config: NotifierConfig) -> str | None:
    """Where a channel tells what nobody in particular is known for."""
    if channel == "email":
        return config.default_email
    if channel == "slack" and config.slack is not None:
        return config.slack.channel or (SLACK_CHANNEL if config.slack.webhook_url else None)
    return None


def hours_of(role: str, config: NotifierConfig) -> Hours:
    """When a receiver reads messages."""
    named = config.receivers.get(role)
    return (named.hours if named else None) or config.hours


def zone(role: str, alert: Alert | None, config: NotifierConfig) -> ZoneInfo:
    """The zone a receiver lives in, as far as it is known: their own, the account's, the default."""
    named = config.receivers.get(role)
    known = zone_of(named.timezone if named else None)
    return known or zone_of(alert.account.timezone if alert else None) or config.timezone


def locale(role: str, alert: Alert | None, config: NotifierConfig) -> str | None:
    """The locale a receiver reads, likewise."""
    named = config.receivers.get(role)
    return (named.locale if named else None) or (alert.account.locale if alert else None) or config.locale


def webhook_destination(endpoint_id: str) -> Destination:
    """An endpoint of another program, which gets what it has asked for whatever the routes say."""
    return Destination("webhook", endpoint_id, "endpoint", ROOT.name, Handling(always=True))
