"""SOAP 1.1 as Salesforce's outbound messages speak it, and no more of XML than they need.

No document type, no entity, nothing external; depth bounded while reading, size by the request's limit.
"""

from xml.etree.ElementTree import Element, ParseError, TreeBuilder  # fed by defusedxml alone
from xml.sax.saxutils import escape  # it writes

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import XMLParser

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
OUTBOUND = "http://soap.sforce.com/2005/09/outbound"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
MEDIA_TYPE = "text/xml"

_DEEPEST = 16  # Envelope, Body, notifications, Notification, sObject, field: six
_MOST_ELEMENTS = 50_000

_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    f'<soapenv:Envelope xmlns:soapenv="{SOAP}"><soapenv:Body>{{}}</soapenv:Body></soapenv:Envelope>'
)


class NotSoapError(ValueError):
    """A body that is no SOAP message, or more than one may be."""


def body_of(message: bytes) -> Element:
    """The one element in a message's body; raises NotSoapError."""
    try:
        parser = XMLParser(target=_Bounded(), forbid_dtd=True)
        parser.feed(message)
        root = parser.close()
    except DefusedXmlException:
        raise NotSoapError("a document type or an entity has no place in SOAP") from None
    except (ParseError, ValueError, LookupError) as error:  # LookupError: an encoding that nobody knows
        raise NotSoapError(f"not XML: {error}") from None
    found = [] if root.tag != f"{{{SOAP}}}Envelope" else root.findall(f"{{{SOAP}}}Body/*")
    if len(found) != 1:
        raise NotSoapError("not a SOAP 1.1 envelope with one element in its body")
    return found[0]


class _Bounded(TreeBuilder):
    """Gives up on what is deeper or more than a message is."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = self._elements = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        """An element begins."""
        self._depth += 1
        self._elements += 1
        if self._depth > _DEEPEST or self._elements > _MOST_ELEMENTS:
            raise NotSoapError("deeper, or of more elements, than a message is")
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        """An element ends."""
        self._depth -= 1
        return super().end(tag)


def ack() -> str:
    """What tells Salesforce that a message has been taken over; anything else is no acknowledgement."""
    return _ENVELOPE.format(
        f'<notificationsResponse xmlns="{OUTBOUND}"><Ack>true</Ack></notificationsResponse>'
    )


def fault(words: str, *, ours: bool) -> str:
    """Why not; Salesforce shows it among the messages that it could not deliver."""
    code = "Server" if ours else "Client"
    return _ENVELOPE.format(
        f"<soapenv:Fault><faultcode>soapenv:{code}</faultcode>"
        f"<faultstring>{escape(words)}</faultstring></soapenv:Fault>"
    )
