"""`turnsignal mapping`: what the records of other systems become, before anything is kept."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.commands.coverage import coverage
from service.commands.mapping_init import init
from service.commands.offsets import Cluster
from service.commands.processes import plain, settings, wrong_settings
from service.commands.sources import BEGINNING, START, sources_of, start_of
from service.failures import Failure

if TYPE_CHECKING:
    from consumers.mapping.mappings import Mappings
    from consumers.mapping.topic import TopicMapping
    from consumers.subscription import Subscription
    from service.past import Source
    from service.trial import Verdict

_FILES = typer.Option(
    "--mapping", metavar="FILE", help="This mapping file, in place of those of the settings."
)


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

    mappings = _mappings(files or ())
    for mapping in mappings.all:
        made = [*mapping.events, *(f"reference {rule.kind}" for rule in mapping.references if not rule.whole)]
        of = f" of {', '.join(map(_cluster_name, mapping.clusters))}" if mapping.clusters is not None else ""
        topics = f"{', '.join(mapping.topics)}{of}"
        typer.echo(f"{mapping.place}: {topics} ({mapping.format.name}): {', '.join(made)}")
    subscriptions = _subscriptions()
    for subscription in subscriptions:
        of = f"{subscription.cluster}:" if subscription.cluster else ""
        for topic in subscription.names:
            found = mappings.of(topic, subscription.cluster)
            typer.echo(f"kafka.topics {of}{topic}: {found.place if found else 'canonical events'}")
        for pattern in subscription.patterns:
            typer.echo(f"kafka.topics {of}{pattern}: each topic's name decides")
    for mapping in mappings.all:
        if not any(_may_map(mappings, mapping, subscription) for subscription in subscriptions):
            typer.echo(f"{mapping.place}: none of kafka.topics is mapped by it", err=True)
    for words in mapped_writes(settings().kafka, mappings).values():
        typer.echo(words, err=True)


def _subscriptions() -> "list[Subscription]":
    from service.configuration import SettingsError
    from service.kafka_clusters import clusters_of

    try:
        return [cluster.subscription for cluster in clusters_of(settings().kafka)]
    except SettingsError as error:
        raise wrong_settings(error) from None


def _cluster_name(cluster: str) -> str:
    return f"cluster {cluster}" if cluster else "[kafka] itself"


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


def trial(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Files of records' values, JSON, one a line.")
    ] = None,
    as_topic: Annotated[
        str | None, typer.Option("--as", metavar="TOPIC", help="The topic that the files' records are of.")
    ] = None,
    topic: Annotated[
        list[str] | None,
        typer.Option(
            help="Read this topic of the configured Kafka; may be repeated, and be a pattern. "
            "CLUSTER:TOPIC is one of another cluster."
        ),
    ] = None,
    cluster: Cluster = "",
    start: Annotated[str, START] = BEGINNING,
    limit: Annotated[int, typer.Option(min=1, help="Records of a topic or file, at most.")] = 1000,
    mapping: Annotated[list[str] | None, _FILES] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One object a line, with the events whole.")
    ] = False,
) -> None:
    """Say of each record what it becomes, or why it becomes nothing. Nothing is written.

    What refers to other records (contacts, products, lines) is made of what comes in the same files and
    topics: name those too.

    Example: turnsignal mapping test --topic crm.contacts --topic crm.tasks --limit 200
    """
    from consumers.formats import SourceAway
    from service.trial import Trial

    mappings = _mappings(mapping or ())
    if not files and not topic:
        raise Failure("name files, or topics with --topic", 2)
    sources = sources_of(topic or (), cluster)
    for source in sources:
        for name in source.subscription.names:
            if mappings.of(name, source.config.cluster) is None:
                unnamed = _unnamed(mappings, name, source.config.cluster)
                raise Failure(f"{unnamed}: its records are canonical events", 2)
    work = Trial(mappings)
    try:
        for file in files or ():
            work.read(_of_file(file, _topic_of(mappings, as_topic, cluster), cluster, limit))
        for source in sources:
            work.read(_of_topics(source, start, limit))
    except SourceAway as error:
        raise Failure(str(error), 1) from None
    _tell(list(work.verdicts()), as_json=as_json)


def _mappings(files: Sequence[str]) -> "Mappings":
    from service.configuration import SettingsError
    from service.mappings import mappings_of

    try:
        found = mappings_of(settings(), files)
    except SettingsError as error:
        raise wrong_settings(error) from None
    if found is None:
        raise Failure("there is no mapping; name files, or set mapping.files", 2)
    return found


def _topic_of(mappings: "Mappings", named: str | None, cluster: str) -> str:
    """The topic of records in files."""
    exact = [topic for mapping in mappings.all if mapping.is_of(cluster) for topic in mapping.topics]
    if named is None and len(exact) == 1:
        return exact[0]
    if named is None:
        raise Failure(f"say with --as which topic the records are of: {', '.join(exact)}", 2)
    if mappings.of(named, cluster) is None:
        raise Failure(_unnamed(mappings, named, cluster), 2)
    return named


def _unnamed(mappings: "Mappings", topic: str, cluster: str) -> str:
    """That no mapping names a topic here, and where one does."""
    said = f"no mapping names the topic {topic!r}"
    others = {name for mapping in mappings.all for name in mapping.clusters or ()}
    found = sorted(name for name in others if mappings.of(topic, name) is not None)
    if not found:
        return said
    return f"{said} of {_cluster_name(cluster)}, but one does of {', '.join(map(_cluster_name, found))}"


def _of_file(file: Path, topic: str, cluster: str, limit: int) -> Iterator[Any]:
    from consumers.record import ClusterRecord

    try:
        with file.open("rb") as lines:
            for number, line in enumerate(lines):
                if number >= limit:
                    return
                if line.strip():
                    yield ClusterRecord(topic, 0, number, 0, None, line, (), cluster)
    except OSError as error:
        raise Failure(f"cannot read {file}: {error.strerror}", 2) from None


def _of_topics(source: "Source", start: str, limit: int) -> Iterator[Any]:
    from service.ranges import begun, reader, runs, whole

    with reader(source.config) as consumer:
        found = begun(consumer, whole(consumer, source.topics, source.config), start_of(start))
        some = [each._replace(end=min(each.end, each.start + limit)) for each in found]
        for run in runs(consumer, some):
            yield from run


def _tell(verdicts: "Sequence[Verdict]", *, as_json: bool) -> None:
    from collections import Counter

    from rich.console import Console
    from rich.table import Table

    if as_json:
        for verdict in verdicts:
            event = None if verdict.event is None else json.loads(verdict.event)
            typer.echo(json.dumps(verdict._asdict() | {"event": event}, ensure_ascii=False))
    else:
        table = Table("topic", "offset", "message", "became", "account", "detail", box=None)
        for verdict in verdicts:
            message = " ".join(part for part in (verdict.entity, verdict.operation) if part)
            place = f"{verdict.partition}:{verdict.offset}"
            cells = (verdict.topic, place, message, verdict.became, verdict.account or "", verdict.detail)
            table.add_row(*(plain(cell) for cell in cells))
        if verdicts:
            Console(markup=False).print(table)
    counted = Counter(verdict.became for verdict in verdicts)
    typer.echo(
        ", ".join(f"{count} {name}" for name, count in counted.most_common()) or "no records", err=True
    )
