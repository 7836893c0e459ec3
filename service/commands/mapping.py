"""`turnsignal mapping`: what the records of other systems become, before anything is kept."""

from typing import TYPE_CHECKING, Annotated

import typer

from service.commands.coverage import coverage
from service.commands.mapping_init import init
from service.commands.mapping_trial import trial
from service.commands.processes import settings, wrong_settings
from service.commands.sources import cluster_name, mappings_needed
from service.failures import Failure

if TYPE_CHECKING:
    from consumers.mapping.mappings import Mappings
    from consumers.mapping.topic import TopicMapping
    from consumers.subscription import Subscription


def register(app: typer.Typer) -> None:
    """Add the commands."""
    mapping = typer.Typer(no_args_is_help=True, help="What the records of other systems become.")
    mapping.command()(init)
    mapping.command()(check)
    mapping.command(name="test")(trial)
    mapping.command()(ready)
    mapping.command()(coverage)
    app.add_typer(mapping, name="mapping")


def check(
    files: Annotated[
        list[str] | None, typer.Argument(help="Mapping files; else those of the settings.")
    ] = None,
) -> None:
    """Read mapping files and tell everything that is wrong with them; exit 2 if anything is.

    Example: turnsignal mapping check mapping.toml
    """
    from service.mappings import mapped_writes

    mappings = mappings_needed(files or ())
    for mapping in mappings.all:
        kinds = dict.fromkeys(rule.kind for rule in mapping.references if not rule.whole)
        made = [", ".join(mapping.events)] if mapping.events else []
        made += [f"to look up: {', '.join(kinds)}"] if kinds else []
        of = f" of {', '.join(map(cluster_name, mapping.clusters))}" if mapping.clusters is not None else ""
        topics = f"{', '.join(mapping.topics)}{of}"
        typer.echo(f"{mapping.place}: {topics} ({mapping.format.name}): {'; '.join(made)}")
    for doubt in mappings.doubts:
        typer.echo(doubt, err=True)
    _tell_topics(mappings)
    for words in mapped_writes(settings().kafka, mappings).values():
        typer.echo(words, err=True)
    rules = sum(len(mapping.events) + len(mapping.references) for mapping in mappings.all)
    typer.echo(f"fine: {_number(len(mappings.all), 'mapping')}, {_number(rules, 'rule')}")


def _number(count: int, of: str) -> str:
    return f"{count:,} {of}{'s' * (count != 1)}"


def _tell_topics(mappings: "Mappings") -> None:
    """What the mappings say of the topics that are consumed."""
    subscriptions = _subscriptions()
    for subscription in subscriptions:
        of = f"{subscription.cluster}:" if subscription.cluster else ""
        for topic in subscription.names:
            found = mappings.of(topic, subscription.cluster)
            typer.echo(f"kafka.topics {of}{topic}: {found.place if found else 'canonical events'}")
        for pattern in subscription.patterns:
            typer.echo(f"kafka.topics {of}{pattern}: each topic's name decides")
    unread = [
        topic
        for mapping in mappings.all
        if not any(_may_map(mappings, mapping, subscription) for subscription in subscriptions)
        for topic in mapping.topics
    ]
    if unread:
        added = ", ".join(f'"{topic}"' for topic in dict.fromkeys(unread))
        typer.echo(f"kafka.topics names none of these topics yet; add {added}", err=True)


def _subscriptions() -> "list[Subscription]":
    """The topics that are set; those that are consumed where nothing is set are of no mapping."""
    from service.configuration import SettingsError
    from service.kafka_clusters import clusters_of

    kafka = settings().kafka
    try:
        return [
            cluster.subscription
            for cluster in clusters_of(kafka)
            if cluster.cluster or "topics" in kafka.model_fields_set
        ]
    except SettingsError as error:
        raise wrong_settings(error) from None


def _may_map(mappings: "Mappings", mapping: "TopicMapping", subscription: "Subscription") -> bool:
    """Whether a mapping is for some topic that is consumed, as far as names and patterns tell."""
    from consumers.subscription import is_pattern

    if any(mappings.of(topic, subscription.cluster) is mapping for topic in subscription.names):
        return True
    if not subscription.patterns or not mapping.is_of(subscription.cluster):
        return False
    return any(is_pattern(topic) or subscription.covers(topic) for topic in mapping.topics)


def ready(
    name: Annotated[str | None, typer.Argument(help="One of them: its file is printed.")] = None,
) -> None:
    """List the mappings that come along, or print one, as a beginning for one's own.

    Example: turnsignal mapping ready salesforce > mapping.toml
    """
    from consumers.mapping.files import ready_names, ready_text

    if name is None:
        typer.echo("\n".join(ready_names()))
        return
    if name not in ready_names():
        raise Failure(f"there is no ready mapping {name!r}; there are {', '.join(ready_names())}", 2)
    typer.echo(ready_text(name), nl=False)
