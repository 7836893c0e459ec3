"""Salesforce's outbound messages: SOAP, of one organization, and not signed by anything.

So whoever sends one must know the token of the address, or pass a proxy that has seen Salesforce's client
certificate and adds the token as bearer; and the message must be of the organization that the settings name.
Shapes: developer.salesforce.com, SOAP API Developer Guide, "Outbound Messaging".
"""

import hmac
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element  # read by service.crm.soap

import msgspec
from fastapi import Response

from service.crm import soap
from service.crm.receiver import MEBIBYTE, Notified, Refusal, Token, unauthenticated
from service.crm.soap import OUTBOUND, XSI

_SERVER_ERROR = 500
_SHORT_ID = 15  # of 18 letters the last three repeat which of these are capitals
_CHECKBOX = {"true": True, "false": False}
_VERSIONS = ("SystemModstamp", "LastModifiedDate")


class OutboundMessages:
    """Believes a token and an organization; of each notification makes a record as a query would give it."""

    largest_body = 8 * MEBIBYTE  # a hundred tasks with long descriptions

    def __init__(self, secrets: Sequence[str], organization: str) -> None:
        self._token = Token(secrets)
        self._organization = organization

    def admit(self, headers: Mapping[str, str], token: str) -> None:
        """Raises Refusal for whoever does not know the token."""
        self._token.check(headers, token)

    def records(self, headers: Mapping[str, str], body: bytes) -> list[Notified]:  # noqa: ARG002
        """A record for each notification, with the sObject's Id as key; raises Refusal."""
        try:
            message = soap.body_of(body)
        except soap.NotSoapError as error:
            raise Refusal("malformed", 400, "Not SOAP", str(error)) from None
        if message.tag != f"{{{OUTBOUND}}}notifications":
            detail = f"expected notifications of {OUTBOUND}"
            raise Refusal("malformed", 400, "Not an outbound message", detail)
        self._check_organization(message.findtext(f"{{{OUTBOUND}}}OrganizationId", "").strip())
        found = [_record(one) for one in message.findall(f"{{{OUTBOUND}}}Notification")]
        return [Notified(record["Id"].encode(), msgspec.json.encode(record)) for record in found]

    def _check_organization(self, given: str) -> None:
        length = _SHORT_ID if _SHORT_ID in (len(given), len(self._organization)) else None
        if not hmac.compare_digest(given[:length].encode(), self._organization[:length].encode()):
            raise unauthenticated("of another organization than crm.sources, organization_id")

    def accepted(self, number: int) -> Response:  # noqa: ARG002
        """Salesforce takes nothing else for an acknowledgement."""
        return Response(soap.ack(), media_type=soap.MEDIA_TYPE)

    def refused(self, refusal: Refusal) -> Response:
        """A fault, with the status that says the same."""
        words = soap.fault(refusal.detail, ours=refusal.status >= _SERVER_ERROR)
        return Response(words, refusal.status, refusal.headers, soap.MEDIA_TYPE)


def _record(notification: Element) -> dict[str, Any]:
    """An sObject as a query would give it, but that numbers are texts: SOAP does not tell types.

    The SessionId of a message, with which one could speak to Salesforce, is in no record.
    """
    sobject = notification.find(f"{{{OUTBOUND}}}sObject")
    if sobject is None:
        raise Refusal("invalid", 422, "No sObject", "a Notification without an sObject")
    entity = sobject.get(f"{{{XSI}}}type", "").rpartition(":")[2]
    fields = {_local(field): _value(field) for field in sobject}
    if not entity or not isinstance(fields.get("Id"), str):
        raise Refusal("invalid", 422, "No type or Id", "an sObject needs its xsi:type and its Id")
    if not any(fields.get(name) for name in _VERSIONS):
        detail = (
            f"{entity}: add LastModifiedDate or SystemModstamp to the message's fields; messages come in any "
            "order, and without it nobody knows which state is the latest"
        )
        raise Refusal("invalid", 422, "No time", detail)
    attributes = {"type": entity, "notification": notification.findtext(f"{{{OUTBOUND}}}Id", "").strip()}
    return {"attributes": attributes} | fields


def _value(element: Element) -> Any:
    if len(element):
        return {_local(part): _value(part) for part in element}
    if element.get(f"{{{XSI}}}nil") in ("true", "1"):
        return None
    text = element.text or ""
    # A checkbox, since hardly a text is just this word; as a text, false would count as true.
    return _CHECKBOX.get(text, text)


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]
