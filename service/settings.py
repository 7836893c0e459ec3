"""Every setting, with its default and meaning. docs/settings.md is made from these classes."""

import re
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr, ValidationInfo, field_validator

from service.crm_settings import Crm
from service.kafka_settings import Kafka
from service.notify_settings import Apprise, Email, Notify, Slack, Webhook, Webhooks
from service.sections import Name, Section, WebAddress

_SHORTEST_TOKEN = 16
_DATABASES = {"postgresql", "postgresql+psycopg", "sqlite", "sqlite+pysqlite"}


class Database(Section):
    """Where everything is kept."""

    url: SecretStr = Field(
        SecretStr("sqlite:///turnsignal.sqlite"),
        description="`postgresql://user:password@host/name` or `sqlite:///file`.",
    )

    @field_validator("url")
    @classmethod
    def one_of_ours(cls, url: SecretStr) -> SecretStr:
        """Anything else would end in a driver's riddle."""
        from sqlalchemy.engine import make_url  # noqa: PLC0415  (slow, and settings are also printed)
        from sqlalchemy.exc import ArgumentError  # noqa: PLC0415

        try:
            parsed = make_url(url.get_secret_value())
        except (ArgumentError, ValueError):  # whose words could quote the password
            parsed = None
        if parsed is None or parsed.drivername not in _DATABASES:
            raise ValueError("not postgresql://user:password@host/name or sqlite:///file")
        if parsed.drivername.startswith("sqlite") and parsed.database in {None, "", ":memory:"}:
            raise ValueError("SQLite needs a file here: several connections must see the same database")
        return url


class Mapping(Section):
    """What the records of other systems mean (docs/mapping.md)."""

    files: list[Name] = Field(
        [], description="Mapping files; a topic that none of them names brings canonical events."
    )


class Registry(Section):
    """The schema registry that mapped topics are read by, where their encoding is `registry`."""

    urls: list[WebAddress] = Field([], description="Its addresses; the first that answers is asked.")
    username: Name | None = Field(None, description="For one that wants a login.")
    password: SecretStr | None = Field(None, description="For one that wants a login.")
    token: SecretStr | None = Field(None, description="For one that wants a bearer token.")
    ca_file: Name | None = Field(None, description="Certificates of an authority of your own.")


class Detection(Section):
    """How readily an account is warned of."""

    false_alarms: float = Field(
        5.0,
        gt=0,
        le=100,
        description="False alarms per 100 account-years that are put up with.",
    )
    calibration: Name | None = Field(
        None,
        description="What `turnsignal calibrate` wrote; without it the numbers of made portfolios.",
    )
    plays: Name | None = Field(
        None,
        description="Your own plays; they add to the built-in ones or override them (docs/plays.md).",
    )
    roles: Name | None = Field(
        None,
        description="Your own reading of job titles; it goes before the built-in words (docs/roles.md).",
    )


def _currency(code: str) -> str:
    if re.fullmatch("[A-Z]{3}", code) is None:
        raise ValueError("not an ISO 4217 code in capitals, such as USD")
    return code


Currency = Annotated[str, AfterValidator(_currency)]
Rate = Annotated[Decimal, Field(gt=0, le=1_000_000_000)]


class Value(Section):
    """How orders become money at stake."""

    base_currency: Currency = Field(
        "EUR", description="What accounts are compared in: an ISO 4217 code, in capitals."
    )
    rates: dict[Currency, Rate] = Field(
        {},
        description=(
            "What one unit of another currency is worth in the base currency. "
            "Orders without a rate are told beside and are in no sum."
        ),
    )
    discount_rate: float = Field(
        0.10, ge=0.01, le=1, description="What a year takes off future orders: 0.1 is 10 %."
    )

    @field_validator("rates")
    @classmethod
    def base_is_one(cls, rates: dict[str, Decimal], info: ValidationInfo) -> dict[str, Decimal]:
        """Two truths of the base currency's worth would be one too many."""
        base = info.data.get("base_currency")
        if rates.get(base or "", Decimal(1)) != 1:
            raise ValueError(f"{base} is the base currency: one unit is worth 1")
        return rates


class Review(Section):
    """How accounts are reviewed as time passes."""

    clock: Literal["wall", "records"] = Field(
        "wall", description="`records`: time passes with the record timestamps, for a history that is played."
    )
    interval_seconds: float = Field(5.0, gt=0, description="Seconds between looks for accounts that are due.")
    batch_accounts: int = Field(200, ge=1, le=10_000, description="Accounts a review transaction, at most.")


class Http(Section):
    """The endpoint, the pages and the metrics."""

    host: Name = Field("127.0.0.1", description="Address to listen on.")
    port: Annotated[int, Field(ge=1, le=65535)] = Field(8321, description="Port to listen on.")
    tokens: list[SecretStr] = Field(
        [], description="Who knows one may read pages (as password) and API (as bearer token)."
    )
    open: bool = Field(False, description="Let everyone who reaches the port read pages and API.")

    @field_validator("tokens")
    @classmethod
    def long_enough(cls, tokens: list[SecretStr]) -> list[SecretStr]:
        """A short token is guessed."""
        if any(len(token.get_secret_value()) < _SHORTEST_TOKEN for token in tokens):
            raise ValueError(f"a token needs at least {_SHORTEST_TOKEN} characters")
        return tokens


class Log(Section):
    """What the service writes of itself."""

    level: Literal["debug", "info", "warning", "error"] = Field("info", description="The least that is told.")
    format: Literal["json", "console"] = Field("json", description="For machines, or for a person.")


class Settings(Section):
    """All of them."""

    database: Database = Database()
    kafka: Kafka = Kafka()
    mapping: Mapping = Mapping()
    registry: Registry = Registry()
    crm: Crm = Crm()
    detection: Detection = Detection()
    value: Value = Value()
    review: Review = Review()
    webhook: Webhook = Webhook()
    slack: Slack = Slack()
    email: Email = Email()
    webhooks: Webhooks = Webhooks()
    apprise: Apprise = Apprise()
    notify: Notify = Notify()
    http: Http = Http()
    log: Log = Log()
