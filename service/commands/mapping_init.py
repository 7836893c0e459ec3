"""`turnsignal mapping init`: a draft of a mapping file, from what topics hold."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.commands.offsets import Cluster
from service.commands.processes import kafka_cluster, settings
from service.failures import Failure

if TYPE_CHECKING:
    from consumers.inspection.samples import Sample
    from consumers.inspection.sketch import Sketch


def init(
    from_topic: Annotated[
        list[str], typer.Option(help="Draft from this topic, or those of a pattern (erp.*); may be repeated.")
    ],
    cluster: Cluster = "",
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write it there; else it is printed."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    limit: Annotated[
        int, typer.Option(min=3, max=100_000, help="Records of each topic that are looked at, at most.")
    ] = 2000,
) -> None:
    """Draft a mapping file from samples of topics: name those of the CRM and of the orders together.

    Each guess has its reason beside it; what could not be guessed is a TODO, with what is lost without it.

    Example: turnsignal mapping init --from-topic "crm.*" --from-topic "erp.*" -o mapping.toml
    """
    if output is not None and output.exists() and not force:
        raise Failure(f"{output} is there already; --force writes over it", 2)
    samples = _samples(from_topic, cluster, limit)
    draft = _checked(samples, cluster, output.name if output else "mapping.toml", from_topic)
    if output is None:
        typer.echo(draft.text, nl=False)
    else:
        try:
            output.write_text(draft.text, "utf-8")
        except OSError as error:
            raise Failure(f"cannot write {output}: {error.strerror}", 2) from None
    todos = len(draft.todos)
    told = f"{len(samples)} topics; {todos} thing{'s' * (todos != 1)} to do, at the top of the file"
    typer.echo(f"{told}{f'; next: turnsignal mapping check {output}' if output else ''}", err=True)


def _samples(wanted: list[str], cluster: str, limit: int) -> "list[Sample]":
    from consumers.inspection.samples import sample_of
    from service.commands.topics import progress
    from service.mappings import format_maker
    from service.topic_overview import overviews

    config = kafka_cluster(cluster)
    with progress() as (begin, done):
        found = list(overviews(config, wanted, limit, format_maker(settings()), None, begin=begin, done=done))
    if problems := [each.surveyed.problem for each in found if each.surveyed.problem]:
        raise Failure("\n  ".join(["cannot read all of these topics:", *problems]), 2)
    return [sample_of(each.surveyed.topic, each.guess, each.fit) for each in found]


def _checked(samples: "list[Sample]", cluster: str, file: str, wanted: list[str]) -> "Sketch":
    """The draft, which is read as any mapping file is before anybody sees it."""
    from consumers.formats import FormatError
    from consumers.inspection.sketch import sketch
    from consumers.mapping.files import MappingError, parse
    from service.mappings import format_maker

    draft = sketch(samples, cluster, file, wanted)
    if draft.is_empty:
        raise Failure("\n  ".join(["nothing can be drafted from these topics:", *draft.left]), 1)
    try:
        parse(draft.text, "draft", format_maker(settings()))
    except (MappingError, FormatError) as error:
        typer.echo(f"the draft needs mending before it can be used:\n{error}", err=True)
    return draft
