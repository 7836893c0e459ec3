"""An order table that a real Debezium captures, and what comes of it on a topic."""

import time
from collections.abc import Callable
from typing import Any

import psycopg
from psycopg import sql

from consumers.formats import Format
from consumers.source_record import SourceRecord
from tests.parts.connect import Debezium
from tests.parts.postgres import PostgresServer

TABLE = """CREATE TABLE orders (
  id int PRIMARY KEY, account text NOT NULL, total numeric(12,2) NOT NULL, rate numeric, due date,
  placed timestamptz NOT NULL, local timestamp, extra jsonb, quantity bigint NOT NULL DEFAULT 7)"""
FIRST = """INSERT INTO orders VALUES
  (1, 'acme', 12.30, 1.5, '2024-06-01', '2024-05-06T07:08:09.123456Z', '2024-05-06 07:08:09', '{"a": 1}', 3),
  (2, 'globex', 5, NULL, NULL, '2024-05-07T00:00:00Z', NULL, NULL, 1)"""
PATIENCE = 120  # seconds; Java starts meanwhile, on a machine that may have other work


class Topic:
    """What has come on a topic so far, in order."""

    def __init__(self, bootstrap: str, name: str, kind: Format) -> None:
        from kafka import KafkaConsumer  # noqa: PLC0415  (it warns before pytest knows which to expect)

        self._consumer: Any = KafkaConsumer(
            name, bootstrap_servers=bootstrap, auto_offset_reset="earliest", metadata_max_age_ms=200
        )
        self._kind = kind
        self.values: list[bytes | None] = []
        self.said: list[SourceRecord] = []

    def wait(self, done: Callable[[list[SourceRecord]], bool], connect: Debezium) -> list[SourceRecord]:
        """Read on until enough has come."""
        deadline = time.monotonic() + PATIENCE
        while not done(self.said):
            assert time.monotonic() < deadline, f"{self.said}\n{connect.log_tail()}"
            for records in self._consumer.poll(timeout_ms=200).values():
                for record in records:
                    self.values.append(record.value)
                    self.said += self._kind.read(record)
        return self.said

    def close(self) -> None:
        self._consumer.close(autocommit=False)


def prepared(server: PostgresServer, name: str) -> psycopg.Connection[Any]:
    """A database with the table and its first two rows."""
    with psycopg.connect(server.conninfo(), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    connection = psycopg.connect(server.conninfo(name), autocommit=True)
    connection.execute(TABLE)
    connection.execute(FIRST)
    return connection


FIRST_ROW = {
    "id": 1,
    "account": "acme",
    "total": 12.3,
    "rate": 1.5,
    "due": "2024-06-01",
    "placed": "2024-05-06T07:08:09.123456Z",
    "local": "2024-05-06T07:08:09Z",
    "extra": {"a": 1},
    "quantity": 3,
}
