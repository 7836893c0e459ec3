"""Data 360's data actions, signed, and Dataverse's execution contexts, with a token."""

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from service.crm.data_cloud import DataCloud
from service.crm.dynamics import Dynamics
from service.crm.receiver import Receiver, Refusal
from tests.unit.service.crm.shapes import DATA_CLOUD_SECRET, TOKEN, data_action, execution_context


def signature(body: bytes, secret: str = DATA_CLOUD_SECRET) -> dict[str, str]:
    """Computed by another implementation, as Salesforce's documentation has it."""
    mac = HMAC(secret.encode(), SHA256())
    mac.update(body)
    return {"x-signature": base64.b64encode(mac.finalize()).decode()}


def why(receiver: Receiver, headers: dict[str, str], body: bytes, token: str = "") -> Refusal:
    """Why a request is not taken."""
    try:
        receiver.admit(headers, token)
        found = receiver.records(headers, body)
    except Refusal as refusal:
        return refusal
    raise AssertionError(f"it was taken: {found}")


def test_each_event_of_a_data_action_is_a_record() -> None:
    """As it came; what stands around them is left aside."""
    events: list[dict[str, Any]] = [
        {"EventUuid": "u1", "PayloadCurrentValue": {"ssot__Id__c": "1"}},
        {"EventUuid": "u2"},
    ]
    body = data_action(*events)
    receiver = DataCloud(["the key of before", DATA_CLOUD_SECRET])
    receiver.admit(signature(body), "")
    assert [json.loads(one.value) for one in receiver.records(signature(body), body)] == events


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"{", 400), (b"[]", 422), (b"{}", 422), (b'{"events": 1}', 422), (b"[" * 99_999, 422)],
)  # fmt: skip
def test_what_is_no_data_action_is_refused(body: bytes, status: int) -> None:
    """Though it is signed."""
    assert why(DataCloud([DATA_CLOUD_SECRET]), signature(body), body).status == status


def test_an_unsigned_data_action_is_refused() -> None:
    """Missing, of another key, of another body, with something in the address."""
    receiver, body = DataCloud([DATA_CLOUD_SECRET]), data_action()
    assert "x-signature is needed" in why(receiver, {}, body).detail
    assert why(receiver, signature(body, "another key"), body).status == 401
    assert why(receiver, signature(body), body + b" ").status == 401
    assert why(receiver, {"x-signature": "é"}, body).status == 401
    assert why(receiver, signature(body), body, token="x").status == 404


def test_an_execution_context_is_a_record_of_its_row() -> None:
    """As it came."""
    body = json.dumps(execution_context(), indent=1).encode()
    receiver = Dynamics([TOKEN])
    receiver.admit({"authorization": f"Bearer {TOKEN}"}, "")
    (found,) = receiver.records({}, body)
    assert found == (b"6d81597f-0f9f-e711-8122-000d3aa2331c", body)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 422),
        (b"{}", 422),
        (b'{"PrimaryEntityId": "a"}', 422),
        (b'{"MessageName": 1}', 422),
    ],
)
def test_what_is_no_execution_context_is_refused(body: bytes, status: int) -> None:
    """Dataverse shows the status in its system jobs."""
    assert why(Dynamics([TOKEN]), {}, body, TOKEN).status == status
    assert why(Dynamics([TOKEN]), {}, body).status == 401
