"""/api/v1 on both databases."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec
import pytest

from service.simulation import STORY_ACCOUNT
from tests.integration.serving import (
    migrated,
    open_client,
    put_account,
    put_alert,
    put_dead_letter,
    put_delivery,
    put_story,
    put_transitions,
)
from tests.unit.alerts.samples import AT_RISK, RAISED, SHIFT

if TYPE_CHECKING:
    from tests.integration.serving import Client

STRANGE = ["a/b", "a//b/", "ü ?#%41&", "x/timeline", '"><script>', "..hidden", "100%", "客户/1", "a\\b", " "]


def pages(client: Client, url: str, name: str) -> list[dict[str, Any]]:
    """Everything a list holds, page by page."""
    found: list[dict[str, Any]] = []
    following, sign = "", "&" if "?" in url else "?"
    while True:
        page = client.get(f"{url}{sign}limit=2{following}").json()
        assert len(page[name]) <= 2
        found += page[name]
        if page["next"] is None:
            return found
        following = f"&cursor={page['next']}"


def test_accounts_come_by_value_at_risk_page_by_page(database_url: str) -> None:
    """Every account once, ties and accounts without orders included."""
    with migrated(database_url) as engine:
        for name, at_risk in (("b", "5.0001"), ("a", "5.0001"), ("c", "0.1"), ("d", None), ("e", None)):
            put_account(engine, name, at_risk)
        put_account(engine, "f", "7352000.3333")
        found = pages(open_client(engine), "/api/v1/accounts", "accounts")
    assert [account["account_id"] for account in found] == ["f", "a", "b", "c", "d", "e"]
    assert found[0]["value"] == {
        "annual": 1000.5,
        "at_risk": 7352000.3333,
        "currency": "EUR",
        "base": None,
        "not_converted": [],
    }
    assert found[-1]["value"]["at_risk"] is None


def test_accounts_of_many_currencies_come_by_the_base_currency(database_url: str) -> None:
    """A million yen is not more than a thousand euros; without a rate a currency follows, each by itself."""
    said = {"base_currency": "EUR"}
    with migrated(database_url) as engine:
        put_account(engine, "yen", "1000000", currency="JPY", base_at_risk=Decimal(6100), **said)
        put_account(engine, "euro", "9000", base_at_risk=Decimal(9000), **said)
        put_account(engine, "tie", "9000", base_at_risk=Decimal(9000), **said)
        put_account(engine, "nothing at risk", "0", base_at_risk=Decimal(0), **said)
        left = [{"amount": 7.0, "currency": "XTS"}]
        put_account(engine, "test", "50000", currency="XTS", not_converted=left)
        put_account(engine, "more of the test", "50001", currency="XTS")
        put_account(engine, "little of another", "1", currency="XAA")
        put_account(engine, "without orders")
        found = pages(open_client(engine), "/api/v1/accounts", "accounts")
    assert [account["account_id"] for account in found] == [
        "euro",
        "tie",
        "yen",
        "nothing at risk",
        "little of another",
        "more of the test",
        "test",
        "without orders",
    ]
    assert found[2]["value"]["base"] == {"at_risk": 6100.0, "currency": "EUR"}
    assert found[6]["value"]["not_converted"] == left


def test_accounts_are_filtered(database_url: str) -> None:
    """By stage, by the owner's address or name in any case, and by both."""
    owner = {"name": "Dana Owner", "email": "dana@vendor.example"}
    with migrated(database_url) as engine:
        put_account(engine, "a", "3", stage="at_risk", card={"owner": owner})
        put_account(engine, "b", "2", card={"name": "B", "owner": owner})
        put_account(engine, "c", "1", stage="at_risk")
        put_account(engine, "d", "1", card=None)
        client = open_client(engine)

        def ids(query: str) -> list[str]:
            found = client.get(f"/api/v1/accounts?{query}").json()["accounts"]
            return [account["account_id"] for account in found]

        assert ids("stage=at_risk") == ["a", "c"]
        assert ids("owner=DANA@vendor.example") == ids("owner=dana%20owner") == ["a", "b"]
        assert ids("owner=dana@vendor.example&stage=at_risk") == ["a"]
        assert ids("owner=nobody") == []


