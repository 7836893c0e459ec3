"""The buttons under a message, and in their place what has been answered.

The alert's id and the reader's locale stand in the block's id; values hold nothing but a choice.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from accounts.feedback import VERDICTS
from alerts.cleaning import clean, mrkdwn
from alerts.language import Language, language, marked
from alerts.said import Said
from alerts.verdicts import LABELS

Block = dict[str, Any]

ACKNOWLEDGE, SNOOZE, FEEDBACK, OPEN = "acknowledge", "snooze", "feedback", "open"
SNOOZES: Mapping[str, timedelta] = MappingProxyType(
    {"1d": timedelta(days=1), "1w": timedelta(weeks=1), "4w": timedelta(weeks=4)}
)
_FOR = {"1d": marked("For 1 day"), "1w": marked("For 1 week"), "4w": marked("For 4 weeks")}
_ROW, _LINES = "answers", "said"
_BLOCK_ID = re.compile(rf"{_ROW}:(?P<locale>[\w-]{{2,20}}):(?P<turn>\d{{1,6}}):(?P<alert>.+)", re.DOTALL)
LONGEST_ALERT_ID = 200  # what a block's id has room for
_LONGEST_LABEL = 75
_LONGEST_URL = 3000
_MEMBER = re.compile(r"(?P<name>.*) \((?P<id>[UW][A-Z0-9]{1,30})\)")


@dataclass(frozen=True, slots=True)
class Row:
    """Whose buttons they are: the alert, the account's page, and the reader's language."""

    alert_id: str
    link: str | None
    language: Language
    turn: int = 0  # how often the row was drawn anew

    @property
    def block_id(self) -> str:
        """The same in a block's id, but for the link."""
        return f"{_ROW}:{self.language.locale}:{self.turn}:{self.alert_id}"


def row_of(block_id: object) -> Row | None:
    """Whose buttons a block holds; None where it is none of ours."""
    found = _BLOCK_ID.fullmatch(block_id) if isinstance(block_id, str) else None
    return Row(found["alert"], None, language(found["locale"]), int(found["turn"])) if found else None


def is_answer(block: object) -> bool:
    """Whether a block is among those that `answer_blocks` made."""
    name = block.get("block_id") if isinstance(block, dict) else None
    return isinstance(name, str) and name.split(":")[0] in {_ROW, _LINES}


def answer_blocks(row: Row, said: Said, now: datetime, *, open_alert: bool = True) -> list[Block]:
    """What was answered, and buttons for the rest; of an alert that is over only what can still be said."""
    lines = list(_lines(row.language, said, now))
    known = said.answers
    snoozed = known.snoozed_until is not None and known.snoozed_until > now
    elements: list[Block] = []
    if open_alert and known.acknowledged_at is None:
        elements.append(_acknowledge(row.language))
    if open_alert and not snoozed:
        elements.append(_snooze(row.language))
    if said.feedback is None:
        elements.append(_feedback(row.language))
    if row.link and len(row.link) <= _LONGEST_URL:
        elements.append(_open(row.link, row.language))
    found: list[Block] = []
    if lines:
        text = {"type": "mrkdwn", "text": "\n".join(lines)}
        found.append({"type": "context", "block_id": f"{_LINES}:{row.alert_id}", "elements": [text]})
    if elements:
        found.append({"type": "actions", "block_id": row.block_id, "elements": elements})
    return found


def link_in(block: object) -> str | None:
    """The address behind a row's button that opens the account."""
    elements = block.get("elements") if isinstance(block, dict) else None
    for element in elements if isinstance(elements, list) else []:
        if isinstance(element, dict) and element.get("action_id") == OPEN:
            url = element.get("url")
            return url if isinstance(url, str) and url.startswith(("https://", "http://")) else None
    return None


def _lines(spoken: Language, said: Said, now: datetime) -> list[str]:
    found = []
    known, word = said.answers, said.feedback
    if known.acknowledged_at is not None:
        text = spoken.say(
            "Acknowledged by {who} on {day}",
            who=_who(known.acknowledged_by, spoken),
            day=spoken.day(known.acknowledged_at),
        )
        found.append(f"✅ {text}")
    if known.snoozed_until is not None and known.snoozed_until > now:
        text = spoken.say(
            "Snoozed until {day} by {who}",
            who=_who(known.snoozed_by, spoken),
            day=spoken.day(known.snoozed_until),
        )
        found.append(f"💤 {text}")
    if word is not None:
        text = spoken.say(
            "{who} on {day}: {verdict}",
            who=_who(word.author, spoken),
            day=spoken.day(word.at),
            verdict=spoken.say(LABELS[word.verdict]),
        )
        found.append(f"💬 {text}")
    return found


def named(author: str | None) -> str:
    """A member's name where Slack does not show it; anybody else as they are known."""
    member = _MEMBER.fullmatch(author or "")
    return member["name"] if member else author or ""


def _who(author: str | None, spoken: Language) -> str:
    """A member of the workspace as Slack shows members; anybody else by name."""
    if not author:
        return spoken.say("somebody")
    member = _MEMBER.fullmatch(author)
    return f"<@{member['id']}>" if member else mrkdwn(clean(author, 80))


def _acknowledge(spoken: Language) -> Block:
    return {
        "type": "button",
        "action_id": ACKNOWLEDGE,
        "style": "primary",
        "text": _plain(spoken.say("Acknowledge")),
        "value": ACKNOWLEDGE,
    }


def _snooze(spoken: Language) -> Block:
    choices = [(value, spoken.say(_FOR[value])) for value in SNOOZES]
    return _select(SNOOZE, spoken.say("Snooze"), choices)


def _feedback(spoken: Language) -> Block:
    choices = [(str(verdict), spoken.say(LABELS[verdict])) for verdict in VERDICTS]
    return _select(FEEDBACK, spoken.say("Give feedback"), choices)


def _select(action: str, words: str, choices: list[tuple[str, str]]) -> Block:
    options = [{"text": _plain(text), "value": value} for value, text in choices]
    return {"type": "static_select", "action_id": action, "placeholder": _plain(words), "options": options}


def _open(link: str, spoken: Language) -> Block:
    return {"type": "button", "action_id": OPEN, "text": _plain(spoken.say("Open account")), "url": link}


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text[:_LONGEST_LABEL], "emoji": False}
