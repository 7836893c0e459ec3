"""POST /webhooks/crm/{source}: verified, in Kafka when it says so, and an account's event in the end."""

from __future__ import annotations

import json
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from prometheus_client import REGISTRY

import migrations
from consumers.mapping.files import load
from service.crm.soap import body_of
from storage.engine import create_engine
from tests.integration.consuming import config, consume, one, rows
from tests.integration.crm_parts import Doors, opened
from tests.parts.process import free_port, wait_until
from tests.unit.consumers.formats.reading import shape
from tests.unit.service.crm.shapes import (
    AT,
    CONTACT,
    HUBSPOT_SECRET,
    TOKEN,
    data_action,
    execution_context,
    hubspot_headers,
    notification,
    outbound_message,
)
from tests.unit.service.crm.test_other_crms import signature

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

    from storage.engine import Engine
    from tests.conftest import TopicFactory
    from tests.parts.broker import Broker

KINDS = ("hubspot", "salesforce", "salesforce_data_cloud", "dynamics")
MOST_SECONDS = 8  # what is patient waits longer; HubSpot hangs up after five, where no machine is busy


@pytest.fixture
def doors(kafka: Broker, topic: TopicFactory, sqlite_url: str) -> Iterator[Doors]:
    topics = {kind: topic(4, kind) for kind in KINDS}
    with opened(kafka.bootstrap, topics, sqlite_url) as made:
        yield made


def posts(source: str, outcome: str) -> float:
    labels = {"source": source, "outcome": outcome}
    return REGISTRY.get_sample_value("turnsignal_crm_posts_total", labels) or 0


def hubspot(doors: Doors, told: Any, **headers: str) -> httpx.Response:
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    return doors.client.post("/webhooks/crm/hubspot", body, **hubspot_headers(body, time.time()) | headers)


def salesforce(doors: Doors, body: bytes, token: str = TOKEN) -> httpx.Response:
    return doors.client.post(f"/webhooks/crm/salesforce/{token}", body, **{"content-type": "text/xml"})


def test_notifications_are_in_the_topic_when_the_answer_comes(doors: Doors) -> None:
    """One record each, as they came; an object's changes in one partition, and so in their order."""
    told = [notification(number, number % 7, "name", f"n{number}") for number in range(100)]
    accepted = posts("hubspot", "accepted")
    answer = hubspot(doors, told)
    assert (answer.status_code, answer.json()) == (200, {"accepted": 100})
    assert posts("hubspot", "accepted") == accepted + 1
    found = doors.records("hubspot")
    values = [json.loads(record.value) for record in found]
    assert sorted(values, key=lambda value: value["eventId"]) == told
    assert all(
        record.key == str(value["objectId"]).encode() for record, value in zip(found, values, strict=True)
    )
    for subject in range(7):
        numbers = [value["eventId"] for value in values if value["objectId"] == subject]
        places = {record.partition for record in found if record.key == str(subject).encode()}
        assert (numbers, len(places)) == (sorted(numbers), 1)


def test_an_outbound_message_is_acknowledged_when_its_record_is_there(doors: Doors) -> None:
    """By the token in the address, or as bearer, as a proxy adds it."""
    body = outbound_message(("Contact", dict(CONTACT)))
    answer = salesforce(doors, body)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/xml; charset=utf-8")
    assert [part.text for part in body_of(answer.content)] == ["true"]
    (record,) = doors.records("salesforce")
    assert (record.key, json.loads(record.value)["Title"]) == (b"0035e00000AbCdEAAV", "Head of Purchasing")
    again = doors.client.post("/webhooks/crm/salesforce", body, authorization=f"Bearer {TOKEN}")
    assert again.status_code == 200


def test_the_others_are_written_too(doors: Doors) -> None:
    """A data action's events without a key, an execution context with its row's id."""
    body = data_action({"EventUuid": "u1"}, {"EventUuid": "u2"})
    assert doors.client.post("/webhooks/crm/salesforce_data_cloud", body, **signature(body)).json() == {
        "accepted": 2
    }
    assert {record.value for record in doors.records("salesforce_data_cloud")} == {
        b'{"EventUuid": "u1"}',
        b'{"EventUuid": "u2"}',
    }
    context = json.dumps(execution_context()).encode()
    answer = doors.client.post("/webhooks/crm/dynamics", context, authorization=f"Bearer {TOKEN}")
    assert answer.status_code == 200
    assert [record.value for record in doors.records("dynamics")] == [context]


