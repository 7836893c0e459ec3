"""`turnsignal silences`: which alerts wait until when."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from service.commands.processes import opened, plain
from service.commands.times import moment
from service.failures import Failure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from storage.silences import Silence

_Patterns = Annotated[list[str] | None, typer.Option(help="* stands for any letters; may be given often.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    silences = typer.Typer(
        no_args_is_help=True, help="Let alerts wait, as while a merger or a move keeps an account quiet."
    )
    silences.command()(add)
    silences.command(name="list")(listing)
    silences.command()(end)
    app.add_typer(silences, name="silences")


def add(
    reason: Annotated[str, typer.Option(help="Why, in words for people.")],
    author: Annotated[str, typer.Option(help="Who says so.")],
    account: _Patterns = None,
    segment: _Patterns = None,
    owner: _Patterns = None,
    kind: _Patterns = None,
    product_line: _Patterns = None,
    days: Annotated[float | None, typer.Option(min=0.01, max=366, help="How long; or --until.")] = None,
    until: Annotated[
        datetime | None, typer.Option(parser=moment, metavar="TIME", help="When it ends; or --days.")
    ] = None,
) -> None:
    """Silence alerts that fit all that is given. What still holds at the end is said then.

    Example: turnsignal silences add --account C-1042 --days 30 --author dana --reason "moving plants"
    """
    from alerts.silencing import AskedMatchers, AskedSilence, InvalidSilenceError, silence

    now = datetime.now(UTC)
    if (days is None) == (until is None):
        raise Failure("give --days or --until", 2)
    ends_at = until or now + timedelta(days=days or 0)
    matchers = AskedMatchers(
        account=tuple(account or ()),
        segment=tuple(segment or ()),
        owner=tuple(owner or ()),
        kind=tuple(kind or ()),
        product_line=tuple(product_line or ()),
    )
    with opened() as engine:
        try:
            asked = AskedSilence(matchers=matchers, author=author, reason=reason, ends_at=ends_at)
            made = silence(engine, asked, now)
        except InvalidSilenceError as error:
            raise Failure(plain(str(error), 200), 2) from None
    typer.echo(f"{made.silence_id}: holds until {made.ends_at:%Y-%m-%d %H:%M} UTC")


def listing(
    ended: Annotated[bool, typer.Option("--ended", help="Also those that are over.")] = False,
) -> None:
    """List silences, the last to end first.

    Example: turnsignal silences list
    """
    from rich.console import Console

    from storage import silences
    from storage.engine import reading

    now = datetime.now(UTC)
    with opened() as engine, reading(engine) as connection:
        found = silences.find(connection, ending_after=None if ended else now)
    if found:
        Console(markup=False).print(_table(found))
    typer.echo(f"{len(found)} silences", err=True)


def end(silence_id: Annotated[str, typer.Argument(help="Its id in the list.")]) -> None:
    """End a silence now; what waited for it is sent if it still holds.

    Example: turnsignal silences end sil_0f3c52
    """
    from alerts.silencing import end as end_it

    with opened() as engine:
        if not end_it(engine, silence_id, datetime.now(UTC)):
            raise Failure(f"there is no silence {plain(silence_id)!r} that holds")
    typer.echo(f"{silence_id}: ended")


def _table(found: "Sequence[Silence]") -> "Table":
    from rich.table import Table

    from alerts.standing import matchers_of

    table = Table("id", "what", "from", "until", "author", "reason", box=None)
    for one in found:
        times = (f"{at:%Y-%m-%d %H:%M}" for at in (one.starts_at, one.ends_at))
        words = plain(matchers_of(one.matchers).in_words())
        table.add_row(one.silence_id, words, *times, plain(one.author), plain(one.reason))
    return table