@pytest.mark.parametrize("account_id", STRANGE)
def test_an_id_may_be_any_text(sqlite_url: str, account_id: str) -> None:
    """Slashes, quotes, other scripts: quoted whole, an id is found."""
    with migrated(sqlite_url) as engine:
        put_account(engine, account_id, "1")
        client = open_client(engine)
        url = f"/api/v1/accounts/{quote(account_id, safe='')}"
        assert client.get(url).json()["account_id"] == account_id
        told = client.get(f"{url}/timeline").json()
        assert (told["account_id"], told["weeks"]) == (account_id, [])
        assert client.get(f"/accounts/{quote(account_id, safe='')}").status_code == 200


def test_an_account_tells_how_far_its_tests_are(database_url: str) -> None:
    """The sums of the state against their thresholds, and what is open."""
    with migrated(database_url) as engine:
        put_story(engine)
        told = open_client(engine).get(f"/api/v1/accounts/{STORY_ACCOUNT}").json()
    assert told["owner"]["email"]
    assert (told["stage"], told["led_by"]) == ("at_risk", "purchasing")
    assert told["tests"]["shift"]["sum"] >= told["tests"]["shift"]["threshold"] > 0
    assert told["tests"]["shift"]["crossed"]
    assert [alert["kind"] for alert in told["open_alerts"]] == ["at_risk", "buying_centre_shift"]


def test_a_timeline_tells_week_by_week(database_url: str) -> None:
    """Votes, orders and money of the state; with them stages, leaders and alerts."""
    with migrated(database_url) as engine:
        end = put_story(engine)
        put_account(engine, "new")
        client = open_client(engine)
        told = client.get(f"/api/v1/accounts/{STORY_ACCOUNT}/timeline").json()
        new = client.get("/api/v1/accounts/new/timeline").json()
    weeks = told["weeks"]
    assert weeks[-1]["week"] == (end - timedelta(weeks=1)).date().isoformat()
    assert sum(week["orders"] for week in weeks) > 10
    assert sum(week["money"].get("USD", 0) for week in weeks) > 100_000
    assert all(0 <= week["purchasing"] <= week["deciders"] for week in weeks)
    assert told["transitions"][-1]["to_stage"] == "at_risk"
    assert told["leaders"][-1]["to_led_by"] == "purchasing"
    assert [alert["kind"] for alert in told["alerts"]] == ["at_risk", "buying_centre_shift"]
    assert new.pop("account_id") == "new"
    assert new == {"weeks": [], "leaders": [], "transitions": [], "alerts": [], "feedback": []}


def test_transitions_come_in_order(database_url: str) -> None:
    """The oldest first, as the account lived them."""
    with migrated(database_url) as engine:
        put_account(engine, "a")
        put_transitions(engine, "a", ["learning", "stable", "watch", "shifted"])
        told = open_client(engine).get("/api/v1/accounts/a/timeline").json()
    assert [change["to_stage"] for change in told["transitions"]] == ["stable", "watch", "shifted"]


