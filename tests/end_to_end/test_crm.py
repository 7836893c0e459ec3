"""`turnsignal crm send` to `turnsignal serve`: as the CRM would, to a process of its own, over a socket."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
import pytest
from typer.testing import CliRunner, Result

import migrations
from service.cli import app
from tests.end_to_end.turnsignal import environment, running
from tests.integration.crm_parts import records_of
from tests.parts.process import free_port, wait_until
from tests.unit.service.crm.shapes import (
    CONTACT,
    DATA_CLOUD_SECRET,
    HUBSPOT_SECRET,
    HUBSPOT_URL,
    ORGANIZATION,
    TOKEN,
    data_action,
    execution_context,
    notification,
    outbound_message,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import TopicFactory
    from tests.parts.broker import Broker

OPTIONS: dict[str, dict[str, Any]] = {
    "hubspot": {"secrets": [HUBSPOT_SECRET, "the secret of before"], "url": HUBSPOT_URL},
    "salesforce": {"secrets": [TOKEN], "organization_id": ORGANIZATION},
    "salesforce_data_cloud": {"secrets": [DATA_CLOUD_SECRET]},
    "dynamics": {"secrets": [TOKEN]},
}
FILES = {
    "hubspot": json.dumps([notification(1, 1, "name", "Acme"), notification(2, 2, "name", "Bolt")]).encode(),
    "salesforce": outbound_message(("Contact", dict(CONTACT))),
    "salesforce_data_cloud": data_action({"EventUuid": "u1"}),
    "dynamics": json.dumps(execution_context()).encode(),
}


class Served(NamedTuple):
    """A process, as one reaches it."""

    url: str
    bootstrap: str
    topics: dict[str, str]
    log: Path

    def records(self, kind: str) -> list[Any]:
        return records_of(self.bootstrap, self.topics[kind])


@pytest.fixture
def served(
    kafka: Broker, topic: TopicFactory, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Served]:
    """`turnsignal serve` with a source of each kind, which logs all that it ever does."""
    topics = {kind: topic(1, kind) for kind in OPTIONS}
    sources = {kind: {"kind": kind, "topic": topics[kind]} | OPTIONS[kind] for kind in topics}
    port = free_port()
    settings = {
        "DATABASE__URL": sqlite_url,
        "KAFKA__BOOTSTRAP_SERVERS": kafka.bootstrap,
        "KAFKA__TOPICS": ",".join(topics.values()),
        "CRM__SOURCES": json.dumps(sources),
        "HTTP__PORT": str(port),
        "WEBHOOK__SECRETS": "whsec_" + base64.b64encode(bytes(32)).decode(),
        "LOG__LEVEL": "debug",
    }
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    migrations.upgrade(sqlite_url)
    log = tmp_path / "serve.log"
    with running("serve", settings=settings, log=log) as process:
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: process.poll() is not None or alive(url), 60, "the server")
        yield Served(url, kafka.bootstrap, topics, log)


def alive(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", trust_env=False).is_success
    except httpx.HTTPError:
        return False


def send(*words: str, code: int = 0) -> Result:
    done = CliRunner().invoke(app, ["crm", "send", *words])
    found = getattr(done.exception, "code", done.exit_code)
    assert found == code, (done.exception, done.output)
    return done


@pytest.mark.parametrize("kind", OPTIONS)
def test_a_file_is_taken_as_if_the_crm_had_sent_it(served: Served, kind: str, tmp_path: Path) -> None:
    """Signed by the newest secret, over a socket, and in the topic when the answer comes."""
    file = tmp_path / "body"
    file.write_bytes(FILES[kind])
    shown = send(kind, str(file)).stdout
    assert ": 200 OK" in shown
    assert ("<Ack>true</Ack>" if kind == "salesforce" else '"accepted":') in shown
    assert served.records(kind)


def test_what_goes_wrong_is_said(served: Served, tmp_path: Path) -> None:
    """Not accepted: 1; no such source or file: 2; nobody there: 3."""
    file = tmp_path / "body"
    file.write_bytes(b"no JSON")
    assert "400 Bad Request" in send("hubspot", str(file), code=1).stdout
    assert "known: hubspot" in str(send("nobody", str(file), code=2).exception)
    assert "No such file" in str(send("hubspot", "nowhere", code=2).exception)
    away = f"http://127.0.0.1:{free_port()}/webhooks/crm/hubspot"
    assert away in str(send("hubspot", str(file), "--to", away, code=3).exception)
    assert served.records("hubspot") == []


def test_a_token_of_an_address_is_in_no_log(served: Served) -> None:
    """Of ours or of the server's, at debug, whether the request is believed or not."""
    base = f"{served.url}/webhooks/crm/salesforce"
    for body, status in ((FILES["salesforce"], 200), (b"<a/>", 400)):
        answer = httpx.post(f"{base}/{TOKEN}", content=body, trust_env=False)
        assert answer.status_code == status
    assert httpx.put(f"{base}/{TOKEN}", content=b"", trust_env=False).status_code == 405
    wait_until(lambda: "crm_refused" in served.log.read_text("utf-8"), 10, "the log")
    assert TOKEN not in served.log.read_text("utf-8")
