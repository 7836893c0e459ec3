"""Runs the parts of a process side by side, and ends them together."""

import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import FrameType

import structlog

log = structlog.get_logger()

_STOP_SECONDS = 55.0


@dataclass(frozen=True)
class Part:
    """Something that runs until told to stop, and can say why it is not ready."""

    name: str
    run: Callable[[threading.Event], None]
    unready: Callable[[], str | None] = lambda: None
    wake: Callable[[], None] = lambda: None  # lets a part that waits see that it is to stop


class Supervisor:
    """A thread for each part; one that fails ends them all, so that nothing is half alive in silence."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = parts
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self.failed = False

    def start(self) -> None:
        """Start every part."""
        for part in self._parts:
            thread = threading.Thread(target=self._guarded, args=(part,), name=part.name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> bool:
        """Tell every part to stop and wait for them; returns whether all did."""
        self._stop.set()
        for part in self._parts:
            part.wake()
        for thread in self._threads:
            thread.join(_STOP_SECONDS)
        late = [thread.name for thread in self._threads if thread.is_alive()]
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

    def _guarded(self, part: Part) -> None:
        try:
            part.run(self._stop)
        except Exception:
            log.exception("a part failed; the process ends", action="part_failed", part=part.name)
            self.failed = True
        else:
            if not self._stop.is_set():
                log.error("a part ended unasked; the process ends", action="part_ended", part=part.name)
                self.failed = True
        self._stop.set()

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if self._stop.is_set():  # asked twice: at once
            raise SystemExit(128 + number)
        self._stop.set()
