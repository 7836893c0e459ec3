"""The settings of CRMs that post to us: what is needed, what is told of what is missing, what never is."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from service.configuration import SettingsError, load
from service.crm.sources import close, sources_of, warn_of_unread
from service.mappings import mappings_of
from service.secrets import secrets_of
from tests.unit.service.crm.shapes import HUBSPOT_SECRET, HUBSPOT_URL, ORGANIZATION, TOKEN

if TYPE_CHECKING:
    from pathlib import Path

    from service.settings import Settings

HUBSPOT = {"kind": "hubspot", "topic": "hubspot.changes", "secrets": [HUBSPOT_SECRET], "url": HUBSPOT_URL}
SALESFORCE = {"kind": "salesforce", "topic": "sf", "secrets": [TOKEN], "organization_id": ORGANIZATION}
SECRETS = "TURNSIGNAL_CRM__SOURCES__HUB__SECRETS"


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def loaded(source: dict[str, Any], name: str = "hub", **environment: str) -> Settings:
    return load({"TURNSIGNAL_CRM__SOURCES": json.dumps({name: source}), **environment})


def problem(source: dict[str, Any], name: str = "hub", **environment: str) -> str:
    """The one thing that is wrong."""

    def start() -> None:
        close(sources_of(loaded(source, name, **environment)))

    with pytest.raises(SettingsError) as error:
        start()
    (told,) = error.value.problems
    assert HUBSPOT_SECRET not in told
    assert TOKEN not in told
    return told


def without(source: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in source.items() if name not in names}


def test_sources_stand_in_the_settings_and_their_secrets_are_known_to_the_logs() -> None:
    """So that none of them is ever logged."""
    settings = loaded(HUBSPOT)
    assert {HUBSPOT_SECRET} <= secrets_of(settings)
    sources = sources_of(settings)
    assert sources["hub"].topic == "hubspot.changes"
    close(sources)
    assert sources_of(load({})) == {}


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (without(HUBSPOT, "url"), "crm.sources.hub.url = None: kind hubspot signs the address"),
        (HUBSPOT | {"url": "crm.example.com"}, "crm.sources.hub.url = 'crm.example.com': not an http"),
        (HUBSPOT | {"url": "https://a.example/#b"}, "has no #"),
        (without(HUBSPOT, "secrets"), "crm.sources.hub.secrets = (hidden): kind hubspot needs at least one"),
        (HUBSPOT | {"secrets": ["short"]}, "secrets = (hidden): a secret of kind hubspot needs at least 16"),
        (HUBSPOT | {"secrets": [12345678]}, "crm.sources.hub.secrets.0 = (hidden): Input should be"),
        (without(HUBSPOT, "kind"), "crm.sources.hub.kind: needed"),
        (without(HUBSPOT, "topic"), "crm.sources.hub.topic: needed"),
        (HUBSPOT | {"kind": "pipedrive"}, "crm.sources.hub.kind = 'pipedrive': Input should be 'hubspot'"),
        (HUBSPOT | {"secret": "x"}, "did you mean secrets?"),
        (HUBSPOT | {"signature_versions": []}, "crm.sources.hub.signature_versions"),
        (HUBSPOT | {"tolerance_seconds": 0}, "crm.sources.hub.tolerance_seconds = 0"),
        (HUBSPOT | {"cluster": "eu"}, "crm.sources.hub.cluster = 'eu': no such cluster; known: none"),
        (without(SALESFORCE, "organization_id"), "organization_id = None: kind salesforce needs it: 00D…"),
        (SALESFORCE | {"organization_id": "001"}, "crm.sources.hub.organization_id = '001'"),
        (SALESFORCE | {"secrets": ["a" * 31]}, "needs at least 32 characters"),
        (SALESFORCE | {"secrets": ["a/b?" * 9]}, "letters, digits and -._~ alone"),
    ],
)
def test_what_is_wrong_is_named_and_what_is_allowed(source: dict[str, Any], told: str) -> None:
    """Never with a secret, also where a source as a whole is wrong."""
    assert told in problem(source)


def test_a_name_that_no_address_can_have_is_refused() -> None:
    """It stands in one."""
    assert "crm.sources.Our CRM" in problem(HUBSPOT, "Our CRM")


def test_a_table_that_is_none_is_not_shown() -> None:
    """A comma too much, and secrets would stand on the screen."""
    with pytest.raises(SettingsError) as error:
        load({"TURNSIGNAL_CRM__SOURCES": json.dumps({"hub": HUBSPOT}) + ","})
    assert HUBSPOT_SECRET not in str(error.value)
    assert "crm.sources = (hidden)" in str(error.value)


def test_a_secret_of_one_source_comes_from_a_variable_or_a_file(tmp_path: Path) -> None:
    """All else stands in the settings file, where people may read it."""
    (tmp_path / "turnsignal.toml").write_text(
        f'[crm.sources.hub]\nkind = "hubspot"\ntopic = "t"\nurl = "{HUBSPOT_URL}"\n', "utf-8"
    )
    (tmp_path / "secret").write_text(f"{HUBSPOT_SECRET}\n", "utf-8")
    for environment in (
        {SECRETS: HUBSPOT_SECRET},
        {f"{SECRETS}_FILE": "secret"},
        {SECRETS: json.dumps([HUBSPOT_SECRET])},
    ):
        (secret,) = load(environment).crm.sources["hub"].secrets
        assert secret.get_secret_value() == HUBSPOT_SECRET
    assert len(load({SECRETS: f"{HUBSPOT_SECRET},{HUBSPOT_SECRET}"}).crm.sources["hub"].secrets) == 2
    with pytest.raises(SettingsError, match="there is no such setting"):
        load({SECRETS: HUBSPOT_SECRET, "TURNSIGNAL_CRM__SOURCES__HUB__SECRET": "x"})


def test_a_variable_finds_an_entry_whose_name_it_cannot_spell(tmp_path: Path) -> None:
    """Variables have no hyphens; and a variable of one setting goes over the table of a whole variable."""
    (tmp_path / "turnsignal.toml").write_text(
        f'[crm.sources.hub-eu]\nkind = "hubspot"\ntopic = "t"\nurl = "{HUBSPOT_URL}"\n', "utf-8"
    )
    chosen = load({"TURNSIGNAL_CRM__SOURCES__HUB_EU__SECRETS": HUBSPOT_SECRET}).crm.sources
    assert list(chosen) == ["hub-eu"]
    over = {"TURNSIGNAL_KAFKA__CLUSTERS__ERP__CLIENT_ID": "b"}
    erp = {"erp": {"topics": ["orders"], "client_id": "a"}}
    clusters = load(over | {"TURNSIGNAL_KAFKA__CLUSTERS": json.dumps(erp)} | {SECRETS: HUBSPOT_SECRET} | {
        "TURNSIGNAL_CRM__SOURCES__HUB__KIND": "hubspot",
        "TURNSIGNAL_CRM__SOURCES__HUB__TOPIC": "t",
        "TURNSIGNAL_CRM__SOURCES__HUB__URL": HUBSPOT_URL,
        "TURNSIGNAL_CRM__SOURCES__HUB_EU__SECRETS": HUBSPOT_SECRET,
    }).kafka.clusters  # fmt: skip
    assert (clusters["erp"].client_id, clusters["erp"].topics) == ("b", ["orders"])


def test_a_topic_that_nobody_reads_or_understands_is_told_at_the_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It would fill, or be all dead letters, while the CRM is told that all is well."""
    file = tmp_path / "mapping.toml"
    file.write_text('[[mapping]]\nuse = "hubspot"\ntopics = ["hubspot.*"]\n', "utf-8")

    def told(topics: str, *files: str) -> list[str]:
        chosen = {"TURNSIGNAL_KAFKA__TOPICS": topics, "TURNSIGNAL_MAPPING__FILES": json.dumps(files)}
        settings = loaded(HUBSPOT, **chosen)
        warn_of_unread(settings, mappings_of(settings))
        return re.findall(r"action=(\w+)", capsys.readouterr().out)

    assert told("crm.events", str(file)) == ["crm_topic_not_consumed"]
    assert told("hubspot.*") == ["crm_topic_not_mapped"]
    assert told("hubspot.*", str(file)) == []
