"""`turnsignal review`: bring every account up to date at once."""

from datetime import datetime
from typing import Annotated

import typer

from service.commands.processes import database_ready, logging, settings
from service.commands.times import moment
from service.failures import Failure


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(review)


def review(
    until: Annotated[
        datetime | None, typer.Option(parser=moment, metavar="TIME", help="Review up to then (RFC 3339).")
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Judge the whole past again, as after a new calibration.")
    ] = False,
) -> None:
    """Review every account that is due, and end.

    Up to the review clock, unless told otherwise: the moment up to which all topics have been consumed.

    Example: turnsignal review --until 2026-03-31
    """
    from service.assembly import Assembly
    from storage import reviews
    from storage.engine import transaction

    chosen = settings()
    logging(chosen)
    database_ready(chosen)
    assembly = Assembly(chosen)
    end = until or assembly.clock()
    if end is None:
        raise Failure("nothing has been consumed yet, so there is no clock; give --until")
    if again:
        with transaction(assembly.engine) as connection:
            reviews.restart(connection)
    count = assembly.reviewer().review(end)
    assembly.close()
    typer.echo(f"{count} account reviews up to {end.isoformat()}")
