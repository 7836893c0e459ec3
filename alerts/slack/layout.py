"""A parcel as Slack is handed it: a message of one alert, or a digest."""

from datetime import datetime

from accounts.alert import Alert
from alerts.cleaning import clean
from alerts.message import Message
from alerts.occasion import why_now
from alerts.parcel import Parcel
from alerts.receivers import mailbox, member, person
from alerts.said import Said
from alerts.slack.answers import LONGEST_ALERT_ID, Row, answer_blocks
from alerts.slack.blocks import Block, Shape, payload
from alerts.slack.digest_blocks import digest_payload

_LONGEST_NAME = 80


def payload_of(
    parcel: Parcel,
    *,
    buttons: bool,
    now: datetime,
    mention: str = "",
    addressed: str = "",
    picture: tuple[str, str] | None = None,
    reply: bool = False,
    edit: bool = False,
) -> Block:
    """Text and blocks; byte for byte the same at each attempt, as far as the picture and the answers are."""
    if not isinstance(parcel.content, Message):
        return digest_payload(parcel.content, parcel.message_id, addressed)
    message = parcel.content
    shape = Shape(
        mention=mention,
        addressed=addressed,
        lead=_lead(message, parcel.alert),
        beside="" if edit or parcel.quiet else why_now(parcel),
        over=message.notice == "resolved",
        reply=reply,
        picture=picture,
        answers=_answers(message, parcel, now) if buttons else None,
    )
    return payload(message, mention, parcel.message_id, shape)


def name_of(parcel: Parcel) -> str:
    """Whom a message is for, in words."""
    contact = person(parcel.alert, parcel.role) if parcel.alert else None
    mine = contact is not None and parcel.receiver in {mailbox(contact), member(contact)}
    return clean(contact.name if contact is not None and mine else parcel.receiver, _LONGEST_NAME)


def _lead(message: Message, alert: Alert | None) -> str:
    if message.notice != "resolved":
        return ""
    if alert is None or alert.resolved_at is None:
        return message.language.say("Ended. It said: ")
    return message.language.say("Ended on {day}. It said: ", day=message.language.day(alert.resolved_at))


def _answers(message: Message, parcel: Parcel, now: datetime) -> tuple[Block, ...] | None:
    """None where there is nothing to answer: what was corrected, or an id that no block has room for."""
    if parcel.alert is None or message.notice == "retracted" or len(parcel.alert.id) > LONGEST_ALERT_ID:
        return None
    row = Row(parcel.alert.id, message.link, message.language)
    over = message.notice == "resolved" or parcel.alert.kind == "recovered"
    return tuple(answer_blocks(row, parcel.said or Said(), now, open_alert=not over))
