"""`turnsignal migrate`: the database schema."""

from typing import Annotated

import typer

from service.commands.processes import database_explained, settings
from service.failures import Failure


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(migrate)


def migrate(
    down: Annotated[
        str | None, typer.Option(metavar="REVISION", help="Go down to this revision; `base` removes all.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Only say whether it is up to date (exit 3 if not).")
    ] = False,
) -> None:
    """Bring the database schema up to date. Safe to run from several places at once.

    Example: turnsignal migrate --check || turnsignal migrate
    """
    import migrations

    if check and down is not None:
        raise Failure("--check only looks; it does not go with --down", 2)
    url = settings().database.url.get_secret_value()
    with database_explained():
        if down is not None:
            migrations.downgrade(url, down)
        elif not check:
            migrations.upgrade(url)
        now = migrations.revision_of(url)
    typer.echo(f"schema at {now or 'nothing'}; newest is {migrations.head()}")
    if check and now != migrations.head():
        raise typer.Exit(3)
