"""What a receiver is told, worded once; Slack, email and the terminal only lay it out."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, get_args
from urllib.parse import quote

from accounts.alert import Alert, Evidence, Severity
from accounts.wording import said_by
from alerts import headlines
from alerts.cleaning import clean, shorten
from alerts.language import ENGLISH, Language, begun, marked
from alerts.wording import DOTS, Strength, before, called, stake, strength, unbroken, weight, who

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
_WORDS: dict[Tone, str] = {
    "critical": marked("Critical"),
    "warning": marked("Warning"),
    "info": marked("For information"),
    "good": marked("Good news"),
    "correction": marked("Correction"),
}
_HEADLINES: dict[Notice, str] = {
    "updated": marked("Update: {headline}"),
    "refired": marked("Again: {headline}"),
    "reminder": marked("Reminder: {headline}"),
    "escalated": marked("Unanswered: {headline}"),
}
_SUBJECTS: dict[Notice, str] = {
    "updated": marked("Update: {account}: {what}"),
    "refired": marked("Again: {account}: {what}"),
    "reminder": marked("Reminder: {account}: {what}"),
    "escalated": marked("Unanswered: {account}: {what}"),
    "retracted": marked("Correction: {account}: earlier notice no longer holds"),
}
_SUBJECT = marked("{account}: {what}")


@dataclass(frozen=True, slots=True)
class Line:
    """One piece of evidence; `strength` is None for what was seen besides."""

    text: str
    strength: Strength | None
    names: str = ""  # who, where that says more than a number
    weight: str = ""  # the strength in a word that the reader knows

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
    language: Language = ENGLISH  # layouts say their labels through it

    @property
    def preview(self) -> str:
        """What a list of messages shows after the subject."""
        money = _both(self.language, self.bought, self.at_risk)
        if not money:
            return self.sentence
        return self.language.say("{sentence} {money}.", sentence=self.sentence, money=begun(money))


def message_of(
    alert: Alert,
    notice: Notice,
    public_url: str | None,
    language: Language = ENGLISH,
    *,
    most_evidence: int = _MOST_EVIDENCE,
) -> Message:
    """The message for a notice of an alert; `most_evidence` is how many pieces it shows."""
    account = clean(alert.account.name or "", _LONGEST_NAME)
    account = account or language.say("Account {id}", id=clean(alert.account_id, 60))
    tone = _tone(alert, notice)
    message = Message(
        alert_id=alert_id_shown(alert),
        account=account,
        notice=notice,
        severity=alert.severity,
        tone=tone,
        tone_word=language.say(_WORDS[tone]),
        headline=_headline(alert, notice, language),
        sentence=_sentence(alert, notice, language),
        subject=_subject(alert, notice, account, language),
        link=_link(public_url, alert.account_id),
        remark=_remark(alert, notice, language),
        language=language,
    )
    return message if notice == "retracted" else _with_details(message, alert, most_evidence)


def alert_id_shown(alert: Alert) -> str:
    """An alert's id as its messages carry it."""
    return clean(alert.id, 64)


def _with_details(message: Message, alert: Alert, most_evidence: int) -> Message:
    language = message.language
    found = _in_order(alert.evidence)
    bought, at_risk = stake(alert.value, language)
    return replace(
        message,
        decides=who(alert.led_by, language),
        decides_since=_decides_since(alert, language),
        bought=bought,
        at_risk=at_risk or "",
        evidence=_lines(found[:most_evidence], language),
        more=_more(len(found) - most_evidence, language),
        play=clean(language.say(alert.play.title), 150),
        play_why=clean(language.say(alert.play.why), 150),
        steps=tuple(clean(language.say(step), _LONGEST_TEXT) for step in alert.play.steps[:_MOST_STEPS]),
    )


def _tone(alert: Alert, notice: Notice) -> Tone:
    if notice == "retracted":
        return "correction"
    return "good" if alert.kind == "recovered" else alert.severity


def _headline(alert: Alert, notice: Notice, language: Language) -> str:
    if notice == "retracted":
        return language.say("Earlier notice no longer holds")
    phrase = headlines.headline(alert, language)
    lead = _HEADLINES.get(notice)
    return language.say(lead, headline=language.inside(phrase)) if lead else phrase


def _sentence(alert: Alert, notice: Notice, language: Language) -> str:
    if notice != "retracted":
        return headlines.sentence(alert, language)
    return language.say(
        "Events that came in late show that our notice of {day} (“{headline}”) was not right. "
        "Nothing needs to be done because of it.",
        day=language.day(alert.raised_at),
        headline=headlines.headline(alert, language),
    )


def _remark(alert: Alert, notice: Notice, language: Language) -> str:
    """A correction has no day up to which it holds."""
    if notice == "retracted":
        return language.say("Turnsignal says what was seen, not what will happen.")
    return language.say(
        "As of {day}. Turnsignal says what was seen, not what will happen.",
        day=language.day(alert.raised_at),
    )


def _subject(alert: Alert, notice: Notice, account: str, language: Language) -> str:
    text = _SUBJECTS.get(notice, _SUBJECT)
    what = headlines.short(alert, language)
    return shorten(language.say(text, account=shorten(account, 60), what=what), _LONGEST_SUBJECT)


def _decides_since(alert: Alert, language: Language) -> str:
    start = ""
    if alert.led_by_since is not None:
        start = language.say("since {month}", month=language.since(alert.led_by_since, alert.raised_at))
    turned = alert.led_by != alert.previously_led_by
    return _both(language, start, before(alert.previously_led_by, language) if turned else "")


def _both(language: Language, first: str, second: str) -> str:
    """Two remarks in one line, or the one there is."""
    both = first and second
    return language.say("{first}, {second}", first=first, second=second) if both else first or second


def _in_order(evidence: Iterable[Evidence]) -> list[Evidence]:
    """Strongest first. What was taken off the sum explains the sum, not the account: it is left out."""
    shown = [piece for piece in evidence if piece.nats >= 0 and piece.text.strip()]
    return sorted(shown, key=lambda piece: (piece.signal not in _THE_ALERT_ITSELF, -piece.nats))


def _lines(evidence: Iterable[Evidence], language: Language) -> tuple[Line, ...]:
    lines: list[Line] = []
    named = False
    for piece in evidence:
        others = [person for person in piece.people if person not in piece.text]
        names = "" if named else _names(others, language)
        named = named or bool(names)
        text = unbroken(clean(said_by(language, piece), _LONGEST_TEXT))
        strong = strength(piece.nats)
        lines.append(Line(text, strong, names, weight(strong, language)))
    return tuple(lines)


def _names(people: list[str], language: Language) -> str:
    """The first few; further lines mostly name the same people again."""
    cleaned = [name for person in people[:_MOST_NAMES] if (name := clean(person, _LONGEST_NAME))]
    shown = [called(name, language) for name in cleaned]
    names, further = language.say(", ").join(shown), len(people) - _MOST_NAMES
    if not names or further <= 0:
        return names
    return language.say("{names} and {number} more", names=names, number=further)


def _more(count: int, language: Language) -> str:
    return "" if count <= 0 else language.count("and {number} more sign", "and {number} more signs", count)


def _link(public_url: str | None, account_id: str) -> str | None:
    if public_url is None:
        return None
    return f"{public_url.rstrip('/')}/accounts/{quote(account_id, safe='', errors='replace')}"
