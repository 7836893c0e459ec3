"""A message as Slack lays it out, in Block Kit.

Whatever came from events stands in plain text or rich text, which Slack shows letter by letter; mrkdwn is
kept for our own words, and escaped even so.
"""

from dataclasses import dataclass
from typing import Any

from alerts.cleaning import mrkdwn, shorten
from alerts.language import Language
from alerts.message import Line, Message, Notice, Tone

Block = dict[str, Any]

LONGEST_HEADER = 150
LONGEST_FIELD = 2000
LONGEST_FALLBACK = 500
LONGEST_ALT = 2000
EMOJI: dict[Tone, str] = {"critical": "🔴", "warning": "🟠", "info": "🔵", "good": "🟢", "correction": "⚪"}
_IS_OVER = "⚪"
_EVIDENCE_IN_REPLIES: frozenset[Notice] = frozenset({"updated", "refired"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How a message is shown where it goes."""

    mention: str = ""  # a member's id; anything else mentions nobody
    addressed: str = ""  # a name in words, where whom it is for is not there to be mentioned
    lead: str = ""  # before the sentence, in bold: what has become of the alert
    beside: str = ""  # after the sentence: why it comes now
    over: bool = False  # what it says no longer holds
    reply: bool = False  # in the thread of a message that says the rest
    picture: tuple[str, str] | None = None  # an uploaded file's id, and what it shows in words
    answers: tuple[Block, ...] | None = None  # buttons and what was answered; None: a link instead


def payload(message: Message, receiver: str, delivery_id: str, shape: Shape | None = None) -> Block:
    """Text and blocks; `receiver` is a member's id to mention, or anything else."""
    shape = shape or Shape(mention=receiver)
    return {
        # For notifications and screen readers; blocks are what is shown.
        "text": mrkdwn(
            shorten(message.subject + message.language.say(". ") + message.sentence, LONGEST_FALLBACK)
        ),
        "blocks": blocks(message, delivery_id, shape),
        "unfurl_links": False,
        "unfurl_media": False,
    }


def blocks(message: Message, delivery_id: str, shape: Shape) -> list[Block]:
    """The blocks, from what matters most to what can wait."""
    found = [_header(message, delivery_id, shape), _opening(message, shape)]
    if not shape.over:
        found += _details(message, shape)
    if shape.answers is not None:
        found += shape.answers
    elif message.link:
        words = message.language.say("Open {account} in Turnsignal", account=message.account)
        found.append({"type": "rich_text", "elements": [section(link(message.link, words))]})
    found.append(footer(message.remark))
    return found


def _details(message: Message, shape: Shape) -> list[Block]:
    """What somebody needs who has to act on it."""
    found = []
    if message.decides:
        found.append(_facts(message))
    if shape.picture:
        found.append(_picture(*shape.picture))
    if message.evidence and (not shape.reply or message.notice in _EVIDENCE_IN_REPLIES):
        found.append(_evidence(message))
    if message.steps and not shape.reply:
        found.append(_play(message))
    return found


def header(text: str, delivery_id: str) -> Block:
    """The delivery's id lets a reader of Slack's own logs find a message that came twice."""
    words = {"type": "plain_text", "text": shorten(text, LONGEST_HEADER), "emoji": False}
    return {"type": "header", "block_id": delivery_id, "text": words}


def _header(message: Message, delivery_id: str, shape: Shape) -> Block:
    spoken, headline = message.language, message.headline
    if shape.over:
        headline = spoken.say("No longer current: {headline}", headline=spoken.inside(headline))
    words = spoken.label(message.account) + headline
    return header(f"{_IS_OVER if shape.over else EMOJI[message.tone]} {words}", delivery_id)


def _opening(message: Message, shape: Shape) -> Block:
    say = message.language.say
    found: list[Block] = []
    if shape.mention[:1] in {"U", "W"}:
        found += [{"type": "user", "user_id": shape.mention}, text(" ")]
    if shape.addressed:
        found.append(text(say("For {name}: ", name=shape.addressed), bold=True))
    word = shape.lead or say("{tone}. ", tone=message.tone_word)
    found += [text(word, bold=True), text(message.sentence)]
    if shape.beside:
        found.append(aside(f"\n{shape.beside}", message.language))
    return {"type": "rich_text", "elements": [section(*found)]}


def _facts(message: Message) -> Block:
    say, mark = message.language.say, "_" if message.language.slants else ""
    return {
        "type": "section",
        "fields": [
            _field(say("Decides now"), message.decides, message.decides_since, mark),
            _field(say("Money at stake"), message.bought, message.at_risk, mark),
        ],
    }


def _field(label: str, value: str, beside: str, mark: str) -> Block:
    lines = (f"*{label}*", mrkdwn(value), f"{mark}{mrkdwn(beside)}{mark}" if beside else "")
    return {"type": "mrkdwn", "text": shorten("\n".join(line for line in lines if line), LONGEST_FIELD)}


def _picture(file_id: str, alt: str) -> Block:
    return {"type": "image", "slack_file": {"id": file_id}, "alt_text": shorten(alt, LONGEST_ALT) or "-"}


def _evidence(message: Message) -> Block:
    say = message.language.say
    items = [section(*_line(line, message.language)) for line in message.evidence]
    elements: list[Block] = [
        section(text(say("What was seen") + "\n", bold=True)),
        {"type": "rich_text_list", "style": "bullet", "elements": items},
    ]
    if message.more:
        elements.append(
            section(aside(say("{more}, on the account's page", more=message.more), message.language))
        )
    return {"type": "rich_text", "elements": elements}


def _line(line: Line, language: Language) -> list[Block]:
    found = [text(language.label(line.weight.capitalize()), bold=True), text(line.text)]
    if line.names:
        found.append(aside(f"\n{line.names}", language))
    return found


def _play(message: Message) -> Block:
    language = message.language
    items = [section(text(step)) for step in message.steps]
    return {
        "type": "rich_text",
        "elements": [
            section(text(language.label(language.say("What to do next")), bold=True), text(message.play)),
            {"type": "rich_text_list", "style": "ordered", "elements": items},
        ],
    }


def footer(remark: str) -> Block:
    """Under everything else, small."""
    return {"type": "context", "elements": [{"type": "plain_text", "text": remark, "emoji": False}]}


def section(*elements: Block) -> Block:
    """A paragraph of rich text."""
    return {"type": "rich_text_section", "elements": list(elements)}


def link(url: str, words: str) -> Block:
    """A link in rich text."""
    return {"type": "link", "url": url, "text": words, "style": {"bold": True}}


def aside(words: str, language: Language) -> Block:
    """Words of less weight, set apart where the language's letters can be."""
    return text(words, italic=language.slants)


def text(words: str, *, bold: bool = False, italic: bool = False, code: bool = False) -> Block:
    """Words in rich text, shown letter by letter."""
    style = {name: True for name, on in (("bold", bold), ("italic", italic), ("code", code)) if on}
    return {"type": "text", "text": words, **({"style": style} if style else {})}
