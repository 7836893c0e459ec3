"""`turnsignal dead-letters`: records that could not be read."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.commands.processes import HIGHEST, opened, plain
from service.failures import Failure

if TYPE_CHECKING:
    from consumers.mapping.mappings import Mappings
    from consumers.record import Record
    from consumers.records import Readout
    from storage.dead_letters import DeadLetter, Filed
    from storage.engine import Connection, Engine

_REASON = typer.Option(help="Only those with this reason.")
_TOPIC = typer.Option(
    help="Only those of this topic, as listed: CLUSTER:TOPIC where it is of another cluster."
)
_MOST_COUNTED = 10
_LONG = 400  # letters of what is wrong with one


def register(app: typer.Typer) -> None:
    """Add the commands."""
    letters = typer.Typer(
        no_args_is_help=True, help="Records that could not be read, and what to do with them."
    )
    letters.command(name="list")(listing)
    letters.command()(show)
    letters.command()(replay)
    app.add_typer(letters, name="dead-letters")


def listing(
    reason: Annotated[str | None, _REASON] = None,
    topic: Annotated[str | None, _TOPIC] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also those that were replayed.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=HIGHEST, help="At most this many.")] = 100,
) -> None:
    """List dead letters: number, place, reason, and what to mend.

    Where there are more than are listed, they are counted by topic and reason. Those that do not map wait for
    a mended mapping, and then for `turnsignal reprocess` or `turnsignal dead-letters replay --all`.

    Example: turnsignal dead-letters list --reason not_json
    """
    from rich.console import Console
    from rich.table import Table

    from storage import dead_letters
    from storage.engine import reading

    with opened() as engine, reading(engine) as connection:
        found = dead_letters.find(
            connection, reason=reason, topic=_place(topic), unresolved=not everything, limit=limit
        )
        counted = dead_letters.count(
            connection, reason=reason, topic=_place(topic), unresolved=not everything
        )
    table = Table("number", "topic", "partition", "offset", "reason", "detail", "replayed", box=None)
    for filed in found:
        letter = filed.letter
        replayed = f"{filed.replayed_at:%Y-%m-%d %H:%M}" if filed.replayed_at else ""
        place = (_topic(letter), str(letter.partition), str(letter.offset))
        table.add_row(str(filed.id), *place, letter.reason, plain(letter.detail), replayed)
    if found:
        Console(markup=False).print(table)
    total = sum(number for *_, number in counted)
    if total == len(found):
        typer.echo(f"{total} dead letters", err=True)
        return
    typer.echo(f"{len(found):,} of {total:,} dead letters", err=True)
    for cluster, name, why, number in counted[:_MOST_COUNTED]:
        typer.echo(f"  {number:,} {why} of {_named(cluster, name)}", err=True)


def show(
    number: Annotated[int, typer.Argument(min=1, max=HIGHEST, help="Its number in the list.")],
) -> None:
    """Show one dead letter whole: reason, headers, key and value, as they came.

    Example: turnsignal dead-letters show 17
    """
    with opened() as engine:
        filed = _one(engine, number)
    letter = filed.letter
    typer.echo(
        f"{_topic(letter)}[{letter.partition}]@{letter.offset}, recorded {filed.recorded_at.isoformat()}"
    )
    typer.echo(f"reason: {letter.reason}\ndetail: {plain(letter.detail, 10_000)}")
    typer.echo(f"key: {letter.key!r}")
    for name, value in () if letter.is_draft else letter.headers:
        typer.echo(f"header {plain(name)}: {value!r}")
    what = "what was kept of the record, whose value is in Kafka" if letter.is_draft else "value"
    typer.echo(f"{what}: {letter.value!r}")


def _topic(letter: "DeadLetter") -> str:
    return _named(letter.cluster, letter.topic)


def _named(cluster: str, topic: str) -> str:
    """A topic with its cluster, where that has a name."""
    return f"{cluster}:{topic}" if cluster else topic


def _place(named: str | None) -> "tuple[str, str] | None":
    """Cluster and topic of a topic as it is listed."""
    if named is None:
        return None
    cluster, _, topic = named.rpartition(":")
    return cluster, topic


def replay(
    numbers: Annotated[list[int] | None, typer.Argument(min=1, max=HIGHEST, help="Their numbers.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that have not been replayed.")] = False,
    reason: Annotated[str | None, _REASON] = None,
    topic: Annotated[str | None, _TOPIC] = None,
    value: Annotated[
        Path | None, typer.Option(help="Read this file in place of the one letter's value.")
    ] = None,
) -> None:
    """Read dead letters again, as after an upgrade; with --value, one that was mended by hand.

    Those of mapped topics are read by the mapping as it is now; restart consumers that have an earlier one.
    What other records made by the mistake is mended by `turnsignal reprocess`, which reads letters again too.

    Exit 1 where some still cannot be read, or are not there.

    Example: turnsignal dead-letters replay 17 --value mended.json
    """
    from consumers.formats import SourceAway
    from storage import dead_letters
    from storage.engine import reading

    if bool(numbers) == everything or (value is not None and len(numbers or ()) != 1):
        raise Failure("name letters by number or give --all; --value goes with one number", 2)
    mapper = _mappings()
    done, failed, after = Counter[bool](), 0, 0
    missing = set(numbers or ())
    with opened() as engine:
        while True:
            with reading(engine) as connection:
                found = dead_letters.find(
                    connection, ids=numbers or None, reason=reason, topic=_place(topic), after=after
                )
            for filed in found:
                after = filed.id
                missing.discard(filed.id)
                try:
                    problem, is_empty = _replayed(engine, filed, value, mapper)
                except SourceAway as error:
                    raise Failure(f"{error}; {done.total()} replayed before", 1) from None
                if problem:
                    failed += 1
                    typer.echo(f"{filed.id}: {plain(problem, _LONG)}", err=True)
                else:
                    done[is_empty] += 1
            if not found:
                break
    for number in sorted(missing):
        typer.echo(f"{number}: no dead letter of this number waits", err=True)
    aside = f" ({done[True]} of them left aside now)" if done[True] else ""
    typer.echo(f"{done.total()} replayed{aside}, {failed} still cannot be read")
    if failed or missing:
        raise typer.Exit(1)


def _replayed(
    engine: "Engine", filed: "Filed", value: Path | None, mapper: "Mappings | None"
) -> tuple[str | None, bool]:
    """Accept what a dead letter says; what is still wrong with it, and whether it now says nothing."""
    from consumers.records import read
    from storage import dead_letters, intake
    from storage.engine import transaction

    if filed.letter.is_draft and value is None:
        return _again(filed.letter), False
    try:
        record = _record_of(filed, value)
    except OSError as error:
        raise Failure(f"cannot read {value}: {error.strerror}", 2) from None
    said = read([record], mapper)
    if said.dead_letters:
        return f"{said.dead_letters[0].reason}: {said.dead_letters[0].detail}", False
    if unknown := [type_ for _topic, type_ in said.types if type_ == "unknown"]:
        return f"a type that is {unknown[0]} here", False
    with transaction(engine) as connection:
        if mapper is not None and mapper.of(record.topic, filed.letter.cluster) is not None:
            problem = _mapped(connection, said, mapper)
        else:
            conflicting = intake.accept(connection, said.events).conflicting
            problem = _CONTRADICTION if conflicting else None
        if problem is None:
            dead_letters.resolve(connection, [filed.id], datetime.now(UTC))
    return problem, not (said.events or said.drafts or said.references)


def _again(letter: "DeadLetter") -> str:
    """What to do where the record itself is in Kafka alone."""
    return (
        "its value is not here: mend the mapping, then"
        f" `turnsignal reprocess --topic {letter.topic} --from {letter.offset}`"
    )


_CONTRADICTION = "its id has come before, with another body; give it an id of its own"


def _mapped(connection: "Connection", said: "Readout", mapper: "Mappings") -> str | None:
    """Let what a record says now take the place of what was made of it."""
    from storage.reprocessing import Reprocessing

    work = Reprocessing(connection)
    work.take(said.events, said.drafts, said.references, ())
    letters = work.finish((), mapper.mapped(said), datetime.now(UTC)).letters
    return f"{letters[0].reason}: {letters[0].detail}" if letters else None


def _mappings() -> "Mappings | None":
    from service.commands.processes import settings, wrong_settings
    from service.configuration import SettingsError
    from service.mappings import mappings_of

    try:
        return mappings_of(settings())
    except SettingsError as error:
        raise wrong_settings(error) from None


def _record_of(filed: "Filed", value: Path | None) -> "Record":
    """The record that a letter was; one mended by hand is of no partition, so that no reprocess undoes it."""
    from types import SimpleNamespace

    from storage.event_rows import BY_HAND

    letter = filed.letter
    recorded = round(filed.recorded_at.timestamp() * 1000)
    written = recorded if letter.timestamp is None else letter.timestamp
    record: Any = SimpleNamespace(
        topic=letter.topic,
        partition=letter.partition if value is None else BY_HAND,
        offset=letter.offset,
        timestamp=written,
        key=letter.key,
        value=letter.value if value is None else value.read_bytes(),
        headers=letter.headers,
        cluster=letter.cluster,
    )
    found: Record = record
    return found


def _one(engine: "Engine", number: int) -> "Filed":
    from storage import dead_letters
    from storage.engine import reading

    with reading(engine) as connection:
        found = dead_letters.find(connection, ids=[number], unresolved=False)
    if not found:
        raise Failure(f"there is no dead letter {number}")
    return found[0]
