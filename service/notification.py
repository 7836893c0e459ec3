"""From settings to what the notification plane is told."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from alerts.config import AppriseConfig, EmailConfig, Limits, NotifierConfig, SlackConfig
from alerts.hours import hours_of
from alerts.matching import Matchers
from alerts.receivers import Receiver
from alerts.routing import Route
from service.configuration import SettingsError
from service.notify_settings import ReceiverSettings, RouteSettings
from service.outgoing import webhooks_config
from service.settings import Settings


def notifier_config(settings: Settings) -> NotifierConfig:
    """Who is told of what by which channel; raises SettingsError for what does not go together."""
    notify, days = settings.notify, settings.notify.max_age_days
    slack, email = _slack(settings), _email(settings)
    try:
        return NotifierConfig(
            slack=slack,
            email=email,
            webhooks=webhooks_config(settings) if settings.webhooks.enabled else None,
            apprise=AppriseConfig(allow_private_addresses=settings.apprise.allow_private_addresses),
            receivers={name: _receiver(name, one) for name, one in notify.receivers.items()},
            routes=Route(name="everything", routes=tuple(map(_route, notify.routes))),
            hours=hours_of(notify.hours),
            timezone=ZoneInfo(notify.timezone),
            locale=notify.locale,
            digest=None if notify.digest == "off" else notify.digest,
            limits=Limits(
                gather=timedelta(seconds=notify.gather_seconds),
                most_at_once=notify.most_at_once,
                most_a_day=notify.most_a_day,
            ),
            default_email=notify.default_email,
            public_url=notify.public_url,
            link_secrets=tuple(secret.get_secret_value() for secret in notify.link_secrets),
            max_age=timedelta(days=days) if days is not None else None,
        )
    except SettingsError:
        raise
    except ValueError as error:
        raise SettingsError([f"notify: {error}"]) from None


def _route(route: RouteSettings) -> Route:
    match = route.match
    return Route(
        name=route.name,
        match=Matchers(
            account=tuple(match.account),
            segment=tuple(match.segment),
            owner=tuple(match.owner),
            kind=tuple(match.kind),
            stage=tuple(match.stage),
            severity=tuple(match.severity),
            product_line=tuple(match.product_line),
            at_risk_from=match.at_risk_from,
            at_risk_below=match.at_risk_below,
        ),
        to=None if route.to is None else tuple(route.to),
        channels=None if route.channels is None else tuple(route.channels),
        pace=route.pace,
        always=route.always,
        repeat_days=route.repeat_days,
        escalate_days=route.escalate_days,
        goes_on=route.goes_on,
        routes=tuple(map(_route, route.routes)),
    )


def _receiver(name: str, receiver: ReceiverSettings) -> Receiver:
    if name in {"owner", "manager", "default"}:
        raise SettingsError([f"notify.receivers.{name}: this name is taken by the account's own people"])
    try:
        return Receiver(
            email=receiver.email,
            slack=receiver.slack,
            apprise=tuple(url.get_secret_value() for url in receiver.apprise),
            locale=receiver.locale,
            timezone=receiver.timezone,
            hours=hours_of(receiver.hours) if receiver.hours else None,
        )
    except ValueError as error:
        raise SettingsError([f"notify.receivers.{name}: {error}"]) from None


def _slack(settings: Settings) -> SlackConfig | None:
    slack = settings.slack
    if slack.webhook_url is None and slack.bot_token is None:
        return None
    try:
        return SlackConfig(
            webhook_url=slack.webhook_url.get_secret_value() if slack.webhook_url else None,
            bot_token=slack.bot_token.get_secret_value() if slack.bot_token else None,
            signing_secret=slack.signing_secret.get_secret_value() if slack.signing_secret else None,
            channel=slack.channel,
            api_url=slack.api_url,
            allow_private_addresses=slack.allow_private_addresses,
        )
    except ValueError as error:
        raise SettingsError([f"slack: {error}"]) from None


def _email(settings: Settings) -> EmailConfig | None:
    email = settings.email
    if email.host is None:
        return None
    try:
        return EmailConfig(
            host=email.host,
            port=email.port,
            security=email.security,
            username=email.username,
            password=email.password.get_secret_value() if email.password else None,
            sender=email.sender,
        )
    except ValueError as error:
        raise SettingsError([f"email: {error}"]) from None
