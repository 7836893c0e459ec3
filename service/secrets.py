"""Every secret among the settings, so that logs can leave them out."""

from collections.abc import Iterator

from pydantic import BaseModel, SecretStr
from sqlalchemy.engine import make_url

from service.settings import Settings


def secrets_of(settings: Settings) -> set[str]:
    """The secrets in clear; of a database URL, only its password."""
    found = {secret.get_secret_value() for secret in _walk(settings)}
    url = settings.database.url.get_secret_value()
    found.discard(url)
    password = make_url(url).password
    return found | ({str(password)} if password else set())


def _walk(model: BaseModel) -> Iterator[SecretStr]:
    for name in type(model).model_fields:
        yield from _within(getattr(model, name))


def _within(value: object) -> Iterator[SecretStr]:
    if isinstance(value, SecretStr):
        yield value
    elif isinstance(value, BaseModel):
        yield from _walk(value)
    elif isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _within(item)
