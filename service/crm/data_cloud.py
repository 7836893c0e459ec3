"""Salesforce Data 360 (Data Cloud): data actions posted to a webhook target, signed by the target's key.

Signature: developer.salesforce.com, Data 360 reference, "Webhook Data Action Targets": base64 of HMAC-SHA256
of the payload. It has no time of its own, and so a request can be played again; it tells the same again.
"""

import base64
import hmac
from collections.abc import Mapping, Sequence

import msgspec

from service.crm.receiver import JsonAnswers, Notified, Refusal, is_one_of, no_address, unauthenticated

SIGNATURE = "x-signature"


class _Payload(msgspec.Struct):
    """What a data action posts; `schemas` and counts are left aside."""

    events: list[msgspec.Raw]


class DataCloud(JsonAnswers):
    """Verifies, and makes a record of each DataObjectDataChgEvent."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._secrets = [secret.encode() for secret in secrets]

    def admit(self, headers: Mapping[str, str], token: str) -> None:
        """Raises Refusal where there is no signature to look at."""
        no_address(token)
        if not headers.get(SIGNATURE):
            raise unauthenticated(f"the header {SIGNATURE} is needed")

    def records(self, headers: Mapping[str, str], body: bytes) -> list[Notified]:
        """One record for each event, as it came; they have no id of a document that could be a key."""
        expected = [sign(secret, body).encode() for secret in self._secrets]
        if not is_one_of(headers.get(SIGNATURE, ""), expected):
            raise unauthenticated("no known secret fits this signature")
        try:
            payload = msgspec.json.decode(body, type=_Payload)
        except msgspec.ValidationError as error:
            raise Refusal("invalid", 422, "Not a data action", str(error)) from None
        except (ValueError, RecursionError) as error:
            raise Refusal("malformed", 400, "Not JSON", str(error)) from None
        return [Notified(None, bytes(event)) for event in payload.events]


def sign(secret: bytes, body: bytes) -> str:
    """A body's signature as Data 360 makes it."""
    return base64.b64encode(hmac.digest(secret, body, "sha256")).decode()


def signed_headers(secret: str, body: bytes) -> dict[str, str]:
    """The headers of a request as Data 360 would send it."""
    return {SIGNATURE: sign(secret.encode(), body), "content-type": "application/json"}
