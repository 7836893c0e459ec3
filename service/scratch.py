"""Records of topics made into events as the service would, in a database that is thrown away."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import migrations
from consumers.mapping.mappings import Mappings
from consumers.record import Record
from consumers.records import contradiction_of, read
from storage import intake
from storage.engine import Engine, create_engine
from storage.intake import Batch

_TAKEN = 2000  # records in a transaction


@contextmanager
def scratch() -> Iterator[Engine]:
    """An empty database in the folder for temporary files."""
    with TemporaryDirectory(prefix="turnsignal-") as folder:
        url = f"sqlite:///{Path(folder) / 'scratch.sqlite'}"
        migrations.upgrade(url)
        engine = create_engine(url)
        try:
            yield engine
        finally:
            engine.dispose()


def consume(engine: Engine, mappings: Mappings | None, records: list[Record], now: datetime) -> None:
    """Take records in as the consumer does; what is no event becomes a dead letter."""
    for part in _parts(records):
        readout = read(part, mappings)
        mapped = mappings.mapped(readout) if mappings else None
        batch = Batch(readout.events, [], readout.dead_letters, contradiction_of(readout), mapped)
        intake.commit(engine, batch, now)


def _parts(records: list[Record]) -> Iterable[list[Record]]:
    return (records[start : start + _TAKEN] for start in range(0, len(records), _TAKEN))
