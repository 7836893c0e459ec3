"""An alert, as `replay` prints it, the webhook carries it and a receiver reads it."""

from datetime import datetime
from hashlib import blake2b
from typing import Any, Literal

import msgspec

from accounts.stages import Kind, Stage

LedBy = Literal["development", "shared", "purchasing"]
Severity = Literal["info", "warning", "critical"]
Status = Literal["firing", "resolved"]


class Contact(msgspec.Struct, frozen=True, omit_defaults=True):
    """A person of the vendor who looks after an account."""

    name: str
    email: str
    slack_id: str | None = None


class AccountCard(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a receiver needs to know of the account itself."""

    name: str | None = None
    segment: str | None = None
    currency: str | None = None
    locale: str | None = None
    timezone: str | None = None
    owner: Contact | None = None
    manager: Contact | None = None


class Evidence(msgspec.Struct, frozen=True):
    """One stream's part in an alert.

    `nats` is its share of the test's sum; `text` says the same in words and numbers; `numbers` holds the
    figures of the text for whoever words it in another language.
    """

    signal: str
    nats: float
    text: str
    people: list[str]
    event_ids: list[str]
    numbers: dict[str, float | str] = {}


class Amount(msgspec.Struct, frozen=True):
    """A sum in units of a currency; both None for those in further currencies than a state keeps."""

    amount: float | None
    currency: str | None


class BaseValue(msgspec.Struct, frozen=True):
    """The same money in the currency that accounts are compared in."""

    annual: float
    lifetime: float
    at_risk: float
    currency: str


class Value(msgspec.Struct, frozen=True, omit_defaults=True):
    """Money at stake, in units of `currency`; None where the account has no orders to tell.

    `base` is None where no rate leads there; `not_converted` are the year's orders that are not in it.
    """

    annual: float | None
    lifetime: float | None
    at_risk: float | None
    currency: str | None
    base: BaseValue | None = None
    not_converted: list[Amount] = []


class Play(msgspec.Struct, frozen=True):
    """What has helped in such a case."""

    id: str
    title: str
    steps: list[str]
    why: str = ""


class Alert(msgspec.Struct, frozen=True):
    """What was seen of one account, addressed by `id` through all its updates."""

    id: str
    account_id: str
    kind: Kind
    stage: Stage
    previous_stage: Stage
    led_by: LedBy
    previously_led_by: LedBy
    severity: Severity
    onset_at: datetime
    raised_at: datetime
    evidence: list[Evidence]
    value: Value
    play: Play
    status: Status
    resolved_at: datetime | None = None
    retracted: bool = False
    account: AccountCard = AccountCard()
    led_by_since: datetime | None = None  # None: for as long as the account is known
    previously_led_by_since: datetime | None = None


_LONGEST_WORDS = 200


def bounded(words: str) -> str:
    """Words from an event, cut to what a reader takes in: an event may hold a megabyte of them.

    With a bounded number of them an alert stays far below the webhook's largest body, whatever came in.
    """
    return words if len(words) <= _LONGEST_WORDS else words[: _LONGEST_WORDS - 1] + "…"


def alert_id(account_id: str, kind: Kind, onset_week: int) -> str:
    """The same account, kind and onset week are the same alert, however often it is computed."""
    identity = f"{account_id}\0{kind}\0{onset_week}"
    return "alert_" + blake2b(identity.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def to_json(alert: Alert) -> bytes:
    """The alert as one JSON object, fields in the order of the class."""
    return msgspec.json.encode(alert)


_decoder = msgspec.json.Decoder(Alert)


def from_json(body: bytes | str) -> Alert:
    """Read an alert; raises msgspec.ValidationError that names the field, or DecodeError."""
    return _decoder.decode(body)


def as_builtins(alert: Alert) -> dict[str, Any]:
    """The alert as plain dictionaries, for templates and JSON columns."""
    return msgspec.to_builtins(alert)  # type: ignore[no-any-return]
