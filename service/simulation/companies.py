"""Names of made-up customers, with the currency and time zone of their region."""

from dataclasses import dataclass
from decimal import Decimal
from random import Random


@dataclass(frozen=True, slots=True)
class Region:
    """Where an account sits: BCP 47 locale, ISO currency, IANA zone, hours from UTC, value of a USD."""

    locale: str
    currency: str
    timezone: str
    utc_offset: int
    money: float


REGIONS = (
    Region("en-US", "USD", "America/Chicago", -6, 1.0),
    Region("en-GB", "GBP", "Europe/London", 0, 0.78),
    Region("de-DE", "EUR", "Europe/Berlin", 1, 0.92),
    Region("zh-CN", "CNY", "Asia/Shanghai", 8, 7.1),
)
REGION_WEIGHTS = (0.38, 0.14, 0.32, 0.16)
SEGMENTS = ("robotics", "packaging", "medical devices", "machine tools", "logistics", "electronics")

_STEMS = tuple(
    """
    Aldervane Brixtal Cormundis Drelvik Eskoran Fennbury Galtrix Hollomar Istrelle Jorvanta Kelmorra
    Lindovar Mirrenfeld Nordaval Ostrevik Pellandor Quorvane Rastmoor Selvika Torbrecht Ulvenhall
    Vantrell Wesmarck Xandreva Yarrovik Zelmoor Arkendal Bolvanis Carrowin Dunvale Elmstrava Frostmere
    """.split()  # noqa: SIM905  (a list of words reads better than 32 quoted ones)
)
_KINDS = {
    "en": ("Robotics", "Automation", "Packaging", "Medical", "Machine Works", "Instruments", "Logistics"),
    "de": (
        "Maschinenbau",
        "Anlagentechnik",
        "Verpackungstechnik",
        "Medizintechnik",
        "Robotik",
        "Werkzeugbau",
    ),
    "zh": ("智能装备", "自动化科技", "机器人", "精密机械", "医疗器械"),
}
_SUFFIXES = {"en-US": "Inc.", "en-GB": "Ltd", "de-DE": "GmbH", "zh-CN": "有限公司"}


@dataclass(frozen=True, slots=True)
class Company:
    """A customer's name, its id as the CRM has it, and its mail domain."""

    account_id: str
    name: str
    domain: str
    region: Region
    segment: str


def company(rng: Random, number: int) -> Company:
    """The `number`-th customer; the number keeps its id unique."""
    region = rng.choices(REGIONS, REGION_WEIGHTS)[0]
    stem, kind = rng.choice(_STEMS), rng.choice(_KINDS[region.locale[:2]])
    handle = f"{stem}-{number:04d}".lower()
    return Company(
        account_id=handle,
        name=f"{stem} {kind} {_SUFFIXES[region.locale]}",
        domain=f"{handle}.example",
        region=region,
        segment=rng.choice(SEGMENTS),
    )


def made_rates() -> dict[str, Decimal]:
    """What one unit of each region's currency is worth in USD, to six digits."""
    return {
        region.currency: Decimal(f"{1 / region.money:.6f}") for region in REGIONS if region.currency != "USD"
    }
