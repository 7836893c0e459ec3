"""Acknowledging, snoozing and silencing over the API and by command, on both databases."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from service.app import create_app
from tests.integration.serving import TOKEN, Client, migrated, open_client, put_alert
from tests.integration.test_feedback_commands import call, failed
from tests.unit.alerts.samples import AT_RISK, SHIFT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from storage.engine import Engine

ALERT = f"/api/v1/alerts/{SHIFT.id}"
SILENCES = "/api/v1/silences"


def body(**said: Any) -> bytes:
    return json.dumps(said).encode()


def ahead(**time: float) -> str:
    return (datetime.now(UTC) + timedelta(**time)).isoformat()


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    with migrated(database_url) as made:
        put_alert(made, SHIFT)
        put_alert(made, AT_RISK)
        yield made


@pytest.fixture
def client(engine: Engine) -> Client:
    return open_client(engine)


def test_the_first_acknowledgement_counts(client: Client) -> None:
    """It is shown with the alert, and in its history; a second one changes nothing."""
    first = client.post(f"{ALERT}/acknowledge", body(author="dana"))
    assert (first.status_code, first.json()["new"]) == (200, True)
    again = client.post(f"{ALERT}/acknowledge", body(author="lee")).json()
    assert (again["new"], again["acknowledged_by"]) == (False, "dana")
    shown = client.get(ALERT).json()
    assert shown["answers"]["acknowledged_by"] == "dana"
    (entry,) = shown["history"]
    assert (entry["what"], entry["author"], entry["via"]) == ("acknowledged", "dana", "api")


def test_a_snooze_lies_ahead_within_a_year(client: Client) -> None:
    """Anything else is a mistake that would silence an alert for ever, or not at all."""
    until = ahead(days=3)
    said = client.post(f"{ALERT}/snooze", body(until=until, author="dana")).json()
    assert datetime.fromisoformat(said["snoozed_until"]) == datetime.fromisoformat(until)
    for wrong in (ahead(days=-1), ahead(days=400), "2027-01-01T00:00:00", "tomorrow", None):
        assert client.post(f"{ALERT}/snooze", body(until=wrong)).status_code == 422
    assert client.get(ALERT).json()["answers"]["snoozed_by"] == "dana"


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"{", 400),
        (b"[]", 422),
        (b'{"author": ""}', 422),
        (b'{"author": "x\\u0000"}', 422),
        (b'{"author": 1}', 422),
        (b'{"autor": "dana"}', 422),
        (b"[" * 100_000, 413),
        (b"[" * 50_000, 422),
    ],
)
def test_what_is_no_action_is_named(client: Client, content: bytes, status: int) -> None:
    """A mistyped field is not ignored, and nothing is stored."""
    answer = client.post(f"{ALERT}/acknowledge", content)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert client.get(ALERT).json()["history"] == []


def test_an_unknown_alert_is_not_found(client: Client) -> None:
    """Also where the name could not be stored."""
    for name in ("alert_nobody", "a%00b"):
        assert client.post(f"/api/v1/alerts/{name}/acknowledge", b"{}").status_code == 404


def test_writing_wants_a_bearer_token(engine: Engine) -> None:
    """A browser that knows the password may read; another site cannot make it write."""
    app = create_app(engine, checks={}, tokens=[TOKEN])
    stranger, program = Client(app), Client(app, authorization=f"Bearer {TOKEN}")
    made = body(matchers={"kind": ["decline"]}, author="a", reason="b", ends_at=ahead(days=1))
    for url, content in ((f"{ALERT}/acknowledge", b"{}"), (f"{ALERT}/snooze", b"{}"), (SILENCES, made)):
        assert stranger.post(url, content).status_code == 401
    assert stranger.get(SILENCES).status_code == 401
    assert program.get(SILENCES).status_code == 200
    assert program.post(SILENCES, made).status_code == 201


def test_a_silence_is_made_listed_and_ended(client: Client) -> None:
    """With its author, reason and end; one that is over is listed only when asked for."""
    asked = {"matchers": {"account": ["hartwig*"], "at_risk_below": 5}, "author": "dana", "reason": "moving"}
    made = client.post(SILENCES, body(**asked, ends_at=ahead(days=2)))
    assert made.status_code == 201
    identity = made.json()["silence_id"]
    assert made.json()["matchers"] == {"account": ["hartwig*"], "at_risk_below": 5}
    (listed,) = client.get(SILENCES).json()["silences"]
    assert (listed["silence_id"], listed["author"], listed["reason"]) == (identity, "dana", "moving")
    assert client.request("DELETE", f"{SILENCES}/{identity}").status_code == 200
    assert client.get(SILENCES).json()["silences"] == []
    assert len(client.get(f"{SILENCES}?ended=true").json()["silences"]) == 1
    assert client.request("DELETE", f"{SILENCES}/sil_nobody").status_code == 404
    assert client.request("DELETE", f"{SILENCES}/a%00b").status_code == 404


def test_silences_are_listed_page_by_page(client: Client) -> None:
    """Each once, the last to end first."""
    for days in range(1, 6):
        made = body(matchers={"kind": ["decline"]}, author="a", reason="b", ends_at=ahead(days=days))
        assert client.post(SILENCES, made).status_code == 201
    seen, cursor = [], ""
    while True:
        page = client.get(f"{SILENCES}?limit=2{cursor}").json()
        seen += [one["ends_at"] for one in page["silences"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 5


@pytest.mark.parametrize(
    "wrong",
    [
        {"matchers": {}},
        {"matchers": {"account": []}},
        {"matchers": {"account": [""]}},
        {"matchers": {"acount": ["x"]}},
        {"author": ""},
        {"reason": ""},
        {"reason": "half \ud800"},
        {"ends_at": ahead(days=-1)},
        {"ends_at": ahead(days=500)},
        {"ends_at": "2027-01-01T00:00:00"},
        {"starts_at": ahead(days=3)},
    ],
)
def test_a_silence_that_would_do_harm_is_refused(client: Client, wrong: dict[str, Any]) -> None:
    """One for everything, one without an author, a reason or an end."""
    right = {"matchers": {"kind": ["decline"]}, "author": "a", "reason": "b", "ends_at": ahead(days=2)}
    assert client.post(SILENCES, body(**{**right, **wrong})).status_code == 422
    assert client.get(SILENCES).json()["silences"] == []


@pytest.mark.usefixtures("engine")
def test_silences_by_command(database_url: str) -> None:
    """Added with days or a moment, listed, ended; what is missing is said."""
    why = ("--author", "dana", "--reason", "moving\x1b[2J plants")
    added = call(database_url, "silences", "add", "--account", "C-1042", "--days", 30, *why).stdout
    identity = added.partition(":")[0]
    listed = call(database_url, "silences", "list")
    assert "account = C-1042" in listed.stdout
    assert "\x1b" not in listed.stdout
    assert listed.stderr == "1 silences\n"
    assert "at least one matcher" in failed(database_url, "silences", "add", "--days", 1, *why)
    assert "--days or --until" in failed(database_url, "silences", "add", "--account", "x", *why)
    assert "ended" in call(database_url, "silences", "end", identity).stdout
    assert "no silence" in failed(database_url, "silences", "end", identity)


ROUTES = """
[email]
host = "localhost"
[notify]
hours = "mon-sun 00:00-24:00"
gather_seconds = 0
max_age_days = 10000
[[notify.routes]]
name = "machines"
match = { segment = "machine*" }
to = ["owner", "board"]
continue = true
  [[notify.routes.routes]]
  name = "large"
  match = { at_risk_from = 1e6 }
  escalate_days = 2
