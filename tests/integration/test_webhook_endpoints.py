"""/api/v1/webhook-endpoints, on both databases."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from alerts.config import WebhooksConfig
from alerts.endpoint_secrets import is_secret
from service.app import create_app
from service.metrics import DatabaseCollector
from service.webhook_endpoints import webhook_endpoints_router
from storage import webhook_endpoints
from storage.engine import transaction
from tests.integration.notification_parts import Clock, Plane, rows
from tests.integration.serving import TOKEN, Client, migrated
from tests.integration.webhook_parts import Webhooks, numbered, webhooks_config
from tests.parts.web import Reply
from tests.parts.webhooks import WebhookReceiver

if TYPE_CHECKING:
    from collections.abc import Iterator

    import sqlalchemy as sa

URL = "/api/v1/webhook-endpoints"
BEARER = {"authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    with migrated(database_url) as engine:
        yield engine


class Api:
    """The API on one database, whose clock stands; `woken` counts how often a notifier was called."""

    def __init__(self, engine: sa.Engine, config: WebhooksConfig | None = None) -> None:
        self.engine, self.clock, self.woken = engine, Clock(), 0
        router = webhook_endpoints_router(
            engine,
            config or WebhooksConfig(),
            tokens=[TOKEN],
            open_access=False,
            wake=self.wake,
            now=self.clock,
        )
        self.client = Client(create_app(engine, checks={}, tokens=[TOKEN], routers=[router]), **BEARER)

    def wake(self) -> None:
        self.woken += 1

    def call(self, method: str, path: str = "", body: Any = None) -> httpx.Response:
        content = b"" if body is None else json.dumps(body).encode()
        headers = {} if body is None else {"content-type": "application/json"}
        return self.client._send(method, f"{URL}{path}", headers, content)

    def make(self, url: str = "https://hooks.example/in", **asked: Any) -> Any:
        made = self.call("POST", "", {"url": url, **asked})
        assert made.status_code == 201, made.text
        return made.json()


@pytest.fixture
def api(engine: sa.Engine) -> Api:
    return Api(engine)


def test_a_new_endpoint_shows_its_secret_once(api: Api) -> None:
    """In the answer that makes it and in no other; what was asked for is what is shown."""
    made = api.make(description="The data lake", event_types=["alert.raised", "alert.re*"])
    assert is_secret(made["secret"])
    assert made["state"] == "active"
    shown = api.call("GET", f"/{made['endpoint_id']}")
    assert shown.json() == {name: value for name, value in made.items() if name != "secret"}
    assert shown.json()["event_types"] == ["alert.raised", "alert.re*"]
    for path in ("", f"/{made['endpoint_id']}", f"/{made['endpoint_id']}/deliveries"):
        answer = api.call("GET", path).text
        assert made["secret"] not in answer
        assert "whsec_" not in answer


def test_a_secret_of_one_s_own_is_taken(api: Api) -> None:
    """For receivers that were there before; a short one, or none as the standard has it, is not."""
    own = "whsec_" + "A" * 32
    assert api.make(secret=own)["secret"] == own
    for wrong in ("whsec_", "whsec_AAAA", "A" * 32, "whsec_" + "!" * 32, "whsec_" + "A" * 120):
        answer = api.call("POST", "", {"url": "https://hooks.example/", "secret": wrong})
        assert answer.status_code == 422
        assert wrong.removeprefix("whsec_") not in answer.text or len(wrong) < 12


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"url": "http://hooks.example/"}, 422),
        ({"url": "https://127.0.0.1/"}, 422),
        ({"url": "https://169.254.169.254/latest"}, 422),
        ({"url": "https://[::ffff:10.0.0.1]/"}, 422),
        ({"url": "https://u:p@hooks.example/"}, 422),
        ({"url": "https://hooks.example/" + "x" * 2000}, 422),
        ({"url": "https://hooks.example/", "event_types": ["alert.sent"]}, 422),
        ({"url": "https://hooks.example/", "event_types": "alert.raised"}, 422),
        ({"url": "https://hooks.example/", "description": "a\nb"}, 422),
        ({"url": "https://hooks.example/", "colour": "red"}, 422),
        ({"url": 7}, 422),
        ([], 422),
    ],
)
def test_what_is_no_endpoint_is_a_problem(api: Api, body: Any, status: int) -> None:
    """With a reason that a person can act on; nothing is stored."""
    answer = api.call("POST", "", body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(answer.json()["detail"]) > 10
    assert api.call("GET").json()["webhook_endpoints"] == []


def test_private_addresses_may_be_allowed(engine: sa.Engine) -> None:
    """By the setting, for programs on the same network; then also without TLS."""
    api = Api(engine, WebhooksConfig(allow_private_addresses=True))
    assert api.make("http://127.0.0.1:9000/hook")["url"] == "http://127.0.0.1:9000/hook"


def test_bodies_are_json_of_bounded_size(api: Api) -> None:
    """As everywhere in this API."""
    post = api.client._send
    assert post("POST", URL, {"content-type": "text/plain"}, b"{}").status_code == 415
    assert post("POST", URL, {"content-type": "application/json"}, b"{").status_code == 400
    assert post("POST", URL, {"content-type": "application/json"}, b"x" * 70_000).status_code == 413


def test_writing_wants_a_bearer_token(api: Api) -> None:
    """A password reads; without either nothing is answered."""
    made = api.make()
    client = Client(api.client._app)
    basic = httpx.BasicAuth("x", TOKEN)._auth_header
    path = f"{URL}/{made['endpoint_id']}"
    for method, url in (
        ("POST", URL), ("PATCH", path), ("DELETE", path), ("POST", f"{path}/rotate-secret"),
        ("POST", f"{path}/test"), ("POST", f"{path}/replay"),
    ):  # fmt: skip
        assert client.request(method, url, authorization=basic).status_code == 401
    for url in (URL, path, f"{path}/deliveries"):
        assert client.get(url).status_code == 401
        assert client.get(url, authorization=basic).status_code == 200


def test_changes_are_of_what_is_given(api: Api) -> None:
    """Another address, other events, off and on again; what is not named stays."""
    made = api.make(description="before")
    path = f"/{made['endpoint_id']}"
    changed = api.call(
        "PATCH", path, {"url": "https://other.example/", "event_types": ["alert.raised"]}
    ).json()
    assert (changed["url"], changed["description"]) == ("https://other.example/", "before")
    off = api.call("PATCH", path, {"enabled": False}).json()
    assert (off["state"], off["disabled_reason"]) == ("disabled", "by hand")
    with transaction(api.engine) as connection:
        values = {"failing_since": api.clock() - timedelta(days=9)}
        webhook_endpoints.change(connection, made["endpoint_id"], values)
    on = api.call("PATCH", path, {"enabled": True}).json()
    assert (on["state"], on["disabled_reason"], on["failing_since"]) == ("active", None, None)
    assert api.call("PATCH", path, {"url": "https://10.0.0.1/"}).status_code == 422
    assert api.call("PATCH", path, {"secret": "whsec_x"}).status_code == 422
    assert api.call("PATCH", path, {}).json() == on


def test_a_secret_is_rotated(api: Api) -> None:
    """The new one is shown, once; the one before signs for another day, which is told."""
    made = api.make()
    path = f"/{made['endpoint_id']}"
    rotated = api.call("POST", f"{path}/rotate-secret").json()
    assert is_secret(rotated["secret"])
    assert rotated["secret"] != made["secret"]
    assert rotated["secret_before_until"] == (api.clock() + timedelta(hours=24)).isoformat()
    assert "whsec_" not in api.call("GET", path).text


def test_what_is_not_there_is_404(api: Api) -> None:
    """Each way of naming it, with bytes that no id has, too."""
    for name in ("ep_none", "ep%00", "%00"):
        path = f"/{name}"
        for method, rest, body in (
            ("GET", "", None), ("GET", "/deliveries", None), ("PATCH", "", {}), ("DELETE", "", None),
            ("POST", "/rotate-secret", None), ("POST", "/test", None),
            ("POST", "/replay", {"delivery_id": "x"}),
        ):  # fmt: skip
            assert api.call(method, f"{path}{rest}", body).status_code == 404, (method, rest)
    made = api.make()
    wanted = {"delivery_id": "dlv_\0"}
    assert api.call("POST", f"/{made['endpoint_id']}/replay", wanted).status_code == 404


def test_lists_page_by_cursor(api: Api) -> None:
    """Each endpoint once, the newest first, whatever shares a moment."""
    made = []
    for number in range(7):
        made.append(api.make(f"https://hooks.example/{number}")["endpoint_id"])
        api.clock.pass_by(seconds=number % 2)
    seen, cursor = [], ""
    while cursor is not None:
        page = api.call("GET", f"?limit=2{f'&cursor={cursor}' if cursor else ''}").json()
        seen += [one["endpoint_id"] for one in page["webhook_endpoints"]]
        cursor = page["next"]
    assert sorted(seen) == sorted(made)
    assert set(seen[-2:]) == set(made[:2]), "the two that share the first moment"
    assert api.call("GET", "?cursor=nonsense").status_code == 422


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    with WebhookReceiver() as server:
        yield server


def test_the_log_tells_each_delivery(engine: sa.Engine, receiver: WebhookReceiver) -> None:
    """Delivered, waiting with its error, dropped: by cursor and by status; one is replayed from it."""
    api = Api(engine, WebhooksConfig(allow_private_addresses=True))
    webhooks = Webhooks(Plane(engine, webhooks_config(), api.clock), receiver)
    endpoint_id = webhooks.add()
    receiver.reply(Reply(200), Reply(200), Reply(500), Reply(200))
    for number in range(4):
        webhooks.plane.take(numbered(number))
        webhooks.send_all()
    path = f"/{endpoint_id}/deliveries"
    log = api.call("GET", path).json()["deliveries"]
    assert [one["account_id"] for one in log] == ["C-3", "C-2", "C-1", "C-0"]
    assert [one["status"] for one in log] == ["delivered", "pending", "delivered", "delivered"]
    assert log[1]["last_error"].startswith("HTTP 500")
    assert log[1]["attempts"] == 1
    assert {one["event_type"] for one in log} == {"alert.raised"}
    first = api.call("GET", f"{path}?limit=3").json()
    second = api.call("GET", f"{path}?limit=3&cursor={first['next']}").json()
    assert first["deliveries"] + second["deliveries"] == log
    assert [one["account_id"] for one in api.call("GET", f"{path}?status=pending").json()["deliveries"]] == [
        "C-2"
    ]
    assert api.call("GET", f"{path}?status=lost").status_code == 422
    replayed = api.call("POST", f"/{endpoint_id}/replay", {"delivery_id": log[3]["delivery_id"]})
    assert (replayed.status_code, replayed.json(), api.woken) == (202, {"replayed": 1}, 1)
    webhooks.send_all()
    sent = [request.headers["webhook-id"] for request in receiver.requests]
    assert sent.count(log[3]["delivery_id"]) == 2


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"delivery_id": "dlv_1", "since": "2026-05-01T00:00:00Z"},
        {"since": "2026-05-01T00:00:00"},
        {"since": "yesterday"},
        {"delivered_too": True},
    ],
)
def test_a_replay_names_one_or_a_range(api: Api, body: Any) -> None:
    """Never everything by mistake."""
    made = api.make()
    assert api.call("POST", f"/{made['endpoint_id']}/replay", body).status_code == 422


def test_a_test_is_sent_by_the_notifier(api: Api) -> None:
    """It is a delivery like any other; a disabled endpoint gets none."""
    made = api.make()
    answer = api.call("POST", f"/{made['endpoint_id']}/test")
    assert (answer.status_code, api.woken) == (202, 1)
    (row,) = rows(api.engine)
    assert (row.delivery_id, row.notice, row.status) == (answer.json()["delivery_id"], "test", "pending")
    api.call("PATCH", f"/{made['endpoint_id']}", {"enabled": False})
    assert api.call("POST", f"/{made['endpoint_id']}/test").status_code == 409
    since = {"since": "2026-01-01T00:00:00Z"}
    assert api.call("POST", f"/{made['endpoint_id']}/replay", since).status_code == 409


def test_a_deleted_endpoint_is_gone(api: Api) -> None:
    """Twice is 404."""
    path = f"/{api.make()['endpoint_id']}"
    assert api.call("DELETE", path).status_code == 204
    assert api.call("DELETE", path).status_code == 404
    assert api.call("GET").json() == {"webhook_endpoints": [], "next": None}


def test_endpoints_are_counted_by_how_they_fare(api: Api) -> None:
    """For an alarm on those that nobody has noticed."""
    made = [api.make()["endpoint_id"] for _ in range(4)]
    with transaction(api.engine) as connection:
        webhook_endpoints.failed(connection, made[0], api.clock())
        webhook_endpoints.failed(connection, made[1], api.clock())
        webhook_endpoints.disable(connection, made[1], "HTTP 410", api.clock())
    (family,) = (
        family
        for family in DatabaseCollector(api.engine, lambda: None).collect()
        if family.name == "turnsignal_webhook_endpoints"
    )
    counted = {sample.labels["state"]: sample.value for sample in family.samples}
    assert counted == {"active": 2, "failing": 1, "disabled": 1}
