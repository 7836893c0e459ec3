"""What keeps a member from its work, said once when it begins and once when it is over."""

from collections.abc import Callable
from time import monotonic
from typing import Literal

import structlog

log = structlog.get_logger()

Action = Literal["kafka_unavailable", "kafka_refused"]

_LASTS = 5.0  # seconds without a word of it after which a trouble is taken to be over


class Troubles:
    """Told again and again while they last; what is not told for a while is over."""

    def __init__(self, cluster: str, timer: Callable[[], float] = monotonic) -> None:
        self._cluster = {"cluster": cluster} if cluster else {}
        self._timer = timer
        self._until: dict[str, float] = {}

    def tell(self, words: str, action: Action) -> None:
        """There is, or still is, this trouble."""
        if words not in self._until:
            log.warning(words, action=action, **self._cluster)
        self._until[words] = self._timer() + _LASTS

    def over(self) -> None:
        """Let go of troubles that nobody has told of late."""
        now = self._timer()
        left = {words: until for words, until in self._until.items() if until > now}
        if self._until and not left:
            log.info("Kafka is back", action="kafka_available", **self._cluster)
        self._until = left

    @property
    def words(self) -> str | None:
        """All of them; None where there is none."""
        return "; ".join(self._until) or None
