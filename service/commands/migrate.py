"""`turnsignal migrate`: the database schema."""

from typing import Annotated

import typer

from service.commands.processes import settings
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
    from storage.engine import UNAVAILABLE, create_engine

    url = settings().database.url.get_secret_value()
    try:
        if down is not None:
            migrations.downgrade(url, down)
        elif not check:
            migrations.upgrade(url)
        engine = create_engine(url)
        now = migrations.current(engine)
        engine.dispose()
    except UNAVAILABLE as error:
        raise Failure(f"the database does not answer: {error.orig}", 3) from None
    except migrations.RevisionError as error:
        raise Failure(f"{error}; this version knows those up to {migrations.head()}", 2) from None
    except ValueError as error:
        raise Failure(f"database.url: {error}", 2) from None
    typer.echo(f"schema at {now or 'nothing'}; newest is {migrations.head()}")
    if check and now != migrations.head():
        raise typer.Exit(3)