def test_what_is_not_believed_writes_nothing(doors: Doors, capsys: pytest.CaptureFixture[str]) -> None:
    """Counted, and answered in the sender's own tongue, without a secret anywhere."""
    refused = posts("hubspot", "unauthenticated"), posts("salesforce", "unauthenticated")
    wrong = TOKEN[::-1]
    answers = [
        hubspot(doors, [notification(1, 1, "a", "b")], **{"x-hubspot-signature-v3": "wrong"}),
        doors.client.post("/webhooks/crm/hubspot", b"[]"),
        salesforce(doors, outbound_message(("Contact", dict(CONTACT))), wrong),
        salesforce(doors, outbound_message(("Contact", dict(CONTACT)), organization="00D5e000000ZZZZ")),
        doors.client.post("/webhooks/crm/salesforce_data_cloud", data_action(), **{"x-signature": "x"}),
        doors.client.post("/webhooks/crm/dynamics", b"{}"),
    ]
    assert [answer.status_code for answer in answers] == [401] * 6
    kinds = [answer.headers["content-type"].partition(";")[0] for answer in answers]
    problem, fault = "application/problem+json", "text/xml"
    assert kinds == [problem, problem, fault, fault, problem, problem]
    assert (posts("hubspot", "unauthenticated"), posts("salesforce", "unauthenticated")) == (
        refused[0] + 2,
        refused[1] + 2,
    )
    logged = "".join(capsys.readouterr())
    assert logged.count("crm_refused") == len(answers)
    for text in [logged, *(answer.text for answer in answers)]:
        assert not any(secret in text for secret in (HUBSPOT_SECRET, TOKEN, wrong))
    assert [doors.records(kind) for kind in KINDS] == [[]] * 4


def test_a_body_of_any_size_is_cut_off(doors: Doors) -> None:
    """Before it is hashed; and where there is no token, before it is read."""
    assert hubspot(doors, b"[" + b" " * 2 * 1024 * 1024 + b"]").status_code == 413
    huge = b"<" + b" " * 8 * 1024 * 1024
    answer = salesforce(doors, huge)
    assert (answer.status_code, answer.headers["content-type"]) == (413, "text/xml; charset=utf-8")
    assert salesforce(doors, huge, "x" * 32).status_code == 401


@pytest.mark.parametrize("path", ["nobody", "hubspot/token", "", "salesforce/a/b", "..%2fevents"])
def test_an_address_that_is_none_is_not_found(doors: Doors, path: str) -> None:
    """Whatever is asked for, it is no new label."""
    answer = doors.client.post(f"/webhooks/crm/{path}", b"[]")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert posts(path, "not_found") == 0 or path == ""


def test_without_sources_nothing_is_found(sqlite_url: str) -> None:
    """The route is there, and says that nobody has set it."""
    with opened("127.0.0.1:1", {}, sqlite_url) as doors:
        answer = doors.client.post("/webhooks/crm/hubspot", b"[]")
        assert (answer.status_code, answer.json()["detail"]) == (404, "no such source is set in crm.sources")


def test_a_broker_that_is_away_is_said_in_time_and_nothing_is_acknowledged(
    apache_kafka: Broker, doors: Doors
) -> None:
    """To several at once, before HubSpot hangs up; what comes again when it is back is taken."""
    told = [notification(number, number, "a", "b") for number in range(3)]
    message = outbound_message(("Contact", dict(CONTACT)))
    assert hubspot(doors, told).status_code == 200
    assert salesforce(doors, message).status_code == 200
    before = len(doors.records("hubspot"))
    apache_kafka.stop()

    def timed(_: int) -> tuple[int, str, float]:
        began = time.monotonic()
        answer = hubspot(doors, told)
        return answer.status_code, answer.headers["retry-after"], time.monotonic() - began

    for _ in range(2):  # with a producer that has lost its broker, and without one
        with ThreadPoolExecutor(6) as pool:
            outcomes = list(pool.map(timed, range(6)))
        assert {outcome[:2] for outcome in outcomes} == {(503, "5")}
        assert max(seconds for *_, seconds in outcomes) < MOST_SECONDS
    answer = salesforce(doors, message)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert b"Ack" not in answer.content
    apache_kafka.restart()
    assert hubspot(doors, told).status_code == 200
    assert salesforce(doors, message).status_code == 200
    assert len(doors.records("hubspot")) >= before + 3


def test_a_broker_that_hangs_is_given_up_in_time(apache_kafka: Broker, doors: Doors) -> None:
    """Its port is open and nothing comes back; HubSpot would hang up, and show no reason."""
    told = [notification(number, number, "a", "b") for number in range(3)]
    assert hubspot(doors, told).status_code == 200
    os.kill(apache_kafka.pid, signal.SIGSTOP)
    try:
        for _ in range(2):
            began = time.monotonic()
            assert hubspot(doors, told).status_code == 503
            assert time.monotonic() - began < MOST_SECONDS
    finally:
        os.kill(apache_kafka.pid, signal.SIGCONT)
    wait_until(lambda: hubspot(doors, told).status_code == 200, 30, "the broker's return")


