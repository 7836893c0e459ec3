"""Settings: where they come from, and how a wrong one is told."""

from decimal import Decimal
from pathlib import Path

import pytest

from service.configuration import SettingsError, load
from service.secrets import secrets_of
from service.settings import Settings
from service.settings_names import variables
from service.settings_page import page

SECRET = "whsec_" + "c2VjcmV0IG9mIHRoaXMgdGVzdA" * 2
ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def problems(environment: dict[str, str], toml: str = "") -> list[str]:
    """What is said of these settings."""
    Path("turnsignal.toml").write_text(toml, "utf-8")
    with pytest.raises(SettingsError) as caught:
        load(environment)
    return caught.value.problems


def test_without_anything_the_defaults_hold() -> None:
    """A first look needs no configuration."""
    assert load({}) == Settings()


def test_the_environment_wins_over_the_file_which_wins_over_defaults(tmp_path: Path) -> None:
    """An operator changes one value of a shipped file without editing it."""
    file = tmp_path / "other.toml"
    file.write_text('[kafka]\ngroup_id = "file"\nbatch_records = 7\n[http]\nport = 9000\n')
    chosen = load({"TURNSIGNAL_CONFIG": str(file), "TURNSIGNAL_KAFKA__GROUP_ID": "environment"})
    assert (chosen.kafka.group_id, chosen.kafka.batch_records, chosen.http.port) == ("environment", 7, 9000)


@pytest.mark.parametrize("text", ["a:1,b:2", " a:1 , b:2 ,", '["a:1", "b:2"]'])
def test_a_list_is_json_or_words_between_commas(text: str) -> None:
    """Both spellings are common in container files."""
    assert load({"TURNSIGNAL_KAFKA__BOOTSTRAP_SERVERS": text}).kafka.bootstrap_servers == ["a:1", "b:2"]


def test_rates_are_exact_wherever_they_come_from() -> None:
    """0.1 as a binary fraction would move cents."""
    expected = {"USD": Decimal("0.1"), "JPY": Decimal("0.0061")}
    Path("turnsignal.toml").write_text('[value]\nrates = { USD = 0.1, JPY = "0.0061" }\n')
    assert load({}).value.rates == expected
    assert load({"TURNSIGNAL_VALUE__RATES": '{"USD": 0.1, "JPY": "0.0061"}'}).value.rates == expected
    assert load({"TURNSIGNAL_VALUE__RATES": ""}).value.rates == {}


@pytest.mark.parametrize("text", ["", "null"])
def test_nothing_unsets_what_may_be_unset(text: str) -> None:
    """Container files pass empty variables for what is not set: no channel must come of it."""
    chosen = load({"TURNSIGNAL_EMAIL__HOST": text, "TURNSIGNAL_NOTIFY__MAX_AGE_DAYS": text})
    assert (chosen.email.host, chosen.notify.max_age_days) == (None, None)


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    """Orchestrators mount secrets as files, which often end in a line break."""
    file = tmp_path / "token"
    file.write_text("a-token-from-a-file\n")
    chosen = load({"TURNSIGNAL_HTTP__TOKENS_FILE": str(file)})
    assert [token.get_secret_value() for token in chosen.http.tokens] == ["a-token-from-a-file"]


