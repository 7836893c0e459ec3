"""What a receiver is told, worded once; Slack, email and the terminal only lay it out."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, get_args
from urllib.parse import quote

from accounts.alert import Alert, Evidence, Severity
from alerts import headlines
from alerts.cleaning import clean, shorten
from alerts.language import ENGLISH, Language
from alerts.wording import DOTS, Strength, day, since, stake, strength, unbroken, who

Notice = Literal["raised", "updated", "resolved", "retracted", "refired", "reminder", "escalated"]
NOTICES: tuple[Notice, ...] = get_args(Notice)
Tone = Literal["critical", "warning", "info", "good", "correction"]

_MOST_EVIDENCE = 4
_MOST_STEPS = 4
_MOST_NAMES = 3
_LONGEST_NAME = 80
_LONGEST_TEXT = 300
_LONGEST_SUBJECT = 120
# These are the alert itself, not a part of a sum: they stand first.
_THE_ALERT_ITSELF = frozenset({"silence", "recovered"})
_LEADS: dict[Notice, str] = {
    "updated": "Update: ",
    "refired": "Again: ",
    "retracted": "Correction: ",
    "reminder": "Reminder: ",
    "escalated": "Unanswered: ",
}
_WORDS: dict[Tone, str] = {
    "critical": "Critical",
    "warning": "Warning",
    "info": "For information",
    "good": "Good news",
    "correction": "Correction",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One piece of evidence; `strength` is None for what was seen besides."""

    text: str
    strength: Strength | None
    names: str = ""  # who, where that says more than a number

    @property
    def dots(self) -> int:
        """Of three: the same strength as a picture."""
        return DOTS[self.strength]


@dataclass(frozen=True, slots=True)
class Message:
    """One notice in words, cleaned and of bounded length; nothing in it is escaped yet."""

    alert_id: str
    account: str
    notice: Notice
    severity: Severity
    tone: Tone
    tone_word: str
    headline: str
    sentence: str
    subject: str
    decides: str = ""
    decides_since: str = ""
    bought: str = ""
    at_risk: str = ""
    evidence: tuple[Line, ...] = ()
    more: str = ""  # how much further evidence there is
    play: str = ""
    play_why: str = ""
    steps: tuple[str, ...] = ()
    link: str | None = None
    remark: str = ""  # under everything else
    language: Language = ENGLISH

    @property
    def preview(self) -> str:
        """What a list of messages shows after the subject."""
        money = ", ".join(part for part in (self.bought, self.at_risk) if part)
        return f"{self.sentence} {money[0].upper()}{money[1:]}." if money else self.sentence


def message_of(
    alert: Alert,
    notice: Notice,
    public_url: str | None,
    language: Language = ENGLISH,
    *,
    most_evidence: int = _MOST_EVIDENCE,
) -> Message:
    """The message for a notice of an alert; `most_evidence` is how many pieces it shows."""
    account = clean(alert.account.name or "", _LONGEST_NAME) or f"Account {clean(alert.account_id, 60)}"
    tone = _tone(alert, notice)
    message = Message(
        alert_id=clean(alert.id, 64),
        account=account,
        notice=notice,
        severity=alert.severity,
        tone=tone,
        tone_word=_WORDS[tone],
        headline=_headline(alert, notice),
        sentence=_sentence(alert, notice),
        subject=_subject(alert, notice, account),
        link=_link(public_url, alert.account_id),
        remark=_remark(alert, notice),
        language=language,
    )
    return message if notice == "retracted" else _with_details(message, alert, most_evidence)


def _with_details(message: Message, alert: Alert, most_evidence: int) -> Message:
    found = _in_order(alert.evidence)
    bought, at_risk = stake(alert.value)
    return replace(
        message,
        decides=who(alert.led_by),
        decides_since=_decides_since(alert),
        bought=bought,
        at_risk=at_risk or "",
        evidence=_lines(found[:most_evidence]),
        more=_more(len(found) - most_evidence),
        play=clean(alert.play.title, 150),
        play_why=clean(alert.play.why, 150),
        steps=tuple(clean(step, _LONGEST_TEXT) for step in alert.play.steps[:_MOST_STEPS]),
    )


def _tone(alert: Alert, notice: Notice) -> Tone:
    if notice == "retracted":
        return "correction"
    return "good" if alert.kind == "recovered" else alert.severity


def _headline(alert: Alert, notice: Notice) -> str:
    if notice == "retracted":
        return "Earlier notice no longer holds"
    phrase, lead = headlines.headline(alert), _LEADS.get(notice, "")
    return lead + phrase[0].lower() + phrase[1:] if lead else phrase


def _sentence(alert: Alert, notice: Notice) -> str:
    if notice == "retracted":
        return (
            f"Events that came in late show that our notice of {day(alert.raised_at)} "
            f"(“{headlines.headline(alert)}”) was not right. Nothing needs to be done because of it."
        )
    return headlines.sentence(alert)


def _remark(alert: Alert, notice: Notice) -> str:
    """A correction has no day up to which it holds."""
    honesty = "Turnsignal says what was seen, not what will happen."
    return honesty if notice == "retracted" else f"As of {day(alert.raised_at)}. {honesty}"


def _subject(alert: Alert, notice: Notice, account: str) -> str:
    lead = _LEADS.get(notice, "")
    what = "earlier notice no longer holds" if notice == "retracted" else headlines.short(alert)
    return shorten(f"{lead}{shorten(account, 60)}: {what}", _LONGEST_SUBJECT)


def _decides_since(alert: Alert) -> str:
    start = "" if alert.led_by_since is None else f"since {since(alert.led_by_since, alert.raised_at)}"
    if alert.led_by == alert.previously_led_by:
        return start
    before = who(alert.previously_led_by)
    return f"{start}{', ' if start else ''}before: {before[0].lower()}{before[1:]}"


def _in_order(evidence: Iterable[Evidence]) -> list[Evidence]:
    """Strongest first. What was taken off the sum explains the sum, not the account: it is left out."""
    shown = [piece for piece in evidence if piece.nats >= 0 and piece.text.strip()]
    return sorted(shown, key=lambda piece: (piece.signal not in _THE_ALERT_ITSELF, -piece.nats))


def _lines(evidence: Iterable[Evidence]) -> tuple[Line, ...]:
    lines: list[Line] = []
    named = False
    for piece in evidence:
        names = "" if named else _names([person for person in piece.people if person not in piece.text])
        named = named or bool(names)
        lines.append(Line(unbroken(clean(piece.text, _LONGEST_TEXT)), strength(piece.nats), names))
    return tuple(lines)


def _names(people: list[str]) -> str:
    """The first few; further lines mostly name the same people again."""
    shown = [name for person in people[:_MOST_NAMES] if (name := clean(person, _LONGEST_NAME))]
    more = f" and {len(people) - _MOST_NAMES} more" if len(people) > _MOST_NAMES else ""
    return ", ".join(shown) + more if shown else ""


def _more(count: int) -> str:
    return "" if count <= 0 else f"and {count} more {'sign' if count == 1 else 'signs'}"


def _link(public_url: str | None, account_id: str) -> str | None:
    if public_url is None:
        return None
    return f"{public_url.rstrip('/')}/accounts/{quote(account_id, safe='', errors='replace')}"
