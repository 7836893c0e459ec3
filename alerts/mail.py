"""A message as an email: the same words as text and as HTML."""

from collections.abc import Mapping
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from types import MappingProxyType

import jinja2

from alerts.cleaning import clean
from alerts.language import padded
from alerts.message import Message, Tone
from alerts.parcel import Parcel

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

_templates = jinja2.Environment(
    loader=jinja2.PackageLoader("alerts"),
    autoescape=jinja2.select_autoescape(["html"]),
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
_templates.filters["padded"] = padded


def compose(parcel: Parcel, sender: str) -> EmailMessage:
    """The whole email; byte for byte the same at each attempt but for the boundary between its parts."""
    name, address = parseaddr(sender)
    message = _message(parcel)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(display_name=clean(name, 100), addr_spec=address)
    mail["To"] = Address(addr_spec=parcel.receiver)
    mail["Subject"] = clean(message.subject, 200)
    mail["Date"] = parcel.created_at
    mail["Message-ID"] = message_id(parcel.message_id, address)
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "OOF, AutoReply"  # Exchange knows only its own header
    mail["X-Turnsignal-Alert"] = message.alert_id
    mail.set_content(as_text(parcel), cte="quoted-printable")
    mail.add_alternative(as_html(parcel), subtype="html", cte="quoted-printable")
    return mail


def message_id(delivery_id: str, address: str) -> str:
    """The same for each attempt, so that a receiver who gets a message twice sees it once."""
    return f"<{delivery_id}@{address.rpartition('@')[2]}>"


def as_text(parcel: Parcel) -> str:
    """The message for readers without HTML."""
    return _templates.get_template("alert.txt").render(message=_message(parcel), because=because(parcel))


def as_html(parcel: Parcel) -> str:
    """The message as HTML that mail programs of all ages lay out alike."""
    bar, ink, ink_dark = COLOURS[_message(parcel).tone]
    page = _templates.get_template("alert.html")
    return page.render(message=_message(parcel), because=because(parcel), bar=bar, ink=ink, ink_dark=ink_dark)


def because(parcel: Parcel) -> str:
    """Why this receiver gets it."""
    say = _message(parcel).language.say
    account = _message(parcel).account.removesuffix(".")  # Inc. ends a sentence as well
    if parcel.role == "owner":
        return say("You receive this as the owner of the account {account}.", account=account)
    return say(
        "You receive this because no owner with an email address is known for {account}.", account=account
    )


def _message(parcel: Parcel) -> Message:
    if not isinstance(parcel.content, Message):
        raise TypeError("a digest has no layout as an email yet")
    return parcel.content
