"""Rows and states in the words that the pages show; nothing in them is escaped yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote

import msgspec

from accounts.account import AccountState
from accounts.alert import Alert, Amount, LedBy
from accounts.cusum import Cusum
from accounts.feedback import Feedback, Verdict
from accounts.fold import LeaderChange
from accounts.weeks import start_of
from alerts import headlines
from alerts.cleaning import clean
from alerts.message import Message, Notice, message_of
from alerts.wording import day, led, left_out, money
from storage.queries import AccountRow, Transition

_LONGEST_NAME = 120
_LONGEST_REASON = 2000
_MOST_EVIDENCE = 50  # all of it: messages send their readers here for the rest
_MOST_PEOPLE = 8
_QUIET = {
    "learning": "Turnsignal is still learning what is usual for this account.",
    "stable": "Nothing was seen that differs from this account's own past.",
    "watch": "First signs only: not enough to warn of.",
}
_LEADERS: dict[LedBy, str] = {
    "development": "development",
    "shared": "both",
    "purchasing": "purchasing",
}
_VERDICTS: dict[Verdict, str] = {
    "not_a_risk": "Not a risk",
    "being_handled": "Being handled",
    "lost": "We lost them",
    "they_stay": "They stay",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """An account's head."""

    id: str
    href: str
    name: str
    owner: str
    segment: str
    stage: str
    led_by: str
    led: str
    annual: str
    at_risk: str
    beside: str  # orders that are in neither sum
    in_base: str  # what is at risk in the base currency, where that is another
    reviewed: str
    quiet: str


@dataclass(frozen=True, slots=True)
class Told:
    """An alert on its account's page."""

    message: Message
    people: str
    raised: str


def shown(row: AccountRow) -> Shown:
    """An account as its page heads it."""
    card, leader = row.card or {}, cast("LedBy", row.led_by)
    return Shown(
        id=row.account_id,
        href=f"/accounts/{quote(row.account_id, safe='', errors='replace')}",
        name=clean(card.get("name") or "", _LONGEST_NAME) or clean(row.account_id, _LONGEST_NAME),
        owner=clean((card.get("owner") or {}).get("name") or "", _LONGEST_NAME),
        segment=clean(card.get("segment") or "", _LONGEST_NAME),
        stage=row.stage,
        led_by=_LEADERS[leader],
        led=led(leader),
        annual="–" if row.annual_value is None else money(float(row.annual_value), row.currency),
        at_risk=money(float(row.value_at_risk), row.currency) if row.value_at_risk else "–",
        beside=left_out([Amount(**one) for one in row.not_converted or ()], row.currency),
        in_base=_in_base(row),
        reviewed=day(row.reviewed_to) if row.reviewed_to else "",
        quiet=_QUIET.get(row.stage, "There is no open alert."),
    )


def _in_base(row: AccountRow) -> str:
    """A figure to compare with other accounts', or why there is none."""
    if row.base_at_risk is None:
        return "no rate" if row.value_at_risk else ""
    same = row.base_currency == row.currency
    return "" if same or not row.base_at_risk else money(float(row.base_at_risk), row.base_currency)


def listed(row: AccountRow, bodies: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """An account as the list shows it, with what is open in a few words."""
    open_ = [msgspec.convert(body, Alert) for body in bodies]
    return {
        "account": shown(row),
        "phrase": headlines.short(open_[0]) if open_ else "",
        "severity": open_[0].severity if open_ else "",
        "raised": day(open_[0].raised_at) if open_ else "",
    }


def alerts(bodies: Sequence[dict[str, Any]]) -> Mapping[str, Sequence[Told]]:
    """{"first": the alert to read, "also": open ones besides, "past": those that are over}, newest first."""
    found = [msgspec.convert(body, Alert) for body in bodies]
    holding = [alert for alert in found if alert.status == "firing" and not alert.retracted]
    warning = [alert for alert in holding if alert.kind != "recovered"] or holding
    return {
        "first": [_told(alert) for alert in warning[:1]],
        "also": [_told(alert) for alert in warning[1:]],
        "past": [_told(alert) for alert in found if alert not in warning],
    }


def _told(alert: Alert) -> Told:
    notice: Notice = "retracted" if alert.retracted else "raised"
    message = message_of(alert, notice, None, most_evidence=_MOST_EVIDENCE)
    people = dict.fromkeys(name for piece in alert.evidence for name in piece.people)
    names = [clean(name, _LONGEST_NAME) for name in list(people)[:_MOST_PEOPLE]]
    more = f" and {len(people) - _MOST_PEOPLE} more" if len(people) > _MOST_PEOPLE else ""
    listed_names = f": {', '.join(names)}{more}" if names else ""
    counted = f"{len(people)} {'person' if len(people) == 1 else 'people'}{listed_names}" if people else ""
    return Told(message, counted, day(alert.raised_at))


def said(told: Sequence[Feedback]) -> list[dict[str, str]]:
    """What people said of the account's alerts, the newest first."""
    return [
        {
            "day": day(one.at),
            "verdict": _VERDICTS[one.verdict],
            "alert": headlines.of_kind(one.kind),
            "raised": day(one.raised_at),
            "author": clean(one.author, _LONGEST_NAME),
            "reason": clean(one.reason, _LONGEST_REASON),
        }
        for one in reversed(told)
    ]


def tests(state: AccountState) -> list[dict[str, Any]]:
    """How far each test has come, against the threshold at which an alert is raised."""
    sums = (
        ("Shift of the buying centre", state.fold.shift.cusum),
        ("Slowing of orders and contacts", state.fold.cadence.cusum),
    )
    return [_test(name, cusum) for name, cusum in sums]


def _test(name: str, cusum: Cusum) -> dict[str, Any]:
    if not cusum.ready:
        return {"name": name, "share": 0.0, "text": "no baseline yet"}
    share = cusum.total / cusum.threshold
    since = f", gathered since {day(start_of(cusum.onset))}" if cusum.total else ""
    text = f"{100 * share:.0f}\u00a0% of the threshold{since}"
    return {"name": name, "share": min(share, 1.5), "text": text}


def history(changes: Sequence[Transition], leaders: Sequence[LeaderChange]) -> list[dict[str, str]]:
    """Changes of stage and of leader together, the newest first."""
    stages = [(c.at, {"what": "stage", "before": c.from_stage, "after": c.to_stage}) for c in changes]
    ends = [
        (start_of(c.week + 1), {"what": "led", "before": led(c.before), "after": led(c.after)})
        for c in leaders
    ]
    told = sorted([*stages, *ends], key=lambda entry: entry[0], reverse=True)
    return [{"day": day(at), **entry} for at, entry in told]
