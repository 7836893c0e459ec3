"""What reaches readers and when: silences, snoozes, bursts, digests, escalation; on both databases."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from accounts.alert import Contact
from alerts import actions, silencing
from alerts.config import Channel, Limits, NotifierConfig, SlackConfig
from alerts.digest import Digest
from alerts.hours import OFFICE
from alerts.message import Message
from alerts.notifier import Notifier
from alerts.outcome import Accepted, Outcome, RetryAt
from alerts.routing import Route
from alerts.silencing import AskedMatchers, AskedSilence
from storage import history
from storage.engine import reading
from tests.integration.notification_parts import Plane, database, email_config, rows
from tests.unit.alerts.samples import AT_RISK, OWNER, SHIFT

if TYPE_CHECKING:
    from collections.abc import Iterator

    import sqlalchemy as sa

    from accounts.alert import Alert
    from alerts.parcel import Parcel

change = msgspec.structs.replace
MONDAY = datetime(2026, 5, 18, 9, tzinfo=UTC)
LIMITS = Limits(gather=timedelta(seconds=30))
RESOLVED = change(SHIFT, status="resolved", resolved_at=SHIFT.raised_at)
RETRACTED = change(RESOLVED, retracted=True)
MANAGED = change(
    SHIFT, account=change(SHIFT.account, manager=Contact("Their manager", "manager@vendor.example"))
)


@dataclass
class Mailbox:
    """A channel that keeps what it is handed, by receiver."""

    channel: Channel = "email"
    shared: bool = True
    pause: timedelta | None = None
    got: dict[str, list[Parcel]] = field(default_factory=lambda: defaultdict(list))
    outcomes: list[Outcome] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, parcel: Parcel, now: datetime) -> Outcome:
        del now
        with self.lock:
            outcome = self.outcomes.pop(0) if self.outcomes else Accepted({"number": len(self.got)})
            if isinstance(outcome, Accepted):
                self.got[parcel.receiver].append(parcel)
            return outcome


@dataclass
class Desk:
    """The notification plane with one channel, its clock set by hand."""

    plane: Plane
    mailbox: Mailbox

    @property
    def engine(self) -> sa.Engine:
        return self.plane.engine

    @property
    def now(self) -> datetime:
        return self.plane.clock.now

    def configured(self, **changes: Any) -> Desk:
        return Desk(replace(self.plane, config=replace(self.plane.config, **changes)), self.mailbox)

    def work(self) -> None:
        """Everything that is due by now: follow-ups, then messages."""
        made = Notifier(self.engine, self.plane.config, senders=[self.mailbox], now=self.plane.clock)
        while made.sweeper.sweep():
            pass
        made.sweeper.prepare_digests()
        while made.workers[0].deliver_one():
            pass

    def until(self, at: datetime, step: timedelta = timedelta(hours=1)) -> None:
        """Let time pass, working every hour."""
        while self.plane.clock.now < at:
            self.plane.clock.now = min(at, self.plane.clock.now + step)
            self.work()

    def told(self, receiver: str = OWNER.email) -> list[str]:
        """The notices that a receiver got, a message each; a digest by its number of accounts."""
        return [
            one.content.notice
            if isinstance(one.content, Message)
            else f"digest of {len(one.content.entries)}"
            for one in self.mailbox.got[receiver]
        ]

    def reasons(self) -> Counter[tuple[str, str | None]]:
        return Counter((row.status, row.reason) for row in rows(self.engine))


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    with database(database_url) as engine:
        plane = Plane(engine, NotifierConfig(email=email_config("h", 25)))
        plane.clock.now = MONDAY
        yield Desk(plane, Mailbox())


def numbered(number: int, **changes: Any) -> Alert:
    return change(SHIFT, id=f"alert_{number:05}", account_id=f"C-{number}", **changes)


def silence(desk: Desk, days: float = 2.0) -> str:
    asked = AskedSilence(
        matchers=AskedMatchers(account=("hartwig*",)),
        author="dana",
        reason="moving plants",
        ends_at=desk.now + timedelta(days=days),
    )
    return silencing.silence(desk.engine, asked, desk.now).silence_id


def test_a_silence_delays_and_loses_nothing(desk: Desk) -> None:
    """What still holds at its end is said then; the alert's history has both decisions."""
    silence(desk)
    desk.plane.take(SHIFT)
    desk.work()
    assert desk.reasons() == {("pending", "silenced"): 1}
    desk.until(MONDAY + timedelta(days=1))
    assert desk.told() == []
    desk.until(MONDAY + timedelta(days=3))
    assert desk.told() == ["raised"]
    with reading(desk.engine) as connection:
        said = [(one.what, one.detail) for one in history.of(connection, SHIFT.id)]
    assert [what for what, _ in said] == ["received", "delivered"]
    assert "silenced" in said[0][1]["decisions"][0]


