"""The drill: real invoices through Kafka into PostgreSQL while a consumer is killed again and again."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from random import Random

import pytest
import sqlalchemy as sa

import migrations
from accounts.account import from_bytes
from storage.engine import create_engine, reading
from tests.conftest import TopicFactory
from tests.end_to_end import online_retail
from tests.end_to_end.online_retail import Truth
from tests.end_to_end.turnsignal import PROGRAM, environment, send
from tests.parts.broker import Broker
from tests.parts.process import wait_until

_PARTITIONS = 6
_KILLS = 5
_CHUNKS = 60
_SEED = 20111209
_UNTIL = "2011-12-19"

needs_data = pytest.mark.skipif(not online_retail.FILE.exists(), reason=f"no data at {online_retail.FILE}")

Invoices = Sequence[tuple[str, datetime, bytes]]


@needs_data
def test_a_part_of_the_invoices_survives_five_kills(
    apache_kafka: Broker, topic: TopicFactory, postgres_url: str, tmp_path: Path
) -> None:
    """Nothing lost, nothing doubled, the same states as without Kafka and database: 400 customers."""
    _drill(400, 8.0, apache_kafka, topic, postgres_url, tmp_path)


@needs_data
@pytest.mark.full
@pytest.mark.timeout(900)
def test_all_invoices_survive_five_kills(
    apache_kafka: Broker, topic: TopicFactory, postgres_url: str, tmp_path: Path
) -> None:
    """The same with the whole file."""
    _drill(None, 40.0, apache_kafka, topic, postgres_url, tmp_path)


def _drill(
    customers: int | None, seconds: float, kafka: Broker, topic: TopicFactory, database: str, folder: Path
) -> None:
    table = online_retail.lines(customers)
    truth, invoices = online_retail.truth(table), list(online_retail.events(table))
    name = topic(_PARTITIONS, "invoices", **{"retention.ms": "-1"})
    migrations.upgrade(database)
    begun = time.monotonic()
    with _members(database, kafka.bootstrap, name, folder) as members:
        sender = threading.Thread(target=_send_slowly, args=(kafka.bootstrap, name, invoices, seconds))
        sender.start()
        _kill_at_random(members, seconds)
        sender.join()
        wait_until(lambda: _consumed(database) == len(invoices), 60, "the last invoice", every=0.1)
    took = time.monotonic() - begun
    logs = "".join(log.read_text() for log in folder.glob("member-*.log"))
    fenced, placed = logs.count('"batch_fenced"'), logs.count('"partition_placed"')
    sys.stdout.write(
        f"\n{len(invoices):,} invoices, {truth.customers:,} customers in {took:.1f} s, {_KILLS} kills, "
        f"{placed} partitions placed, {fenced} batches fenced\n"
    )
    _turnsignal("review", "--until", _UNTIL, database=database)
    assert _counted(database) == truth
    assert _states(database) == _replayed(invoices, folder)


class _Members:
    """Two consumer processes; `kill` ends one as a crash would and starts it anew."""

    def __init__(self, arguments: Sequence[str], folder: Path) -> None:
        self._arguments = arguments
        self._folder = folder
        self.processes = [self._start(number) for number in range(2)]

    def kill(self, number: int) -> None:
        self.processes[number].kill()
        self.processes[number].wait()
        self.processes[number] = self._start(number)

    def _start(self, number: int) -> "subprocess.Popen[bytes]":
        script = str(Path(__file__).with_name("consume_process.py"))
        with (self._folder / f"member-{number}.log").open("ab") as log:
            return subprocess.Popen([sys.executable, script, *self._arguments], stderr=log)


@contextmanager
def _members(database: str, bootstrap: str, topic: str, folder: Path) -> Iterator[_Members]:
    members = _Members([database, bootstrap, topic], folder)
    with ExitStack() as stack:
        try:
            yield members
        finally:
            for process in members.processes:
                process.terminate()
                stack.callback(process.wait, 30)


def _send_slowly(bootstrap: str, topic: str, invoices: Invoices, seconds: float) -> None:
    size = -(-len(invoices) // _CHUNKS)
    for start in range(0, len(invoices), size):
        send(bootstrap, topic, invoices[start : start + size])
        time.sleep(seconds / _CHUNKS)


def _kill_at_random(members: _Members, seconds: float) -> None:
    dice = Random(_SEED)
    for _ in range(_KILLS):
        time.sleep(dice.uniform(0.5, 1.5) * seconds / _KILLS)
        members.kill(dice.randrange(2))


def _consumed(database: str) -> int:
    return _one(database, "SELECT coalesce(sum(next_offset), 0) FROM partitions")


def _counted(database: str) -> Truth:
    """What the tables say: invoices and customers by SQL, money from the states."""
    money = sum(
        sum(sums) for body in _states(database).values() for sums in from_bytes(body).series.money.values()
    )
    return Truth(
        _one(database, "SELECT count(*) FROM events"),
        _one(database, "SELECT count(*) FROM accounts"),
        round(money / 100),
    )


def _one(database: str, query: str) -> int:
    engine = create_engine(database)
    try:
        with reading(engine) as connection:
            return int(connection.execute(sa.text(query)).scalar_one())
    finally:
        engine.dispose()


def _states(database: str) -> dict[str, bytes]:
    engine = create_engine(database)
    try:
        with reading(engine) as connection:
            rows = connection.execute(sa.text("SELECT account_id, state FROM accounts"))
            return {account: bytes(state) for account, state in rows}
    finally:
        engine.dispose()


def _replayed(invoices: Invoices, folder: Path) -> dict[str, bytes]:
    """The states that `turnsignal replay` comes to."""
    file, states = folder / "invoices.jsonl", folder / "states.tsv"
    file.write_bytes(b"".join(body + b"\n" for _, _, body in invoices))
    _turnsignal("replay", str(file), "--until", _UNTIL, "--states", str(states))
    pairs = (line.split("\t") for line in states.read_text().splitlines())
    return {account: bytes.fromhex(state) for account, state in pairs}


def _turnsignal(*arguments: str, database: str = "sqlite://") -> None:
    settings = {"DATABASE__URL": database}
    subprocess.run([PROGRAM, *arguments], env=environment(settings), check=True, capture_output=True)
