"""What keeps a member from its work, said once when it begins and once when it is over."""

from collections.abc import Callable
from time import monotonic
from typing import Literal

import structlog

log = structlog.get_logger()

Action = Literal["kafka_unavailable", "kafka_refused", "registry_unavailable"]

_LASTS = 5.0  # seconds without a word of it after which a trouble is taken to be over
_ENDS = {
    "kafka": ("Kafka is back", "kafka_available"),
    "registry": ("the schema registry is back", "registry_available"),
}


class Troubles:
    """Told again and again while they last; what is not told for a while is over."""

    def __init__(self, cluster: str, timer: Callable[[], float] = monotonic) -> None:
        self._cluster = {"cluster": cluster} if cluster else {}
        self._timer = timer
        self._until: dict[str, tuple[str, float]] = {}  # by words: of what, and until when

    def tell(self, words: str, action: Action) -> None:
        """There is, or still is, this trouble."""
        if words not in self._until:
            log.warning(words, action=action, **self._cluster)
        self._until[words] = action.partition("_")[0], self._timer() + _LASTS

    def over(self) -> None:
        """Let go of troubles that nobody has told of late."""
        now, before = self._timer(), {of for of, _ in self._until.values()}
        self._until = {words: told for words, told in self._until.items() if told[1] > now}
        for of in sorted(before - {of for of, _ in self._until.values()}):
            words, action = _ENDS[of]
            log.info(words, action=action, **self._cluster)

    @property
    def words(self) -> str | None:
        """All of them; None where there is none."""
        return "; ".join(self._until) or None

    @property
    def of_kafka(self) -> bool:
        """Whether any is Kafka's: then nobody knows where its partitions end now."""
        return any(of == "kafka" for of, _ in self._until.values())