def test_a_silence_that_is_ended_lets_go_at_once(desk: Desk) -> None:
    """Whoever made it too wide takes it back, and nobody waits for its end."""
    made = silence(desk, days=300)
    desk.plane.take(SHIFT)
    desk.work()
    assert silencing.end(desk.engine, made, desk.now)
    assert not silencing.end(desk.engine, made, desk.now)
    desk.work()
    assert desk.told() == ["raised"]


def test_what_ends_while_it_is_silenced_is_never_said(desk: Desk) -> None:
    """Neither the alert nor its end, nor a correction of what nobody read."""
    silence(desk)
    desk.plane.take(SHIFT)
    desk.plane.take(RESOLVED)
    desk.until(MONDAY + timedelta(days=3))
    assert desk.told() == []
    assert desk.reasons() == {
        ("suppressed", "ended_before_delivery"): 1,
        ("suppressed", "recovery_is_its_own_alert"): 1,
    }


def test_a_snoozed_alert_is_said_again_at_its_end(desk: Desk) -> None:
    """Once, as a reminder; acknowledged in the meantime, never."""
    desk.plane.take(SHIFT)
    desk.work()
    until = MONDAY + timedelta(days=2)
    actions.snooze(desk.engine, SHIFT.id, until, "dana", "api", desk.now)
    desk.plane.take(change(SHIFT, severity="critical"))
    desk.until(MONDAY + timedelta(days=1))
    assert desk.told() == ["raised"]
    desk.until(MONDAY + timedelta(days=30), timedelta(hours=12))
    assert desk.told() == ["raised", "updated"], "the graver notice waited for the snooze's end and is all"


def test_a_snooze_without_news_ends_with_one_reminder(desk: Desk) -> None:
    """What still holds is said again, and then not every day."""
    desk.plane.take(SHIFT)
    desk.work()
    actions.snooze(desk.engine, SHIFT.id, MONDAY + timedelta(days=2), "dana", "api", desk.now)
    desk.until(MONDAY + timedelta(days=10), timedelta(hours=12))
    assert desk.told() == ["raised", "reminder"]


def test_a_graver_alert_of_the_account_inhibits(desk: Desk) -> None:
    """Of a lost account nobody reads that it shifts; once `lost` is taken back, they do."""
    lost = change(SHIFT, id="alert_lost", kind="lost", stage="lost", severity="critical")
    desk.plane.take(lost)
    desk.plane.take(SHIFT)
    desk.work()
    assert desk.told() == ["raised"]
    assert ("pending", "inhibited") in desk.reasons()
    desk.plane.take(change(lost, status="resolved", retracted=True))
    desk.until(MONDAY + timedelta(days=2))
    assert desk.told() == ["raised", "retracted", "raised"]


def test_a_night_alert_is_read_in_the_morning_with_its_news(desk: Desk) -> None:
    """Raised and grown graver by night: one message at eight, with the newest figures."""
    desk = desk.configured(hours=OFFICE)
    desk.plane.clock.now = datetime(2026, 5, 22, 22, tzinfo=UTC)  # a Friday
    desk.plane.take(SHIFT)
    worse = change(SHIFT, stage="at_risk", evidence=AT_RISK.evidence)
    desk.plane.take(worse)
    desk.until(datetime(2026, 5, 25, 7, 59, tzinfo=UTC))
    assert desk.told() == []
    desk.until(datetime(2026, 5, 25, 8, 1, tzinfo=UTC), timedelta(minutes=1))
    assert desk.told() == ["raised"]
    assert desk.mailbox.got[OWNER.email][0].alert == worse
    assert desk.reasons() == {("suppressed", "superseded"): 1, ("delivered", None): 1}


