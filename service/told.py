"""An account's dossier as text: tables for a terminal, the same without colours where it is piped."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from accounts.alert import Value
from accounts.dossier import Dossier, LineReading, Rate, RhythmReading, Share, ShareReading, TestReading
from accounts.feedback import Feedback
from alerts.wording import day, money, stake
from service.commands.processes import plain

_LONGEST = 400
_GRAVE = {"shifted": "yellow", "declining": "yellow", "at_risk": "red", "lost": "red", "stable": "green"}
_TESTS = {"shift": "shift of the buying centre", "cadence": "slowing of orders and contacts"}


def told(dossier: Dossier, answers: Sequence[Feedback] = ()) -> Iterator[RenderableType]:
    """One part after the other; `answers` are what people said of the account's alerts."""
    yield _head(dossier)
    yield Text("\nThe tests: what the signs add up to, against the threshold", "bold")
    yield _line("  (in nats, the unit of evidence: one nat is odds of 2.7 to 1)", "dim")
    yield _tests(dossier.tests)
    yield Text("\nWho decides and on what: the account's own baseline, and now", "bold")
    yield _shares(dossier.shares)
    if dossier.lines:
        yield Text("\nProduct lines, each against its own past", "bold")
        yield _lines(dossier.lines)
    yield Text("\nRhythm: usual, and now", "bold")
    yield _rhythms(dossier.rhythms)
    yield _line(f"  {_silence(dossier)}")
    yield Text("\nEvidence", "bold")
    yield from _evidence(dossier)
    if play := dossier.play:
        yield Text("\nWhat to do next", "bold")
        yield _line(f"  {play.title} ({play.why})")
        yield from (_line(f"  {number}. {step}") for number, step in enumerate(play.steps, start=1))
    yield Text("\nHistory", "bold")
    yield from (_line(f"  {day(at)}  {words}") for at, words in _history(dossier, answers))
    yield Text("\nWhat would change the stage", "bold")
    yield from (_line(f"  · {sentence}") for sentence in dossier.would_change)


def _line(words: str, style: str = "") -> Text:
    return Text(words, style)


def _words(name: str) -> str:
    return name.replace("_", " ")


def _head(dossier: Dossier) -> Table:
    head = Table.grid(padding=(0, 2))
    head.add_column(style="dim", no_wrap=True)
    head.add_column()
    name = plain(dossier.account.name or dossier.account_id)
    same = dossier.account.name in {None, dossier.account_id}
    owner = dossier.account.owner
    bought, at_risk = stake(dossier.value)
    led = "from the start" if dossier.led_by_since is None else f"since {day(dossier.led_by_since)}"
    leader = "development and purchasing together" if dossier.led_by == "shared" else dossier.led_by
    rows = (
        ("Account", name if same else f"{name} ({plain(dossier.account_id)})"),
        ("Owner", plain(owner.name) if owner else ""),
        ("Known to", f"{day(dossier.known_to)}: the weeks closed by then"),
        ("Stage", Text.assemble(_stage(dossier.stage), f" since {day(dossier.stage_since)}")),
        ("Because", dossier.because),
        ("Led by", f"{leader}, {led}"),
        ("At stake", ", ".join(part for part in (bought, at_risk) if part)),
        ("Lifetime", _lifetime(dossier.value)),
        ("Compared", _compared(dossier.value)),
    )
    for label, value in rows:
        if value:
            head.add_row(label, value)
    return head


def _lifetime(value: Value) -> str:
    """What it is worth in its stage, and would be if it were stable."""
    if not value.lifetime:
        return ""
    stable = value.lifetime + (value.at_risk or 0)
    worth = f"worth {money(value.lifetime, value.currency)} of future orders"
    return f"{worth}; {money(stable, value.currency)} if it were stable" if value.at_risk else worth


def _compared(value: Value) -> str:
    """By what it is put in order with other accounts, where its own currency is not that."""
    if value.at_risk is None:
        return ""
    if value.base is None:
        return "after the others: no rate for its currency"
    if value.base.currency == value.currency:
        return ""
    return f"by {money(value.base.at_risk, value.base.currency)} at risk"


def _stage(stage: str) -> Text:
    return Text(_words(stage), _GRAVE.get(stage, ""))


