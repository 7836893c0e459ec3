"""Runs the parts of a process side by side, and ends them together."""

import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FrameType

import structlog

log = structlog.get_logger()

_STOP_SECONDS = 55.0  # in all, below the 60 s that deploy/compose.yaml grants
_SHARE_SECONDS = 20.0  # for one part, before the next is told


@dataclass(frozen=True)
class Part:
    """Something that runs until told to stop, and can say why it is not ready, or what is to be known."""

    name: str
    run: Callable[[threading.Event], None]
    unready: Callable[[], str | None] = lambda: None
    wake: Callable[[], None] = lambda: None  # lets a part that waits see that it is to stop
    note: Callable[[], str | None] = lambda: None  # what is to be known though the part does its work


@dataclass
class _Running:
    part: Part
    stop: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None

    def end(self, seconds: float) -> bool:
        """Tell it to stop and wait at most so long; returns whether it has ended."""
        self.stop.set()
        self.part.wake()
        if self.thread is not None:
            self.thread.join(seconds)
        return self.thread is None or not self.thread.is_alive()


class Supervisor:
    """A thread for each part; one that fails ends them all, so that nothing is half alive in silence.

    Parts start in their order and stop from the last to the first: what a part needs outlives it.
    """

    def __init__(self, parts: Sequence[Part], stop_seconds: float = _STOP_SECONDS) -> None:
        self._running = [_Running(part) for part in parts]
        self._stop_seconds = stop_seconds
        self._stop = threading.Event()
        self.failed = False

    def start(self) -> None:
        """Start every part."""
        for running in self._running:
            name = running.part.name
            running.thread = threading.Thread(target=self._guarded, args=(running,), name=name, daemon=True)
            running.thread.start()

    def stop(self) -> bool:
        """Stop every part, each finishing what it has in hand; returns whether all did in time."""
        self._stop.set()
        deadline = time.monotonic() + self._stop_seconds
        for running in reversed(self._running):
            running.end(min(_SHARE_SECONDS, max(0.0, deadline - time.monotonic())))
        late = [r.part.name for r in self._running if not r.end(max(0.0, deadline - time.monotonic()))]
        if late:
            log.error("parts did not stop in time", action="stop_incomplete", parts=late)
        return not late

    def run(self) -> int:
        """Run until SIGTERM or SIGINT, or until a part fails; returns the process's exit code."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        self.start()
        while not self._stop.wait(1.0):
            pass
        log.info("stopping", action="stopping")
        stopped = self.stop()
        return 0 if stopped and not self.failed else 1

    def _guarded(self, running: _Running) -> None:
        part = running.part
        try:
            part.run(running.stop)
            if not running.stop.is_set():
                self.failed = True
                log.error("a part ended unasked; the process ends", action="part_ended", part=part.name)
        except BaseException:  # a thread that exits must not leave the others behind either
            self.failed = True
            log.exception("a part failed; the process ends", action="part_failed", part=part.name)
        finally:
            self._stop.set()

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if self._stop.is_set():  # asked twice: at once
            raise SystemExit(128 + number)
        self._stop.set()
