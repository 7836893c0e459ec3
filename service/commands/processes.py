"""What the commands that work on the service's own data share: settings, logs, a migrated database."""

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from service.configuration import SettingsError, load
from service.failures import Failure
from service.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from consumers.kafka_config import KafkaConfig
    from storage.engine import Engine

HIGHEST = 2**63 - 1  # number of a row, as the databases count

_SHOWN = 120


def settings() -> Settings:
    """The settings of this process; raises Failure that lists what is wrong with them."""
    try:
        return load(os.environ)
    except SettingsError as error:
        raise wrong_settings(error) from None


def wrong_settings(error: SettingsError) -> Failure:
    """What is wrong with the settings, a line each."""
    return Failure("the settings are wrong:\n  " + "\n  ".join(error.problems), 2)


def kafka_cluster(name: str = "") -> "KafkaConfig":
    """A cluster of the settings by its name, the empty one being [kafka] itself; raises Failure."""
    from service.kafka_clusters import cluster_of

    try:
        return cluster_of(settings().kafka, name)
    except SettingsError as error:
        raise wrong_settings(error) from None


def logging(chosen: Settings) -> None:
    """Logs as the settings want them, with every secret blotted out."""
    from service import logs
    from service.secrets import secrets_of

    logs.configure(chosen.log.level, chosen.log.format, secrets_of(chosen))


def database_ready(chosen: Settings, *, migrate: bool = False) -> None:
    """Make sure of the schema; raises Failure that says what to do."""
    import migrations

    url = chosen.database.url.get_secret_value()
    with database_explained():
        if migrate:
            migrations.upgrade(url)
        current = migrations.revision_of(url)
    if current != migrations.head():
        raise Failure("the database lacks the schema of this version; run `turnsignal migrate` first", 3)


@contextmanager
def database_explained() -> "Iterator[None]":
    """Turn what goes wrong between us and a database into a Failure."""
    import migrations
    from storage.engine import REFUSED, UNAVAILABLE

    try:
        yield
    except migrations.RevisionError as error:
        raise Failure(f"{error}; this version knows those up to {migrations.head()}", 2) from None
    except UNAVAILABLE as error:
        raise Failure(f"the database does not answer: {error.orig}", 3) from None
    except REFUSED as error:
        reason = str(error.orig).partition("\n")[0]
        raise Failure(f"the database refuses: {reason}", 3) from None
    except ValueError as error:
        raise Failure(f"database.url: {error}", 2) from None


@contextmanager
def opened() -> "Iterator[Engine]":
    """The migrated database of the settings."""
    from storage.engine import create_engine

    chosen = settings()
    database_ready(chosen)
    engine = create_engine(chosen.database.url.get_secret_value())
    try:
        yield engine
    finally:
        engine.dispose()


def plain(text: str, length: int = _SHOWN) -> str:
    """Text from outside, without what would move a terminal's cursor."""
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return shown if len(shown) <= length else shown[: length - 1] + "…"
