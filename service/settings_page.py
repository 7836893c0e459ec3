"""docs/settings.md, made from the settings' own classes."""

import json
import operator
from collections.abc import Iterator
from decimal import Decimal
from typing import Literal, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from service.crm_settings import CrmSource
from service.kafka_settings import KafkaCluster
from service.notify_settings import ReceiverSettings, RouteSettings
from service.sections import Section
from service.settings_names import PREFIX, sections

_HEAD = """# Settings

Made by `turnsignal settings --markdown`. A setting is looked for in the environment, then in
`turnsignal.toml` (`--config` or `TURNSIGNAL_CONFIG` name another file), then its default holds:

```toml
[kafka]
bootstrap_servers = ["broker:9092"]
```

is the same as `TURNSIGNAL_KAFKA__BOOTSTRAP_SERVERS=broker:9092`. Lists are JSON, or words between commas;
tables are JSON. A setting of an entry of a table has a variable of its own, with the entry's name in
capitals: `TURNSIGNAL_KAFKA__CLUSTERS__ERP__PASSWORD`. Each variable may end in `_FILE` and name a file that
holds the value, as for secrets. A wrong name or value stops the start, and is named.
"""


def page() -> str:
    """The whole page."""
    parts = [_HEAD]
    for section, model in sections().items():
        parts.append(f"\n## {section}\n\n{model.__doc__}\n\n")
        parts += _table(section, model)
        if section == "crm":
            parts.append("\nEach of `crm.sources`:\n\n")
            parts += _table("crm.sources.NAME", CrmSource)
    example = f"{PREFIX}DATABASE__URL_FILE=/run/secrets/database-url"
    return "".join([*parts, f"\nA secret from a file: `{example}`\n"])


def _table(path: str, model: type[Section]) -> Iterator[str]:
    yield "| setting | default | allowed | meaning |\n| --- | --- | --- | --- |\n"
    for name, field in model.model_fields.items():
        meaning = field.description or ""
        secret = " Secret." if SecretStr in _kinds(field.annotation) else ""
        yield f"| `{path}.{name}` | {_default(field)} | {_allowed(field)} | {meaning}{secret} |\n"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "needed"
    value = field.default
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if value in (None, "", [], {}):
        return "none"
    return f"`{value if isinstance(value, str) else json.dumps(value)}`"


_WORDS = {bool: "true, false", int: "a whole number", float: "a number", str: "text", SecretStr: "text"}
_BOUNDS = (("ge", "at least {:,}"), ("gt", "above {:,}"), ("le", "at most {:,}"))


def _allowed(field: FieldInfo) -> str:
    """What a setting takes, in words."""
    kinds = _kinds(field.annotation)
    if Literal in kinds:
        choices = [f"`{choice}`" for choice in _choices(field.annotation)]
        return ", ".join([*choices, *(["or none"] if type(None) in kinds else [])])
    if RouteSettings in kinds:
        return "a list of tables"
    if kinds & {ReceiverSettings, KafkaCluster, CrmSource}:
        return "a table of tables"
    if dict in kinds:
        return "a table of codes and numbers above 0" if Decimal in kinds else "a table of texts"
    word = next(word for kind, word in _WORDS.items() if kind in kinds)
    bounds = [
        text.format(operator.attrgetter(name)(bound))
        for name, text in _BOUNDS
        for bound in field.metadata
        if hasattr(bound, name)
    ]
    listed = "a list of texts" if list in kinds else word
    return ", ".join([listed, *bounds]) + (", or none" if type(None) in kinds else "")


def _choices(annotation: object) -> Iterator[object]:
    """What a Literal allows, wherever it stands in the type."""
    if get_origin(annotation) is Literal:
        yield from get_args(annotation)
        return
    for inner in get_args(annotation):
        yield from _choices(inner)


def _kinds(annotation: object) -> set[object]:
    """A type and all types within it."""
    return {annotation, get_origin(annotation)}.union(*map(_kinds, get_args(annotation)))
