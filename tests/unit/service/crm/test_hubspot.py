"""HubSpot's signatures, by examples of HubSpot's own, and what each notification is written as."""

import json

import pytest

from service.crm.hubspot import HubSpot, decoded, sign
from service.crm.receiver import Refusal
from service.crm_settings import SignatureVersion
from tests.unit.service.crm.shapes import HUBSPOT_SECRET, HUBSPOT_URL, hubspot_headers, notification

NOW = 1772442000.0
BODY = json.dumps([notification(1, 123, "name", "Müller & Söhne")], ensure_ascii=False).encode()


def hubspot(*secrets: str, versions: tuple[SignatureVersion, ...] = ("v3",), now: float = NOW) -> HubSpot:
    return HubSpot(secrets or (HUBSPOT_SECRET,), HUBSPOT_URL, versions, 300, lambda: now)


def why(receiver: HubSpot, headers: dict[str, str], body: bytes = BODY, token: str = "") -> Refusal:
    """Why a request is not taken."""
    try:
        receiver.admit(headers, token)
        found = receiver.records(headers, body)
    except Refusal as refusal:
        return refusal
    raise AssertionError(f"it was taken: {found}")


# From developers.hubspot.com, "v1 request validation" and "v2 request validation"; of version 3, which has no
# example there, from HubSpot's own client (hubspot-api-client 12.0.0, hubspot.utils.signature).
_CREATION = (
    '[{"eventId":1,"subscriptionId":12345,"portalId":62515,"occurredAt":1564113600000,'
    '"subscriptionType":"contact.creation","attemptNumber":0,"objectId":123,"changeSource":"CRM",'
    '"changeFlag":"NEW","appId":54321}]'
)
EXAMPLES = [
    (
        "v1",
        "",
        _CREATION,
        "232db2615f3d666fe21a8ec971ac7b5402d33b9a925784df3ca654d05f4817de",
    ),
    (
        "v2",
        "https://www.example.com/webhook_uri",
        '{"example_field":"example_value"}',
        "9569219f8ba981ffa6f6f16aa0f48637d35d728c7e4d93d0d52efaa512af7900",
    ),
    (
        "v3",
        "https://crm.example.com/webhooks/crm/hubspot?team=a%20b",
        '[{"eventId":100,"objectId":123,"propertyValue":"Müller & Söhne"}]',
        "klwHHUgYboROzJ3/ZcYEmGZO7KTa/VigxFpcSO4HjJk=",
    ),
    (
        "v3",
        "https://crm.example.com/webhooks/crm/hubspot?next=https%3A%2F%2Fa.example%2f%40x",
        '[{"eventId":100,"objectId":123,"propertyValue":"Müller & Söhne"}]',
        "GNcVizn8OsZEQze89rdV45Tye72Uo3aXNSw/XgrMXJk=",
    ),
]


@pytest.mark.parametrize(("version", "url", "body", "expected"), EXAMPLES)
def test_signatures_are_hubspots(version: SignatureVersion, url: str, body: str, expected: str) -> None:
    """Computed by others, with letters of several bytes and an address that is decoded in parts."""
    assert sign(version, HUBSPOT_SECRET.encode(), url, body.encode(), "1772442000000") == expected


def test_only_some_letters_of_an_address_are_decoded() -> None:
    """A space, a percent sign and an ampersand would make another address of it."""
    assert decoded("https://a/%3A%2f%3F%40%21%24%27%28%29%2A%2C%3B%20%25%26%C3%BC") == (
        "https://a/:/?@!$'()*,;%20%25%26%C3%BC"
    )


def test_each_notification_is_a_record_of_its_object_as_it_came() -> None:
    """A partition keeps the order of one object's changes; nothing is written anew, or dropped."""
    told = [
        notification(1, 123, "name", "x"),
        {"subscriptionType": "contact.associationChange", "fromObjectId": 4, "toObjectId": 9},
        "no object",
    ]
    body = json.dumps(told, indent=2).encode()
    found = hubspot().records(hubspot_headers(body, NOW), body)
    assert [one.key for one in found] == [b"123", b"4", None]
    assert [json.loads(one.value) for one in found] == told
    assert found[0].value in body


