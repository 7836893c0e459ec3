"""Settings that would leak or lose are refused, and no representation shows a secret."""

from datetime import timedelta

import pytest

from alerts.config import EmailConfig, NotifierConfig, SlackConfig

SECRET = "https://hooks.slack.example/services/T/B/verysecret"


def test_representations_show_no_secret() -> None:
    """A configuration may be logged."""
    config = NotifierConfig(
        slack=SlackConfig(webhook_url=SECRET),
        email=EmailConfig(host="h", sender="a@b.example", username="u", password="verysecret"),
    )
    assert "verysecret" not in repr(config)


@pytest.mark.parametrize(
    "url", ["", "verysecret", "http://hooks.slack.example/verysecret", "ftp://verysecret/"]
)
def test_a_bad_webhook_address_is_refused_without_being_shown(url: str) -> None:
    """Plain http would show the secret to everyone on the way."""
    with pytest.raises(ValueError, match="https://") as refused:
        SlackConfig(webhook_url=url)
    assert "verysecret" not in str(refused.value)


def test_a_password_is_never_sent_in_the_clear() -> None:
    """Credentials turn STARTTLS on, and cannot be combined with none."""
    assert EmailConfig(host="h", sender="a@b.example", username="u", password="p").starttls
    assert not EmailConfig(host="h", sender="a@b.example").starttls
    with pytest.raises(ValueError, match="in the clear"):
        EmailConfig(host="h", sender="a@b.example", username="u", password="p", security="none")
    with pytest.raises(ValueError, match="together"):
        EmailConfig(host="h", sender="a@b.example", username="u")


def test_addresses_are_checked_at_the_start() -> None:
    """A wrong default receiver is found before the first alert is."""
    with pytest.raises(ValueError, match="nobody"):
        NotifierConfig(default_email="nobody")
    with pytest.raises(ValueError, match="sender"):
        EmailConfig(host="h", sender="Turnsignal")
    with pytest.raises(ValueError, match="public address"):
        NotifierConfig(public_url="turnsignal.example.com")
    with pytest.raises(ValueError, match="lease"):
        NotifierConfig(slack=SlackConfig(webhook_url=SECRET), lease=timedelta(seconds=20))
