"""The reviewer on both databases: time passing, late events, several at once."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest

import migrations
from accounts.advice import NO_ADVICE, Advice
from accounts.alert import Alert, from_json
from accounts.currency import rates_of
from accounts.events import decode
from accounts.policy import Policy
from accounts.replay import Replay
from accounts.value import Valuation
from consumers.records import row_of
from consumers.reviewer import ReviewConfig, Reviewer
from service.simulation import portfolio
from storage import intake, outbox, queries, reviews
from storage.engine import Engine, create_engine, reading, transaction
from tests.integration.consuming import START, body, one, rows, talk

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A migrated database."""
    migrations.upgrade(database_url)
    made = create_engine(database_url)
    yield made
    made.dispose()


def reviewer(engine: Engine, batch: int = 200, advice: Advice = NO_ADVICE) -> Reviewer:
    config = ReviewConfig(batch_accounts=batch)
    return Reviewer(engine, Policy(), config, advice=advice, now=lambda: NOW)


def accept(engine: Engine, bodies: list[bytes]) -> None:
    found = [row_of(decode(value), value) for value in bodies]
    with transaction(engine) as connection:
        intake.accept(connection, {row.event_key: row for row in found})


def orders(account: str, weeks: range, currency: str = "EUR") -> list[bytes]:
    """An order a week."""
    return [
        body(
            talk(
                week,
                account,
                week,
                type="order.placed",
                data={
                    "order_id": f"{account}-{week}",
                    "currency": currency,
                    "lines": [{"sku": "s", "kind": "system", "quantity": 1, "unit_price": 100}],
                },
            )
        )
        for week in weeks
    ]


def alerts(engine: Engine) -> list[Alert]:
    return [from_json(value) for (value,) in rows(engine, "SELECT body FROM outbox ORDER BY id")]


def stage(engine: Engine) -> str:
    return str(one(engine, "SELECT stage FROM accounts WHERE account_id = 'acme'"))


def test_silence_alone_moves_an_account(engine: Engine) -> None:
    """No event arrives, only weeks close: the account declines, then is lost; each is told once."""
    accept(engine, orders("acme", range(60)))
    review = reviewer(engine)
    review.review(START + timedelta(weeks=60))
    assert stage(engine) == "stable"
    seen = []
    for week in range(61, 140):
        review.review(START + timedelta(weeks=week))
        seen.append(stage(engine))
    assert "declining" in seen
    assert seen[-1] == "lost"
    kinds = [alert.kind for alert in alerts(engine) if alert.status == "firing"]
    assert kinds == ["decline", "lost"]


def test_a_late_event_takes_an_alert_back_by_its_own_id(engine: Engine) -> None:
    """Late data that shows there was no decline retracts the alert; it never becomes a second one."""
    accept(engine, orders("acme", range(60)))
    review = reviewer(engine)
    review.review(START + timedelta(weeks=80))
    raised = alerts(engine)
    assert [alert.kind for alert in raised] == ["decline", "lost"]
    accept(engine, orders("acme", range(60, 80)))
    review.review(START + timedelta(weeks=80))
    taken_back = alerts(engine)[2:]
    assert {alert.id for alert in taken_back} == {alert.id for alert in raised}
    assert all(alert.status == "resolved" and alert.retracted for alert in taken_back)
    assert stage(engine) == "stable"


def test_weeks_and_arrivals_in_any_rhythm_end_in_the_same_state(engine: Engine) -> None:
    """Events in three lots, late ones among them, and reviews between: byte for byte as the replay."""
    made, _ = portfolio(12, 80, 3, START, story=True)
    bodies = [body(event) for event in made]
    end = START + timedelta(weeks=80)
    review = reviewer(engine, batch=5)
    for lot, until in ((bodies[::3], 40), (bodies[1::3], 60), (bodies[2::3], 80)):
        accept(engine, lot)
        review.review(START + timedelta(weeks=until))
    story = Replay()
    for value in bodies:
        story.add(decode(value))
    expected = {account: state.to_bytes() for account, state in story.states(end, Policy())}
    assert {a: bytes(s) for a, s in rows(engine, "SELECT account_id, state FROM accounts")} == expected
    current = {alert.id: alert for alert in alerts(engine)}
    standing = {key for key, alert in current.items() if not alert.retracted}
    assert standing == {alert.id for alert in story.alerts(end, Policy())}


def test_several_reviewers_do_each_account_once(engine: Engine) -> None:
    """Four reviewers at once share the accounts; none is done twice, none forgotten."""
    made, _ = portfolio(40, 60, 4, START)
    accept(engine, [body(event) for event in made])
    end, barrier = START + timedelta(weeks=60), threading.Barrier(4)

    def review() -> int:
        barrier.wait()
        return reviewer(engine, batch=3).review(end)

    with ThreadPoolExecutor(4) as pool:
        counts = [done.result() for done in [pool.submit(review) for _ in range(4)]]
    assert sum(counts) == one(engine, "SELECT count(*) FROM accounts")
    assert one(engine, "SELECT count(*) FROM accounts WHERE state IS NULL") == 0
    ids = [alert.id for alert in alerts(engine)]
    assert len(ids) == len(set(ids))


