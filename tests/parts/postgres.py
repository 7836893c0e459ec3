"""PostgreSQL from the system's binaries, with its data in a temporary folder."""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import pwd
import re
import shutil
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Self

import psycopg
from psycopg import sql

from tests.parts.process import (
    Folder,
    PartFailedError,
    PartMissingError,
    Program,
    free_port,
    group_of,
    wait_until,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

MINIMUM_VERSION = 15
SUPERUSER = "turnsignal"


@functools.cache
def installation() -> tuple[Path, str] | None:
    """The folder of the newest PostgreSQL's programs and its version, or None where there is none."""
    found = []
    for folder in _candidate_folders():
        done = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False)
        version = re.search(r"(\d+)(?:\.\d+)?\S*", done.stdout)
        if version and int(version[1]) >= MINIMUM_VERSION:
            found.append((int(version[1]), folder, version[0]))
    if not found:
        return None
    _, folder, version_text = max(found)
    return folder, version_text


def _candidate_folders() -> set[Path]:
    """Debian keeps each version's programs off the PATH; others have them on it."""
    initdb = shutil.which("initdb")
    folders = {Path(initdb).resolve().parent} if initdb else set()
    folders.update(path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return {folder for folder in folders if (folder / "postgres").is_file()}


def why_missing() -> str | None:
    """Why PostgreSQL cannot be had on this machine."""
    if installation() is None:
        return f"no PostgreSQL {MINIMUM_VERSION} or newer (initdb) on the PATH or in /usr/lib/postgresql"
    return None


def unprivileged_user() -> str | None:
    """Whom to run as: PostgreSQL refuses root; None where we are not root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise PartMissingError(
        "PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody"
    )


class PostgresServer:
    """PostgreSQL on a free port of 127.0.0.1; a context manager.

    Its port and its data stay the same through `kill`, `stop` and `restart`, until `close`. Local connections
    need no password.
    """

    name = "PostgreSQL"

    def __init__(self, *, fsync: bool = True, settings: Mapping[str, str] | None = None) -> None:
        """`fsync=False` is for tests that no crash of the machine can hurt: it saves most of a small commit.

        `settings` are lines of postgresql.conf. Raises PartMissingError.
        """
        found = installation()
        if found is None:
            raise PartMissingError(f"PostgreSQL: {why_missing()}")
        self._bin, version = found
        self.name = f"PostgreSQL {version}"
        self.port = free_port()
        self._user = unprivileged_user()
        self._folder = Folder("postgres")
        # SIGQUIT is PostgreSQL's immediate shutdown; SIGKILL would leave its shared memory behind.
        self._program = Program(self.name, self._folder.path / "postgres.log", at_exit=signal.SIGQUIT)
        self._settings = {"fsync": "on" if fsync else "off", **(settings or {})}
        self._numbers = itertools.count(1)
        try:
            self._initialise()
        except BaseException:
            self._folder.remove()
            raise

    @property
    def data(self) -> Path:
        return self._folder.path / "data"

    @property
    def log(self) -> Path:
        return self._program.log

    @property
    def running(self) -> bool:
        return self._program.running

    @property
    def pid(self) -> int:
        return self._program.pid

    def url(self, database: str = "postgres") -> str:
        """For SQLAlchemy."""
        return f"postgresql+psycopg://{SUPERUSER}@127.0.0.1:{self.port}/{database}"

    def conninfo(self, database: str = "postgres") -> str:
        """For psycopg itself."""
        return f"host=127.0.0.1 port={self.port} user={SUPERUSER} dbname={database} connect_timeout=5"

    def create_database(self) -> str:
        """Create an empty database; its URL for SQLAlchemy."""
        name = f"test_{next(self._numbers)}"
        self._execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Drop what `create_database` made, whoever is still connected."""
        name = url.rsplit("/", 1)[1]
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def start(self) -> Self:
        command = [str(self._bin / "postgres"), "-D", str(self.data)]
        self._program.start(command, cwd=self._folder.path, user=self._user)
        self._program.wait_ready(self._answers, timeout=60)
        return self

    def stop(self) -> None:
        """An orderly shutdown that does not wait for clients (SIGINT, "fast")."""
        self._program.end(signal.SIGINT)

    def kill(self) -> None:
        """SIGKILL to the server and all its processes: only what is on disk survives."""
        if not self.running:
            return
        # Each backend leads a group of its own, so the group of the postmaster is not enough.
        processes = _children(self.pid)
        self._program.end(signal.SIGKILL)
        for pid in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        # A successor refuses to start while one of them is still attached to the shared memory.
        wait_until(lambda: not any(map(_alive, processes)), 10, "the end of PostgreSQL's processes")

    def restart(self) -> None:
        """Start again on the same port and data, after a stop, a kill or while it runs."""
        self.stop()
        self.start()

    def close(self) -> None:
        """End it at once and remove its data."""
        self._program.end(signal.SIGQUIT)
        self._folder.remove()

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_: object) -> None:
        self.close()

    def _initialise(self) -> None:
        folder = self._folder.path
        if self._user is not None:
            shutil.chown(folder, self._user, group_of(self._user))
        command = [
            str(self._bin / "initdb"),
            "-D",
            str(self.data),
            "-U",
            SUPERUSER,
            "-A",
            "trust",
            "-E",
            "UTF8",
        ]
        command += ["--locale=C", "--no-sync", "--no-instructions"]
        done = subprocess.run(
            command,
            cwd=folder,
            user=self._user,
            group=group_of(self._user) if self._user else None,
            extra_groups=[] if self._user else None,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise PartFailedError(f"initdb failed:\n{done.stdout}{done.stderr}")
        configuration = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(folder),
            "max_connections": "200",
            "timezone": "UTC",
            # In the data folder, not in /dev/shm, where a killed server would leave it.
            "dynamic_shared_memory_type": "mmap",
            **self._settings,
        }
        with (self.data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.writelines(f"{key} = '{value}'\n" for key, value in configuration.items())

    def _answers(self) -> bool:
        try:
            self._execute(sql.SQL("SELECT 1"))
        except psycopg.OperationalError:
            return False
        return True

    def _execute(self, statement: sql.SQL | sql.Composed) -> None:
        with psycopg.connect(self.conninfo(), autocommit=True) as connection:
            connection.execute(statement)


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]
    except OSError:  # no /proc: the backends see by themselves that the postmaster is gone
        return []


def _alive(pid: int) -> bool:
    """Whether a process runs; one that is dead but not yet reaped by init does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False
