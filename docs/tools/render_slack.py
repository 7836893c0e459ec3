# ruff: noqa: INP001  (a script, not a package)
"""Shows Slack messages as their readers see them: `python docs/tools/render_slack.py history.jsonl out/`.

Replays the events and writes, as HTML in a likeness of Slack, the last warning of an account with its picture
and buttons, its thread after an update and an answer, the manager's, a correction, a digest, the form.
"""

import argparse
import base64
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

from accounts.account import unaged
from accounts.advice import Advice
from accounts.alert import Alert
from accounts.policy import Policy
from accounts.replay import Replay
from accounts.timeline import Timeline, timeline
from accounts.value import Valuation
from accounts.weeks import week_of
from alerts.digest import Digest, digest_of
from alerts.language import Language, language
from alerts.message import Notice, message_of
from alerts.parcel import Parcel
from alerts.picture.described import described
from alerts.picture.drawing import drawn
from alerts.said import Said
from alerts.slack.desk import form_for
from alerts.slack.interactions import Known, Press, Spot
from alerts.slack.layout import payload_of
from docs.tools.slack_page import modal, page, post
from service.calibrations import chain_of
from service.commands.replay import end_of, read_events
from service.exchange import rates_given
from service.playbook import library
from service.simulation import STORY_ACCOUNT
from storage.answers import Answers

PUBLIC_URL = "https://turnsignal.example.com"
MEMBER = "U0OWNER01"
POLICY = Policy()


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
    for name, posts in _pages(story, alert, alerts, spoken, end):
        (options.folder / f"slack-{name}.html").write_text(page(posts, spoken.tag), encoding="utf-8")


def _pages(
    story: Replay, alert: Alert, alerts: list[Alert], spoken: Language, end: datetime
) -> Iterator[tuple[str, list[str]]]:
    png, alt = _picture(story, alert, spoken)
    files = {"F1": f"data:image/png;base64,{base64.b64encode(png).decode()}"}
    owner = alert.account.owner
    names = {MEMBER: owner.name if owner else "owner"}
    at = alert.raised_at + timedelta(days=3)
    said = Said(Answers(acknowledged_at=at, acknowledged_by=f"{names[MEMBER]} ({MEMBER})"))

    def shown(notice: Notice, *, said: Said | None = None, reply: bool = False, **options: Any) -> str:
        parcel = replace(_parcel(alert, notice, spoken), said=said)
        picture = None if reply or notice == "retracted" else ("F1", alt)
        body = payload_of(parcel, buttons=True, now=at, picture=picture, reply=reply, **options)
        return post(body["blocks"], files=files, names=names, reply=reply, tag=spoken.tag)

    yield "message", [shown("raised")]
    yield "thread", [shown("reminder", reply=True), shown("updated", reply=True, said=said)]
    yield "answered", [shown("raised", said=said)]
    yield "escalation", [shown("escalated")]
    yield "elsewhere", [shown("raised", addressed=names[MEMBER])]
    yield "correction", [shown("retracted")]
    yield "ended", [shown("resolved")]
    yield "digest", [post(_digest(list(_open(alerts)), spoken, end)["blocks"], tag=spoken.tag)]
    yield "form", [modal(_form(alert, spoken), spoken.tag)]


def _parcel(alert: Alert, notice: Notice, spoken: Language) -> Parcel:
    ended = _ended(alert) if notice == "resolved" else alert
    return Parcel(
        message_id="msg_example",
        receiver=MEMBER,
        role="owner",
        content=message_of(ended, notice, PUBLIC_URL, spoken),
        created_at=alert.raised_at,
        alert=ended,
    )


def _ended(alert: Alert) -> Alert:
    """The same alert, over."""
    fields = {name: getattr(alert, name) for name in Alert.__struct_fields__}
    return Alert(**{**fields, "status": "resolved", "resolved_at": alert.raised_at + timedelta(weeks=8)})


def _open(alerts: list[Alert]) -> Iterator[Alert]:
    """What still fires, as last told."""
    last = {one.id: one for one in alerts}
    return (one for one in last.values() if one.status == "firing" and one.kind != "recovered")


def _digest(alerts: list[Alert], spoken: Language, now: datetime) -> dict[str, Any]:
    newest = sorted(alerts, key=lambda one: one.raised_at)[-3:]
    standing = [one for one in alerts if one not in newest]
    new: list[tuple[Alert, Notice]] = [(one, "raised") for one in newest[:2]]
    told: Digest = digest_of([*new, (newest[2], "retracted")], standing, PUBLIC_URL, spoken)
    parcel = Parcel(message_id="msg_example", receiver=MEMBER, role="owner", content=told, created_at=now)
    return payload_of(parcel, buttons=True, now=now)


def _form(alert: Alert, spoken: Language) -> dict[str, Any]:
    blocks = payload_of(_parcel(alert, "raised", spoken), buttons=True, now=alert.raised_at)["blocks"]
    spot, known = Spot("D1", "1.0", "", ""), Known("", blocks)
    press = Press("feedback", "not_a_risk", alert.id, spoken, "", "", "", spot, known)
    return form_for(press)


def _picture(story: Replay, alert: Alert, spoken: Language) -> tuple[bytes, str]:
    state = unaged(story.events_of(alert.account_id), week_of(alert.raised_at), POLICY, ())
    told = cast("Timeline", timeline(state, POLICY, ()))  # an account with an alert has weeks
    png = drawn(told, form="png", width="narrow", language=spoken)
    return png, described(told, spoken)


if __name__ == "__main__":
    main()
