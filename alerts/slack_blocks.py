"""A message as Slack lays it out, in Block Kit.

Whatever came from events stands in plain text or rich text, which Slack shows letter by letter; mrkdwn is
kept for our own words, and escaped even so. The link is a link and no button: a button would need an
endpoint for Slack's interactions, and warns the reader where there is none.
"""

from typing import Any

from alerts.cleaning import mrkdwn, shorten
from alerts.language import Language
from alerts.message import Line, Message, Tone

Block = dict[str, Any]

LONGEST_HEADER = 150
LONGEST_FIELD = 2000
LONGEST_FALLBACK = 500
_EMOJI: dict[Tone, str] = {"critical": "🔴", "warning": "🟠", "info": "🔵", "good": "🟢", "correction": "⚪"}


def payload(message: Message, receiver: str, delivery_id: str) -> dict[str, Any]:
    """The body for an incoming webhook; `receiver` is a member's id to mention, or anything else."""
    return {
        # For notifications and screen readers; blocks are what is shown.
        "text": mrkdwn(
            shorten(message.subject + message.language.say(". ") + message.sentence, LONGEST_FALLBACK)
        ),
        "blocks": blocks(message, receiver, delivery_id),
        "unfurl_links": False,
        "unfurl_media": False,
    }


def blocks(message: Message, receiver: str, delivery_id: str) -> list[Block]:
    """The blocks, from what matters most to what can wait."""
    found = [_header(message, delivery_id), _opening(message, receiver)]
    if message.decides:
        found.append(_facts(message))
    if message.evidence:
        found.append(_evidence(message))
    if message.steps:
        found.append(_play(message))
    if message.link:
        found.append({"type": "rich_text", "elements": [_section(_link(message))]})
    found.append(_footer(message))
    return found


def _header(message: Message, delivery_id: str) -> Block:
    words = message.language.label(message.account) + message.headline
    text = shorten(f"{_EMOJI[message.tone]} {words}", LONGEST_HEADER)
    # The delivery's id lets a reader of Slack's own logs find a message that came twice.
    return {
        "type": "header",
        "block_id": delivery_id,
        "text": {"type": "plain_text", "text": text, "emoji": False},
    }


def _opening(message: Message, receiver: str) -> Block:
    mention = [{"type": "user", "user_id": receiver}, _text(" ")] if receiver[:1] in {"U", "W"} else []
    word = _text(message.language.say("{tone}. ", tone=message.tone_word), bold=True)
    return {"type": "rich_text", "elements": [_section(*mention, word, _text(message.sentence))]}


def _facts(message: Message) -> Block:
    return {
        "type": "section",
        "fields": [
            _field(message.language.say("Decides now"), message.decides, message.decides_since),
            _field(message.language.say("Money at stake"), message.bought, message.at_risk),
        ],
    }


def _field(label: str, value: str, beside: str) -> Block:
    lines = (f"*{label}*", mrkdwn(value), f"_{mrkdwn(beside)}_" if beside else "")
    return {"type": "mrkdwn", "text": shorten("\n".join(line for line in lines if line), LONGEST_FIELD)}


def _evidence(message: Message) -> Block:
    say = message.language.say
    items = [_section(*_line(line, message.language)) for line in message.evidence]
    elements: list[Block] = [
        _section(_text(say("What was seen") + "\n", bold=True)),
        {"type": "rich_text_list", "style": "bullet", "elements": items},
    ]
    if message.more:
        elements.append(_section(_text(say("{more}, on the account's page", more=message.more), italic=True)))
    return {"type": "rich_text", "elements": elements}


def _line(line: Line, language: Language) -> list[Block]:
    found = [_text(language.label(line.weight.capitalize()), bold=True), _text(line.text)]
    if line.names:
        found.append(_text(f"\n{line.names}", italic=True))
    return found


def _play(message: Message) -> Block:
    language = message.language
    items = [_section(_text(step)) for step in message.steps]
    return {
        "type": "rich_text",
        "elements": [
            _section(_text(language.label(language.say("What to do next")), bold=True), _text(message.play)),
            {"type": "rich_text_list", "style": "ordered", "elements": items},
        ],
    }


def _link(message: Message) -> Block:
    return {
        "type": "link",
        "url": message.link,
        "text": message.language.say("Open {account} in Turnsignal", account=message.account),
        "style": {"bold": True},
    }


def _footer(message: Message) -> Block:
    text = {"type": "plain_text", "text": message.remark, "emoji": False}
    return {"type": "context", "elements": [text]}


def _section(*elements: Block) -> Block:
    return {"type": "rich_text_section", "elements": list(elements)}


def _text(text: str, *, bold: bool = False, italic: bool = False) -> Block:
    style = {name: True for name, on in (("bold", bold), ("italic", italic)) if on}
    return {"type": "text", "text": text, **({"style": style} if style else {})}
