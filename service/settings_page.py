"""docs/settings.md, made from the settings' own classes."""

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from service.configuration import PREFIX, is_secret, sections

_HEAD = """# Settings

Made by `turnsignal settings --markdown`. A setting is looked for in the environment, then in
`turnsignal.toml` (`--config` or `TURNSIGNAL_CONFIG` name another file), then its default holds:

```toml
[kafka]
bootstrap_servers = ["broker:9092"]
```

is the same as `TURNSIGNAL_KAFKA__BOOTSTRAP_SERVERS=broker:9092`. Lists are JSON, or words between commas.
Each variable may end in `_FILE` and name a file that holds the value, as for secrets. A wrong name or value
stops the start, and is named.
"""


def page() -> str:
    """The whole page."""
    parts = [_HEAD]
    for section, model in sections().items():
        parts.append(
            f"\n## {section}\n\n{model.__doc__}\n\n| setting | default | meaning |\n| --- | --- | --- |\n"
        )
        for name, field in model.model_fields.items():
            meaning = field.description or ""
            secret = " Secret." if is_secret(section, name) else ""
            parts.append(f"| `{section}.{name}` | {_default(field)} | {meaning}{secret} |\n")
    example = f"{PREFIX}DATABASE__URL_FILE=/run/secrets/database-url"
    return "".join([*parts, f"\nA secret from a file: `{example}`\n"])


def _default(field: FieldInfo) -> str:
    value = field.default
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    return "none" if value in (None, []) else f"`{value}`"
