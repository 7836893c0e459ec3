"""POST /webhooks/events: in Kafka when it says so, whole or not at all, and never a wait without end."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from consumers.event_writer import EventWriter
from consumers.kafka_config import KafkaConfig
from service.app import create_app
from service.event_webhook import LARGEST_BODY, events_router
from tests.integration.consuming import talk
from tests.integration.serving import TOKEN, Client, migrated
from tests.parts.process import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from tests.conftest import TopicFactory
    from tests.parts.broker import Broker

SINGLE = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
URL = "/webhooks/events"


class Door:
    """The webhook on a broker, and what has come through it."""

    def __init__(self, client: Client, bootstrap: str, crm: str, orders: str) -> None:
        self.client, self.bootstrap, self.crm, self.orders = client, bootstrap, crm, orders

    def post(self, body: Any, kind: str, **headers: str) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {"authorization": f"Bearer {TOKEN}", "content-type": kind} | headers
        return self.client.post(URL, content, **given)

    def records(self, topic: str) -> list[Any]:
        from kafka import TopicPartition  # noqa: PLC0415

        from consumers.kafka_client import reader_of  # noqa: PLC0415

        reader, _ = reader_of(KafkaConfig([self.bootstrap]))
        place = TopicPartition(topic, 0)
        reader.assign([place])
        reader.seek_to_beginning(place)
        end, found = reader.end_offsets([place])[place], list[Any]()
        while len(found) < end:
            found += [record for run in reader.poll(timeout_ms=200).values() for record in run]
        reader.close()
        return found


@pytest.fixture
def door(kafka: Broker, topic: TopicFactory, sqlite_url: str) -> Iterator[Door]:
    crm, orders = topic(), topic()
    yield from opened(kafka.bootstrap, {"crm.*": crm, "order.*": orders}, sqlite_url)


def opened(bootstrap: str, topics: dict[str, str], sqlite_url: str) -> Iterator[Door]:
    writer = EventWriter(KafkaConfig([bootstrap]), topics)
    router = events_router(writer, tokens=[TOKEN], open_access=False)
    with migrated(sqlite_url) as engine:
        client = Client(create_app(engine, checks={}, routers=[router], tokens=[TOKEN]))
        yield Door(client, bootstrap, *topics.values())
    writer.close()


def placed(number: int) -> dict[str, Any]:
    data = {"order_id": f"o{number}", "currency": "EUR", "lines": []}
    return talk(number, type="order.placed", data=data)


def test_a_topic_of_another_systems_records_takes_no_event(
    kafka: Broker, topic: TopicFactory, sqlite_url: str
) -> None:
    """Whoever posts is told which setting is wrong; a mapping would read the event as what it is not."""
    name = topic()
    writer = EventWriter(KafkaConfig([kafka.bootstrap]), {"*": name}, {name: "mapping 1 reads it"})
    router = events_router(writer, tokens=[TOKEN], open_access=False)
    with migrated(sqlite_url) as engine:
        client = Client(create_app(engine, checks={}, routers=[router], tokens=[TOKEN]))
        door = Door(client, kafka.bootstrap, name, name)
        answer = door.post(talk(1), SINGLE)
        assert answer.status_code == 422
        assert answer.json()["errors"] == [{"index": 0, "reason": "no_topic", "detail": "mapping 1 reads it"}]
        assert door.records(name) == []
    writer.close()


def test_one_event_is_in_its_topic_with_its_account_as_key(door: Door) -> None:
    """When the answer comes the broker has it, as it was sent."""
    answer = door.post(talk(1), SINGLE)
    assert (answer.status_code, answer.json()) == (202, {"accepted": 1, "ignored": 0})
    (record,) = door.records(door.crm)
    assert (record.key, json.loads(record.value)) == (b"acme", talk(1))


@pytest.mark.parametrize("kind", [BATCH, "application/json"])
def test_a_batch_is_split_by_type(door: Door, kind: str) -> None:
    """What nobody reads is counted and not written, as a consumer would."""
    weather = talk(3, type="crm.weather.changed")
    answer = door.post([talk(1), placed(2), weather], kind)
    assert (answer.status_code, answer.json()) == (202, {"accepted": 2, "ignored": 1})
    assert [json.loads(record.value) for record in door.records(door.crm)] == [talk(1)]
    assert [json.loads(record.value) for record in door.records(door.orders)] == [placed(2)]


def test_the_binary_form_is_put_together(door: Door) -> None:
    """Attributes in headers, data in the body: what many gateways send."""
    event = talk(1)
    data = event.pop("data")
    answer = door.post(data, "application/json", **{f"ce-{name}": value for name, value in event.items()})
    assert answer.status_code == 202
    (record,) = door.records(door.crm)
    assert json.loads(record.value) == event | {"data": data}


def test_a_bad_event_is_named_and_nothing_is_written(door: Door) -> None:
    """All or none: a sender that mends one event sends the same batch again."""
    bad = talk(2)
    bad["data"] = bad["data"] | {"channel": "pigeon"}
    answer = door.post([talk(1), bad, talk(3, time="yesterday"), {"type": "order.placed"}], BATCH)
    assert answer.status_code == 422
    told = answer.json()
    assert told["detail"] == "3 events do not fit; none was written"
    assert [(error["index"], error.get("field")) for error in told["errors"]] == [
        (1, "data.channel"),
        (2, "time"),
        (3, None),
    ]
    assert "pigeon" in told["errors"][0]["detail"]
    assert "`id`" in told["errors"][2]["detail"]
    assert door.records(door.crm) == []


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", SINGLE, 422),
        (b"{", BATCH, 400),
        (b"{}", BATCH, 400),
        (b"[" * 100_000, BATCH, 400),
        (b"<event/>", "text/xml", 415),
        (b"[" + b" " * LARGEST_BODY + b"]", BATCH, 413),
    ],
)
def test_what_is_no_cloudevent_is_refused(door: Door, body: bytes, kind: str, status: int) -> None:
    """With a problem that says what to send, and never a 500."""
    answer = door.post(body, kind)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


@pytest.mark.parametrize("given", ["", "Bearer wrong", "Basic"])
def test_only_a_bearer_token_writes(door: Door, given: str) -> None:
    """A browser adds a password to whatever another site makes it send."""
    if given == "Basic":
        given += " " + base64.b64encode(f"anyone:{TOKEN}".encode()).decode()
    assert door.post(talk(1), SINGLE, authorization=given).status_code == 401
    assert door.records(door.crm) == []


def test_a_type_without_a_topic_is_refused(kafka: Broker, topic: TopicFactory, sqlite_url: str) -> None:
    """Rather than lost: nobody would read it."""
    crm, other = topic(), topic()
    for door in opened(kafka.bootstrap, {"crm.*": crm, "ord.*": other}, sqlite_url):
        answer = door.post([placed(1)], BATCH)
        assert answer.status_code == 422
        assert "add it to kafka.write_topics" in answer.json()["errors"][0]["detail"]


def test_a_topic_that_is_not_there_is_said_in_time(apache_kafka: Broker, sqlite_url: str) -> None:
    """A sender's own time limit must not come first."""
    for door in opened(apache_kafka.bootstrap, {"crm.*": "no-such-topic", "order.*": "nor-this"}, sqlite_url):
        answer = door.post(talk(1), SINGLE)
        assert answer.status_code == 503
        assert "no-such-topic" in answer.json()["detail"]


def test_a_broker_that_is_away_is_said_and_its_return_is_enough(apache_kafka: Broker, door: Door) -> None:
    """503 while it is away, 202 when it is back, without a restart of ours."""
    assert door.post(talk(1), SINGLE).status_code == 202
    apache_kafka.stop()
    answer = door.post([talk(2), talk(3)], BATCH)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "send all of them again" in answer.json()["detail"]
    apache_kafka.restart()
    assert door.post([talk(2), talk(3)], BATCH).status_code == 202
    assert {json.loads(record.value)["id"] for record in door.records(door.crm)} == {
        "acme-1",
        "acme-2",
        "acme-3",
    }


def test_a_broker_that_never_was_there_is_said(sqlite_url: str) -> None:
    """The door opens before Kafka does, and says so."""
    for door in opened(f"127.0.0.1:{free_port()}", {"crm.*": "a", "order.*": "b"}, sqlite_url):
        answer = door.post(talk(1), SINGLE)
        assert answer.status_code == 503
        assert "connection refused" in answer.json()["detail"]
