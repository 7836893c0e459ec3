"""The mappings of the settings."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from consumers.formats import FormatError, format_of
from consumers.mapping.files import MakeFormat, MappingError, load
from consumers.mapping.mappings import Mappings
from service.configuration import SettingsError
from service.kafka_settings import Kafka
from service.settings import Settings

if TYPE_CHECKING:
    from consumers.formats.registry import Registry


def mappings_of(settings: Settings, files: Sequence[str] = ()) -> Mappings | None:
    """What records of other systems mean, by these files or those of the settings; None without any.

    Raises SettingsError that tells everything that is wrong with them.
    """
    chosen = list(files) or settings.mapping.files
    if not chosen:
        return None
    try:
        return load(chosen, format_maker(settings), ["", *settings.kafka.clusters])
    except (MappingError, FormatError) as error:
        raise SettingsError(error.problems if isinstance(error, MappingError) else [str(error)]) from None


def mapped_writes(kafka: Kafka, mappings: Mappings | None) -> dict[str, str]:
    """The topics of `kafka.write_topics` whose events would be read as another system's records, and why."""
    found = {}
    for pattern, topic in kafka.write_topics.items():
        mapping = None if mappings is None else mappings.of(topic, kafka.write_cluster)
        if mapping is not None and mapping.format.name != "cloudevents":
            found[topic] = (
                f"kafka.write_topics: {pattern} is written to topic {topic!r}, whose records {mapping.place} "
                "reads as those of another system: write these events to a topic that no mapping names"
            )
    return found


def format_maker(settings: Settings) -> MakeFormat:
    """Makes formats; those that read by a schema registry share one. Raises FormatError."""
    registry = registry_of(settings)
    decode = None if registry is None else registry.decode
    return lambda name, options: format_of(name, options, decode)


def registry_of(settings: Settings, timeout: float = 10.0) -> "Registry | None":
    """The schema registry of the settings; None where there is none. Raises FormatError."""
    urls = [url for url in settings.registry.urls if url is not None]
    if not urls:
        return None
    from consumers.formats.registry import Registry, RegistryConfig  # noqa: PLC0415  (an optional extra)

    told = settings.registry
    password, token = (None if it is None else it.get_secret_value() for it in (told.password, told.token))
    return Registry(RegistryConfig(urls, told.username, password, token, told.ca_file, timeout))
