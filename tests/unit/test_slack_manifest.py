"""The manifest that the Slack app is made from."""

from pathlib import Path

from tests.parts.slack_workspace import SCOPES
from tests.unit.plain_yaml import parse

MANIFEST = parse((Path(__file__).parents[2] / "deploy" / "slack-manifest.yaml").read_text("utf-8"))


def test_the_app_asks_for_the_scopes_that_are_used() -> None:
    """No method of the bot's lacks one, none is asked for besides (users:read goes with its email)."""
    asked = MANIFEST["oauth_config"]["scopes"]["bot"]
    assert sorted(asked) == sorted({"users:read"}.union(*SCOPES.values()))


def test_presses_go_where_they_are_heard() -> None:
    """The address ends as the endpoint's does, and nothing else of Slack's is switched on."""
    settings = MANIFEST["settings"]
    assert settings["interactivity"]["is_enabled"] is True
    assert settings["interactivity"]["request_url"].endswith("/webhooks/slack")
    assert settings["token_rotation_enabled"] is False