def test_a_crash_before_the_commit_leaves_nothing(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """State and alerts are written together or not at all."""
    accept(engine, orders("acme", range(60)))

    def die(*_: object) -> None:
        raise ProcessLookupError("killed here")

    monkeypatch.setattr(outbox, "put", die)
    with pytest.raises(ProcessLookupError):
        reviewer(engine).review(START + timedelta(weeks=90))
    assert one(engine, "SELECT count(*) FROM accounts WHERE state IS NOT NULL") == 0
    monkeypatch.undo()
    assert reviewer(engine).review(START + timedelta(weeks=90)) == 1
    assert alerts(engine)


def test_judging_again_by_other_numbers_equals_having_used_them_from_the_start(engine: Engine) -> None:
    """A new calibration takes hold of the past too: states and transitions as if it had always been there."""
    made, _ = portfolio(12, 120, 5, START)
    events = list(made)
    accept(engine, [msgspec.json.encode(event) for event in events])
    end = START + timedelta(weeks=120)
    strict = Policy(false_alarms=0.1)
    reviewer(engine).review(end)
    before = rows(engine, "SELECT account_id, state FROM accounts ORDER BY account_id")
    with transaction(engine) as connection:
        assert reviews.restart(connection) == 12
    Reviewer(engine, strict, ReviewConfig(), now=lambda: NOW).review(end)
    after = rows(engine, "SELECT account_id, state FROM accounts ORDER BY account_id")
    replay = Replay()
    for event in events:
        replay.add(decode(msgspec.json.encode(event)))
    assert [bytes(state) for _, state in after] == [
        state.to_bytes() for _, state in replay.states(end, strict)
    ]
    assert after != before


def test_other_rates_put_accounts_in_another_order_and_raise_nothing(engine: Engine) -> None:
    """What is told again by new rates is the value, not the alert."""
    accept(engine, [*orders("dollars", range(60), "USD"), *orders("yen", range(60), "JPY")])
    accept(engine, orders("unknown", range(60), "XTS"))
    end = START + timedelta(weeks=75)

    def told(**worth: str) -> list[tuple[str, str | None]]:
        rates = rates_of("EUR", {code: Decimal(rate) for code, rate in worth.items()})
        with transaction(engine) as connection:
            reviews.restart(connection)
        reviewer(engine, advice=Advice(valuation=Valuation(rates))).review(end)
        with reading(engine) as connection:
            found = queries.list_accounts(connection)
        return [(row.account_id, row.base_currency) for row in found]

    assert told(USD="0.9", JPY="0.006") == [("dollars", "EUR"), ("yen", "EUR"), ("unknown", None)]
    raised = len(alerts(engine))
    assert raised
    assert told(USD="0.9", JPY="1.1") == [("yen", "EUR"), ("dollars", "EUR"), ("unknown", None)]
    assert told() == [("yen", None), ("dollars", None), ("unknown", None)]  # by the name of the currency
    assert len(alerts(engine)) == raised


def test_evidence_that_has_aged_out_is_read_again_for_a_late_event(engine: Engine) -> None:
    """Eight years, reviewed in lots, and an order that comes six years late: the states of a replay."""
    bodies = [*orders("acme", range(0, 416, 3)), *orders("other", range(0, 416, 5))]
    late = orders("acme", range(40, 41))
    review = reviewer(engine)
    for first, last in ((0, 200), (200, 330), (330, 416)):
        accept(engine, [value for value in bodies if first <= _week(value) < last])
        review.review(START + timedelta(weeks=last))
    before = len(rows(engine, "SELECT 1 FROM transitions"))
    accept(engine, late)
    end = START + timedelta(weeks=416)
    review.review(end)
    story = Replay()
    for value in [*bodies, *late]:
        story.add(decode(value))
    expected = {account: state.to_bytes() for account, state in story.states(end, Policy())}
    assert {a: bytes(s) for a, s in rows(engine, "SELECT account_id, state FROM accounts")} == expected
    assert len(rows(engine, "SELECT 1 FROM transitions")) == before
    assert not any(alert.retracted for alert in alerts(engine))


def test_states_that_an_upgrade_has_folded_anew_are_the_same(engine: Engine, database_url: str) -> None:
    """Migration 0004 forgets states, not events: the next review finds them again, and tells known alerts."""
    accept(engine, orders("acme", range(60)))
    review = reviewer(engine)
    review.review(START + timedelta(weeks=80))

    def known() -> list[list[tuple[object, ...]]]:
        queries = (
            "account_id, state, stage, due_week FROM accounts",
            "account_id, at, to_stage FROM transitions",
        )
        return [sorted(rows(engine, f"SELECT {query}")) for query in queries]

    before, told = known(), {alert.id: alert.status for alert in alerts(engine)}
    migrations.downgrade(database_url, "0003")
    migrations.upgrade(database_url)
    assert one(engine, "SELECT count(*) FROM accounts WHERE state IS NOT NULL") == 0
    review.review(START + timedelta(weeks=80))
    assert known() == before
    assert {alert.id: alert.status for alert in alerts(engine)} == told


def _week(value: bytes) -> int:
    return (decode(value).time - START) // timedelta(weeks=1)
