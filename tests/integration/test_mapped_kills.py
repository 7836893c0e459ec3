"""Members of a group on mapped topics are killed amid their work, and rebalance while references come."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

import migrations
from consumers.consumer import Consumer
from consumers.mapping.files import load
from storage.engine import Engine, create_engine
from tests.conftest import TopicFactory
from tests.integration.consuming import config, offset, one, reached, rows, running
from tests.integration.mapped_story import MAPPING, STORY, send, told_of
from tests.integration.mapping_parts import FakeRecord, states, take
from tests.parts.broker import Broker
from tests.parts.process import wait_until

PARTITIONS = 3
LIVES = 10  # of each member; the last one lives on
SCRIPT = Path(__file__).with_name("mapped_member.py")
LATE = {"Contact", "User", "order_lines", "products"}  # what others refer to


@pytest.fixture
def engine(postgres_url: str) -> Iterator[Engine]:
    """A migrated database."""
    migrations.upgrade(postgres_url)
    made = create_engine(postgres_url)
    yield made
    made.dispose()


@pytest.fixture
def expected(tmp_path: Path) -> dict[str, bytes]:
    """The states that the same history gives, undisturbed, as canonical events."""
    url = f"sqlite:///{tmp_path / 'expected.sqlite'}"
    migrations.upgrade(url)
    made = create_engine(url)
    take(made, None, [FakeRecord("events", json.dumps(event).encode()) for event in STORY.events])
    found = states(made)
    made.dispose()
    return found


class Topics:
    """The story's topics: first what refers to others, then what is referred to."""

    def __init__(self, kafka: Broker, topic: TopicFactory, folder: Path) -> None:
        self.names = [topic(PARTITIONS, "crm"), topic(PARTITIONS, "erp")]
        self.mapping = folder / "mapping.toml"
        self.mapping.write_text(MAPPING.format(crm=self.names[0], erp=self.names[1]), "utf-8")
        self.total = 0
        self._bootstrap = kafka.bootstrap
        self._told = [told_of(STORY.crm), told_of(STORY.erp)]

    def send(self, *, late: bool) -> None:
        """Send the one half or the other."""
        for name, told in zip(self.names, self._told, strict=True):
            part = [each for each in told if (kind_of(each) in LATE) is late]
            self.total += len(part)
            send(self._bootstrap, name, part, PARTITIONS)


def kind_of(told: dict[str, Any]) -> str:
    """The object or the table that a change is of."""
    header = told.get("ChangeEventHeader")
    return str(header["entityName"] if header else told["source"]["table"])


class Member:
    """A process that dies at a word to the database that the dice choose, again and again."""

    def __init__(self, arguments: Sequence[str], log: Path, dice: Random) -> None:
        self._arguments = arguments
        self._log = log
        self._dice = dice
        self.deaths = 0
        self._process = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        last = self._dice.randrange(4, 45) if self.deaths < LIVES else 0
        with self._log.open("ab") as log:
            return subprocess.Popen([sys.executable, str(SCRIPT), *self._arguments, str(last)], stderr=log)

    def revive(self) -> None:
        """Start it anew where it has died; raises AssertionError where it ended in any other way."""
        if (code := self._process.poll()) is not None:
            assert code == -signal.SIGKILL, self._log.read_text()[-4000:]
            self.deaths += 1
            self._process = self._start()

    def end(self) -> None:
        """Stop it, if it has not just died."""
        self._process.terminate()
        self._process.wait(30)


def check(engine: Engine, expected: dict[str, bytes]) -> None:
    """Nothing lost, nothing doubled, nothing made by half of what it refers to."""
    assert one(engine, "SELECT count(*) FROM events") == len(STORY.events)
    assert rows(engine, "SELECT reason, detail FROM dead_letters WHERE replayed_at IS NULL") == []
    assert states(engine) == expected


@pytest.mark.timeout(300)
def test_members_that_are_killed_at_any_word_leave_the_state_of_an_undisturbed_run(
    apache_kafka: Broker, topic: TopicFactory, engine: Engine, expected: dict[str, bytes], tmp_path: Path
) -> None:
    """Two members, each killed again and again before a statement or a commit, while references come late."""
    topics = Topics(apache_kafka, topic, tmp_path)
    topics.send(late=False)
    url = engine.url.render_as_string(hide_password=False)
    group = topics.names[0]
    arguments = [url, apache_kafka.bootstrap, ",".join(topics.names), group, str(topics.mapping)]
    dice = Random(5)
    half = topics.total // 2
    with ExitStack() as stack:
        members = [Member(arguments, tmp_path / f"member-{number}.log", dice) for number in range(2)]
        for member in members:
            stack.callback(member.end)

        def consumed(until: int) -> bool:
            for member in members:
                member.revive()
            return offset(engine) >= until

        wait_until(lambda: consumed(half), 120, "half of what refers to others", every=0.1)
        topics.send(late=True)
        wait_until(lambda: consumed(topics.total), 180, "everything", every=0.1)
    assert sum(member.deaths for member in members) >= LIVES
    check(engine, expected)


def test_rebalances_while_references_come_late_lose_nothing(
    kafka: Broker, topic: TopicFactory, engine: Engine, expected: dict[str, bytes], tmp_path: Path
) -> None:
    """Members come and go amid drafts and what they wait for; each has its own memory of references."""
    topics = Topics(kafka, topic, tmp_path)
    both = replace(config(kafka.bootstrap, topics.names[0]), topics=topics.names, batch_records=10)

    def member() -> Consumer:
        return Consumer(engine, both, load([topics.mapping]))

    topics.send(late=False)
    first = topics.total
    with running(member()):
        wait_until(reached(engine, first // 3), 30, "a third of what refers to others")
        with running(member()):
            topics.send(late=True)
            wait_until(reached(engine, first), 30, "as many as refer to others")
        wait_until(reached(engine, topics.total), 30, "everything")
    check(engine, expected)
