"""A company's Salesforce and ERP, mapped: the alerts that its canonical events raise."""

import json
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from accounts.events import decode
from accounts.policy import Policy
from accounts.replay import Replay
from consumers.mapping.files import load
from consumers.record import Record
from service.past import Past
from service.simulation import portfolio
from tests.integration.mapping_parts import FakeRecord
from tests.parts.disguise import Company, Told, captured, rows, salesforce_id

MAPPING = Path(__file__).parents[3] / "docs" / "examples" / "salesforce-and-erp.toml"
START = datetime(2023, 1, 2, tzinfo=UTC)
END = START + timedelta(weeks=156)
LOADED_AT = "2025-06-01T00:00:00Z"
Raised = tuple[str, str, datetime]


@pytest.fixture(scope="module")
def events() -> list[dict[str, Any]]:
    """Three years of a portfolio, as canonical events."""
    made, _ = portfolio(24, 156, 5, START)
    return list(made)


@pytest.fixture(scope="module")
def expected(events: list[dict[str, Any]]) -> set[Raised]:
    """The alerts of the canonical events, under Salesforce's ids of the accounts."""
    story = Replay()
    for event in events:
        story.add(decode(json.dumps(event).encode()))
    return {(salesforce_id("Account", account), kind, at) for account, kind, at in raised(story)}


def raised(story: Replay) -> set[Raised]:
    return {(alert.account_id, alert.kind, alert.raised_at) for alert in story.alerts(END, Policy())}


def records(told: list[Told]) -> list[Record]:
    """As a consumer gets them."""
    ends: Counter[str] = Counter()
    found: list[Record] = []
    for record in told:
        value = json.dumps(record.value).encode()
        found.append(FakeRecord(record.topic, value, ends[record.topic], key=record.key.encode()))
        ends[record.topic] += 1
    return found


def mapped(told: list[Told]) -> Replay:
    """What the mapping makes of records, once all have come; none may be a dead letter or wait."""
    story = Replay()
    past = Past(load([MAPPING]), story.add)
    past.read(records(told))
    past.rest(lambda *_: None)
    assert past.tally.letters == Counter()
    assert past.tally.waiting == Counter()
    return story


def test_changes_raise_the_alerts_of_canonical_events(
    events: list[dict[str, Any]], expected: set[Raised]
) -> None:
    """Ids, codes, fields, addresses, tables: nothing of it may cost, add or move an alert."""
    company = Company(events)
    told = [*captured(company), *rows(company)]
    random.Random(1).shuffle(told)
    assert len(expected) > 10
    assert raised(mapped(told)) == expected


def test_a_load_of_the_past_raises_nearly_the_same(
    events: list[dict[str, Any]], expected: set[Raised]
) -> None:
    """What is loaded stands where it happened; a load cannot tell what was in between."""
    company = Company(events)
    found = raised(mapped([*captured(company, LOADED_AT), *rows(company, LOADED_AT)]))
    assert len(found & expected) >= 0.85 * len(expected)
    assert len(found - expected) <= 0.15 * len(expected)