def test_a_topic_that_is_not_there_and_a_broker_that_never_was(apache_kafka: Broker, sqlite_url: str) -> None:
    """Said in words, to an operator who reads the CRM's own log of deliveries."""
    for bootstrap, words in (
        (apache_kafka.bootstrap, "no topic no-such-topic"),
        (f"127.0.0.1:{free_port()}", "connection refused"),
    ):
        with opened(bootstrap, {"hubspot": "no-such-topic"}, sqlite_url) as doors:
            answer = hubspot(doors, [notification(1, 1, "a", "b")])
            assert answer.status_code == 503
            assert words in answer.json()["detail"]


def test_a_record_larger_than_the_topic_allows_is_not_tried_again(
    apache_kafka: Broker, topic: TopicFactory, sqlite_url: str
) -> None:
    """413, not 503: it would never fit."""
    small = {"hubspot": topic(1, "small", **{"max.message.bytes": "2000"})}
    with opened(apache_kafka.bootstrap, small, sqlite_url) as doors:
        answer = hubspot(doors, [notification(1, 1, "a", "x" * 5000)])
        assert answer.status_code == 413
        assert "larger than topic" in answer.json()["detail"]


MAPPING = """
[[mapping]]
use = "hubspot"
topics = ["{hubspot}"]
[[mapping]]
use = "salesforce"
topics = ["{salesforce}"]
[[mapping]]
use = "dynamics"
topics = ["{dynamics}"]
"""


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A migrated database."""
    migrations.upgrade(database_url)
    made = create_engine(database_url)
    yield made
    made.dispose()


def test_what_a_crm_tells_becomes_events_of_accounts(
    kafka: Broker, topic: TopicFactory, engine: Engine, sqlite_url: str, tmp_path: Path
) -> None:
    """By the ready mappings; a second delivery counts once."""
    topics = {kind: topic(2, kind) for kind in ("hubspot", "salesforce", "dynamics")}
    file = tmp_path / "mapping.toml"
    file.write_text(MAPPING.format(**topics), "utf-8")
    company = [notification(1, 77, "name", "Acme"), notification(2, 77, "industry", "PUMPS")]
    task = {
        "Id": "00T5e00000AbCdEEAV",
        "WhoId": CONTACT["Id"],
        "Status": "Completed",
        "TaskSubtype": "Call",
        "CallType": "Inbound",
        "Subject": "New price list",
        "CompletedDateTime": AT,
        "LastModifiedDate": AT,
    }
    deal = {
        "Id": "0065e00000AbCdEAAV",
        "AccountId": CONTACT["AccountId"],
        "StageName": "Negotiation",
        "IsClosed": "false",
        "IsWon": "false",
        "Amount": "50000.0",
        "CreatedDate": "2026-01-05T08:00:00.000Z",
        "LastModifiedDate": AT,
    }
    message = outbound_message(("Contact", dict(CONTACT)), ("Task", dict(task)), ("Opportunity", dict(deal)))
    with opened(kafka.bootstrap, topics, f"{sqlite_url}-other") as doors:
        for _ in range(2):
            assert hubspot(doors, [one | {"attemptNumber": 1} for one in company]).status_code == 200
            assert salesforce(doors, message).status_code == 200
            for name in ("create", "update"):
                told = json.dumps(shape(f"dataverse-{name}")).encode()
                assert doors.client.post(f"/webhooks/crm/dynamics/{TOKEN}", told).status_code == 200
    both = replace(config(kafka.bootstrap, topics["hubspot"]), topics=list(topics.values()))
    consume(engine, both, 14, 60, load([file]))
    assert one(engine, "SELECT count(*) FROM dead_letters") == 0
    stored = rows(engine, "SELECT account_id, body FROM events")
    bodies = [(account, json.loads(body)) for account, body in stored]
    found = {(account, body["type"]): body for account, body in bodies}
    assert found["77", "crm.account.changed"]["data"]["name"] == "Acme"
    talk = found[CONTACT["AccountId"], "crm.interaction.logged"]["data"]
    assert (talk["direction"], talk["topics"]) == ("inbound", ["price"])
    assert talk["participants"][0]["title"] == "Head of Purchasing"
    opportunity = found[CONTACT["AccountId"], "crm.opportunity.changed"]["data"]
    assert (opportunity["status"], float(opportunity["amount"])) == ("open", 50000)
    meeting = found["a1000000-0000-0000-0000-000000000001", "crm.interaction.logged"]["data"]
    assert (meeting["channel"], meeting["topics"]) == ("meeting", ["technical"])
    assert one(engine, "SELECT count(*) FROM events") == 7  # the opportunity twice: opened, and as it is
