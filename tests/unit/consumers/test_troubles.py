"""What keeps a member from its work is said once, and is over when nobody tells it any more."""

import pytest

from consumers.troubles import Troubles


def test_a_trouble_is_said_once_and_its_end_once(capsys: pytest.CaptureFixture[str]) -> None:
    """A refusal is met many times a second; a log that repeats it hides everything else."""
    now = [0.0]
    troubles = Troubles("eu", lambda: now[0])
    for now[0] in (0.0, 1.0, 4.0):
        troubles.tell("refused", "kafka_refused")
        troubles.over()
    assert troubles.words == "refused"
    now[0] = 8.9
    troubles.over()
    assert troubles.words == "refused"
    now[0] = 9.1
    troubles.over()
    troubles.over()
    assert troubles.words is None
    logged = capsys.readouterr().out
    assert (logged.count("refused"), logged.count("kafka_available")) == (2, 1)  # words and action


def test_two_troubles_are_told_together() -> None:
    """Who mends the first should know of the second."""
    troubles = Troubles("")
    troubles.tell("one", "kafka_refused")
    troubles.tell("two", "kafka_unavailable")
    assert troubles.words == "one; two"


def test_each_system_is_said_to_be_back_by_itself(capsys: pytest.CaptureFixture[str]) -> None:
    """A registry that is away says nothing of Kafka, and its end is not Kafka's."""
    now = [0.0]
    troubles = Troubles("", lambda: now[0])
    troubles.tell("no schemas", "registry_unavailable")
    assert not troubles.of_kafka
    troubles.tell("refused", "kafka_refused")
    assert troubles.of_kafka
    now[0] = 4.0
    troubles.tell("refused", "kafka_refused")
    now[0] = 6.0
    troubles.over()
    assert troubles.words == "refused"
    logged = capsys.readouterr().out
    assert "registry_available" in logged
    assert "kafka_available" not in logged
