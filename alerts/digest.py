"""Several alerts in one message: the accounts that matter most, by value at risk, and how many more."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from accounts.alert import Alert, Severity
from alerts.language import Language
from alerts.matching import by_value_at_risk
from alerts.message import Message, Notice, message_of

MOST_ENTRIES = 5
_GRAVITY: dict[Severity, int] = {"info": 0, "warning": 1, "critical": 2}


@dataclass(frozen=True, slots=True)
class Entry:
    """One account, as its own message would tell it."""

    message: Message
    new: bool  # the receiver was not told of it before


@dataclass(frozen=True, slots=True)
class Digest:
    """What a receiver should look at, worded and cleaned; nothing in it is escaped yet."""

    subject: str
    headline: str
    sentence: str
    entries: tuple[Entry, ...]
    more: str  # how many further accounts there are
    corrections: tuple[Message, ...]  # what no longer holds
    link: str | None
    remark: str
    language: Language


def digest_of(
    new: Sequence[tuple[Alert, Notice]],
    standing: Iterable[Alert],
    public_url: str | None,
    language: Language,
) -> Digest:
    """The message for what is new to a receiver, beside what it knows and still holds.

    An account is told once, by its gravest alert, the most value at risk first.
    """
    corrected = [alert for alert, notice in new if notice == "retracted"]
    told: dict[str, Notice] = {alert.id: notice for alert, notice in new if notice != "retracted"}
    known = [alert for alert in standing if alert.id not in told]
    ranked = _one_an_account([*(alert for alert, notice in new if notice != "retracted"), *known])
    entries = [
        Entry(message_of(alert, told.get(alert.id, "raised"), public_url, language), alert.id in told)
        for alert in ranked[:MOST_ENTRIES]
    ]
    headline = language.count("{number} account to look at", "{number} accounts to look at", len(ranked))
    if not ranked:
        headline = language.count("{number} correction", "{number} corrections", len(corrected))
    return Digest(
        subject=_subject(headline, entries, language),
        headline=headline,
        sentence=_sentence(ranked, told, language),
        entries=tuple(entries),
        more=_more(len(ranked) - len(entries), language),
        corrections=tuple(
            message_of(alert, "retracted", public_url, language) for alert in corrected[:MOST_ENTRIES]
        ),
        link=f"{public_url.rstrip('/')}/" if public_url else None,
        remark=language.say("Turnsignal says what was seen, not what will happen."),
        language=language,
    )


def _one_an_account(alerts: Iterable[Alert]) -> list[Alert]:
    ranked = sorted(alerts, key=lambda alert: (-_GRAVITY[alert.severity], *by_value_at_risk(alert), alert.id))
    gravest: dict[str, Alert] = {}
    for alert in ranked:
        gravest.setdefault(alert.account_id, alert)
    return sorted(
        gravest.values(), key=lambda alert: (*by_value_at_risk(alert), -_GRAVITY[alert.severity], alert.id)
    )


def _subject(headline: str, entries: Sequence[Entry], language: Language) -> str:
    if not entries:
        return headline
    first = entries[0].message.account
    return language.say("{headline}, first of all {account}", headline=headline, account=first)


def _sentence(ranked: Sequence[Alert], told: Mapping[str, Notice], language: Language) -> str:
    new = len({alert.account_id for alert in ranked if alert.id in told})
    if not ranked:
        return language.say("Events that came in late show that earlier notices were not right.")
    if new == len(ranked):
        return language.say("Ordered by the value at risk.")
    if not new:
        return language.say("None of them is new. Ordered by the value at risk.")
    return language.count(
        "{number} of them is new. Ordered by the value at risk.",
        "{number} of them are new. Ordered by the value at risk.",
        new,
    )


def _more(count: int, language: Language) -> str:
    return (
        "" if count <= 0 else language.count("and {number} more account", "and {number} more accounts", count)
    )
