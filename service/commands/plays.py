"""`turnsignal plays`: the library of what to do next."""

import sys
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer

if TYPE_CHECKING:
    from accounts.plays import Entry, When

_PIPED_WIDTH = 140


def register(app: typer.Typer) -> None:
    """Add the commands."""
    plays = typer.Typer(no_args_is_help=True, help="What an alert proposes to do next, and when.")
    plays.command(name="list")(listing)
    plays.command()(check)
    app.add_typer(plays, name="plays")


def listing(
    toml: Annotated[
        bool, typer.Option("--toml", help="The built-in plays as their file, as a beginning for your own.")
    ] = False,
) -> None:
    """List all plays, yours (detection.plays) before the built-in ones, and the cases that choose them.

    Example: turnsignal plays list --toml > plays.toml
    """
    from service import playbook

    if toml:
        sys.stdout.write(playbook.built_in_text())
        return
    from rich.console import Console
    from rich.table import Table

    from service.commands.processes import settings

    file = settings().detection.plays
    yours = {entry.id for entry in playbook.own(file)} if file else set()
    table = Table("play", "title", "chosen for", "whose", box=None)
    for entry in playbook.library(file):
        cases = "\n".join(_case(when) for when in entry.when) or "nothing"
        table.add_row(entry.id, entry.title, cases, "yours" if entry.id in yours else "built-in")
    console = Console(markup=False, highlight=False)
    if not console.is_terminal:
        console = Console(markup=False, highlight=False, width=_PIPED_WIDTH)
    console.print(table)


def check(file: Annotated[Path, typer.Argument(help="Your file of plays.")]) -> None:
    """Check a file of plays, and say what it would change; exit 2 with every mistake, by play.

    Example: turnsignal plays check plays.toml
    """
    from service import playbook

    entries = playbook.own(file)
    known = {entry.id for entry in playbook.built_in()}
    replaced = [entry.id for entry in entries if entry.id in known]
    over = f", of which {', '.join(replaced)} {_are(replaced)} in place of the built-in" if replaced else ""
    typer.echo(f"{len(entries)} {'play' if len(entries) == 1 else 'plays'}, all well-formed{over}")
    for entry in _never(playbook.library(file)):
        reason = "its `when` is empty" if not entry.when else "others come first in each of its cases"
        typer.echo(f"{entry.id} is never chosen: {reason}")


def _are(names: list[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _case(when: "When") -> str:
    named = (("kind", when.kinds), ("stage", when.stages), ("strongest sign", when.signals))
    return "; ".join(f"{name} {' or '.join(found)}" for name, found in named if found) or "every case"


def _never(library: "tuple[Entry, ...]") -> "list[Entry]":
    """Plays that no alert would name."""
    from accounts.plays import SIGNALS, choose
    from accounts.stages import STAGES, Kind

    cases = product(get_args(Kind), STAGES, SIGNALS)
    named = {choose(library, *case).id for case in cases}
    return [entry for entry in library if entry.id not in named]
