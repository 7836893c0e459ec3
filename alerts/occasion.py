"""Why a message comes at all: why to this receiver, and why now."""

from accounts.alert import Alert
from alerts.cleaning import clean
from alerts.digest import Digest
from alerts.message import Message
from alerts.parcel import Parcel
from alerts.receivers import DEFAULT, MANAGER, OWNER

_LONGEST_NAME = 80


def because(parcel: Parcel) -> str:
    """Why this receiver gets it."""
    say = parcel.content.language.say
    if isinstance(parcel.content, Digest):
        if not (parcel.content.entries or parcel.content.corrections):  # it is about Turnsignal itself
            return say("You receive this because you look after Turnsignal.")
        return {
            OWNER: say("You receive this as the owner of these accounts."),
            MANAGER: say("You receive this as the manager responsible for these accounts."),
            DEFAULT: say(
                "You receive this because no owner with an email address is known for these accounts."
            ),
        }.get(parcel.role) or _named(parcel)
    account = parcel.content.account.removesuffix(".")  # Inc. ends a sentence as well
    return {
        OWNER: say("You receive this as the owner of the account {account}.", account=account),
        MANAGER: say(
            "You receive this as the manager responsible for the account {account}.", account=account
        ),
        DEFAULT: say(
            "You receive this because no owner with an email address is known for {account}.", account=account
        ),
    }.get(parcel.role) or _named(parcel)


def _named(parcel: Parcel) -> str:
    name = clean(parcel.role, _LONGEST_NAME)
    return parcel.content.language.say(
        "You receive this because the routes of Turnsignal send such alerts to {name}.", name=name
    )


def why_now(parcel: Parcel) -> str:
    """What has led to this notice, where it is not the first of its alert; else empty."""
    message, alert = parcel.content, parcel.alert
    if not isinstance(message, Message):
        return ""
    say = message.language.say
    match message.notice:
        case "updated":
            return say("This has become graver since our last message.")
        case "refired":
            return say("This had ended, and is seen again.")
        case "reminder" if alert is not None:
            day = message.language.day(alert.raised_at)
            return say("What we reported on {day} still holds, and nobody has acknowledged it.", day=day)
        case "escalated" if alert is not None:
            return _unanswered(alert, message)
    return ""


def _unanswered(alert: Alert, message: Message) -> str:
    say, day = message.language.say, message.language.day(alert.raised_at)
    owner = alert.account.owner
    name = clean(owner.name or owner.email, _LONGEST_NAME) if owner else ""
    if not name:
        return say(
            "Nobody has acknowledged this alert of {day}. Please see that somebody takes it up.", day=day
        )
    return say(
        "Nobody has acknowledged this alert of {day}; the account’s owner is {owner}. "
        "Please see that somebody takes it up.",
        day=day,
        owner=name,
    )


def asks(message: Message) -> bool:
    """Whether somebody should take it up: neither a correction nor good news asks for that."""
    return message.tone not in {"good", "correction"}
