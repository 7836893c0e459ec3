"""Canonical events: CloudEvents 1.0 whose `subject` is an account, read strictly, once."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from hashlib import blake2b
from typing import Annotated, Any, Literal, get_args

import msgspec

from accounts.roles import Function, function_of

MAX_BYTES = 1 << 20  # a CRM record larger than this is an attachment gone astray
_YEARS = range(1990, 2100)
_LARGEST_NUMBER = Decimal(10) ** 12
_SMALLEST_NUMBER = -_LARGEST_NUMBER
_BACKSLASH = ord("\\")
_LONGEST_DETAIL = 500

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=512)]
# An index entry of an account and a document must fit PostgreSQL's 2,704 bytes, at up to 4 a character.
Key = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]

Topic = Literal[
    "application",
    "technical",
    "roadmap",
    "training",
    "price",
    "terms",
    "delivery",
    "quality",
    "support",
    "other",
]
Channel = Literal["meeting", "call", "email", "visit", "demo", "other"]


class Unreadable(ValueError):  # noqa: N818  (it describes the record)
    """A record that is no canonical event: `reason` is one of REASONS, `detail` says what to mend."""

    def __init__(self, reason: str, detail: str) -> None:
        # What is quoted from the record may hold anything: NUL, which no database keeps, or a megabyte.
        detail = detail[:_LONGEST_DETAIL].replace("\0", "\\0")
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class UnknownType(ValueError):  # noqa: N818  (it is no error: such events are counted and skipped)
    """A well-formed CloudEvent of a type that nothing here reads."""


REASONS = (
    "empty",
    "too_large",
    "not_json",
    "nested_too_deep",
    "does_not_fit",
    "conflicting_duplicate",
    "does_not_map",
    "bad_encoding",  # not Avro, Protobuf or a wire format as its schema says
    "unknown_schema",
    "gap",  # its source says that something changed, and not what
)


# `gc=False`: what is decoded holds no cycles, and the garbage collector need not look through each of a
# hundred thousand events again and again.
class Person(msgspec.Struct, frozen=True, gc=False):
    id: Id
    name: str | None = None
    title: str | None = None
    department: str | None = None
    email: str | None = None
    side: Literal["customer", "vendor"] = "customer"
    function: Function | None = None

    def role(self) -> Function:
        """The stated function, else the one that title and department tell."""
        return self.function or function_of(self.title, self.department)


class OwnerChange(msgspec.Struct, frozen=True, gc=False):
    name: str
    email: str
    slack_id: str | None = None


class AccountChange(msgspec.Struct, frozen=True, gc=False):
    name: str | None = None
    segment: str | None = None
    currency: str | None = None
    locale: str | None = None
    timezone: str | None = None
    owner: OwnerChange | None = None
    manager: OwnerChange | None = None


class ContactChange(msgspec.Struct, frozen=True, gc=False):
    contact: Person
    status: Literal["active", "left"] | None = None


class Interaction(msgspec.Struct, frozen=True, gc=False):
    channel: Channel
    direction: Literal["inbound", "outbound"]
    participants: list[Person]
    topics: list[Topic]
    product_line: str | None = None
    answers: str | None = None


class Opportunity(msgspec.Struct, frozen=True, gc=False):
    opportunity_id: Key
    status: Literal["open", "won", "lost", "withdrawn"]
    opened_at: Moment
    deciders: list[Person]
    competitors: list[str]
    closed_at: Moment | None = None
    amount: Decimal | None = None
    currency: str | None = None
    product_line: str | None = None
    basis: Literal["solution", "specification"] | None = None
    tender: bool | None = None


class Ticket(msgspec.Struct, frozen=True, gc=False):
    ticket_id: Key
    status: Literal["opened", "answered", "resolved"]
    kind: Literal["application", "support", "complaint"] | None = None
    requester: Person | None = None


class OrderLine(msgspec.Struct, frozen=True, gc=False):
    sku: str
    kind: Literal["system", "component", "service"]
    quantity: Decimal
    unit_price: Decimal
    product_line: str | None = None
    list_price: Decimal | None = None


class Order(msgspec.Struct, frozen=True, gc=False):
    order_id: Key
    currency: Annotated[str, msgspec.Meta(min_length=1, max_length=16)]
    lines: list[OrderLine]
    buyer: Person | None = None


class OrderReference(msgspec.Struct, frozen=True, gc=False):
    order_id: Key


class Event(msgspec.Struct, frozen=True, gc=False, tag_field="type"):
    """What every canonical event has; `subject` is the account, `time` when it happened."""

    id: Id
    source: Id
    subject: Key
    time: Moment
    specversion: Literal["1.0"] = "1.0"


class AccountChanged(Event, frozen=True, gc=False, tag="crm.account.changed", kw_only=True):
    data: AccountChange


class ContactChanged(Event, frozen=True, gc=False, tag="crm.contact.changed", kw_only=True):
    data: ContactChange


class InteractionLogged(Event, frozen=True, gc=False, tag="crm.interaction.logged", kw_only=True):
    data: Interaction


class OpportunityChanged(Event, frozen=True, gc=False, tag="crm.opportunity.changed", kw_only=True):
    data: Opportunity


class TicketChanged(Event, frozen=True, gc=False, tag="crm.ticket.changed", kw_only=True):
    data: Ticket


class OrderPlaced(Event, frozen=True, gc=False, tag="order.placed", kw_only=True):
    data: Order


class OrderChanged(Event, frozen=True, gc=False, tag="order.changed", kw_only=True):
    data: Order


class OrderCancelled(Event, frozen=True, gc=False, tag="order.cancelled", kw_only=True):
    data: OrderReference


class OrderDelivered(Event, frozen=True, gc=False, tag="order.delivered", kw_only=True):
    data: OrderReference


CanonicalEvent = (
    AccountChanged
    | ContactChanged
    | InteractionLogged
    | OpportunityChanged
    | TicketChanged
    | OrderPlaced
    | OrderChanged
    | OrderCancelled
    | OrderDelivered
)

_TYPE_OF: dict[type, str] = {kind: str(kind.__struct_config__.tag) for kind in get_args(CanonicalEvent)}
_ORDERS = (OrderPlaced, OrderChanged)
TYPES: tuple[str, ...] = tuple(_TYPE_OF.values())


def type_of(event: "Event") -> str:
    """The CloudEvents type of an event."""
    return _TYPE_OF[type(event)]


class _Envelope(msgspec.Struct):
    type: str


_decode: Callable[[bytes], CanonicalEvent] = msgspec.json.Decoder(CanonicalEvent).decode
_decode_all = msgspec.json.Decoder(list[CanonicalEvent]).decode
_decode_envelope = msgspec.json.Decoder(_Envelope).decode


def decode(body: bytes) -> CanonicalEvent:
    """Read one structured CloudEvent.

    Raises Unreadable with what to mend, or UnknownType for a type that is none of TYPES.
    """
    if not body:
        raise Unreadable("empty", "the record has no value")
    if len(body) > MAX_BYTES:
        raise Unreadable("too_large", f"{len(body)} bytes; at most {MAX_BYTES} are read")
    try:
        event = _decode(body)
    except msgspec.ValidationError as error:
        raise _explained(body, error) from error
    except RecursionError as error:
        raise Unreadable("nested_too_deep", "the JSON is nested too deep to be an event") from error
    except ValueError as error:  # msgspec.DecodeError and UnicodeDecodeError
        raise Unreadable("not_json", str(error)) from error
    _check(event)
    # The only way to write NUL in JSON; looking for one byte first costs next to nothing.
    if _BACKSLASH in body and b"\\u0000" in body and _holds_nul(msgspec.to_builtins(event)):
        raise Unreadable("does_not_fit", "a NUL character, which no database keeps in a text")
    return event


def decode_accepted(body: bytes) -> CanonicalEvent:
    """Read an event that `decode` has accepted before: what it checked is not checked again."""
    return _decode(body)


def decode_all_accepted(bodies: bytes | str) -> list[CanonicalEvent]:
    """The same of a JSON array of them."""
    return _decode_all(bodies)


def _explained(body: bytes, error: msgspec.ValidationError) -> ValueError:
    """Tell an unknown type apart from a known one that does not fit."""
    try:
        kind = _decode_envelope(body).type
    except (ValueError, RecursionError):
        return Unreadable("does_not_fit", str(error))
    if kind not in TYPES:
        return UnknownType(kind)
    return Unreadable("does_not_fit", str(error))


def _check(event: CanonicalEvent) -> None:
    """What the types alone do not say; raises Unreadable."""
    if event.time.year not in _YEARS:
        raise Unreadable(
            "does_not_fit", f"the year {event.time.year} lies outside 1990 to 2099 - at `$.time`"
        )
    if isinstance(event, _ORDERS):
        for line in event.data.lines:
            _check_number("quantity", line.quantity)
            _check_number("unit_price", line.unit_price)
            _check_number("list_price", line.list_price)
    elif isinstance(event, OpportunityChanged):
        _check_number("amount", event.data.amount)


def _check_number(name: str, number: Decimal | None) -> None:
    """NaN equals nothing, not even itself, and 1e999999999 has a billion digits; raises Unreadable."""
    if number is not None and not (number.is_finite() and _SMALLEST_NUMBER < number < _LARGEST_NUMBER):
        raise Unreadable("does_not_fit", f"{name} must be a plain number below 10^12")


def _holds_nul(value: object) -> bool:
    """Whether any text in plain data holds NUL."""
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(map(_holds_nul, value.values()))
    return isinstance(value, list) and any(map(_holds_nul, value))


CARD = "account"  # the document that account changes are versions of


def event_key(event: Event) -> bytes:
    """The identity of an event: 16 bytes from `source` and `id`, as CloudEvents defines it."""
    return blake2b(f"{event.source}\0{event.id}".encode(), digest_size=16).digest()


def document_of(event: Event) -> str | None:
    """The natural key of what an event is a version of; None for what happens once."""
    document = _DOCUMENT_OF.get(type(event))
    return None if document is None else document(event)


def _order_document(event: Any) -> str:
    return f"order:{event.data.order_id}"


_DOCUMENT_OF: dict[type, Callable[[Any], str]] = {
    OrderPlaced: _order_document,
    OrderChanged: _order_document,
    OrderCancelled: _order_document,
    OpportunityChanged: lambda event: f"opportunity:{event.data.opportunity_id}",
    TicketChanged: lambda event: f"ticket:{event.data.ticket_id}",
    AccountChanged: lambda _event: CARD,
}
