"""Salesforce's outbound messages: who is believed, what becomes a record, and XML that means harm."""

import json

import pytest

from service.crm.outbound_messages import OutboundMessages
from service.crm.receiver import Refusal
from service.crm.soap import ack, body_of
from tests.unit.consumers.formats.reading import only, record
from tests.unit.service.crm.shapes import AT, CONTACT, ORGANIZATION, TOKEN, outbound_message

receiver = OutboundMessages([TOKEN], ORGANIZATION)


def why(body: bytes) -> Refusal:
    """Why a message is not taken."""
    with pytest.raises(Refusal) as told:
        receiver.records({}, body)
    return told.value


def test_a_notification_becomes_a_record_as_a_query_gives_it() -> None:
    """Which the format reads; the session that comes along is in no record."""
    told: dict[str, str | None] = {**CONTACT, "Phone": None, "DoNotCall": "false"}
    (found,) = receiver.records({}, outbound_message(("Contact", told)))
    assert found.key == CONTACT["Id"].encode()
    assert json.loads(found.value) == {
        "attributes": {"type": "Contact", "notification": "04l5e0000000000AAA"},
        **CONTACT,
        "Phone": None,
        "DoNotCall": False,
    }
    assert b"session" not in found.value
    said = only("salesforce", record(found.value))
    assert (said.entity, said.operation, said.fields["Title"]) == ("Contact", "read", "Head of Purchasing")
    assert said.time is not None
    assert said.time.isoformat() == "2026-03-02T09:00:00+00:00"


def test_the_same_state_is_the_same_change_and_other_fields_another() -> None:
    """A second delivery counts once; two messages of one state may tell different fields of it."""

    def name(**fields: str) -> str:
        told = {"Id": "003A", "LastModifiedDate": AT} | fields
        (found,) = receiver.records({}, outbound_message(("Contact", dict(told))))
        return only("salesforce", record(found.value)).identity

    assert name(Title="Buyer") == name(Title="Buyer")
    assert name(Title="Buyer") != name(Email="a@b.example")


@pytest.mark.parametrize(
    ("headers", "token"),
    [({}, TOKEN), ({"authorization": f"Bearer {TOKEN}"}, ""), ({"authorization": f"bearer  {TOKEN} "}, "")],
)
def test_who_knows_the_token_is_let_in(headers: dict[str, str], token: str) -> None:
    """By the address, or as a proxy adds it once it has seen the certificate."""
    receiver.admit(headers, token)


@pytest.mark.parametrize(
    ("headers", "token"),
    [
        ({}, ""),
        ({}, TOKEN[:-1]),
        ({}, TOKEN + "0"),
        ({}, "é\ud800"),
        ({"authorization": f"Basic {TOKEN}"}, ""),
        ({"authorization": TOKEN}, ""),
        ({"authorization": f"Bearer {TOKEN}"}, "wrong"),
    ],
)
def test_who_does_not_is_not(headers: dict[str, str], token: str) -> None:
    """Before a byte of the body is read, and without the token in the answer."""
    with pytest.raises(Refusal) as told:
        receiver.admit(headers, token)
    assert told.value.status == 401
    assert TOKEN not in told.value.detail


@pytest.mark.parametrize(
    ("given", "ours", "same"),
    [
        (ORGANIZATION, ORGANIZATION, True),
        (ORGANIZATION[:15], ORGANIZATION, True),
        (ORGANIZATION, ORGANIZATION[:15], True),
        (ORGANIZATION[:14], ORGANIZATION, False),
        (ORGANIZATION.lower(), ORGANIZATION, False),
        ("00D5e000000AbCeEAK", ORGANIZATION, False),
        ("", ORGANIZATION, False),
        ("é", ORGANIZATION, False),
    ],
)
def test_only_the_organization_that_is_set_may_send(given: str, ours: str, *, same: bool) -> None:
    """Any other of Salesforce's customers may point a message at our address; short and long ids are one."""
    message = outbound_message(("Contact", dict(CONTACT)), organization=given)
    if same:
        assert OutboundMessages([TOKEN], ours).records({}, message)
    else:
        with pytest.raises(Refusal) as told:
            OutboundMessages([TOKEN], ours).records({}, message)
        assert told.value.status == 401


def test_a_message_without_a_time_is_refused_and_says_what_to_add() -> None:
    """Messages come in any order; Salesforce shows the fault to whoever set the message up."""
    told = {name: value for name, value in CONTACT.items() if name != "LastModifiedDate"}
    refusal = why(outbound_message(("Contact", dict(told))))
    assert refusal.status == 422
    assert "add LastModifiedDate or SystemModstamp" in refusal.detail
    fault = receiver.refused(refusal)
    assert (fault.status_code, fault.media_type) == (422, "text/xml")
    assert b"<faultcode>soapenv:Client</faultcode><faultstring>Contact: add Last" in bytes(fault.body)


@pytest.mark.parametrize(
    "sobject",
    [("", dict(CONTACT)), ("Contact", {"LastModifiedDate": AT}), ("Contact", {"Id": None, "Name": "x"})],
)
def test_what_has_no_type_or_id_is_refused(sobject: tuple[str, dict[str, str | None]]) -> None:
    """Nobody could use it."""
    assert why(outbound_message(sobject)).status == 422


DEEP = b"<a>" * 1000 + b"</a>" * 1000
MANY = (
    b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
    + b"<a/>" * 60_000
    + b"</s:Body></s:Envelope>"
)
BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><x>&b;</x>'
OUTSIDE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'
TYPED = b'<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd"><x/>'


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"<a>", b"<a/>", b"<a/><b/>", DEEP, MANY, BOMB, OUTSIDE, TYPED, b"\xff\xfe<", ack().encode(),
     b'<?xml version="1.0" encoding="nonsense"?><a/>', b"<a>&undefined;</a>"],
    ids=range(14),
)  # fmt: skip
def test_xml_that_is_no_message_or_means_harm_is_refused(body: bytes) -> None:
    """No entity is opened, no file is read, no host is asked, no depth fills the memory."""
    refusal = why(body)
    assert (refusal.outcome, refusal.status) == ("malformed", 400)
    assert "root:" not in refusal.detail


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (BOMB, "document type"),
        (OUTSIDE, "document type"),
        (TYPED, "document type"),
        (DEEP, "deeper"),
        (MANY, "more"),
    ],
    ids=range(5),
)
def test_harm_is_seen_before_it_is_done(body: bytes, words: str) -> None:
    """Not only after all of it has been read."""
    assert words in why(body).detail


def test_the_acknowledgement_is_the_one_that_salesforce_wants() -> None:
    """Anything else is a failure to it, and sent again for a day."""
    answer = body_of(bytes(receiver.accepted(1).body))
    outbound = "{http://soap.sforce.com/2005/09/outbound}"
    assert answer.tag == f"{outbound}notificationsResponse"
    assert [(part.tag, part.text) for part in answer] == [(f"{outbound}Ack", "true")]


def test_a_fault_is_xml_whatever_it_says() -> None:
    """Words of a library or of Kafka stand in it."""
    fault = receiver.refused(Refusal("unavailable", 503, "x", 'a <b> & "c"', 5))
    assert (fault.status_code, fault.headers["retry-after"]) == (503, "5")
    assert body_of(bytes(fault.body)).findtext("faultstring") == 'a <b> & "c"'
    assert b"soapenv:Server" in bytes(fault.body)