[[notify.routes]]
name = "notes"
match = { severity = "info" }
pace = "weekly"
[notify.receivers.board]
email = "board@vendor.example"
"""


@pytest.mark.usefixtures("engine")
def test_routes_are_followed_by_command(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stored alert and a made-up one: each route that is looked at, who is told, and what holds it back."""
    file = tmp_path / "turnsignal.toml"
    file.write_text(ROUTES, "utf-8")
    monkeypatch.setenv("TURNSIGNAL_CONFIG", str(file))  # --config would outlast the test
    shown = call(database_url, "routes", "show").stdout
    assert "large: at_risk_from = 1,000,000 → escalate_days 2" in shown
    said = call(database_url, "routes", "test", SHIFT.id).stdout
    assert "✓ large → decides" in said
    assert "✗ notes: severity is warning, not info" in said
    assert "board@vendor.example" in said
    assert "sent at once, the manager after 2 working days" in said
    why = ("--author", "a", "--reason", "b")
    call(database_url, "silences", "add", "--account", SHIFT.account_id, "--days", 2, *why)
    assert "silenced" in call(database_url, "routes", "test", SHIFT.id).stdout
    told = call(database_url, "routes", "test", "--severity", "info", "--owner", "o@vendor.example").stdout
    assert "✗ machines: segment is not known, not machine*" in told
    assert "digest" in told
    nobody = call(database_url, "routes", "test", "--severity", "info", code=1)
    assert "nobody would be told" in nobody.stderr
    assert "neither an alert" in failed(database_url, "routes", "test", "alert_nobody")


def test_a_wrong_route_stops_the_start_and_is_named(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its place in the tree, with what is allowed there."""
    file = tmp_path / "turnsignal.toml"
    monkeypatch.setenv("TURNSIGNAL_CONFIG", str(file))
    for wrong, said in (
        (
            '[[notify.routes]]\nname = "x"\npase = "weekly"',
            "notify.routes.0.pase: there is no such setting; did you mean pace?",
        ),
        ('[[notify.routes]]\nname = "x"\nmatch = { severity = "grave" }', "notify.routes.0.match.severity.0"),
        ('[[notify.routes]]\nname = "x"\nto = "bord"', "no receiver is called bord"),
        (
            '[notify.receivers.team]\nslack = "general"',
            "notify.receivers.team: 'general' is neither #channel",
        ),
        ('[notify.receivers.owner]\nemail = "a@b.example"', "this name is taken"),
        ('[notify]\nhours = "always"', "mon-fri 08:00-18:00"),
        ('[notify]\ntimezone = "Berlin"', "Europe/Berlin"),
    ):
        file.write_text(wrong, "utf-8")
        assert said in failed(database_url, "routes", "show")
