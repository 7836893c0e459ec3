"""From the settings to the CRMs that may post, each with the writer of its cluster."""

import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

import structlog

from consumers import metrics
from consumers.mapping.mappings import Mappings
from consumers.record_writer import PROMPT, RecordWriter
from service.configuration import SettingsError
from service.crm.data_cloud import DataCloud
from service.crm.dynamics import Dynamics
from service.crm.hubspot import HubSpot
from service.crm.outbound_messages import OutboundMessages
from service.crm.receiver import OUTCOMES, Receiver
from service.crm_settings import CrmSource
from service.kafka_clusters import cluster_of
from service.settings import Settings

log = structlog.get_logger()


class Source(NamedTuple):
    """A CRM, where what it tells is written, and by whom."""

    name: str
    topic: str
    receiver: Receiver
    writer: RecordWriter


def sources_of(settings: Settings, now: Callable[[], float] = time.time) -> dict[str, Source]:
    """Every source by its name; raises SettingsError."""
    writers: dict[str, RecordWriter] = {}
    found = {}
    for name, source in settings.crm.sources.items():
        if source.cluster and source.cluster not in settings.kafka.clusters:
            known = ", ".join(settings.kafka.clusters) or "none"
            raise SettingsError(
                [f"crm.sources.{name}.cluster = {source.cluster!r}: no such cluster; known: {known}"]
            )
        config = cluster_of(settings.kafka, source.cluster)
        writer = writers.setdefault(source.cluster, RecordWriter(config, PROMPT))
        found[name] = Source(name, source.topic, receiver_of(source, now), writer)
        metrics.register_crm_source(name, OUTCOMES)
    return found


def warn_of_unread(settings: Settings, mappings: Mappings | None) -> None:
    """What no process with these settings reads, or can make sense of, is written all the same."""
    for name, source in settings.crm.sources.items():
        told = {"source": name, "topic": source.topic, "cluster": source.cluster}
        if not cluster_of(settings.kafka, source.cluster).subscription.covers(source.topic):
            log.warning("a CRM's topic is not among kafka.topics", action="crm_topic_not_consumed", **told)
        elif mappings is None or mappings.of(source.topic, source.cluster) is None:
            log.warning("a CRM's topic has no mapping", action="crm_topic_not_mapped", **told)


def receiver_of(source: CrmSource, now: Callable[[], float]) -> Receiver:
    """What verifies a source's requests."""
    secrets = [secret.get_secret_value() for secret in source.secrets]
    made: Mapping[str, Callable[[], Receiver]] = {
        "hubspot": lambda: HubSpot(
            secrets, source.url or "", source.signature_versions, source.tolerance_seconds, now
        ),
        "salesforce": lambda: OutboundMessages(secrets, source.organization_id or ""),
        "salesforce_data_cloud": lambda: DataCloud(secrets),
        "dynamics": lambda: Dynamics(secrets),
    }
    return made[source.kind]()


def close(sources: Mapping[str, Source]) -> None:
    """Let go of the writers."""
    for source in sources.values():
        source.writer.close()
