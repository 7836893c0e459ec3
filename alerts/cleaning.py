"""Words that came from events, made harmless before they stand in a message."""

import re
import unicodedata

ELLIPSIS = "…"
ZERO_WIDTH = "\u200b"

_MAILBOX = re.compile(r"[^\s@<>()\[\]\\,;:\"]{1,64}@[^\s@<>()\[\]\\,;:\"]{1,190}")
# Controls and what reorders or hides text (marks, embeddings, isolates, tags), unassigned or half characters.
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
# Joiners that whole scripts and emoji are written with: a name keeps them.
_KEPT = frozenset("\u200c\u200d")
_MRKDWN = re.compile(r"([*_~`])")


def clean(text: str, most: int) -> str:
    """One line of at most `most` characters: no line breaks, controls, half characters or bidi marks."""
    spaced = " ".join(text[: 4 * most + 100].split())
    kept = "".join(c for c in spaced if c in _KEPT or unicodedata.category(c) not in _DROPPED)
    return shorten(" ".join(kept.split()), most)  # what was dropped may have stood alone between two spaces


def shorten(text: str, most: int) -> str:
    """The text, or as much of it as fits with an ellipsis."""
    return text if len(text) <= most else text[: most - 1].rstrip() + ELLIPSIS


def mrkdwn(text: str) -> str:
    """Text that Slack shows as it is: no mention, no link, no formatting."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MRKDWN.sub(rf"{ZERO_WIDTH}\1{ZERO_WIDTH}", escaped)


def is_mailbox(text: str) -> bool:
    """Whether this is a bare email address that may stand in a header and in an SMTP command."""
    return _MAILBOX.fullmatch(text) is not None and text.isprintable() and clean(text, len(text) + 1) == text
