"""How `turnsignal mapping test` tells what records became."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.table import Table

from service.commands.mapping_trial import MOST_EACH
from service.commands.processes import plain
from service.trial_summary import essential, example_of, grouped, known_ids, message_of, problems

if TYPE_CHECKING:
    from service.trial import Verdict

_CAUSE = 240
_PIPED_WIDTH = 160


def tell(
    verdicts: "Sequence[Verdict]", unmapped: Mapping[str, int], *, each: bool | None, as_json: bool
) -> None:
    """Tell all of them as JSON or in a table, or their sums."""
    if as_json:
        for verdict in verdicts:
            event = None if verdict.event is None else json.loads(verdict.event)
            typer.echo(json.dumps(verdict._asdict() | {"event": event}, ensure_ascii=False))
    elif each or (each is None and len(verdicts) <= MOST_EACH):
        _tell_each(verdicts)
    else:
        verdicts = essential(verdicts)
        _tell_summary(verdicts)
    for topic, records in unmapped.items():
        typer.echo(
            f"no mapping names {topic}: its {records:,} records are read as canonical events, not here",
            err=True,
        )
    counted = Counter(verdict.became for verdict in verdicts)
    said = ", ".join(f"{count:,} {name}" for name, count in counted.most_common())
    typer.echo(said or "no records", err=True)


def _tell_each(verdicts: "Sequence[Verdict]") -> None:
    table = Table("topic", "offset", "message", "became", "account", "detail", box=None)
    for verdict in verdicts:
        place = f"{verdict.partition}:{verdict.offset}"
        cells = (
            verdict.topic,
            place,
            message_of(verdict),
            verdict.became,
            verdict.account or "",
            verdict.detail,
        )
        table.add_row(*(plain(cell) for cell in cells))
    if verdicts:
        Console(markup=False).print(table)


def _tell_summary(verdicts: "Sequence[Verdict]") -> None:
    """The problems, then for each topic and kind of message how much became what, with an example."""
    console = Console(markup=False, highlight=False)
    if not console.is_terminal:
        console = Console(markup=False, highlight=False, width=_PIPED_WIDTH)
    _tell_problems(verdicts, console)
    known = known_ids(verdicts)
    for (topic, message), groups in grouped(verdicts).items():
        console.print(plain(f"{topic}  {message}"), style="bold")
        for group in groups:
            head = f"{group.number:>9,}  {group.became}" + (f": {group.why}" if group.why else "")
            line = f"{head:<36} {example_of(group, known)}".rstrip()
            console.print(plain(line, console.width), no_wrap=True)
    typer.echo("every record by itself: --each; as JSON with the events whole: --json", err=True)


def _tell_problems(verdicts: "Sequence[Verdict]", console: Console) -> None:
    found = problems(verdicts)
    if not found:
        return
    total = sum(each.number for each in found)
    console.print(f"{total:,} would be dead letters; of each kind the first:", style="bold red")
    for each in found:
        place = f"{each.topic}[{each.first.partition}]@{each.first.offset}"
        console.print(plain(f"{each.number:>9,}  {each.reason}  {place}"))
        console.print(f"           {plain(each.first.detail, _CAUSE)}", soft_wrap=True)
    console.print()
