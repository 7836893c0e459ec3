"""What became of an account's open alerts, in the words of its page: who was told, what waits, who answered."""

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


def happened(entries: Iterable[Entry]) -> list[dict[str, str]]:
    """The last things that happened, the newest first; what was decided at receipt only where it waits."""
    told = [
        {"day": day(entry.at), "what": words} for entry in reversed(list(entries)) for words in _words(entry)
    ]
    return told[:_MOST]


def _words(entry: Entry) -> Iterable[str]:
    detail = entry.detail
    match entry.what:
        case "received":
            return [_clean(one) for one in detail.get("decisions", []) if _AT_RECEIPT in one]
        case "delivered":
            return [f"Told {_to(detail)}"]
        case "waits":
            why = _WHY.get(str(detail.get("reason")), str(detail.get("reason")))
            return [f"Waits until {_clean(str(detail.get('until', ''))[:16])} ({why}): {_to(detail)}"]
        case "not_sent":
            return [f"Not sent {_to(detail)}: {_clean(str(detail.get('reason')).replace('_', ' '))}"]
        case "failed":
            return [f"Could not be delivered {_to(detail)}: {_clean(str(detail.get('reason')))}"]
        case "acknowledged":
            return [f"Acknowledged by {_clean(str(detail.get('author')))}"]
        case "snoozed":
            until = _clean(str(detail.get("until", ""))[:16])
            return [f"Snoozed until {until} by {_clean(str(detail.get('author')))}"]
    return []


def _to(detail: Mapping[str, Any]) -> str:
    return _clean(f"{detail.get('role')} by {detail.get('channel')} ({detail.get('receiver')})")


def _clean(text: str) -> str:
    return clean(text.replace("T", " ") if text[:2] == "20" else text, _LONGEST)
