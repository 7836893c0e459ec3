"""What is not an alert is refused with the field that is wrong; what is not signed is not read."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook

from accounts.alert import from_json, to_json
from alerts.intake import InvalidAlertError, MalformedAlertError, read_alert
from alerts.signature import BadSignatureError, Verifier
from tests.unit.alerts.samples import SHIFT

OLD, NEW = "whsec_b2xkIHNlY3JldCBvZiB0aGlzIHRlc3Q=", "whsec_bmV3IHNlY3JldCBvZiB0aGlzIHRlc3Q="


def body(**changes: Any) -> bytes:
    return json.dumps({**json.loads(to_json(SHIFT)), **changes}).encode()


def test_an_alert_comes_back_as_it_was_sent() -> None:
    """Reading loses nothing; unknown fields are ignored."""
    assert read_alert(body()) == SHIFT
    assert read_alert(body(added_in_a_later_version={"x": [1]})) == SHIFT


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "churned"}, "kind"),
        ({"severity": 3}, "severity"),
        ({"evidence": [{"signal": "x"}]}, "evidence[0]"),
        ({"value": {"annual": "much", "lifetime": None, "at_risk": None, "currency": None}}, "value.annual"),
        ({"id": ""}, "id"),
        ({"id": "x" * 513}, "id"),
        ({"account_id": "a\u0000b"}, "account_id"),
        ({"account_id": ""}, "account_id"),
        ({"raised_at": "2026-05-18T00:00:00"}, "raised_at"),
        ({"raised_at": "9999-12-31T23:59:59Z"}, "raised_at"),
        ({"onset_at": "9999-12-31T23:59:59-12:00"}, "onset_at"),
        ({"onset_at": "0001-01-01T00:00:00+14:00"}, "onset_at"),
        ({"led_by_since": "tomorrow"}, "led_by_since"),
    ],
)
def test_a_wrong_field_is_named(changes: dict[str, Any], field: str) -> None:
    """Whoever sent it learns where to look."""
    with pytest.raises(InvalidAlertError) as refused:
        read_alert(body(**changes))
    assert refused.value.field == field


def test_a_missing_field_is_named() -> None:
    """Also where it is not there at all."""
    alert = json.loads(body())
    del alert["play"]
    with pytest.raises(InvalidAlertError) as refused:
        read_alert(json.dumps(alert).encode())
    assert refused.value.field == "play"


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b'{"id": "\\ud800"}',
        b'{"id": NaN}',
        b'{"id":"\xed\xa0\x80"}',
        b'{"x":' * 100_000,
    ],
)
def test_what_is_not_json_is_refused(broken: bytes) -> None:
    """Empty, cut, not UTF-8, half characters, NaN, nested without end."""
    with pytest.raises(MalformedAlertError):
        read_alert(broken)


def test_a_list_is_no_alert() -> None:
    """JSON of another shape is named as such."""
    with pytest.raises(InvalidAlertError):
        read_alert(b"[" * 100_000)


def test_decimal_places_of_stored_alerts_survive() -> None:
    """What the database keeps as JSON is the same alert again."""
    assert from_json(to_json(SHIFT)) == SHIFT


def signed(secret: str, text: bytes = b"{}", at: datetime | None = None) -> dict[str, str]:
    moment = at or datetime.now(UTC)
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1", moment, text.decode()),
    }


def test_both_secrets_are_accepted_while_one_replaces_the_other() -> None:
    """Messages signed before and after a rotation are good; those of strangers are not."""
    verifier = Verifier([NEW, OLD])
    assert verifier.verify(b"{}", signed(OLD)) == "msg_1"
    assert verifier.verify(b"{}", signed(NEW)) == "msg_1"
    with pytest.raises(BadSignatureError):
        Verifier([NEW]).verify(b"{}", signed(OLD))


@pytest.mark.parametrize("minutes", [-6, 6])
def test_old_and_future_messages_are_refused(minutes: int) -> None:
    """What was overheard cannot be sent again later."""
    with pytest.raises(BadSignatureError):
        Verifier([NEW]).verify(b"{}", signed(NEW, at=datetime.now(UTC) + timedelta(minutes=minutes)))


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_missing_headers_are_refused(missing: str) -> None:
    """A message without one of the three is not signed."""
    headers = signed(NEW)
    del headers[missing]
    with pytest.raises(BadSignatureError, match="are needed"):
        Verifier([NEW]).verify(b"{}", headers)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("webhook-signature", "v1"),
        ("webhook-signature", "v1,%%%"),
        ("webhook-signature", "v1,a,b"),
        ("webhook-signature", "v2,AAAA"),
        ("webhook-timestamp", "NaN"),
        ("webhook-timestamp", "9" * 400),
        ("webhook-timestamp", "now"),
        ("webhook-id", "msg_2"),
    ],
)
def test_nonsense_in_headers_is_a_bad_signature(name: str, value: str) -> None:
    """No header, however odd, is more than a refusal."""
    with pytest.raises(BadSignatureError):
        Verifier([NEW]).verify(b"{}", {**signed(NEW), name: value})


def test_a_body_that_is_no_text_is_a_bad_signature() -> None:
    """Bytes that cannot have been signed."""
    with pytest.raises(BadSignatureError):
        Verifier([NEW]).verify(b"\xff", signed(NEW))


@pytest.mark.parametrize("secrets", [[], [""], ["whsec_"], ["whsec_ü"], ["a"]])
def test_a_bad_secret_stops_the_start_and_is_not_shown(secrets: list[str]) -> None:
    """A wrong setting is told without telling the secret."""
    with pytest.raises(ValueError, match="secret") as refused:
        Verifier(secrets)
    assert "ü" not in str(refused.value)
