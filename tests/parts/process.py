"""Processes that the tests start, and that never outlive them."""

from __future__ import annotations

import atexit
import contextlib
import grp
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

GUARD = Path(__file__).with_name("guard.py")


class PartFailedError(RuntimeError):
    """A part is on this machine and yet did not start, or stopped by itself."""


class PartMissingError(RuntimeError):
    """A part cannot be had on this machine; the message says what to install."""


def free_port() -> int:
    """A TCP port on 127.0.0.1 that nobody holds, below the range of outgoing connections.

    From within that range a client that retries while a part is down could connect to itself, and so take
    the port that the part needs for its restart.
    """
    try:
        ceiling = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text("ascii").split()[0])
    except OSError:
        ceiling = 32768
    for _ in range(200):
        port = random.randrange(min(15000, ceiling - 5000), ceiling)  # not a secret
        with contextlib.closing(socket.socket()) as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port
    raise PartFailedError("no free TCP port on 127.0.0.1")


def wait_until(ready: Callable[[], bool], timeout: float, what: str, every: float = 0.02) -> None:
    """Poll `ready`; raises TimeoutError that names `what`."""
    deadline = time.monotonic() + timeout
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} not within {timeout:g} s")
        time.sleep(every)


def accepts_connections(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


class _Guard:
    """A process of its own that ends what this one leaves behind, even when it is killed with SIGKILL.

    It sees the end of its standard input. PR_SET_PDEATHSIG would not do: it follows the thread that started
    the child, is lost on a change of user, and exists on Linux only.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def tell(self, line: str) -> None:
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._process = subprocess.Popen(
                    [sys.executable, "-I", "-S", str(GUARD)],
                    stdin=subprocess.PIPE,
                    start_new_session=True,  # a Ctrl-C or a kill of pytest's group must not reach it
                )
                atexit.register(self._close, self._process)
            assert self._process.stdin is not None
            self._process.stdin.write(line.encode() + b"\n")
            self._process.stdin.flush()

    @staticmethod
    def _close(process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
        process.wait(timeout=10)


_guard = _Guard()


class Folder:
    """A temporary folder that is removed in the end, also when the tests are killed.

    It is not one of pytest's: their parents are closed to the other user that PostgreSQL runs as.
    """

    def __init__(self, prefix: str) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=f"turnsignal-{prefix}-"))
        _guard.tell(f"+folder {self.path}")

    def remove(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
        _guard.tell(f"-folder {self.path}")


class Program:
    """One started program in its own process group, its output in a log file."""

    def __init__(self, name: str, log: Path, *, at_exit: signal.Signals = signal.SIGKILL) -> None:
        """`at_exit` is what the guard sends should the tests be killed."""
        self.name = name
        self.log = log
        self._at_exit = at_exit
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        if self._process is None:
            raise PartFailedError(f"{self.name} is not running")
        return self._process.pid

    def start(
        self,
        command: Sequence[str | Path],
        *,
        cwd: Path,
        user: str | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        if self.running:
            raise PartFailedError(f"{self.name} is running already")
        with self._open_log() as log:
            self._process = subprocess.Popen(
                [str(part) for part in command],
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(environment or {})},
                start_new_session=True,
                user=user,
                group=group_of(user) if user else None,
                extra_groups=[] if user else None,
            )
        _guard.tell(f"+process {self._process.pid} {self._at_exit.value}")

    def _open_log(self) -> IO[bytes]:
        return self.log.open("ab")

    def wait_ready(self, ready: Callable[[], bool], timeout: float) -> None:
        """Raises PartFailedError, with the end of the log, if the program ends or takes too long."""
        deadline = time.monotonic() + timeout
        while not ready():
            if not self.running:
                raise PartFailedError(f"{self.name} ended while it started:\n{self.log_tail()}")
            if time.monotonic() > deadline:
                raise PartFailedError(f"{self.name} was not ready after {timeout:g} s:\n{self.log_tail()}")
            time.sleep(0.02)

    def end(self, how: signal.Signals, timeout: float = 30) -> None:
        """Send a signal to the whole group and wait; what outlives the timeout is killed."""
        process = self._process
        if process is None:
            return
        for signal_ in (how, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal_)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=timeout)
                break
        self._process = None
        _guard.tell(f"-process {process.pid}")

    def log_tail(self, lines: int = 40) -> str:
        try:
            return "\n".join(self.log.read_text("utf-8", errors="replace").splitlines()[-lines:])
        except OSError as error:
            return f"(no log: {error})"


def group_of(user: str) -> str:
    return grp.getgrgid(pwd.getpwnam(user).pw_gid).gr_name
