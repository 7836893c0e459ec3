"""`turnsignal roles`: what the titles say, and which say nothing."""

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.commands.consumed import consumed
from service.commands.offsets import Cluster
from service.commands.sources import BEGINNING, MAPPING, ROLES, START, TOPIC, Topics, read_story

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accounts.events import CanonicalEvent
    from service.unknown_titles import Census


def register(app: typer.Typer) -> None:
    """Add the commands."""
    roles = typer.Typer(no_args_is_help=True, help="What a job title says of a person's function.")
    roles.command()(classify)
    roles.command()(unknown)
    app.add_typer(roles, name="roles")


def classify(roles: Annotated[Path | None, ROLES] = None) -> None:
    """Read titles from standard input, one a line; write `function<TAB>title` for each, in the same order.

    The functions: development, purchasing, executive, operations, finance, other. Put lines that are wrong
    right, and keep them in a file: with --roles, or as detection.roles in the settings, it goes before the
    built-in words.

    Example: echo "Strategischer Einkäufer" | turnsignal roles classify
    """
    from accounts.roles import function_of
    from service import own_roles

    own_roles.use(roles)
    # Odd bytes pass through as they came.
    titles = io.TextIOWrapper(sys.stdin.buffer, "utf-8", errors="surrogateescape", newline="\n")
    output = io.TextIOWrapper(sys.stdout.buffer, "utf-8", errors="surrogateescape", newline="\n")
    for line in titles:
        title = line.rstrip("\r\n")
        output.write(f"{function_of(title)}\t{title}\n")
    output.flush()
    output.detach()
    titles.detach()


def unknown(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Files of canonical events (- is standard input); else the database."),
    ] = None,
    topic: Annotated[list[str] | None, TOPIC] = None,
    cluster: Cluster = "",
    start: Annotated[str, START] = BEGINNING,
    mapping: Annotated[list[str] | None, MAPPING] = None,
    roles: Annotated[Path | None, ROLES] = None,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Pass over unreadable lines.")] = False,
) -> None:
    """List the customers' titles in which no word is known, of the most people first.

    From the database of the settings, or from files of events or topics. Each line tells
    `?<TAB>title<TAB>people<TAB>accounts`.

    Put a function in place of the ? where you know one, and name the file as detection.roles; a line left
    with its ? says nothing. `turnsignal review --again` then judges the past by it.

    Example: turnsignal roles unknown --topic 'crm.*' --mapping mapping.toml > roles.tsv
    """
    from service import own_roles
    from service.unknown_titles import census

    if files or topic:
        own_roles.use(roles)
        topics = Topics(topic or (), cluster, start, mapping or ())
        story = read_story(files or [], topics, skip_bad=skip_bad)
        _tell(census(event for account in story.accounts for event in story.events_of(account)))
    else:
        _tell(_of_database(roles))


def _of_database(roles: Path | None) -> "Census":
    from accounts.events import decode_accepted
    from service import own_roles
    from service.commands.processes import settings
    from service.unknown_titles import census
    from storage import reviews
    from storage.engine import reading

    own_roles.use(roles or settings().detection.roles)
    with consumed() as engine, reading(engine) as connection:
        events: Iterable[CanonicalEvent] = map(decode_accepted, reviews.all_bodies(connection))
        return census(events)


def _tell(found: "Census") -> None:
    for row in found.unknown:
        sys.stdout.buffer.write(f"?\t{row.text}\t{row.people}\t{row.accounts}\n".encode(errors="replace"))
    sys.stdout.buffer.flush()
    typer.echo(
        f"{found.people:,} people of customers: {found.silent:,} have one of {len(found.unknown):,} titles "
        f"that say nothing of a function, {found.untitled:,} have no title at all",
        err=True,
    )