@pytest.mark.parametrize(
    ("environment", "toml", "said"),
    [
        ({"TURNSIGNAL_KAFKA__TOPCS": "a"}, "", ["TURNSIGNAL_KAFKA__TOPCS", "TURNSIGNAL_KAFKA__TOPICS?"]),
        ({"TURNSIGNAL_XQ": "a"}, "", ["TURNSIGNAL_XQ", "`turnsignal settings` lists them all"]),
        ({}, "[kafak]", ["kafak: there is no such setting", "did you mean kafka?"]),
        ({}, "[kafka]\ntopic = []", ["kafka.topic: there is no such setting", "did you mean topics?"]),
        ({}, "[log]\nqqq = 1", ["log.qqq: there is no such setting", "level, format"]),
        ({}, "kafka = 3", ["kafka: must be a table, [kafka], of bootstrap_servers"]),
        ({}, "[[http]]\nport = 1", ["http: must be a table"]),
        ({"TURNSIGNAL_KAFKA__TOPICS": "a"}, "kafka = 3", ["kafka: must be a table"]),
        ({"TURNSIGNAL_KAFKA__TOPICS": ","}, "", ["kafka.topics = []"]),
        ({"TURNSIGNAL_KAFKA__TOPICS": '["a'}, "", ["kafka.topics = '[\"a'"]),
        ({"TURNSIGNAL_KAFKA__TOPICS": "[" * 100_000}, "", ["kafka.topics = '[[["]),
        ({"TURNSIGNAL_KAFKA__GROUP_ID": ""}, "", ["kafka.group_id = ''"]),
        ({"TURNSIGNAL_KAFKA__GROUP_ID": "\udcff"}, "", ["kafka.group_id = '\\udcff'"]),
        ({"TURNSIGNAL_HTTP__PORT": "99999"}, "", ["http.port = '99999'", "65535"]),
        ({"TURNSIGNAL_HTTP__OPEN": "perhaps"}, "", ["http.open = 'perhaps'", "boolean"]),
        ({"TURNSIGNAL_LOG__LEVEL": "loud"}, "", ["log.level = 'loud'", "'debug', 'info'"]),
        ({"TURNSIGNAL_REVIEW__INTERVAL_SECONDS": "inf"}, "", ["review.interval_seconds = 'inf'", "finite"]),
        ({"TURNSIGNAL_DETECTION__FALSE_ALARMS": "nan"}, "", ["detection.false_alarms = 'nan'", "finite"]),
        ({"TURNSIGNAL_NOTIFY__PUBLIC_URL": "ftp://x"}, "", ["notify.public_url = 'ftp://x'", "https://"]),
        ({"TURNSIGNAL_VALUE__RATES": "USD"}, "", ["value.rates = 'USD'", "dictionary"]),
        ({"TURNSIGNAL_VALUE__RATES": '{"usd": 1}'}, "", ["value.rates.usd", "ISO 4217 code in capitals"]),
        ({}, '[value.rates]\nUSD = "x"', ["value.rates.USD = 'x'", "decimal"]),
        ({}, "[value.rates]\nUSD = 0", ["value.rates.USD = 0", "greater than 0"]),
        ({}, "[value.rates]\nUSD = nan", ["value.rates.USD = nan", "finite"]),
        ({}, "[value.rates]\nEUR = 2", ["value.rates = {'EUR': 2}", "one unit is worth 1"]),
        ({"TURNSIGNAL_VALUE__BASE_CURRENCY": "Euro"}, "", ["value.base_currency = 'Euro'", "such as USD"]),
        ({"TURNSIGNAL_VALUE__DISCOUNT_RATE": "0"}, "", ["value.discount_rate = '0'", "0.01"]),
        ({"TURNSIGNAL_WEBHOOK__URL": "http://[::1"}, "", ["webhook.url = 'http://[::1'", "https://"]),
    ],
)
def test_a_wrong_setting_is_named_with_its_value_and_what_is_allowed(
    environment: dict[str, str], toml: str, said: list[str]
) -> None:
    """An operator reads once what to mend; no traceback, no silent default."""
    (problem,) = problems(environment, toml)
    assert all(part in problem for part in said), problem
    assert "\n" not in problem
    assert len(problem) < 500


def test_every_wrong_setting_is_told_at_once() -> None:
    """Nobody mends a file one start at a time."""
    told = problems({"TURNSIGNAL_HTTP__PORT": "x", "TURNSIGNAL_HTP__PORT": "1"}, "[log]\nlevel = 1\na = 2")
    assert len(told) == 4


