"""`turnsignal explain`: why an account is in its stage."""

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from service.commands.processes import database_ready, plain, settings
from service.commands.times import moment
from service.failures import Failure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accounts.account import AccountState
    from accounts.dossier import Dossier
    from accounts.events import CanonicalEvent
    from accounts.feedback import Feedback, Word
    from accounts.policy import Policy
    from alerts.picture.look import Form
    from service.settings import Settings

_PIPED_WIDTH = 140
_EVER = -(10**6)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(explain)


def explain(
    account: Annotated[str, typer.Argument(help="The account's id.")],
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Files of canonical events (- is standard input); else the database."),
    ] = None,
    at: Annotated[
        datetime | None,
        typer.Option(parser=moment, metavar="TIME", help="As the weeks closed at that time tell it."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")] = False,
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also draw its timeline, into a .png or .svg file.")
    ] = None,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Pass over unreadable lines.")] = False,
) -> None:
    """Why an account is in its stage: tests, streams, people, rhythm, history, and what would change it.

    From the database of the settings, as last reviewed; or from files of events, judged by the settings'
    numbers. --at goes back (or, with files, forward) to what the weeks closed by then amount to, with all
    that is known of those weeks today.

    Example: turnsignal explain C-1042 --at 2026-03-01 --picture C-1042.svg
    """
    from service import own_roles

    chosen = settings()
    own_roles.use(chosen.detection.roles)
    policy = _policy(chosen)
    if files:
        found = _from_files(account, files, at, policy, skip_bad=skip_bad)
    else:
        found = _from_database(chosen, account, at, policy)
    state = found.state
    if state is None or not state.series.length:
        when = f" by {at:%Y-%m-%d}" if at else ""
        raise Failure(f"no week with evidence of {plain(account)!r} had closed{when}: nothing to explain")
    from accounts.inquiry import inquire
    from service.assembly import advice_of

    dossier = inquire(account, state, found.events, policy, advice_of(chosen))
    if picture is not None:
        _draw(state, dossier, found.words, policy, picture)
    _print(dossier, found.answers, as_json=as_json)


class _Found(NamedTuple):
    """An account's state, the events and words it is of, and what people have answered to its alerts."""

    state: "AccountState | None"
    events: "list[CanonicalEvent]"
    answers: "list[Feedback]"
    words: "Sequence[Word]" = ()


def _policy(chosen: "Settings") -> "Policy":
    from service.calibrations import policy_of

    return policy_of(chosen.detection.false_alarms, chosen.detection.calibration)


def _from_files(
    account: str, files: list[Path], at: datetime | None, policy: "Policy", *, skip_bad: bool
) -> "_Found":
    """The state that the files' events amount to."""
    from accounts.replay import Replay
    from service.commands.replay import end_of, read_events

    story = Replay()
    for path in files:
        read_events(path, story, skip_bad=skip_bad)
    events = story.events_of(account)
    if not events:
        raise Failure(f"there are no events of {plain(account)!r} in {', '.join(map(str, files))}")
    end = at or end_of(story)
    return _Found(_folded(events, end, policy) if end else None, events, [])


def _from_database(chosen: "Settings", account: str, at: datetime | None, policy: "Policy") -> "_Found":
    """The state as last reviewed; for an earlier moment folded anew from the events."""
    from accounts.account import from_bytes
    from accounts.events import decode_accepted
    from accounts.weeks import week_of
    from storage import feedback, queries, reviews
    from storage.engine import create_engine, reading

    try:
        database_ready(chosen)
    except Failure as failure:
        raise Failure(f"{failure}; or name files of events after the account", failure.code) from None
    engine = create_engine(chosen.database.url.get_secret_value())
    with reading(engine) as connection:
        found = queries.account(connection, account)
        if found is None:
            engine.dispose()
            raise Failure(f"there is no account {plain(account)!r} in the database")
        state = from_bytes(found[1]) if found[1] else None
        last = (state.series.end if state else 0) - 1
        bodies = reviews.bodies_between(connection, account, _EVER, last)
        words = feedback.words(connection, [account]).get(account, [])
        answers = feedback.find(connection, account_id=account)
    engine.dispose()
    events = [decode_accepted(body) for body in bodies]
    if at is None or state is None or week_of(at) == state.series.end:
        return _Found(state, events, answers, words)
    if week_of(at) > state.series.end:
        raise Failure(f"{plain(account)!r} has been reviewed up to {found[0].reviewed_to:%Y-%m-%d} only")
    return _Found(_folded(events, at, policy, words), events, answers, words)


def _folded(
    events: "list[CanonicalEvent]", end: datetime, policy: "Policy", words: "Sequence[Word]" = ()
) -> "AccountState":
    from accounts.account import unaged
    from accounts.weeks import week_of

    return unaged(events, week_of(end), policy, words)


def _draw(
    state: "AccountState", dossier: "Dossier", words: "Sequence[Word]", policy: "Policy", path: Path
) -> None:
    from accounts.timeline import timeline
    from alerts.picture.drawing import drawn

    told = timeline(state, policy, words)
    assert told is not None  # noqa: S101  (who has no weeks was refused before)
    form: Form = "png" if path.suffix.lower() == ".png" else "svg"
    titles = [dossier.account.name or "", dossier.account_id]
    image = drawn(told, form=form, width="narrow", theme="auto", titles=titles)
    try:
        path.write_bytes(image)
    except OSError as error:
        raise Failure(f"cannot write {path}: {error.strerror}", 2) from None


def _print(dossier: "Dossier", answers: "Sequence[Feedback]", *, as_json: bool) -> None:
    if as_json:
        import msgspec

        body = msgspec.json.format(msgspec.json.encode(dossier), indent=2)
        sys.stdout.buffer.write(body + b"\n")
        sys.stdout.buffer.flush()
        return
    from rich.console import Console

    from service.told import told

    console = Console(markup=False, highlight=False, emoji=False)
    if not console.is_terminal:
        console = Console(markup=False, highlight=False, emoji=False, width=_PIPED_WIDTH)
    console.print(*told(dossier, answers), sep="\n")
