"""Turnsignal's own consumer and reviewer, with a stopwatch at the doors between their stages."""

import threading
from collections import defaultdict
from collections.abc import Callable
from time import perf_counter, process_time, thread_time
from typing import Any

import consumers.consumer
import consumers.reviewer
from accounts.policy import Policy
from bench.measuring import peak_megabytes, pin, subject_arguments, tell
from bench.workload import END
from consumers.consumer import Consumer
from consumers.kafka_config import KafkaConfig
from consumers.mapping.files import load
from consumers.membership import Membership
from consumers.reviewer import ReviewConfig, Reviewer
from consumers.subscription import Subscription
from storage import intake, reviews
from storage.engine import create_engine


class Stages:
    """Seconds of work, by stage: the time of the thread that does it, waiting not included."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    def watch(
        self, owner: Any, name: str, stage: str, after: Callable[[Any, Any], None] | None = None
    ) -> None:
        """Time every call of a function; `after` is told its arguments and its result."""
        original = getattr(owner, name)

        def timed(*arguments: Any, **options: Any) -> Any:
            begun = thread_time()
            result = original(*arguments, **options)
            self.seconds[stage] += thread_time() - begun
            if after is not None:
                after(arguments, result)
            return result

        setattr(owner, name, timed)


class Run:
    """From the first records to the last commit."""

    def __init__(self, events: int) -> None:
        self.stop = threading.Event()
        self.stages = Stages()
        self._left = events
        self._begun = self._cpu = 0.0
        self.seconds = self.busy = 0.0

    def watch(self) -> None:
        """Put the stopwatches in place."""
        self.stages.watch(Membership, "poll", "poll", self._polled)
        self.stages.watch(consumers.consumer, "read", "read and decode")
        self.stages.watch(intake, "commit", "write", self._committed)

    def _polled(self, _arguments: Any, polled: Any) -> None:
        if polled and not self._begun:
            self._begun, self._cpu = perf_counter(), process_time()
            self.stages.seconds.clear()

    def _committed(self, arguments: Any, _outcome: Any) -> None:
        self._left -= sum(move.next_offset - move.started for move in arguments[1].advances)
        if self._left <= 0:
            self.seconds, self.busy = perf_counter() - self._begun, process_time() - self._cpu
            self.stop.set()


def main() -> None:
    parser = subject_arguments(__doc__)
    parser.add_argument("--batch-records", type=int, default=KafkaConfig.batch_records)
    parser.add_argument("--no-review", action="store_true")
    parser.add_argument("--mapping", help="a mapping file")
    options = parser.parse_args()
    pin(options.core)
    engine = create_engine(options.database)
    run = Run(options.events)
    run.watch()
    config = KafkaConfig(
        [options.bootstrap], [options.topic], f"bench-{id(run)}", batch_records=options.batch_records
    )
    mappings = load([options.mapping]) if options.mapping else None
    Consumer(engine, config, mappings).run(run.stop)
    figures = {
        "events": options.events,
        "seconds": run.seconds,
        "busy": run.busy,
        "consumer_megabytes": peak_megabytes(),
    }
    stages = dict(run.stages.seconds)
    if not options.no_review:
        figures |= _review(engine, options.topic)
    tell(**figures, stages=stages)


def _review(engine: Any, topic: str) -> dict[str, Any]:
    stages = Stages()
    stages.watch(reviews, "claim", "claim accounts")
    stages.watch(consumers.reviewer, "advance", "fold the weeks")
    stages.watch(consumers.reviewer, "decode_all_accepted", "decode events")
    stages.watch(Reviewer, "_reviewed", "encode and value the states")
    stages.watch(reviews, "record", "write the states")
    begun, cpu = perf_counter(), process_time()
    count = Reviewer(engine, Policy(), ReviewConfig([Subscription([topic])])).review(END)
    return {
        "review_seconds": perf_counter() - begun,
        "review_busy": process_time() - cpu,
        "reviewed": count,
        "review_stages": dict(stages.seconds),
    }


if __name__ == "__main__":
    main()