@pytest.mark.parametrize(
    ("environment", "toml"),
    [
        ({}, 'database = "postgresql://u:geheim@host/name"'),
        ({}, '[database]\nurl = ["geheim"]'),
        ({"TURNSIGNAL_DATABASE__URL": "geheim"}, ""),
        ({"TURNSIGNAL_DATABASE__URL": "mysql://u:geheim@host/name"}, ""),
        ({"TURNSIGNAL_DATABASE__URL": "postgresql+asyncpg://u:geheim@host/name"}, ""),
        ({"TURNSIGNAL_DATABASE__URL": "postgresql://u:geheim@host:port/name"}, ""),
        ({"TURNSIGNAL_DATABASE__URL": "sqlite://"}, ""),
        ({"TURNSIGNAL_HTTP__TOKENS": "geheim"}, ""),
        ({"TURNSIGNAL_HTTP__TOKENS": "[1"}, ""),
        ({"TURNSIGNAL_WEBHOOK__SECRETS": "whsec_geheim"}, ""),
        ({"TURNSIGNAL_WEBHOOK__SECRETS": "whsec_!!!"}, ""),
        ({}, '[webhook]\nsecrets = [{ geheim = "geheim" }]'),
    ],
)
def test_a_wrong_secret_is_named_and_not_shown(environment: dict[str, str], toml: str) -> None:
    """Start-up messages end in log stores and tickets."""
    (problem,) = problems(environment, toml)
    assert problem.startswith(("database", "http.tokens", "webhook.secrets"))
    assert "geheim" not in problem


@pytest.mark.parametrize(
    ("content", "said"), [("a = ", "not TOML"), ("a = '\udcff'", "not TOML"), (None, "cannot be read")]
)
def test_an_unreadable_file_is_named(tmp_path: Path, content: str | None, said: str) -> None:
    """A file that was meant and is not there must not be passed over."""
    file = tmp_path / "mine.toml"
    if content is not None:
        file.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(SettingsError, match=f"mine.toml: {said}"):
        load({"TURNSIGNAL_CONFIG": str(file)})


def test_a_variable_and_its_file_at_once_are_refused(tmp_path: Path) -> None:
    """Which of the two holds would be a guess."""
    (tmp_path / "url").write_text("sqlite:///a")
    environment = {"TURNSIGNAL_DATABASE__URL": "sqlite:///b", "TURNSIGNAL_DATABASE__URL_FILE": "url"}
    assert problems(environment) == [
        "TURNSIGNAL_DATABASE__URL_FILE: TURNSIGNAL_DATABASE__URL is set too; set one of the two"
    ]


def test_a_secret_file_that_is_not_there_is_named() -> None:
    """A forgotten mount must not start a service without its secret."""
    (problem,) = problems({"TURNSIGNAL_EMAIL__PASSWORD_FILE": "/nowhere"})
    assert problem.startswith("TURNSIGNAL_EMAIL__PASSWORD_FILE = '/nowhere': the file cannot be read")


def test_secrets_are_known_to_the_logs_and_hidden_in_representations() -> None:
    """What logs blot out is everything secret, and of the database's URL the password alone."""
    chosen = load(
        {
            "TURNSIGNAL_DATABASE__URL": "postgresql://u:pass%2Fword@host/name",
            "TURNSIGNAL_WEBHOOK__SECRETS": SECRET,
            "TURNSIGNAL_EMAIL__PASSWORD": "mail-password",
        }
    )
    assert secrets_of(chosen) == {"pass/word", SECRET, "mail-password"}
    assert not any(secret in repr(chosen) for secret in (*secrets_of(chosen), "pass%2Fword"))


def test_the_documentation_is_made_of_these_settings() -> None:
    """docs/settings.md: `turnsignal settings --markdown > docs/settings.md` brings it up to date."""
    assert (ROOT / "docs/settings.md").read_text("utf-8") == page()
    assert all(f"`{section}.{name}`" in page() for section, name in variables().values())