def test_any_of_several_secrets_will_do() -> None:
    """While one takes the other's place."""
    both = hubspot("another secret of an app", HUBSPOT_SECRET)
    assert both.records(hubspot_headers(BODY, NOW), BODY)


@pytest.mark.parametrize("shift", [301, -301])
def test_a_request_of_another_time_is_refused_though_its_signature_is_good(shift: int) -> None:
    """Who has recorded one cannot play it again; at the edge it still counts."""
    headers = hubspot_headers(BODY, NOW)
    assert "not of now" in why(hubspot(now=NOW + shift), headers).detail
    hubspot(now=NOW + shift // 301 * 300).admit(headers, "")


@pytest.mark.parametrize("timestamp", ["", "yesterday", "-1", "1e15", "９" * 13, "9" * 400, "1772442000000 "])
def test_a_time_that_is_none_is_refused(timestamp: str) -> None:
    """Before the body is read."""
    headers = hubspot_headers(BODY, NOW) | {"x-hubspot-request-timestamp": timestamp}
    with pytest.raises(Refusal, match="not of now"):
        hubspot().admit(headers, "")


@pytest.mark.parametrize("signature", ["", "AAAA", "é", "A" * 10_000])
def test_a_wrong_signature_is_refused(signature: str) -> None:
    """Missing, short, of other letters, long."""
    refusal = why(hubspot(), hubspot_headers(BODY, NOW) | {"x-hubspot-signature-v3": signature})
    assert (refusal.outcome, refusal.status) == ("unauthenticated", 401)
    assert HUBSPOT_SECRET not in refusal.detail


def test_another_body_address_or_secret_is_refused() -> None:
    """The signature covers all of them; the address is where it most often goes wrong, and so it is named."""
    assert why(hubspot(), hubspot_headers(BODY, NOW), BODY + b" ").status == 401
    elsewhere = HubSpot([HUBSPOT_SECRET], HUBSPOT_URL + "/", ["v3"], 300, lambda: NOW)
    assert "crm.sources, url" in why(elsewhere, hubspot_headers(BODY, NOW)).detail
    assert why(hubspot(), hubspot_headers(BODY, NOW, "another secret")).status == 401


def test_old_signatures_are_believed_only_where_that_is_set() -> None:
    """They have no time, and HubSpot sends them beside the new one."""
    for version in ("v1", "v2"):
        signature = sign(version, HUBSPOT_SECRET.encode(), HUBSPOT_URL, BODY)
        headers = {"x-hubspot-signature": signature, "x-hubspot-signature-version": version}
        assert "of version v3" in why(hubspot(), headers).detail
        assert why(hubspot(versions=("v3", "v2" if version == "v1" else "v1")), headers).status == 401
        old = hubspot(versions=("v3", version))
        old.admit(headers, "")
        assert old.records(headers, BODY)
        assert why(old, headers, BODY + b" ").status == 401


def test_a_wrong_new_signature_is_not_made_good_by_an_old_one() -> None:
    """Where both come along, the better one counts."""
    old = sign("v1", HUBSPOT_SECRET.encode(), HUBSPOT_URL, BODY)
    headers = {"x-hubspot-signature": old, "x-hubspot-signature-version": "v1"}
    wrong = hubspot_headers(BODY, NOW, "another secret")
    assert why(hubspot(versions=("v3", "v1")), headers | wrong).status == 401


@pytest.mark.parametrize("body", [b"", b"{", b"[1,", b"\xff", b"[" * 100_000, b'[{"a":1}] 2'])
def test_what_is_no_json_is_refused(body: bytes) -> None:
    """Also when it is signed."""
    refusal = why(hubspot(), hubspot_headers(body, NOW), body)
    assert (refusal.outcome, refusal.status) == ("malformed", 400)


def test_nothing_follows_the_name_of_a_source_that_signs() -> None:
    """A token there would be believed by nobody."""
    assert why(hubspot(), hubspot_headers(BODY, NOW), token="x").status == 404
