"""Failed deliveries back to the channels' workers, once a person has mended what was in the way."""

from collections.abc import Sequence
from datetime import datetime

from storage import deliveries
from storage.engine import Engine, transaction

_BATCH = 500


def retry(
    engine: Engine, now: datetime, *, ids: Sequence[str] | None = None, channel: str | None = None
) -> list[str]:
    """Open failed deliveries again, with a whole schedule of attempts; returns the ids of those it opened.

    All that have failed where `ids` is None. What was retracted meanwhile is found out when its turn comes.
    """
    opened: list[str] = []
    after = ""
    while True:
        with transaction(engine) as connection:
            found = deliveries.failed(connection, ids=ids, channel=channel, after=after, limit=_BATCH)
            opened += [
                one.delivery_id for one in found if deliveries.reopen(connection, one.delivery_id, now)
            ]
        if not found:
            return opened
        after = found[-1].delivery_id
