"""What is known of alerts besides themselves, read in a few queries for many at once."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from accounts.alert import Alert
from accounts.stages import Kind
from alerts.decision import Standing
from alerts.matching import Matchers
from storage import answers, feedback, follow_ups, queries, silences, webhook_endpoints
from storage.answers import NONE, Answers
from storage.engine import Connection


@dataclass(frozen=True, slots=True)
class Known:
    """All that a round of decisions needs."""

    silences: tuple[tuple[Matchers, datetime], ...]
    answers: Mapping[str, Answers]
    verdicts: Mapping[str, str]
    open_kinds: Mapping[str, Mapping[str, Kind]]  # by account: the alerts that hold, and their kinds
    unsubscribed: Collection[tuple[str, str]]
    gone: Collection[str] = ()  # endpoints that nothing is posted to

    def standing(self, alert: Alert, channel: str, receiver: str) -> Standing:
        """What is known of one alert, for one destination."""
        said = self.answers.get(alert.id, NONE)
        holding = self.open_kinds.get(alert.account_id, {})
        ends = [until for matchers, until in self.silences if matchers.fits(alert)]
        return Standing(
            others=frozenset(kind for other, kind in holding.items() if other != alert.id),
            silenced_until=max(ends, default=None),
            snoozed_until=said.snoozed_until,
            acknowledged=said.acknowledged_at is not None,
            handled=self.verdicts.get(alert.id) == "being_handled",
            unsubscribed=(channel, receiver) in self.unsubscribed,
            gone=receiver in self.gone,
        )


def known(
    connection: Connection, alerts: Iterable[Alert], receivers: Collection[str], now: datetime
) -> Known:
    """Read it."""
    seen = {alert.id: alert for alert in alerts}
    accounts = {alert.account_id for alert in seen.values()}
    return Known(
        silences=tuple((matchers_of(one.matchers), one.ends_at) for one in silences.holding(connection, now)),
        answers=answers.of(connection, seen),
        verdicts=feedback.last_verdicts(connection, seen),
        open_kinds=queries.open_kinds(connection, accounts),
        unsubscribed=answers.has_unsubscribed(connection, receivers),
    )


def known_to_programs(connection: Connection, endpoint_ids: Collection[str]) -> Known:
    """The same for endpoints: nothing holds anything back from a program but its own end."""
    return Known((), {}, {}, {}, (), gone=webhook_endpoints.gone(connection, endpoint_ids))


def speaking(connection: Connection, alert_ids: Collection[str], now: datetime) -> list[Alert]:
    """Of some alerts those that hold, and that nobody has silenced or snoozed."""
    alerts = [msgspec.convert(body, Alert) for body in follow_ups.still_open(connection, alert_ids)]
    facts = known(connection, alerts, (), now)
    return [alert for alert in alerts if not _held_back(facts.standing(alert, "", ""), now)]


def _held_back(facts: Standing, now: datetime) -> bool:
    snoozed = facts.snoozed_until is not None and facts.snoozed_until > now
    return snoozed or facts.silenced_until is not None


def matchers_of(plain: Mapping[str, object]) -> Matchers:
    """Matchers as they are stored; raises msgspec.ValidationError."""
    return msgspec.convert(plain, Matchers)


def as_plain(matchers: Matchers) -> dict[str, object]:
    """Matchers as they are stored: those that are given."""
    found: dict[str, object] = msgspec.to_builtins(matchers)
    return {name: value for name, value in found.items() if value not in ((), [], None)}
