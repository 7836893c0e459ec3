"""Kafka Connect, standalone, with a real Debezium that captures PostgreSQL."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING, Self

import psycopg

from tests.parts import maven
from tests.parts.postgres import SUPERUSER
from tests.parts.process import Folder, Program, accepts_connections, free_port, wait_until

if TYPE_CHECKING:
    from tests.parts.postgres import PostgresServer

POM = Path(__file__).with_name("connect.xml")
NAME = "kafka-connect-debezium"
JSON = "org.apache.kafka.connect.json.JsonConverter"


class Debezium:
    """One connector over one database; its place survives stop and kill.

    Raises PartMissingError.
    """

    def __init__(self, bootstrap: str, server: PostgresServer, database: str, **settings: str) -> None:
        """`settings` are properties of the connector with `_` for `.`; they win over those below."""
        self._jars = maven.fetched(NAME, POM)
        self._server, self._database = server, database
        self._folder = Folder("connect")
        self._program = Program(NAME, self._folder.path / "connect.log")
        self._port = free_port()
        self._offsets = self._folder.path / "offsets"
        worker = {
            "bootstrap.servers": bootstrap,
            "key.converter": JSON,
            "value.converter": JSON,
            "offset.storage.file.filename": str(self._offsets),
            "offset.flush.interval.ms": "100",
            "plugin.discovery": "service_load",
            "listeners": f"http://127.0.0.1:{self._port}",
        }
        connector = {
            "name": database,
            "connector.class": "io.debezium.connector.postgresql.PostgresConnector",
            "plugin.name": "pgoutput",
            "database.hostname": "127.0.0.1",
            "database.port": str(server.port),
            "database.user": SUPERUSER,
            "database.password": "none",
            "database.dbname": database,
            "topic.prefix": database,
            "slot.name": database,  # slots are of all databases of a server
            "poll.interval.ms": "50",
            "slot.retry.delay.ms": "500",  # instead of ten seconds; so below
            "slot.max.retries": "240",
            "retriable.restart.connector.wait.ms": "500",
            "flush.lsn.source": "false",  # so that the server keeps what is to be told again
            **{name.replace("_", "."): value for name, value in settings.items()},
        }
        self._write("worker.properties", worker)
        self._write("connector.properties", connector)

    def _write(self, name: str, properties: dict[str, str]) -> None:
        lines = [f"{key}={value}\n" for key, value in properties.items()]
        (self._folder.path / name).write_text("".join(lines), "utf-8")

    def start(self) -> Self:
        options = ["-Xmx384m", "-XX:TieredStopAtLevel=1", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"]
        main = ["org.apache.kafka.connect.cli.ConnectStandalone", "worker.properties", "connector.properties"]
        command = ["java", *options, "-cp", f"{self._jars}/*", *main]
        wait_until(self._slot_is_free, 60, "PostgreSQL to notice that the connector is gone")
        self._program.start(command, cwd=self._folder.path)
        self._program.wait_ready(lambda: accepts_connections(self._port), timeout=60)
        return self

    def _slot_is_free(self) -> bool:
        """Whether PostgreSQL knows that a killed connector is gone; it refuses the next one before."""
        query = "SELECT count(*) FROM pg_replication_slots WHERE active AND database = %s"
        with psycopg.connect(self._server.conninfo(), autocommit=True) as connection:
            row = connection.execute(query, [self._database]).fetchone()
        return row == (0,)

    def log_tail(self) -> str:
        return self._program.log_tail()

    def stop(self) -> None:
        """In order: it keeps where it stands."""
        self._program.end(signal.SIGTERM)

    def kill(self) -> None:
        """At once."""
        self._program.end(signal.SIGKILL)

    @property
    def place(self) -> bytes | None:
        """Where it stands; with an earlier one it tells again, with None it begins anew with a snapshot."""
        return self._offsets.read_bytes() if self._offsets.exists() else None

    @place.setter
    def place(self, kept: bytes | None) -> None:
        if kept is None:
            self._offsets.unlink(missing_ok=True)
        else:
            self._offsets.write_bytes(kept)

    def close(self) -> None:
        self.kill()
        self._folder.remove()

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_: object) -> None:
        self.close()