def _table(*columns: str, right: int) -> Table:
    """Columns, of which the last but one `right` are figures and the first names."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    for number, column in enumerate(columns):
        figures = 0 < number <= right
        table.add_column(column, justify="right" if figures else "left", no_wrap=figures)
    return table


def _tests(tests: list[TestReading]) -> Table:
    table = _table("  test", "sum", "threshold", "of it", "clipped", "since", "", right=4)
    for test in tests:
        share = f"{100 * test.sum / test.threshold:.0f} %" if test.threshold else "–"
        below = f"crossed; over below {test.clears_below:.2f}" if test.crossed else ""
        table.add_row(
            f"  {_TESTS[test.test]}",
            f"{test.sum:.2f}",
            f"{test.threshold:.2f}" if test.threshold else "–",
            share,
            f"{-test.clipped:.2f}" if test.clipped else "",
            day(test.since) if test.since else "",
            below if test.threshold else "no baseline yet",
        )
    return table


def _shares(shares: list[ShareReading]) -> Table:
    table = _table("  stream", "before", "now", "nats", "people", "now since", "", right=4)
    for piece in shares:
        table.add_row(
            f"  {_words(piece.signal)}",
            _share(piece.before),
            _share(piece.now),
            f"{piece.nats:+.2f}" if piece.nats else "0",
            str(piece.distinct_people) if piece.distinct_people else "",
            day(piece.since),
            "learning" if piece.learning else "",
        )
    return table


def _lines(lines: list[LineReading]) -> Table:
    table = _table("  line", "nats", "of the orders", "since", "", right=2)
    for line in lines:
        table.add_row(
            f"  {plain(line.line) or '(names none)'}",
            f"{line.nats:+.2f}" if line.nats else "0",
            "–" if line.worth is None else f"{100 * line.worth:.0f} %",
            day(line.since) if line.since else "",
            "learning" if line.learning else "",
        )
    return table


def _share(side: Share) -> str:
    votes = f"{side.votes:.0f} {'vote' if round(side.votes) == 1 else 'votes'}"
    return "–" if side.share is None else f"{100 * side.share:.0f} % of {votes}"


def _rhythms(rhythms: list[RhythmReading]) -> Table:
    table = _table("  stream", "usual", "now", "nats", "now since", "", right=3)
    for piece in rhythms:
        table.add_row(
            f"  {_words(piece.signal).removesuffix(' slowing')}",
            *("–" if side.a_week is None else f"{52 * side.a_week:.1f} a year" for side in _sides(piece)),
            f"{piece.nats:+.2f}" if piece.nats else "0",
            day(piece.since),
            "learning" if piece.learning else "",
        )
    return table


def _sides(piece: RhythmReading) -> tuple[Rate, Rate]:
    return piece.before, piece.now


def _silence(dossier: Dossier) -> str:
    silence = dossier.silence
    if silence.last_order is None or silence.alive is None:
        return "No order is known."
    between = silence.weeks_between
    usual = "" if between is None else f", usually one about every {between} weeks"
    ago = f"{silence.weeks} {'week' if silence.weeks == 1 else 'weeks'} before the last closed one"
    return (
        f"Last order in the week of {day(silence.last_order)}, {ago}{usual}; still a customer with "
        f"{100 * silence.alive:.0f} % (lost below {100 * silence.lost_below:.0f} %)."
    )


def _evidence(dossier: Dossier) -> Iterator[Text]:
    pieces: list[ShareReading | RhythmReading] = [*dossier.shares, *dossier.rhythms]
    pieces.sort(key=lambda piece: -piece.nats)
    for piece in (piece for piece in pieces if piece.text):
        yield _line(f"  {piece.nats:+.2f}  {plain(piece.text, _LONGEST)}")
        if isinstance(piece, ShareReading) and piece.people:
            yield _line(f"         people: {plain(', '.join(piece.people), _LONGEST)}", "dim")
        if isinstance(piece, ShareReading) and piece.event_ids:
            yield _line(f"         events: {plain(', '.join(piece.event_ids), _LONGEST)}", "dim")
    for besides in dossier.besides:
        yield _line(f"         {plain(besides.text, _LONGEST)} (told beside)")
    if not dossier.besides and not any(piece.text for piece in pieces):
        yield _line("  Nothing speaks against the account's own past.")


def _history(dossier: Dossier, answers: Sequence[Feedback]) -> list[tuple[datetime, str]]:
    stages = [(c.at, f"stage: {_words(c.before)} → {_words(c.after)}") for c in dossier.transitions]
    leaders = [(c.at, f"led by: {c.before} → {c.after}") for c in dossier.leaders]
    raised = [
        (
            alert.raised_at,
            f"alert: {_words(alert.kind)}, seen from {day(alert.onset_at)}"
            + (f", held until {day(alert.until)}" if alert.until else ", holds"),
        )
        for alert in dossier.alerts
    ]
    said = [
        (at, f"answer to {_words(answer.kind)}: {_words(answer.verdict)}, by {_by(answer)}")
        for answer in answers
        if (at := answer.applies_from or answer.at) <= dossier.known_to
    ]
    return sorted([*stages, *leaders, *raised, *said], key=lambda entry: entry[0])


def _by(answer: Feedback) -> str:
    return f"{plain(answer.author)} ({plain(answer.reason)})" if answer.reason else plain(answer.author)
