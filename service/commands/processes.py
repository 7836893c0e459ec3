"""What the commands that run a process share: settings, logs, a migrated database, parts."""

import os

from service.configuration import SettingsError, load
from service.failures import Failure
from service.settings import Settings


def settings() -> Settings:
    """The settings of this process; raises Failure that lists what is wrong with them."""
    try:
        return load(os.environ)
    except SettingsError as error:
        raise wrong_settings(error) from None


def wrong_settings(error: SettingsError) -> Failure:
    """What is wrong with the settings, a line each."""
    return Failure("the settings are wrong:\n  " + "\n  ".join(error.problems), 2)


def logging(chosen: Settings) -> None:
    """Logs as the settings want them, with every secret blotted out."""
    from service import logs
    from service.secrets import secrets_of

    logs.configure(chosen.log.level, chosen.log.format, secrets_of(chosen))


def database_ready(chosen: Settings, *, migrate: bool = False) -> None:
    """Make sure of the schema; raises Failure that says what to do."""
    import migrations
    from storage.engine import UNAVAILABLE, create_engine

    url = chosen.database.url.get_secret_value()
    try:
        if migrate:
            migrations.upgrade(url)
        engine = create_engine(url)
    except ValueError as error:
        raise Failure(f"database.url: {error}", 2) from None
    except UNAVAILABLE as error:
        raise _away(error) from None
    try:
        current = migrations.is_current(engine)
    except UNAVAILABLE as error:
        raise _away(error) from None
    finally:
        engine.dispose()
    if not current:
        raise Failure("the database lacks the schema of this version; run `turnsignal migrate` first", 3)


def _away(error: Exception) -> Failure:
    return Failure(f"the database does not answer: {getattr(error, 'orig', error)}", 3)
