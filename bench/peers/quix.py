"""Quix Streams: JSON decoded, one set of counters an account in its RocksDB store, changelog on.

Runs in an environment of its own; nothing of Turnsignal is imported but the measuring.
"""

import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

from quixstreams import Application, State  # type: ignore[import-not-found]

from bench.measuring import pin, subject_arguments, tell

_SUMS = ("talks", "votes", "purchasing", "price", "orders", "value")


class Counter:
    """Adds each event to the counters of its account, and notes when the first one came."""

    def __init__(self) -> None:
        self.begun = self.last = 0.0
        self.seen = 0

    def __call__(self, event: dict[str, Any], state: State) -> None:
        """Take one event in."""
        self.begun = self.begun or perf_counter()
        self.seen += 1
        sums = state.get("sums") or dict.fromkeys(_SUMS, 0)
        data = event["data"]
        if event["type"] == "order.placed":
            sums["orders"] += 1
            sums["value"] += sum(
                round(100 * line["quantity"] * float(line["unit_price"])) for line in data["lines"]
            )
        else:
            people = data["participants"]
            sums["talks"] += 1
            sums["votes"] += len(people)
            sums["purchasing"] += sum(person["department"] in {"Purchasing", "采购部"} for person in people)
            sums["price"] += "price" in data["topics"]
        sums["last"] = event["time"]
        state.set("sums", sums)
        self.last = perf_counter()


def main() -> None:
    options = subject_arguments(__doc__).parse_args()
    pin(options.core)
    with tempfile.TemporaryDirectory(prefix="turnsignal-bench-quix-") as folder:
        application = Application(
            broker_address=options.bootstrap,
            consumer_group=f"bench-quix-{Path(folder).name}",
            auto_offset_reset="earliest",
            state_dir=folder,
            loglevel="ERROR",
        )
        topic = application.topic(options.topic, key_deserializer="str", value_deserializer="json")
        counter = Counter()
        application.dataframe(topic).update(counter, stateful=True)
        application.run(count=options.events)  # returns after its last checkpoint
        ended = perf_counter()
        tell(
            events=counter.seen,
            seconds=ended - counter.begun,
            before_last_checkpoint=counter.last - counter.begun,
        )


if __name__ == "__main__":
    main()
