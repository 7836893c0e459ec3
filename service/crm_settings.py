"""The settings of webhooks by which a CRM tells of changes: who may, and which topic has them."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from service.sections import Name, Section, WebAddress

CrmKind = Literal["hubspot", "salesforce", "salesforce_data_cloud", "dynamics"]
SignatureVersion = Literal["v3", "v2", "v1"]
SourceName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]

# Kinds whose requests are not signed: the secret itself comes along, as bearer token or in the address.
WITH_TOKEN: tuple[CrmKind, ...] = ("salesforce", "dynamics")
_SHORTEST_KEY = 16
_SHORTEST_TOKEN = 32
_IN_ADDRESSES = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


class CrmSource(Section):
    """A CRM that posts to `/webhooks/crm/NAME`."""

    kind: CrmKind = Field(description="Whose webhooks these are, and so how they are verified.")
    topic: Name = Field(description="The topic that has what it sends; map it as any other.")
    cluster: str = Field("", description="Which of `kafka.clusters` the topic is in; else `[kafka]` itself.")
    secrets: list[SecretStr] = Field(
        [],
        validate_default=True,
        description="What the CRM signs with (an app's client secret, Data 360's signing key), or the token "
        "that you have given it (`salesforce`, `dynamics`); several while one takes the other's place.",
    )
    url: WebAddress = Field(
        None,
        validate_default=True,
        description="For `hubspot`: the address exactly as HubSpot has it, since its signature covers it.",
    )
    signature_versions: list[SignatureVersion] = Field(
        ["v3"],
        min_length=1,
        description="For `hubspot`: which are believed; v1 and v2 have no time, and can be played again.",
    )
    tolerance_seconds: float = Field(
        300.0, ge=1, le=3600, description="For `hubspot`: how old a signature may be, or ahead of our clock."
    )
    organization_id: Annotated[str, Field(pattern=r"^00D[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?$")] | None = Field(
        None,
        validate_default=True,
        description="For `salesforce`: your organization's id, 00D…, of 15 or 18 letters; no other may send.",
    )

    @field_validator("secrets")
    @classmethod
    def hard_to_guess(cls, secrets: list[SecretStr], info: ValidationInfo) -> list[SecretStr]:
        """Without a secret anybody could tell us anything of our customers."""
        kind = info.data.get("kind")
        if kind is None:
            return secrets
        if not secrets:
            raise ValueError(f"kind {kind} needs at least one")
        token = kind in WITH_TOKEN
        least = _SHORTEST_TOKEN if token else _SHORTEST_KEY
        if any(len(secret.get_secret_value()) < least for secret in secrets):
            raise ValueError(f"a secret of kind {kind} needs at least {least} characters")
        if token and any(not _IN_ADDRESSES.issuperset(secret.get_secret_value()) for secret in secrets):
            raise ValueError("a token that stands in an address has letters, digits and -._~ alone")
        return secrets

    @field_validator("url")
    @classmethod
    def as_the_vendor_has_it(cls, url: str | None, info: ValidationInfo) -> str | None:
        """A proxy changes the address that we are called by, and so we cannot know it."""
        kind = info.data.get("kind")
        if kind == "hubspot" and url is None:
            raise ValueError(
                "kind hubspot signs the address that it posts to: set it as HubSpot has it, such as "
                "https://crm.example.com/webhooks/crm/hubspot; behind a proxy we cannot know it"
            )
        if url is not None and urlsplit(url).fragment:
            raise ValueError("an address that is posted to has no #")
        return url

    @field_validator("organization_id")
    @classmethod
    def yours_alone(cls, value: str | None, info: ValidationInfo) -> str | None:
        """Every organization of Salesforce may point a message at any address."""
        if info.data.get("kind") == "salesforce" and value is None:
            raise ValueError("kind salesforce needs it: 00D…, from Setup, Company Information")
        return value


class Crm(Section):
    """CRMs that post changes to `/webhooks/crm/NAME`, without a connector of Kafka (docs/crm-webhooks.md)."""

    sources: dict[SourceName, CrmSource] = Field(
        {}, description="Which CRMs may, by a name that stands in the address; see below."
    )
