"""A message as Slack sends it along, made sendable again: all as it was, but for the buttons."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from alerts.cleaning import shorten
from alerts.said import Said
from alerts.slack.answers import Row, answer_blocks, is_answer, link_in, row_of
from alerts.slack.interactions import Known

_LONGEST_TEXT = 3000
_KEPT_OF_AN_IMAGE = ("type", "block_id", "alt_text", "title", "image_url")
# Slack gives the emoji of a header back by their names, and takes names for text where emoji are off.
_NAMED: Mapping[str, str] = MappingProxyType(
    {
        ":red_circle:": "🔴",
        ":large_orange_circle:": "🟠",
        ":large_blue_circle:": "🔵",
        ":large_green_circle:": "🟢",
        ":white_circle:": "⚪",
    }
)


@dataclass(frozen=True, slots=True)
class Stored:
    """What the alert's messages should say now; `over` where it has ended."""

    said: Said
    over: bool


def as_answered(known: Known, row: Row, stored: Stored, now: datetime) -> dict[str, Any]:
    """The message with its buttons drawn anew from what is stored."""
    old = [block for block in known.blocks if is_answer(block)]
    link = next(filter(None, map(link_in, old)), None)
    new = answer_blocks(replace(_next(row, old), link=link), stored.said, now, open_alert=not stored.over)
    blocks: list[Any] = []
    for block in known.blocks:
        if not is_answer(block):
            blocks.append(_sendable(block))
        elif new:
            blocks += new
            new = []
    return {"text": shorten(known.text, _LONGEST_TEXT), "blocks": blocks}


def as_before(known: Known) -> dict[str, Any]:
    """The same message with nothing chosen in its lists: Slack tells no second time of the same choice."""
    blocks = [_unchosen(block) if is_answer(block) else _sendable(block) for block in known.blocks]
    return {"text": shorten(known.text, _LONGEST_TEXT), "blocks": blocks}


def shows(message: Mapping[str, Any], alert_id: str) -> bool:
    """Whether a message has the buttons of an alert, or what was answered to it."""
    blocks = message.get("blocks")
    return isinstance(blocks, list) and any(
        is_answer(block) and str(block.get("block_id")).endswith(f":{alert_id}") for block in blocks
    )


def _next(row: Row, old: list[Any]) -> Row:
    """Under another name than before: by the name Slack knows what was chosen."""
    rows = [found for block in old if (found := row_of(block.get("block_id")))]
    return replace(row, turn=max((found.turn for found in rows), default=row.turn) + 1)


def _unchosen(block: dict[str, Any]) -> dict[str, Any]:
    row = row_of(block.get("block_id"))
    return {**block, "block_id": replace(row, turn=row.turn + 1).block_id} if row else block


def _sendable(block: Any) -> Any:
    """Without what Slack adds and does not take back."""
    match block:
        case {"type": "image"}:
            kept = {name: block[name] for name in _KEPT_OF_AN_IMAGE if name in block}
            file = block.get("slack_file")
            if isinstance(file, dict) and file.get("id"):
                kept.pop("image_url", None)
                kept["slack_file"] = {"id": file["id"]}
            return kept
        case {"type": "header", "text": {"text": str(words)}}:
            for name, emoji in _NAMED.items():
                if words.startswith(name):
                    return {**block, "text": {**block["text"], "text": emoji + words.removeprefix(name)}}
    return block
