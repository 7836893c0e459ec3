# ruff: noqa: INP001  (a script, not a package)
"""Shows emails as their receivers see them: `python docs/tools/render_emails.py history.jsonl out/`.

Replays the events and writes, as HTML and text, the last warning of an account with its picture as an alert,
a reminder, the word to the manager and a correction, and a digest of what is open for its owner at the end.
"""

import argparse
import base64
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import cast

from accounts.account import unaged
from accounts.advice import Advice
from accounts.alert import Alert
from accounts.policy import Policy
from accounts.replay import Replay
from accounts.timeline import Timeline, timeline
from accounts.value import Valuation
from accounts.weeks import week_of
from alerts.digest import digest_of
from alerts.language import Language, language
from alerts.links import SignedLinks
from alerts.mail import as_html, as_text
from alerts.message import Notice, message_of
from alerts.parcel import Parcel, Picture
from alerts.picture.described import described
from alerts.picture.drawing import drawn
from service.calibrations import chain_of
from service.commands.replay import end_of, read_events
from service.exchange import rates_given
from service.playbook import library
from service.simulation import STORY_ACCOUNT

PUBLIC_URL = "https://turnsignal.example.com"
RECEIVER = "owner@example.com"
LINKS = SignedLinks(["a secret that signs nothing but examples"], PUBLIC_URL)
POLICY = Policy()
_NOTICES: tuple[tuple[str, Notice, str], ...] = (
    ("alert", "raised", "owner"),
    ("reminder", "reminder", "owner"),
    ("escalation", "escalated", "manager"),
    ("correction", "retracted", "owner"),
)


def main() -> None:
    """Replay, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition(":")[0])
    parser.add_argument("history", type=Path, help="canonical events, one a line")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--account", default=STORY_ACCOUNT)
    parser.add_argument("--kind", default="buying_centre_shift")
    parser.add_argument("--locale", help="the reader's; else that of the account")
    options = parser.parse_args()
    story = Replay()
    read_events(options.history, story, skip_bad=False)
    end = cast("datetime", end_of(story))
    advice = Advice(library(None), Valuation(rates_given("EUR", []), chain_of(None)))
    alerts = story.alerts(end, POLICY, advice)
    mine = [one for one in alerts if one.account_id == options.account and one.kind == options.kind]
    alert = [one for one in mine if one.status == "firing"][-1]
    spoken = language(options.locale or alert.account.locale)
    options.folder.mkdir(parents=True, exist_ok=True)
    for name, notice, role in _NOTICES:
        parcel = _parcel(alert, notice, role, spoken)
        picture = None if notice == "retracted" else _picture(story, alert, spoken)
        _write(options.folder, name, parcel, picture)
    owned = [one for one in _open(alerts) if one.account.owner == alert.account.owner]
    _write(options.folder, "digest", _digest(owned, spoken, end), None)


def _open(alerts: list[Alert]) -> Iterator[Alert]:
    """What still fires, as last told."""
    last = {one.id: one for one in alerts}
    return (one for one in last.values() if one.status == "firing" and one.kind != "recovered")


def _parcel(alert: Alert, notice: Notice, role: str, spoken: Language) -> Parcel:
    return Parcel(
        message_id="msg_example",
        receiver=RECEIVER,
        role=role,
        content=message_of(alert, notice, PUBLIC_URL, spoken),
        created_at=alert.raised_at,
        alert=alert,
        links=LINKS(alert, "email", RECEIVER, spoken.locale, alert.raised_at),
    )


def _digest(alerts: list[Alert], spoken: Language, now: datetime) -> Parcel:
    newest = sorted(alerts, key=lambda one: one.raised_at)[-1:]
    standing = [one for one in alerts if one not in newest]
    return Parcel(
        message_id="msg_example",
        receiver=RECEIVER,
        role="owner",
        content=digest_of([(one, "raised") for one in newest], standing, PUBLIC_URL, spoken),
        created_at=now,
        links=LINKS(None, "email", RECEIVER, spoken.locale, now),
        links_of_each={one.id: LINKS(one, "email", RECEIVER, spoken.locale, now) for one in alerts},
    )


def _picture(story: Replay, alert: Alert, spoken: Language) -> Picture:
    state = unaged(story.events_of(alert.account_id), week_of(alert.raised_at), POLICY, ())
    told = cast("Timeline", timeline(state, POLICY, ()))  # an account with an alert has weeks
    name = alert.account.name or alert.account_id
    png = drawn(told, form="png", width="narrow", language=spoken, titles=[name])
    return Picture(png, described(told, spoken))


def _write(folder: Path, name: str, parcel: Parcel, picture: Picture | None) -> None:
    source = f"data:image/png;base64,{base64.b64encode(picture.png).decode()}" if picture else None
    (folder / f"{name}.html").write_text(as_html(parcel, picture, source), encoding="utf-8")
    (folder / f"{name}.txt").write_text(as_text(parcel), encoding="utf-8")


if __name__ == "__main__":
    main()