def test_a_burst_of_ten_thousand_neither_floods_nor_loses(desk: Desk) -> None:
    """Twenty owners, 10,000 alerts: a handful of messages each, and each alert in one of them.

    2,000 on SQLite, which is no database for a vendor of so many accounts.
    """
    size = 10_000 if desk.engine.dialect.name == "postgresql" else 2_000
    desk = desk.configured(limits=LIMITS, hours=OFFICE)
    owners = [Contact(f"Owner {number}", f"owner{number}@vendor.example") for number in range(20)]
    burst = [
        numbered(number, account=change(SHIFT.account, owner=owners[number % 20])) for number in range(size)
    ]
    for alert in burst:
        desk.plane.messages += 1
        desk.plane.take(alert)
        desk.plane.clock.now = MONDAY
    desk.until(MONDAY + timedelta(hours=1), timedelta(minutes=1))
    seen: Counter[str] = Counter()
    for owner in owners:
        messages = desk.mailbox.got[owner.email]
        assert 1 <= len(messages) <= 3
        content = messages[0].content
        assert isinstance(content, Digest)
        assert len(content.entries) == 5
        assert content.more == f"and {size // 20 - 5} more accounts"
    for row in rows(desk.engine):
        assert row.status == "delivered"
        seen[row.alert_id] += 1
    assert len(seen) == size
    assert set(seen.values()) == {1}


def test_a_flood_that_goes_on_is_told_every_few_hours(desk: Desk) -> None:
    """Five alerts every ten minutes for a working day: no more messages than a person can bear."""
    desk = desk.configured(limits=LIMITS)
    for number in range(6 * 9 * 5):
        desk.plane.take(numbered(number))
        if number % 5 == 4:
            desk.until(desk.now + timedelta(minutes=10), timedelta(minutes=5))
    desk.until(MONDAY + timedelta(days=2), timedelta(minutes=30))
    assert len(desk.told()) <= 6
    assert {row.status for row in rows(desk.engine)} == {"delivered"}


def test_a_digest_route_gathers_until_the_morning(desk: Desk) -> None:
    """What may wait comes in one message as the next working day begins; what is critical does not wait."""
    desk = desk.configured(hours=OFFICE, routes=Route(name="all", pace="daily"))
    for number in range(3):
        desk.plane.take(numbered(number))
    desk.plane.take(numbered(9, severity="critical"))
    desk.work()
    assert desk.told() == ["raised"]
    desk.until(MONDAY + timedelta(days=1))
    assert desk.told() == ["raised", "digest of 3"]


def test_the_week_s_digest_tells_what_is_open(desk: Desk) -> None:
    """On Monday morning: the five that matter most, each once; nothing when nothing is open."""
    desk = desk.configured(hours=OFFICE, digest="weekly")
    for number in range(7):
        value = change(SHIFT.value, at_risk=1000.0 * number)
        desk.plane.take(numbered(number, value=value, account=change(SHIFT.account, name=f"Firm {number}")))
    desk.work()
    desk.until(MONDAY + timedelta(days=7), timedelta(hours=6))
    desk.until(MONDAY + timedelta(days=8), timedelta(hours=6))
    assert desk.told()[7:] == ["digest of 5"]
    digest = desk.mailbox.got[OWNER.email][-1].content
    assert isinstance(digest, Digest)
    assert [entry.message.account for entry in digest.entries] == [f"Firm {n}" for n in (6, 5, 4, 3, 2)]
    assert not any(entry.new for entry in digest.entries)
    assert digest.more == "and 2 more accounts"
    for number in range(7):
        desk.plane.take(numbered(number, status="resolved", resolved_at=desk.now))
    desk.until(MONDAY + timedelta(days=16), timedelta(hours=6))
    assert len(desk.told()) == 8
    assert desk.reasons()["suppressed", "nothing_open"] == 1


def test_a_digest_leaves_out_what_is_silenced_or_snoozed(desk: Desk) -> None:
    """Whoever said when to speak of it again is not reminded by the back door; in the reader's language."""
    desk = desk.configured(hours=OFFICE, digest="weekly")
    for number in range(3):
        card = change(SHIFT.account, name=f"Firm {number}", locale="zh-CN")
        desk.plane.take(numbered(number, account=card))
    desk.work()
    later = MONDAY + timedelta(days=60)
    actions.snooze(desk.engine, numbered(0).id, later, "dana", "api", desk.now)
    asked = AskedSilence(
        matchers=AskedMatchers(account=("Firm 1",)), author="dana", reason="moving", ends_at=later
    )
    silencing.silence(desk.engine, asked, desk.now)
    desk.until(MONDAY + timedelta(days=8), timedelta(hours=6))
    digest = desk.mailbox.got[OWNER.email][-1].content
    assert isinstance(digest, Digest)
    assert [entry.message.account for entry in digest.entries] == ["Firm 2"]
    assert digest.language.locale == "zh_Hans"


