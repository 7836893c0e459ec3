"""A message as an email: the same words as text and as HTML, the account's picture in the midst of them."""

import textwrap
from collections.abc import Mapping
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from types import MappingProxyType
from typing import Any

import jinja2

from alerts.cleaning import clean
from alerts.conversations import conversation_of
from alerts.digest import Digest
from alerts.language import padded
from alerts.message import Tone
from alerts.occasion import asks, because, why_now
from alerts.parcel import Parcel, Picture
from alerts.verdicts import LABELS

# Of each tone: a bar that is seen, and a text colour with enough contrast on white and on a dark ground.
COLOURS: Mapping[Tone, tuple[str, str, str]] = MappingProxyType(
    {
        "critical": ("#c62828", "#b71c1c", "#ff8a80"),
        "warning": ("#e67700", "#9a5200", "#ffb74d"),
        "info": ("#1565c0", "#0d47a1", "#90caf9"),
        "good": ("#2e7d32", "#1b5e20", "#81c784"),
        "correction": ("#78909c", "#455a64", "#b0bec5"),
    }
)
_LIST = "turnsignal"

_templates = jinja2.Environment(
    loader=jinja2.PackageLoader("alerts"),
    autoescape=jinja2.select_autoescape(["html"]),
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
_templates.filters["padded"] = padded
_templates.filters["wrapped"] = lambda text, columns: textwrap.fill(text, columns, break_on_hyphens=False)


def compose(parcel: Parcel, sender: str, picture: Picture | None = None) -> EmailMessage:
    """The whole email; byte for byte the same at each attempt but for the boundaries between its parts."""
    name, address = parseaddr(sender)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(display_name=clean(name, 100), addr_spec=address)
    local, _, domain = in_ascii(parcel.receiver).rpartition("@")
    mail["To"] = Address(username=local, domain=domain)  # as addr_spec it would have to be ASCII
    mail["Subject"] = clean(parcel.content.subject, 200)
    mail["Date"] = parcel.created_at
    _identify(mail, parcel, _domain(address))
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "OOF, AutoReply"  # Exchange knows only its own header
    mail.set_content(as_text(parcel), cte="quoted-printable")
    source = f"cid:{_content_id(parcel)}" if picture else None
    mail.add_alternative(as_html(parcel, picture, source), subtype="html", cte="quoted-printable")
    if picture is not None:
        _attach(mail, picture, f"<{_content_id(parcel)}>")
    return mail


def _identify(mail: EmailMessage, parcel: Parcel, domain: str) -> None:
    """What it is, what it belongs to, and how to get no more of it."""
    mail["Message-ID"] = message_id(parcel.message_id, domain)
    conversation = conversation_of(parcel, domain)
    mail["In-Reply-To"] = conversation.root
    mail["References"] = conversation.root
    mail["Thread-Topic"] = conversation.topic
    mail["Thread-Index"] = conversation.index
    mail["List-Id"] = f"Turnsignal <{_LIST}.{domain}>"
    if parcel.links and parcel.links.unsubscribe:
        mail["List-Unsubscribe"] = f"<{parcel.links.unsubscribe}>"
        if parcel.links.unsubscribe.startswith("https:"):  # as RFC 8058 demands
            mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    if parcel.alert is not None:
        mail["X-Turnsignal-Alert"] = clean(parcel.alert.id, 64)


def _attach(mail: EmailMessage, picture: Picture, content_id: str) -> None:
    _, page = mail.iter_parts()
    assert isinstance(page, EmailMessage)  # noqa: S101  # the alternative that was added last
    page.add_related(
        picture.png, "image", "png", cid=content_id, disposition="inline", filename="timeline.png"
    )


def message_id(delivery_id: str, domain: str) -> str:
    """The same for each attempt, so that a receiver who gets a message twice sees it once."""
    return f"<{delivery_id}@{domain}>"


def in_ascii(address: str) -> str:
    """The address with its domain as the DNS writes it.

    What is left, a local part in other letters, demands SMTPUTF8 of every server on the way.
    """
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        return address


def _domain(address: str) -> str:
    return in_ascii(address).rpartition("@")[2]


def _content_id(parcel: Parcel) -> str:
    return f"picture.{parcel.message_id}@turnsignal"


def as_text(parcel: Parcel) -> str:
    """The message for readers without HTML."""
    name = "digest.txt" if isinstance(parcel.content, Digest) else "alert.txt"
    return _templates.get_template(name).render(_values(parcel))


def as_html(parcel: Parcel, picture: Picture | None = None, source: str | None = None) -> str:
    """The message as HTML that mail programs of all ages lay out alike; `source` is the picture's address."""
    name = "digest.html" if isinstance(parcel.content, Digest) else "alert.html"
    values = _values(parcel) | {"source": source, "alt": picture.alt if picture else ""}
    return _templates.get_template(name).render(values)


def _values(parcel: Parcel) -> dict[str, Any]:
    content = parcel.content
    tone: Tone = _gravest(content) if isinstance(content, Digest) else content.tone
    bar, ink, ink_dark = COLOURS[tone]
    return {
        "m": content,
        "language": content.language,
        "say": content.language.say,
        "because": because(parcel),
        "why_now": why_now(parcel),
        "links": parcel.links,
        "each": parcel.links_of_each,
        "asks": asks,
        "verdicts": LABELS,
        "colours": COLOURS,
        "bar": bar,
        "ink": ink,
        "ink_dark": ink_dark,
    }


def _gravest(digest: Digest) -> Tone:
    """The tone of the whole is that of what weighs most in it."""
    tones = {entry.message.tone for entry in digest.entries}
    return next((tone for tone in COLOURS if tone in tones), "correction")
