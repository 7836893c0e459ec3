"""HubSpot's webhooks: signed by the app's client secret, up to a hundred notifications at once.

Signatures: developers.hubspot.com, "Validating requests". Version 3 covers method, address, body and time;
1 and 2 have no time, and whoever has recorded a request can play it again.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping, Sequence

from service.crm.receiver import (
    JsonAnswers,
    Notified,
    is_one_of,
    items_of,
    key_of,
    no_address,
    object_of,
    unauthenticated,
)
from service.crm_settings import SignatureVersion

SIGNATURE_V3 = "x-hubspot-signature-v3"
TIMESTAMP = "x-hubspot-request-timestamp"
SIGNATURE = "x-hubspot-signature"
VERSION = "x-hubspot-signature-version"

# What HubSpot decodes before it signs; all else stays as it is.
_DECODED = {f"%{ord(letter):02X}": letter for letter in ":/?@!$'()*,;"}
_MILLISECONDS = 1000
_LONGEST_TIMESTAMP = 16


class HubSpot(JsonAnswers):
    """Verifies, and makes a record of each notification."""

    def __init__(
        self,
        secrets: Sequence[str],
        url: str,
        versions: Sequence[SignatureVersion],
        tolerance: float,
        now: Callable[[], float],
    ) -> None:
        self._secrets = [secret.encode() for secret in secrets]
        self._url = url
        self._versions = versions
        self._tolerance = tolerance
        self._now = now

    def admit(self, headers: Mapping[str, str], token: str) -> None:
        """Raises Refusal where there is no signature to look at, or it is of another time."""
        no_address(token)
        version, _ = self._signature(headers)
        if version == "v3":
            self._check_time(headers.get(TIMESTAMP, ""))

    def records(self, headers: Mapping[str, str], body: bytes) -> list[Notified]:
        """One record for each notification, as it came, with its object's id as key."""
        self._verify(headers, body)
        return [Notified(_key(item), item) for item in items_of(body)]

    def _signature(self, headers: Mapping[str, str]) -> tuple[SignatureVersion, str]:
        if "v3" in self._versions and (given := headers.get(SIGNATURE_V3)):
            return "v3", given
        if given := headers.get(SIGNATURE):
            for version in self._versions:
                if version != "v3" and headers.get(VERSION) == version:
                    return version, given
        wanted = ", ".join(sorted(self._versions, reverse=True))
        raise unauthenticated(f"a signature of HubSpot is needed, of version {wanted}")

    def _check_time(self, given: str) -> None:
        readable = given.isascii() and given.isdecimal() and len(given) <= _LONGEST_TIMESTAMP
        if not readable or abs(self._now() - int(given) / _MILLISECONDS) > self._tolerance:
            raise unauthenticated(f"{TIMESTAMP} is not of now, within {self._tolerance:g} s")

    def _verify(self, headers: Mapping[str, str], body: bytes) -> None:
        version, given = self._signature(headers)
        timestamp = headers.get(TIMESTAMP, "")
        expected = [sign(version, secret, self._url, body, timestamp) for secret in self._secrets]
        if not is_one_of(given, [signature.encode() for signature in expected]):
            raise unauthenticated(
                "no known secret fits this signature: it covers the address, which must stand in the "
                "settings as HubSpot has it (crm.sources, url)"
            )


def sign(version: SignatureVersion, secret: bytes, url: str, body: bytes, timestamp: str = "") -> str:
    """A POST's signature as HubSpot makes it."""
    if version == "v1":
        return hashlib.sha256(secret + body).hexdigest()
    if version == "v2":
        return hashlib.sha256(secret + b"POST" + url.encode() + body).hexdigest()
    signed = b"POST" + decoded(url).encode() + body + timestamp.encode("latin-1")
    return base64.b64encode(hmac.digest(secret, signed, "sha256")).decode()


def signed_headers(secret: str, url: str, body: bytes, now: float) -> dict[str, str]:
    """The headers of a request as HubSpot would send it."""
    timestamp = str(round(now * _MILLISECONDS))
    signature = sign("v3", secret.encode(), url, body, timestamp)
    return {SIGNATURE_V3: signature, TIMESTAMP: timestamp, "content-type": "application/json"}


def decoded(url: str) -> str:
    """An address as HubSpot signs it."""
    return re.sub("%[0-9A-Fa-f]{2}", lambda found: _DECODED.get(found[0].upper(), found[0]), url)


def _key(item: bytes) -> bytes | None:
    """The object's id; of an association, that of the object it starts from."""
    return key_of(object_of(item), "objectId", "fromObjectId", "primaryObjectId", "id")
