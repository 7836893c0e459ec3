"""Who was told of an account's open alerts, what waits, and who answered, in the words of its page."""

from collections.abc import Iterable, Mapping
from typing import Any

from alerts.cleaning import clean
from alerts.wording import day
from storage.history import Entry

_MOST = 12
_LONGEST = 120
_WHY = {
    "silenced": "silenced",
    "snoozed": "snoozed",
    "inhibited": "a graver alert of the account holds",
    "digest": "for the next digest",
    "outside_hours": "for working hours",
    "gathering": "for others to travel with it",
    "paused": "after a message with several alerts",
    "rate_limited": "enough messages for a day",
}
_AT_RECEIPT = "waits until "
_SAID = {
    "delivered": "Told {to}",
    "waits": "Waits until {until} ({why}): {to}",
    "not_sent": "Not sent to {to}: {why}",
    "failed": "Could not be delivered to {to}: {why}",
    "acknowledged": "Acknowledged by {who}",
    "snoozed": "Snoozed until {until} by {who}",
}


def happened(entries: Iterable[Entry]) -> list[dict[str, str]]:
    """The last things that happened, the newest first; what was decided at receipt only where it waits."""
    told = [
        {"day": day(entry.at), "what": words} for entry in reversed(list(entries)) for words in _words(entry)
    ]
    return told[:_MOST]


def _words(entry: Entry) -> Iterable[str]:
    detail = entry.detail
    if entry.what == "received":
        return [_clean(one) for one in detail.get("decisions", []) if _AT_RECEIPT in one]
    said = _SAID.get(entry.what)
    if said is None:
        return []
    reason = str(detail.get("reason", ""))
    return [
        said.format(
            to=_to(detail),
            until=_clean(str(detail.get("until", ""))[:16]),
            why=_clean(_WHY.get(reason, reason.replace("_", " "))),
            who=_clean(str(detail.get("author", ""))),
        )
    ]


def _to(detail: Mapping[str, Any]) -> str:
    return _clean(f"{detail.get('role')} by {detail.get('channel')} ({detail.get('receiver')})")


def _clean(text: str) -> str:
    return clean(text.replace("T", " ") if text[:2] == "20" else text, _LONGEST)
