"""The supervisor: parts end together, in order, and never in silence."""

import signal
import threading
from collections.abc import Callable

import pytest

from service.supervisor import Part, Supervisor
from tests.parts.process import wait_until


class Log:
    """What happened to which part, in order."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def part(self, name: str, work: Callable[[], None] = lambda: None) -> Part:
        """A part that notes when it starts and ends."""

        def run(stop: threading.Event) -> None:
            self.lines.append(f"{name} starts")
            work()
            stop.wait()
            self.lines.append(f"{name} ends")

        return Part(name, run)


def wait_for(log: Log, lines: int) -> None:
    wait_until(lambda: len(log.lines) >= lines, 10, f"line {lines} of {log.lines}")


def test_parts_stop_from_the_last_to_the_first() -> None:
    """What the consumer has in hand still finds the relay, and the relay its server."""
    log = Log()
    supervisor = Supervisor([log.part("server"), log.part("relay"), log.part("consumer")])
    supervisor.start()
    wait_for(log, 3)
    assert supervisor.stop()
    assert log.lines[3:] == ["consumer ends", "relay ends", "server ends"]
    assert not supervisor.failed


def fail() -> None:
    raise RuntimeError("the part broke")


def leave() -> None:
    raise SystemExit(3)


@pytest.mark.parametrize("end", [fail, leave])
def test_a_part_that_dies_ends_the_whole_process_with_1(end: Callable[[], None]) -> None:
    """An orchestrator restarts what exits; it cannot see that one of several threads is gone."""
    log = Log()
    supervisor = Supervisor([log.part("server"), log.part("consumer", end)])
    assert supervisor.run() == 1
    assert log.lines[-1] == "server ends"


def test_a_part_that_ends_unasked_ends_the_whole_process_with_1() -> None:
    """A loop that was left by mistake is as dead as one that raised."""
    log = Log()
    supervisor = Supervisor([log.part("server"), Part("consumer", lambda _stop: None)])
    assert supervisor.run() == 1
    assert log.lines[-1] == "server ends"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_every_part_and_exits_with_0(number: signal.Signals) -> None:
    """Orchestrators and people stop a service by signal, and read its exit code."""
    handlers = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    log = Log()

    def send() -> None:
        wait_for(log, 2)
        signal.raise_signal(number)

    try:
        assert Supervisor([log.part("server"), log.part("consumer", send)]).run() == 0
    finally:
        signal.signal(signal.SIGTERM, handlers[0])
        signal.signal(signal.SIGINT, handlers[1])
    assert log.lines[2:] == ["consumer ends", "server ends"]


def test_a_part_that_does_not_stop_is_named_when_the_time_is_up(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An orchestrator kills past its grace period: by then the log must say which part hangs."""
    monkeypatch.setattr("service.supervisor._SHARE_SECONDS", 1000)
    log, release = Log(), threading.Event()
    stuck = log.part("consumer", lambda: (release.wait(), None)[1])
    supervisor = Supervisor([log.part("server"), stuck], stop_seconds=0.2)
    supervisor.start()
    wait_for(log, 2)
    assert not supervisor.stop()
    told = capsys.readouterr().out
    assert "stop_incomplete" in told
    assert "consumer" in told
    release.set()


def test_a_part_that_does_not_stop_leaves_the_others_their_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """What hangs is killed in the end; the others shall have finished by then what they had in hand."""
    monkeypatch.setattr("service.supervisor._SHARE_SECONDS", 0.05)
    log, release = Log(), threading.Event()
    stuck = log.part("consumer", lambda: (release.wait(), None)[1])
    supervisor = Supervisor([log.part("server"), stuck])
    supervisor.start()
    wait_for(log, 2)
    stopping = threading.Thread(target=supervisor.stop)
    stopping.start()
    try:
        wait_for(log, 3)
    finally:
        release.set()
        stopping.join()
    assert log.lines[2:] == ["server ends", "consumer ends"]


def test_a_waiting_part_is_woken_to_stop() -> None:
    """A part that sleeps until there is work would otherwise sleep through the stop."""
    work = threading.Event()

    def run(stop: threading.Event) -> None:
        while not stop.is_set():
            work.wait()

    supervisor = Supervisor([Part("relay", run, wake=work.set)])
    supervisor.start()
    assert supervisor.stop()
