"""A receiver's language: which one, and how it writes numbers, days and money."""

from datetime import UTC, datetime
from gettext import NullTranslations
from importlib import resources

import msgspec
import pytest

from alerts.config import NotifierConfig
from alerts.destinations import locale
from alerts.language import ENGLISH, LOCALES, Language, begun, language, padded
from tests.unit.alerts.samples import AT_RISK, SHIFT

change = msgspec.structs.replace
DAY, NOW = datetime(2026, 3, 2, 23, tzinfo=UTC), datetime(2026, 5, 18, tzinfo=UTC)
CHINESE = language("zh_Hans")


class Slip(NullTranslations):
    """A catalogue whose translator mistyped a name."""

    def gettext(self, message: str) -> str:
        return message.replace("{day}", "{tag")

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2).replace("{number}", "{zahl}")


@pytest.mark.parametrize(
    "locale", ["zh", "zh-CN", "zh_CN", "zh-Hans", "zh_Hans_CN", "ZH-hans-sg", "zh_CN.UTF-8"]
)
def test_simplified_chinese_by_any_name(locale: str) -> None:
    """However a CRM writes it."""
    assert language(locale) == CHINESE
    assert CHINESE.locale == "zh_Hans"


@pytest.mark.parametrize("locale", ["zh-TW", "zh_HK", "zh-Hant", "zh_Hant_CN"])
def test_traditional_chinese_is_not_answered_in_simplified(locale: str) -> None:
    """Its readers get English until there is a catalogue of theirs."""
    assert language(locale) is ENGLISH


@pytest.mark.parametrize(
    "locale",
    [None, "", "de", "de_DE", "en-GB", "x", "root", "\x00", "zh" * 500, "中文", "i-klingon", "_", "*"],
)
def test_all_others_get_english(locale: str | None) -> None:
    """An owner in Munich, and whatever stands in that field."""
    assert language(locale) is ENGLISH


def test_the_owner_is_told_in_the_locale_of_the_account() -> None:
    """It is all that is known of the owner."""
    card = change(AT_RISK.account, locale="zh-CN")
    assert language(locale("owner", change(AT_RISK, account=card), NotifierConfig())) == CHINESE
    assert language(locale("owner", SHIFT, NotifierConfig())) is ENGLISH


def test_a_language_is_a_file() -> None:
    """English is the sources' own."""
    files = resources.files("alerts").joinpath("locales").iterdir()
    assert set(LOCALES) == {"en"} | {file.name.removesuffix(".po") for file in files}
    assert {language(locale).locale for locale in LOCALES} == set(LOCALES)
    assert language("zh") is language("zh")
    assert len({language("zh-CN"), language("zh-SG"), ENGLISH}) == 2


@pytest.mark.parametrize(
    ("amount", "currency", "english", "chinese"),
    [
        (4_871_302.18, "eur", "EUR 4.9 million", "490万欧元"),
        (312_345.0, "CNY", "CNY 312,000", "31.2万人民币"),
        (120_400_000, "USD", "USD 120 million", "1.2亿美元"),
        (1_250.0, "GBP", "GBP 1,200", "1,200英镑"),
        (0.0, "EUR", "EUR 0", "0欧元"),
        (1e300, "EUR", "EUR over 999 billion", "超过9990亿欧元"),
        (5000, "QQQ", "QQQ 5,000", "QQQ 5,000"),
        (5000, None, "5,000", "5,000"),
    ],
)
def test_money(amount: float, currency: str | None, english: str, chinese: str) -> None:
    """Rounded alike in both, in each one's own large units; a code that has no name stays a code."""
    assert ENGLISH.money(amount, currency) == english
    assert CHINESE.money(amount, currency) == chinese


def test_days_shares_numbers_and_lists() -> None:
    """As each language writes them."""
    said = [
        (
            spoken.day(DAY),
            spoken.whole_day(DAY),
            spoken.since(DAY, NOW),
            spoken.since(datetime(2023, 2, 6, tzinfo=UTC), NOW),
            spoken.percent(0.714),
            spoken.number(12345),
            spoken.listed(["A", "B", "C"]),
            spoken.label("A"),
            spoken.tag,
        )
        for spoken in (ENGLISH, CHINESE)
    ]
    assert said == [
        ("2 Mar 2026", "2 March 2026", "March 2026", "2023", "71 %", "12,345", "A, B and C", "A: ", "en"),
        ("2026年3月2日", "2026年3月2日", "2026年3月", "2023年", "71%", "12,345", "A、B和C", "A：", "zh-Hans"),
    ]


def test_values_are_not_interpreted() -> None:
    """A name with braces is a name; a text without values is taken letter by letter."""
    assert ENGLISH.say("{account}: {what}", account="{what}", what="{0}") == "{what}: {0}"
    assert ENGLISH.say("100 % {unclear") == "100 % {unclear"
    assert CHINESE.say("") == ""


def test_counting() -> None:
    """One and many in English; Chinese has one form."""
    forms = ("and {number} more sign", "and {number} more signs")
    assert [ENGLISH.count(*forms, number) for number in (1, 2, 1200)] == [
        "and 1 more sign", "and 2 more signs", "and 1,200 more signs",
    ]  # fmt: skip
    assert CHINESE.count(*forms, 1) == "另有1项迹象"


def test_a_slip_in_a_catalogue_stops_no_message() -> None:
    """Better a line in English than an alert that is never sent."""
    slip = Language("xx", Slip())
    assert slip.say("As of {day}.", day="today") == "As of today."
    assert slip.say("since {month}", month="May") == "since May"
    english = Language("en", Slip())
    assert english.count("{number} sign", "{number} signs", 2) == "2 signs"


def test_small_helpers_know_scripts() -> None:
    """Capitals where there are any, columns as wide as the letters."""
    assert (begun("still led"), begun("由采购主导"), begun("")) == ("Still led", "由采购主导", "")
    assert (padded("ab", 4) + "|", padded("涉及", 6) + "|") == ("ab  |", "涉及  |")
    assert (ENGLISH.inside("Its champion"), CHINESE.inside("Abc")) == ("its champion", "Abc")
