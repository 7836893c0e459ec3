"""`turnsignal demo`: see it work."""

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(demo)


def demo(
    leave: Annotated[bool, typer.Option("--exit", help="End when the portfolio has been played.")] = False,
    accounts: Annotated[int, typer.Option(min=1, max=2000, help="How many made accounts.")] = 200,
    seed: Annotated[int, typer.Option(help="Another seed, another portfolio.")] = 7,
) -> None:
    """Play three years of a made portfolio through the whole service and watch the warnings arrive.

    Brings its own broker and database, in a temporary folder. Exit 0 only if every expected alert arrived.

    Example: turnsignal demo --exit --accounts 50
    """
    from service.demo.performance import perform

    raise typer.Exit(perform(accounts, seed, stay=not leave))
