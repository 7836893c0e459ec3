"""The backtest as one HTML file."""

from base64 import b64encode
from collections.abc import Iterator
from itertools import repeat
from typing import NamedTuple

import jinja2
import msgspec
from markupsafe import Markup

from accounts.alert import Alert
from accounts.policy import Policy
from accounts.timeline import Moment, timeline
from accounts.weeks import start_of
from alerts.language import ENGLISH
from alerts.picture.described import described
from alerts.picture.drawing import drawn
from alerts.wording import day
from service.backtest import figures, wording
from service.backtest.run import Backtest, LostAccount
from service.backtest.scores import IN_TIME_WEEKS
from service.rendering import style

MOST_TIMELINES = 500
MOST_PICTURES = 25  # a group: 50 kB and 50 ms each, so that the file stays of some megabytes
_MOST_WEEKS = 260  # older than five years explains no loss
_MOST_SIGNS = 4


class Drawn(NamedTuple):
    """A picture that the file brings along."""

    address: str
    alt: str


class Timeline(NamedTuple):
    """A lost account as the reader sees it."""

    name: str
    account_id: str
    said: str
    signs: list[str]
    drawn: Drawn | None


class Group(NamedTuple):
    """Lost accounts that fared alike."""

    anchor: str
    title: str
    total: int
    timelines: list[Timeline]
    pictures: int


def groups(told: Backtest) -> Iterator[Group]:
    """The lost accounts by how they fared, the earliest warned first; as many timelines as the file bears."""
    left = MOST_TIMELINES
    kinds = (
        ("in-time", f"Warned of at least {IN_TIME_WEEKS} weeks before"),
        ("late", f"Warned of less than {IN_TIME_WEEKS} weeks before"),
        ("after", "Noticed only after the loss"),
        ("never", "Never warned of"),
    )
    for anchor, title in kinds:
        found = [lost for lost in told.lost if _fared(lost) == anchor]
        if found:
            shown = found[:left]
            images = [_drawn(lost, told.policy) for lost in shown[:MOST_PICTURES]]
            pictures = [*images, *repeat(None, len(shown) - len(images))]
            timelines = [_timeline(lost, picture) for lost, picture in zip(shown, pictures, strict=True)]
            yield Group(anchor, title, len(found), timelines, len(images))
            left = max(0, left - len(found))


def _fared(lost: LostAccount) -> str:
    if lost.lead is None:
        return "never" if lost.noticed is None else "after"
    return "in-time" if lost.lead >= IN_TIME_WEEKS else "late"


def _drawn(lost: LostAccount, policy: Policy) -> Drawn | None:
    told = timeline(lost.state, policy, most_weeks=_MOST_WEEKS)
    if told is None:
        return None
    if lost.lost >= told.first:
        loss = Moment(lost.lost, "loss")
        told = msgspec.structs.replace(told, moments=sorted([*told.moments, loss]))
    image = drawn(told, form="svg", width="wide", theme="auto")
    return Drawn(f"data:image/svg+xml;base64,{b64encode(image).decode()}", described(told, ENGLISH))


def _timeline(lost: LostAccount, picture: Drawn | None) -> Timeline:
    when = day(start_of(lost.lost))
    if lost.warning is not None and lost.lead is not None:
        said = f"Lost in the week of {when}; {_alarm(lost.warning)} on {day(lost.warning.raised_at)}"
        said += f", {wording.weeks(lost.lead)} before."
        said += _receded(lost, lost.lost - lost.lead)
    elif lost.noticed is not None:
        said = f"Lost in the week of {when}; noticed only {wording.weeks(lost.noticed)} after."
    else:
        said = f"Lost in the week of {when}; nothing was said."
    signs = (
        [piece.text for piece in lost.warning.evidence if piece.signal != "clipped"] if lost.warning else []
    )
    return Timeline(lost.name, lost.account_id, said, signs[:_MOST_SIGNS], picture)


def _receded(lost: LostAccount, warned: int) -> str:
    """Where a warning had ended again before the loss, the reader must know how much it was worth."""
    for change in lost.state.fold.transitions:
        if warned <= change.week < lost.lost and change.after in {"stable", "watch"}:
            return f" The signs had receded by {day(start_of(change.week + 1))}."
    return ""


def _alarm(alert: Alert) -> str:
    kinds = {
        "buying_centre_shift": "“the buying centre has shifted”",
        "decline": "“orders and contacts are slowing”",
        "at_risk": "“shifted, and slowing as well”",
    }
    return f"Turnsignal would have said {kinds[alert.kind]}"


def html(told: Backtest) -> str:
    """The whole report: one file that asks for nothing else."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("service"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.get_template("backtest.html")
    lost = list(groups(told))
    return template.render(
        style=Markup(style()),  # noqa: S704  (our own file)
        told=told,
        answer=wording.answer(told),
        cautions=wording.cautions(told),
        allowance=wording.allowance(told),
        overrun=wording.overrun(told),
        years=f"{day(told.begin)} to {day(told.end)}",
        rows=wording.rows(told),
        budgets=[
            (f"{p.threshold:g}", wording.in_time(p.score), wording.lead(p.score), p.score)
            for p in told.budgets
        ],
        leads=figures.leads(told) if told.chosen.losses else None,
        curves=figures.curves(told) if any(point.score.in_time for point in told.budgets) else None,
        groups=lost,
        hidden=sum(group.total - len(group.timelines) for group in lost),
        definitions=list(wording.definitions(told)),
    )
