"""What the tests of POST /webhooks/crm share: the app with sources on a broker, and what has come in."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from consumers.kafka_config import KafkaConfig
from service.app import create_app
from service.crm.sources import close, sources_of
from service.crm_webhook import crm_router
from service.settings import Settings
from tests.integration.serving import TOKEN, Client, migrated
from tests.unit.service.crm import shapes

if TYPE_CHECKING:
    from collections.abc import Iterator


class Doors:
    """The webhooks of some sources on a broker, and what has come through them."""

    def __init__(self, client: Client, bootstrap: str, topics: dict[str, str]) -> None:
        self.client, self.bootstrap, self.topics = client, bootstrap, topics

    def records(self, name: str) -> list[Any]:
        """All records of a source's topic, by partition."""
        return records_of(self.bootstrap, self.topics[name])


def records_of(bootstrap: str, topic: str) -> list[Any]:
    """All records of a topic, by partition."""
    from kafka import TopicPartition  # noqa: PLC0415

    from consumers.kafka_client import reader_of  # noqa: PLC0415

    reader, _ = reader_of(KafkaConfig([bootstrap]))
    places = [TopicPartition(topic, number) for number in sorted(reader.partitions_for_topic(topic))]
    reader.assign(places)
    for place in places:
        reader.seek_to_beginning(place)
    end, found = sum(reader.end_offsets(places).values()), list[Any]()
    while len(found) < end:
        found += [record for run in reader.poll(timeout_ms=200).values() for record in run]
    reader.close()
    return sorted(found, key=lambda record: (record.partition, record.offset))


def source_settings(bootstrap: str, topics: dict[str, str]) -> Settings:
    """A source of each kind that has a topic."""
    kinds: dict[str, dict[str, Any]] = {
        "hubspot": {"secrets": [shapes.HUBSPOT_SECRET], "url": shapes.HUBSPOT_URL},
        "salesforce": {"secrets": [shapes.TOKEN], "organization_id": shapes.ORGANIZATION},
        "salesforce_data_cloud": {"secrets": [shapes.DATA_CLOUD_SECRET]},
        "dynamics": {"secrets": [shapes.TOKEN]},
    }
    sources = {kind: {"kind": kind, "topic": topics[kind]} | kinds[kind] for kind in topics}
    kafka = {"bootstrap_servers": [bootstrap]}
    return Settings.model_validate({"kafka": kafka, "crm": {"sources": sources}})


@contextlib.contextmanager
def opened(bootstrap: str, topics: dict[str, str], sqlite_url: str) -> Iterator[Doors]:
    """The app, on a database that it has no use for here."""
    sources = sources_of(source_settings(bootstrap, topics))
    try:
        with migrated(sqlite_url) as engine:
            app = create_app(engine, checks={}, routers=[crm_router(sources)], tokens=[TOKEN])
            yield Doors(Client(app), bootstrap, topics)
    finally:
        close(sources)
