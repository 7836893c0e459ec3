"""`turnsignal pause` and `turnsignal resume`: topics that stand still for a while."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from service.commands.processes import opened, settings, wrong_settings
from service.configuration import SettingsError
from service.failures import Failure

Topic = Annotated[str | None, typer.Option(help="Only this one; else all.")]
Cluster = Annotated[str | None, typer.Option(help="Only of this one; '' is the one without a name.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(pause)
    app.command()(resume)


def pause(
    topic: Topic = None,
    cluster: Cluster = None,
    reason: Annotated[str, typer.Option(help="Why, in words for whoever finds it so.")] = "",
) -> None:
    """Let topics stand still: every process stops reading them within seconds, and keeps its place.

    Meanwhile no account is judged further: silence would be ours, not the customers'.

    Example: turnsignal pause --topic crm.events --reason "the CRM is being moved"
    """
    from storage import paused_topics
    from storage.engine import transaction
    from storage.paused_topics import EVERY, PausedTopic

    now = datetime.now(UTC)
    with opened() as engine, transaction(engine) as connection:
        for name in _clusters(topic, cluster):
            new = paused_topics.pause(connection, PausedTopic(name, topic or EVERY, now, reason))
            typer.echo(f"{_named(name, topic)}: {'paused' if new else 'was paused already'}")


def resume(topic: Topic = None, cluster: Cluster = None) -> None:
    """Let topics go on where they stopped.

    Example: turnsignal resume --topic crm.events
    """
    from storage import paused_topics
    from storage.engine import transaction
    from storage.paused_topics import EVERY

    with opened() as engine, transaction(engine) as connection:
        names = _clusters(topic, cluster)
        for name in names:
            ended = paused_topics.resume(connection, name, topic or EVERY)
            typer.echo(f"{_named(name, topic)}: {'goes on' if ended else 'was not paused'}")
        left = {one.cluster for one in paused_topics.find(connection) if one.topic == EVERY}
    if topic is not None and left & set(names):
        raise Failure("all topics are paused; `turnsignal resume` without --topic lets them go on")


def _clusters(topic: str | None, cluster: str | None) -> list[str]:
    """The clusters that are meant; raises Failure where a topic is consumed of none."""
    from service.kafka_clusters import cluster_of, clusters_of

    kafka = settings().kafka
    try:
        known = clusters_of(kafka) if cluster is None else [cluster_of(kafka, cluster)]
    except SettingsError as error:
        raise wrong_settings(error) from None
    found = [one.cluster for one in known if topic is None or one.subscription.covers(topic)]
    if not found:
        consumed = ", ".join(name for one in known for name in one.topics)
        raise Failure(f"topic {topic!r} is not consumed; kafka.topics are {consumed}", 2)
    return found


def _named(cluster: str, topic: str | None) -> str:
    return ":".join(filter(None, [cluster, topic or "all topics"]))