def test_alerts_come_newest_first_page_by_page(database_url: str) -> None:
    """Every alert once, also those raised in the same moment."""
    with migrated(database_url) as engine:
        for number in range(5):
            raised = RAISED + timedelta(microseconds=number // 2)
            put_alert(engine, msgspec.structs.replace(SHIFT, id=f"alert_{number}", raised_at=raised))
        found = pages(open_client(engine), "/api/v1/alerts", "alerts")
    assert [alert["id"] for alert in found] == ["alert_4", "alert_2", "alert_3", "alert_0", "alert_1"]


def test_alerts_are_filtered(database_url: str) -> None:
    """By status, kind and account."""
    over = msgspec.structs.replace(SHIFT, id="alert_over", status="resolved", resolved_at=RAISED)
    with migrated(database_url) as engine:
        for alert in (SHIFT, AT_RISK, over):
            put_alert(engine, alert)
        client = open_client(engine)

        def ids(query: str) -> set[str]:
            return {alert["id"] for alert in client.get(f"/api/v1/alerts?{query}").json()["alerts"]}

        assert ids("status=resolved") == {"alert_over"}
        assert ids("kind=at_risk") == {AT_RISK.id}
        assert ids(f"account={SHIFT.account_id}&status=firing") == {SHIFT.id}


def test_an_alert_tells_who_was_told(database_url: str) -> None:
    """The alert as received, and its deliveries."""
    with migrated(database_url) as engine:
        put_alert(engine, SHIFT)
        put_delivery(engine, SHIFT.id)
        client = open_client(engine)
        told = client.get(f"/api/v1/alerts/{SHIFT.id}").json()
        assert client.get("/api/v1/alerts/alert_none").status_code == 404
    assert msgspec.convert(told, type(SHIFT)) == SHIFT
    (delivery,) = told["deliveries"]
    assert (delivery["channel"], delivery["status"], delivery["attempts"]) == ("email", "pending", 0)
    assert "body" not in delivery


def test_dead_letters_are_listed_and_shown_whole(database_url: str) -> None:
    """Those that wait, page by page; one with its bytes, whatever they are."""
    with migrated(database_url) as engine:
        for offset in range(5):
            put_dead_letter(engine, offset)
        put_dead_letter(engine, 9, replayed_at=RAISED)
        put_dead_letter(engine, 10, reason="too_large", value=None, key=None)
        client = open_client(engine)
        found = pages(client, "/api/v1/dead-letters", "dead_letters")
        one = client.get(f"/api/v1/dead-letters/{found[0]['id']}").json()
        large = client.get("/api/v1/dead-letters?reason=too_large").json()["dead_letters"]
        assert client.get("/api/v1/dead-letters/4711").status_code == 404
    assert [letter["offset"] for letter in found] == [0, 1, 2, 3, 4, 10]
    assert (one["value"], one["key"], one["headers"]) == ("/wA=", "Qy0x", [["ce_type", "eA=="]])
    assert [letter["offset"] for letter in large] == [10]


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("/api/v1/accounts/nobody", 404),
        ("/api/v1/accounts/nobody/timeline", 404),
        ("/api/v1/accounts/a%00b", 404),
        ("/api/v1/accounts/a%00b/timeline", 404),
        ("/api/v1/accounts/%FF%ED%A0%80", 404),
        ("/api/v1/alerts/a%00b", 404),
        ("/api/v1/nothing", 404),
        ("/api/v1/accounts?stage=happy", 422),
        ("/api/v1/accounts?owner=a%00b", 422),
        ("/api/v1/accounts?limit=0", 422),
        ("/api/v1/accounts?limit=201", 422),
        ("/api/v1/accounts?cursor=made-up", 422),
        ("/api/v1/accounts?cursor=", 422),
        ("/api/v1/alerts?status=open", 422),
        ("/api/v1/alerts?account=a%00b", 422),
        ("/api/v1/alerts?cursor=WyIxIiwgImEiXQ", 422),
        ("/api/v1/dead-letters/0", 422),
        ("/api/v1/dead-letters/99999999999999999999", 422),
        ("/api/v1/dead-letters/one", 422),
    ],
)
def test_what_cannot_be_answered_is_a_problem(database_url: str, url: str, status: int) -> None:
    """RFC 9457 for every error, on a database that would stumble over some of these."""
    with migrated(database_url) as engine:
        answer = open_client(engine).get(url)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    problem = answer.json()
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
