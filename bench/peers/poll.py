"""The bare poll loop: kafka-python and nothing else, as fast as this client hands records out."""

from time import perf_counter

from kafka import KafkaConsumer

from bench.measuring import pin, subject_arguments, tell


def main() -> None:
    options = subject_arguments(__doc__).parse_args()
    pin(options.core)
    consumer = KafkaConsumer(
        options.topic,
        bootstrap_servers=options.bootstrap,
        group_id="bench-poll",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        isolation_level="read_committed",
        max_poll_records=2000,
        metrics_enabled=False,
    )
    seen, begun = 0, 0.0
    while seen < options.events:
        polled = consumer.poll(timeout_ms=1000)
        if polled and not begun:
            begun = perf_counter()
        seen += sum(map(len, polled.values()))
    tell(events=seen, seconds=perf_counter() - begun)
    consumer.close()


if __name__ == "__main__":
    main()
