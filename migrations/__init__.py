"""The database schema's migrations, run by `turnsignal migrate`."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from storage.engine import create_engine, is_sqlite

_LOCK = 0x7475726E  # "turn": several replicas that migrate at once wait for each other


class RevisionError(Exception):
    """A revision, asked for or found in the database, that this version cannot go to or from."""


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the schema up to a revision."""
    _run(url, command.upgrade, revision)


def downgrade(url: str, revision: str) -> None:
    """Bring the schema down to a revision; `base` removes everything."""
    _run(url, command.downgrade, revision)


def current(engine: sa.Engine) -> str | None:
    """The revision the database is at; None for an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def revision_of(url: str) -> str | None:
    """The revision of the database at a URL."""
    engine = create_engine(url)
    try:
        return current(engine)
    finally:
        engine.dispose()


@cache
def head() -> str:
    """The newest revision there is."""
    newest = ScriptDirectory.from_config(_config()).get_current_head()
    if newest is None:
        raise RuntimeError("no migrations are installed")
    return newest


def is_current(engine: sa.Engine) -> bool:
    """Whether the database has the schema that this version needs."""
    return current(engine) == head()


def _run(url: str, step: Callable[[Config, str], None], revision: str) -> None:
    engine = create_engine(url)
    try:
        with engine.connect() as connection, connection.begin():
            if is_sqlite(connection):
                connection.exec_driver_sql("BEGIN EXCLUSIVE")
            else:
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            config = _config()
            config.attributes["connection"] = connection
            try:
                step(config, revision)
            except CommandError as error:
                raise RevisionError(str(error)) from error
    finally:
        engine.dispose()


def _config() -> Config:
    config = Config()
    folder = str(Path(__file__).parent).replace("%", "%%")  # configparser would read % as its own
    config.set_main_option("script_location", folder)
    return config