def test_an_unanswered_alert_reaches_the_manager_once(desk: Desk) -> None:
    """After three working days; whoever acknowledges in time keeps it to themselves."""
    desk = desk.configured(hours=OFFICE, routes=Route(name="all", escalate_days=3))
    desk.plane.take(MANAGED)
    answered = change(MANAGED, id="alert_answered", account_id="C-2")
    desk.plane.take(answered)
    desk.work()
    actions.acknowledge(desk.engine, "alert_answered", "dana", "api", desk.now)
    desk.until(MONDAY + timedelta(days=2, hours=23))
    assert desk.told("manager@vendor.example") == []
    desk.until(MONDAY + timedelta(days=20), timedelta(hours=6))
    assert desk.told("manager@vendor.example") == ["escalated"]
    assert desk.told() == ["raised", "raised"]


def test_an_alert_that_fires_anew_must_be_answered_anew(desk: Desk) -> None:
    """Last year's acknowledgement says nothing of this year's shift."""
    desk = desk.configured(routes=Route(name="all", repeat_days=7))
    desk.plane.take(SHIFT)
    desk.work()
    actions.acknowledge(desk.engine, SHIFT.id, "dana", "api", desk.now)
    desk.plane.take(RESOLVED)
    desk.plane.take(SHIFT)
    desk.until(MONDAY + timedelta(days=8), timedelta(hours=6))
    assert desk.told() == ["raised", "refired", "reminder"]


def test_who_unsubscribed_hears_nothing_and_it_is_visible(desk: Desk) -> None:
    """Also what waited already; taken back, the next alert is told."""
    desk.plane.take(numbered(1))
    assert actions.unsubscribe(desk.engine, "email", OWNER.email, desk.now)
    desk.plane.take(numbered(2))
    desk.work()
    assert desk.told() == []
    assert desk.reasons() == {("suppressed", "unsubscribed"): 2}
    assert actions.subscribe(desk.engine, "email", OWNER.email)
    desk.plane.take(numbered(3))
    desk.work()
    assert desk.told() == ["raised"]


def test_a_retry_keeps_message_and_company(desk: Desk) -> None:
    """Five alerts in one message that fails: each further attempt is the same message of the same five."""
    desk = desk.configured(limits=Limits())
    for number in range(5):
        desk.plane.take(numbered(number))
    desk.mailbox.outcomes = [RetryAt("HTTP 500"), RetryAt("HTTP 500")]
    desk.work()
    ids = {row.message_id for row in rows(desk.engine)}
    assert len(ids) == 1
    desk.plane.take(numbered(7))
    desk.until(MONDAY + timedelta(hours=2), timedelta(minutes=1))
    (again,) = (one for one in desk.mailbox.got[OWNER.email] if one.message_id in ids)
    content = again.content
    assert isinstance(content, Digest)
    assert len(content.entries) == 5
    assert content.more == ""


def test_a_bot_edits_its_message_while_others_stay_silent(desk: Desk) -> None:
    """New figures and the end of an alert reach the sender as edits of its first message, by night too."""
    desk.mailbox.channel = "slack"
    desk = desk.configured(email=None, slack=SlackConfig(bot_token="xoxb-1"), hours=OFFICE, limits=LIMITS)
    desk.plane.take(SHIFT)
    desk.until(MONDAY + timedelta(minutes=1), timedelta(minutes=1))
    desk.plane.clock.now = MONDAY + timedelta(hours=14)
    desk.plane.take(change(SHIFT, evidence=SHIFT.evidence[:2]))
    desk.plane.take(RESOLVED)
    desk.until(MONDAY + timedelta(hours=15))
    first, *edits = desk.mailbox.got["U0OWNER01"]
    assert (first.quiet, first.earlier) == (False, None)
    assert [(one.quiet, one.earlier) for one in edits] == [(True, {"number": 0})]
    assert edits[-1].alert == RESOLVED


def test_an_edit_of_what_nobody_saw_is_the_message_itself(desk: Desk) -> None:
    """New figures come while the first notice waits for the morning: one message, and no edit of nothing."""
    desk.mailbox.channel = "slack"
    desk = desk.configured(email=None, slack=SlackConfig(bot_token="xoxb-1"), hours=OFFICE)
    desk.plane.clock.now = MONDAY + timedelta(hours=14)
    desk.plane.take(SHIFT)
    newer = change(SHIFT, evidence=SHIFT.evidence[:2])
    desk.plane.take(newer)
    desk.until(MONDAY + timedelta(days=1))
    (parcel,) = desk.mailbox.got["U0OWNER01"]
    assert (parcel.quiet, parcel.alert) == (False, newer)
