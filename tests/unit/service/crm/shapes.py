"""Requests of the vendors' shapes, with values of our own; docs/connecting.md says where shapes come from."""

import base64
import hashlib
import hmac
import json
from typing import Any
from xml.sax.saxutils import escape

HUBSPOT_SECRET = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"
HUBSPOT_URL = "https://crm.example.com/webhooks/crm/hubspot"
TOKEN = "3f9c0d6a7be84512a0c1d2e3f4a5b6c7"
ORGANIZATION = "00D5e000000AbCdEAK"
DATA_CLOUD_SECRET = "a signing key of Data 360"
AT = "2026-03-02T09:00:00.000Z"


def notification(number: int, subject: int, name: str, value: str, **more: Any) -> dict[str, Any]:
    """A change of one property, as HubSpot tells it."""
    return {
        "eventId": number,
        "subscriptionId": 7,
        "portalId": 62515,
        "appId": 54321,
        "occurredAt": 1772442000000 + number,
        "subscriptionType": "company.propertyChange",
        "attemptNumber": 0,
        "objectId": subject,
        "propertyName": name,
        "propertyValue": value,
        "changeSource": "CRM",
    } | more


def hubspot_headers(body: bytes, now: float, secret: str = HUBSPOT_SECRET) -> dict[str, str]:
    """Signed as by version 3, by nothing of ours."""
    timestamp = str(int(now * 1000))
    signed = b"POST" + HUBSPOT_URL.encode() + body + timestamp.encode()
    signature = base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()
    return {"x-hubspot-signature-v3": signature, "x-hubspot-request-timestamp": timestamp}


def outbound_message(*sobjects: tuple[str, dict[str, str | None]], organization: str = ORGANIZATION) -> bytes:
    """Notifications of sObjects, each a type and its fields."""
    told = "".join(_notification(number, *sobject) for number, sobject in enumerate(sobjects))
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"
 xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <soapenv:Body>
  <notifications xmlns="http://soap.sforce.com/2005/09/outbound">
   <OrganizationId>{organization}</OrganizationId>
   <ActionId>04k5e0000000001AAA</ActionId>
   <SessionId>00D5e!a-session-that-opens-doors</SessionId>
   <EnterpriseUrl>https://acme.my.salesforce.com/services/Soap/c/60.0/00D5e</EnterpriseUrl>
   <PartnerUrl>https://acme.my.salesforce.com/services/Soap/u/60.0/00D5e</PartnerUrl>{told}
  </notifications>
 </soapenv:Body>
</soapenv:Envelope>""".encode()


def _notification(number: int, kind: str, fields: dict[str, str | None]) -> str:
    told = "".join(
        f'<sf:{name} xsi:nil="true"/>' if value is None else f"<sf:{name}>{escape(value)}</sf:{name}>"
        for name, value in fields.items()
    )
    return f"""
   <Notification>
    <Id>04l5e000000000{number}AAA</Id>
    <sObject xsi:type="sf:{kind}" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">{told}</sObject>
   </Notification>"""


CONTACT = {
    "Id": "0035e00000AbCdEAAV",
    "AccountId": "0015e00000AbCdEAAV",
    "Name": "A. Buyer <& Söhne>",
    "Title": "Head of Purchasing",
    "LastModifiedDate": AT,
}


def data_action(*events: dict[str, Any]) -> bytes:
    """What a webhook target of Data 360 is posted."""
    told = {"creationDateTime": AT, "count": len(events), "schemas": [], "events": list(events)}
    return json.dumps(told).encode()


def execution_context(entity: str = "contact", **more: Any) -> dict[str, Any]:
    """What Dataverse posts after an update."""
    own = "6d81597f-0f9f-e711-8122-000d3aa2331c"
    return {
        "MessageName": "Update",
        "OperationId": "4af10637-4ea2-e711-8122-000d3aa2331c",
        "PrimaryEntityId": own,
        "PrimaryEntityName": entity,
        "InputParameters": [],
    } | more
