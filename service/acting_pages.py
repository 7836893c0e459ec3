"""What the pages behind links show: the account, what the link would do, and what has been done already."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

import msgspec
from fastapi.responses import HTMLResponse

from accounts.alert import Alert
from accounts.feedback import VERDICTS, Feedback, Verdict
from alerts.feedback import LONGEST_REASON
from alerts.language import Language, language
from alerts.links import Ticket
from alerts.message import Notice, message_of
from alerts.slack.answers import named
from alerts.verdicts import LABELS, MEANINGS
from service import rendering
from storage import answers, feedback, queries
from storage.answers import NONE, Answers
from storage.engine import Connection, Engine, reading

SNOOZES: Mapping[str, timedelta] = MappingProxyType(
    {"1d": timedelta(days=1), "1w": timedelta(weeks=1), "4w": timedelta(weeks=4)}
)


class GoneError(Exception):
    """The alert of the link is not there any more."""


@dataclass(frozen=True, slots=True)
class Found:
    """A ticket, and how things stand with what it is about."""

    ticket: Ticket
    language: Language
    alert: Alert | None = None
    answers: Answers = NONE
    said: Feedback | None = None  # last, by this receiver
    unsubscribed: bool = False


def find(engine: Engine, ticket: Ticket) -> Found:
    """How things stand; raises GoneError."""
    with reading(engine) as connection:
        if ticket.action == "unsubscribe":
            known = answers.has_unsubscribed(connection, [ticket.receiver])
            return Found(
                ticket, language(ticket.locale), unsubscribed=(ticket.channel, ticket.receiver) in known
            )
        return _of_alert(connection, ticket)


def _of_alert(connection: Connection, ticket: Ticket) -> Found:
    body = queries.alert(connection, ticket.alert_id)
    if body is None:
        raise GoneError
    alert = msgspec.convert(body, Alert)
    said = [one for one in feedback.find(connection, alert_id=alert.id) if one.author == ticket.receiver]
    return Found(
        ticket,
        language(ticket.locale or alert.account.locale),
        alert,
        answers.of(connection, [alert.id]).get(alert.id, NONE),
        said[-1] if said else None,
    )


def page(found: Found, public_url: str, now: datetime, *, wrong: bool, status: int) -> HTMLResponse:
    """The page of a link that holds."""
    ticket, alert = found.ticket, found.alert
    notice: Notice = "retracted" if alert and alert.retracted else "raised"
    message = message_of(alert, notice, public_url, found.language) if alert else None
    chosen: Verdict | None = found.said.verdict if found.said else ticket.verdict
    return _answer(
        "act.html",
        found.language,
        status,
        ticket=ticket,
        message=message,
        raised=found.language.day(alert.raised_at) if alert else "",
        over=alert is not None and alert.status == "resolved",
        done=_done(found, now),
        wrong=wrong,
        chosen=chosen,
        verdicts=[(verdict, LABELS[verdict], MEANINGS[verdict]) for verdict in VERDICTS],
        longest_reason=LONGEST_REASON,
        snoozes=_snoozes(found.language),
    )


def _snoozes(language: Language) -> list[tuple[str, str]]:
    return [
        ("1d", language.count("{number} day", "{number} days", 1)),
        ("1w", language.count("{number} week", "{number} weeks", 1)),
        ("4w", language.count("{number} week", "{number} weeks", 4)),
    ]


def _done(found: Found, now: datetime) -> str:
    """What has been done of what the link is for; empty where nothing has."""
    say, day, said = found.language.say, found.language.day, found.answers
    match found.ticket.action:
        case "acknowledge" if said.acknowledged_at is not None:
            who = named(said.acknowledged_by)
            return say("Acknowledged on {day} by {who}.", day=day(said.acknowledged_at), who=who)
        case "snooze" if said.snoozed_until is not None and said.snoozed_until > now:
            until = day(said.snoozed_until)
            return say("Snoozed until {day} by {who}.", day=until, who=named(said.snoozed_by))
        case "feedback" if found.said is not None:
            label = say(LABELS[found.said.verdict])
            return say("Thank you. Your answer of {day}: {answer}.", day=day(found.said.at), answer=label)
        case "unsubscribe" if found.unsubscribed:
            return say("Nothing more is sent to {address}.", address=found.ticket.receiver)
    return ""


def expired(ticket: Ticket, public_url: str) -> HTMLResponse:
    """The page of a link that was ours."""
    spoken = language(ticket.locale)
    return _answer(
        "act_closed.html",
        spoken,
        410,
        headline=spoken.say("This link has expired"),
        sentence=spoken.say(
            "Links in messages work for a time only. A newer message about this account has new ones; "
            "the account’s page in Turnsignal shows how things stand."
        ),
        link=f"{public_url}/",
    )


def unknown(spoken: Language) -> HTMLResponse:
    """The page of a link that is not ours, not whole, or leads to nothing; it does not say which."""
    return _answer(
        "act_closed.html",
        spoken,
        404,
        headline=spoken.say("This link does not work"),
        sentence=spoken.say(
            "Perhaps it was cut off on its way here. Please open it from the message again, in one piece."
        ),
        link=None,
    )


def _answer(name: str, spoken: Language, status: int, **values: object) -> HTMLResponse:
    answer = rendering.page(name, status=status, forms=True, language=spoken, say=spoken.say, **values)
    answer.headers["x-robots-tag"] = "noindex"
    return answer
