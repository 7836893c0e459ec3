"""From settings to parts: who runs where, and what the processes need of each other."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY

from service.assembly import Assembly, _own_endpoint, with_own_secret
from service.configuration import SettingsError
from service.settings import Http, Settings

SECRET = "whsec_" + "c2VjcmV0IG9mIHRoaXMgdGVzdA" * 2


@pytest.fixture
def assembly(tmp_path: Path) -> Iterator[Any]:
    """`assembly(section={…})` builds on a SQLite file that nobody opens."""
    made: list[Assembly] = []

    def build(**sections: dict[str, Any]) -> Assembly:
        database = {"url": f"sqlite:///{tmp_path / 'x.sqlite'}"}
        made.append(Assembly(Settings.model_validate({"database": database, **sections})))
        return made[-1]

    yield build
    for each in made:
        each.close()


def names(parts: list[Any]) -> list[str]:
    return [part.name for part in parts]


def test_each_process_runs_its_parts_after_what_they_need(assembly: Any) -> None:
    """Parts stop from the last: the consumer first, the server that the relay posts to at the end."""
    webhook = {"secrets": [SECRET], "url": "http://serve:8321/webhooks/alerts"}
    everything = ["server", "notifier", "relay", "reviewer", "consumer"]
    assert names(assembly(webhook=webhook).everything()) == everything
    assert names(assembly(webhook=webhook).consume()) == ["server", "relay", "reviewer", "consumer"]
    assert names(assembly(webhook=webhook).serve()) == ["server"]
    assert names(assembly(webhook=webhook).notify()) == ["server", "notifier"]


def test_a_topic_that_is_written_to_and_mapped_is_said_at_the_start(
    assembly: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By default events go to crm.events, and a mapping of crm.* means that too."""
    file = tmp_path / "mapping.toml"
    file.write_text(
        '[[mapping]]\ntopics = ["crm.*"]\n[[mapping.event]]\ntype = "order.cancelled"\naccount = "who"\n'
        'data = {order_id = "id"}\n'
    )
    built = assembly(webhook={"secrets": [SECRET]}, mapping={"files": [str(file)]})
    built.serve()
    said = capsys.readouterr().out
    assert said.count("write_topic_mapped") == 1
    assert "kafka.write_topics: crm.* is written to topic 'crm.events'" in said
    assert set(built._events.refused) == {"crm.events"}


def test_consume_alone_must_be_told_where_to_post(assembly: Any) -> None:
    """Its own port has no webhook: every alert would be refused with 404, for good."""
    with pytest.raises(SettingsError, match=r"webhook\.url: not set"):
        assembly(webhook={"secrets": [SECRET]}).consume()


@pytest.mark.parametrize("process", ["consume", "serve", "everything"])
def test_processes_of_their_own_must_share_a_secret(assembly: Any, process: str) -> None:
    """A secret that one of two processes made up would fit nothing."""
    with pytest.raises(SettingsError, match=r"webhook\.secrets: not set"):
        getattr(assembly(webhook={"url": "http://serve/webhooks/alerts"}), process)()


def test_all_in_one_makes_up_a_secret_where_there_is_none() -> None:
    """`turnsignal run` needs no configuration, and two of them accept nothing of each other."""
    one, other = with_own_secret(Settings()), with_own_secret(Settings())
    assert one.webhook.secrets != other.webhook.secrets
    assert with_own_secret(one) == one


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8321/webhooks/alerts"),
        ("0.0.0.0", "http://127.0.0.1:8321/webhooks/alerts"),  # noqa: S104  (an input)
        ("::", "http://[::1]:8321/webhooks/alerts"),
        ("fd00::7", "http://[fd00::7]:8321/webhooks/alerts"),
        ("turnsignal.example", "http://turnsignal.example:8321/webhooks/alerts"),
    ],
)
def test_all_in_one_posts_to_an_address_that_it_listens_on(host: str, url: str) -> None:
    """Nobody can connect to 0.0.0.0 everywhere, and IPv6 addresses need brackets."""
    assert _own_endpoint(Http(host=host)) == url


@pytest.mark.parametrize(
    ("sections", "said"),
    [
        ({"slack": {"webhook_url": "http://geheim/x"}}, "slack: the Slack webhook is not"),
        ({"email": {"host": "mail", "username": "u"}}, "email: a user name and a password"),
        ({"email": {"host": "mail", "sender": "nobody"}}, "email: the sender 'nobody'"),
        ({"notify": {"default_email": "nobody"}}, "notify: the default receiver 'nobody'"),
    ],
)
def test_settings_that_do_not_go_together_are_named(
    assembly: Any, sections: dict[str, Any], said: str
) -> None:
    """The channels' own checks reach the operator with the setting's name, without its secret."""
    with pytest.raises(SettingsError) as caught:
        assembly(webhook={"secrets": [SECRET]}, **sections).notify()
    (problem,) = caught.value.problems
    assert problem.startswith(said)
    assert "geheim" not in problem


def test_nothing_is_left_behind(assembly: Any) -> None:
    """A process that builds twice, as tests and the demo do, must not count everything twice."""
    before = len(REGISTRY._collector_to_names)
    built = assembly(webhook={"secrets": [SECRET]})
    built.serve()
    built.close()
    built.close()
    assert len(REGISTRY._collector_to_names) == before
