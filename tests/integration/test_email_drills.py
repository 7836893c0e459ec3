"""From a received alert to the mailboxes, when servers refuse, and back by the links in a message."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest

from accounts.alert import AccountCard, Contact
from alerts.config import Limits, NotifierConfig
from alerts.links import make_links
from alerts.notifier import Notifier
from alerts.routing import Route
from service.acting import acting_router
from service.app import create_app
from storage import answers
from storage.engine import reading
from tests.integration.notification_parts import Plane, database, email_config, rows
from tests.integration.serving import Client
from tests.parts.smtp import Answer
from tests.unit.alerts.samples import OWNER, SHIFT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.parts.smtp import SmtpServer

URL = "https://turnsignal.example.com"
MANAGER = Contact("Manager of the region", "manager@vendor.example", None)
change = msgspec.structs.replace
BOTH = change(SHIFT, account=AccountCard(name="Hartwig Automation", owner=OWNER, manager=MANAGER))


@pytest.fixture
def plane(database_url: str, smtp_server: SmtpServer) -> Iterator[Plane]:
    with database(database_url) as engine:
        config = NotifierConfig(
            email=email_config(smtp_server.host, smtp_server.port),
            routes=Route(name="everything", to=("owner", "manager")),
            public_url=URL,
            link_secrets=("a secret of this test, long enough",),
        )
        yield Plane(engine, config)


def send_all(plane: Plane) -> None:
    made = Notifier(plane.engine, plane.config, links=make_links(plane.config), now=plane.clock)
    for worker in made.workers:
        while worker.deliver_one():
            pass


def client(plane: Plane) -> Client:
    links = make_links(plane.config)
    assert links is not None
    return Client(
        create_app(plane.engine, checks={}, routers=[acting_router(plane.engine, links, now=plane.clock)])
    )


def links_in(text: str, page: str) -> list[str]:
    return [link.removeprefix(URL) for link in re.findall(rf"{URL}/{page}/\S+", text)]


def text_of(smtp_server: SmtpServer, receiver: str = "owner@vendor.example") -> str:
    (mail,) = [one for one in smtp_server.messages if one.recipients == (receiver,)]
    body = mail.message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_one_of_two_recipients_refused(plane: Plane, smtp_server: SmtpServer) -> None:
    """Each receiver has a message of their own: the owner's is refused, the manager gets theirs, once."""
    smtp_server.answer(*[Answer(recipients={"owner@vendor.example": "550 5.1.1 no such user"})] * 2)
    plane.take(BOTH)
    send_all(plane)
    plane.clock.pass_by(days=2)
    send_all(plane)
    found = {row.receiver: (row.status, row.attempts) for row in rows(plane.engine)}
    assert found == {"owner@vendor.example": ("failed", 1), "manager@vendor.example": ("delivered", 1)}
    assert [mail.recipients for mail in smtp_server.messages] == [("manager@vendor.example",)]


def test_one_of_two_recipients_put_off(plane: Plane, smtp_server: SmtpServer) -> None:
    """A full mailbox holds up nobody else, and gets the message when it has room: the very same one."""
    smtp_server.answer(*[Answer(recipients={"owner@vendor.example": "452 4.2.2 mailbox full"})] * 2)
    plane.take(BOTH)
    send_all(plane)
    assert [mail.recipients for mail in smtp_server.messages] == [("manager@vendor.example",)]
    plane.clock.pass_by(minutes=1)
    send_all(plane)
    assert [mail.recipients for mail in smtp_server.messages][1:] == [("owner@vendor.example",)]
    found = {row.receiver: (row.status, row.attempts) for row in rows(plane.engine)}
    assert found == {"owner@vendor.example": ("delivered", 2), "manager@vendor.example": ("delivered", 1)}


def test_451_then_recovery(plane: Plane, smtp_server: SmtpServer) -> None:
    """Put off twice, then taken: one message, the id it always had, and the links still work."""
    plane.config = replace(plane.config, routes=Route(name="everything"))
    smtp_server.answer(Answer(data="451 4.3.0 later"), Answer(drop=True, keep=True))
    plane.take(BOTH)
    for _ in range(3):
        send_all(plane)
        plane.clock.pass_by(minutes=10)
    (row,) = rows(plane.engine)
    assert (row.status, row.attempts) == ("delivered", 3)
    ids = {str(mail.message["Message-ID"]) for mail in smtp_server.messages}
    assert ids == {f"<{row.message_id}@vendor.example>"}
    assert len(smtp_server.messages) == 2


def test_a_message_can_be_answered_from_itself(plane: Plane, smtp_server: SmtpServer) -> None:
    """What stands in the mailbox acknowledges, snoozes, answers and unsubscribes, for its receiver."""
    plane.take(BOTH)
    send_all(plane)
    text, pages = text_of(smtp_server), client(plane)
    acknowledge, snooze, *verdicts = links_in(text, "act")
    (unsubscribe,) = links_in(text, "unsubscribe")
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert len(verdicts) == 4
    assert pages.post(acknowledge, b"", **form).status_code == 303
    assert pages.post(snooze, b"for=1d", **form).status_code == 303
    assert pages.post(unsubscribe, b"List-Unsubscribe=One-Click", **form).status_code == 200
    with reading(plane.engine) as connection:
        said = answers.of(connection, [BOTH.id])[BOTH.id]
    assert said.acknowledged_by == said.snoozed_by == "owner@vendor.example"
    plane.clock.pass_by(days=3)
    plane.take(change(BOTH, id="alert_next", kind="lost", stage="lost", severity="critical"))
    send_all(plane)
    later = [row for row in rows(plane.engine) if row.alert_id == "alert_next"]
    assert {row.receiver: row.reason or row.status for row in later} == {
        "owner@vendor.example": "unsubscribed",
        "manager@vendor.example": "delivered",
    }


def test_each_alert_of_a_burst_can_be_acknowledged(plane: Plane, smtp_server: SmtpServer) -> None:
    """Several travel in one message, and each of them has its own links there."""
    plane.config = replace(
        plane.config,
        routes=Route(name="everything"),
        limits=Limits(gather=timedelta(seconds=30), most_at_once=2),
    )
    alerts = [change(BOTH, id=f"alert_{n}", account_id=f"C-{n}") for n in range(4)]
    for alert in alerts:
        plane.take(alert)
    plane.clock.pass_by(minutes=1)
    send_all(plane)
    text, pages = text_of(smtp_server), client(plane)
    for link in links_in(text, "act")[::2]:
        assert (
            pages.post(link, b"", **{"content-type": "application/x-www-form-urlencoded"}).status_code == 303
        )
    with reading(plane.engine) as connection:
        said = answers.of(connection, [alert.id for alert in alerts])
    assert {alert_id for alert_id, one in said.items() if one.acknowledged_at} == {a.id for a in alerts}
    assert len(links_in(text, "unsubscribe")) == 1
