"""Events a second of Turnsignal's consumer and of its peers, on one broker and one database, in one run.

    make bench                                  everything: 200,000 events, three rounds
    make bench BENCH="--rounds 1 --skip quix"   quicker

Apache Kafka and PostgreSQL (fsync on) are started here. Each subject is a process of its own on one core;
the broker and the database have the others. Rounds are interleaved and rotated, and medians are shown: other
work on the machine then hits all subjects alike, and only ratios within one run mean something.
"""

import argparse
import hashlib
import json
import os
import platform
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402

import migrations  # noqa: E402
from tests.parts.kafka import KafkaBroker  # noqa: E402
from tests.parts.maven import cache  # noqa: E402
from tests.parts.postgres import PostgresServer  # noqa: E402
from tests.parts.process import Folder, PartFailedError, PartMissingError  # noqa: E402

PARTITIONS = 6
SUBJECTS = ("postgresql", "sqlite", "naive", "poll", "quix")
LABELS = {
    "postgresql": "Turnsignal, PostgreSQL",
    "sqlite": "Turnsignal, SQLite",
    "naive": "naive peer, PostgreSQL",
    "poll": "bare poll loop",
    "quix": "Quix Streams",
}
WHOLE = "and all weeks reviewed"
QUIX_REQUIREMENTS = ROOT / "bench" / "requirements-quix.txt"
Figures = dict[str, Any]

say = Console(stderr=True, highlight=False).print


class SubjectFailedError(RuntimeError):
    """A subject ended without figures."""


@dataclass
class Bench:
    """The parts of one run, and what the subjects have told so far."""

    options: argparse.Namespace
    broker: KafkaBroker
    database: PostgresServer
    folder: Path
    core: int
    quix_python: Path | None
    results: dict[str, list[Figures]] = field(default_factory=lambda: defaultdict(list))

    def topic(self, events: int) -> str:
        """A topic with that many events."""
        name = f"bench-{events}"
        say(f"writing {events:,} events to a topic with {PARTITIONS} partitions")
        self.broker.create_topic(name, PARTITIONS)
        self._python(
            ["bench.workload", "--bootstrap", self.broker.bootstrap, "--topic", name, "--events", str(events)]
        )
        return name

    def measure(self, subject: str, topic: str, events: int, *more: str) -> Figures:
        """Run a subject to its end in a fresh database."""
        url, drop = self._fresh(subject)
        python: Path | None = None
        arguments = [MODULES[subject], "--bootstrap", self.broker.bootstrap, "--topic", topic]
        arguments += ["--events", str(events), "--core", str(self.core), "--database", url, *more]
        if subject == "quix":
            python = self.quix_python
        before = _cpu_of(self.database.pid)
        try:
            figures: Figures = json.loads(self._python(arguments, python).splitlines()[-1])
        finally:
            drop()
        figures["database_busy"] = _cpu_of(self.database.pid) - before
        return figures

    def _fresh(self, subject: str) -> tuple[str, Callable[[], None]]:
        if subject in {"postgresql", "naive"}:
            url = self.database.create_database()
            if subject != "naive":  # it makes its own tables
                migrations.upgrade(url)
            return url, lambda: self.database.drop_database(url)
        file = self.folder / f"bench-{time.monotonic_ns()}.sqlite"
        url = f"sqlite:///{file}"
        if subject == "sqlite":
            migrations.upgrade(url)
        return url, lambda: _remove(self.folder.glob(f"{file.name}*"))

    def _python(self, module_and_arguments: Sequence[str], python: Path | None = None) -> str:
        done = subprocess.run(
            [str(python or sys.executable), "-m", *module_and_arguments],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=1200,
        )
        if done.returncode != 0 or (not done.stdout.strip() and module_and_arguments[0] != "bench.workload"):
            raise SubjectFailedError(
                f"{module_and_arguments[0]}:\n{done.stdout[-1000:]}{done.stderr[-3000:]}"
            )
        return done.stdout


MODULES = {
    "postgresql": "bench.ours",
    "sqlite": "bench.ours",
    "naive": "bench.peers.naive",
    "poll": "bench.peers.poll",
    "quix": "bench.peers.quix",
}


def main() -> int:
    options = _options()
    subjects = [subject for subject in SUBJECTS if subject not in options.skip]
    core = _claim_cores()
    try:
        quix = _quix_environment() if "quix" in subjects else None
        with KafkaBroker(heap="1g") as broker, PostgresServer(fsync=True) as database:
            bench = Bench(options, broker, database, Folder("bench").path, core, quix)
            _run(bench, subjects)
    except (PartMissingError, PartFailedError, SubjectFailedError) as error:
        say(f"[red]the bench cannot go on[/]: {error}", markup=True)
        return 1
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--naive-events", type=int, default=3000, help="the naive peer's share (3000)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--skip", nargs="*", choices=SUBJECTS, default=[], help="subjects to leave out")
    parser.add_argument("--batch-records", type=int, help="records a batch, if not Turnsignal's default")
    parser.add_argument("--json", type=Path, help="also write all figures to this file")
    return parser.parse_args()


def _claim_cores() -> int:
    """The last core for the subjects; this process, the broker and the database keep to the others."""
    if not hasattr(os, "sched_setaffinity"):
        return -1
    *others, core = sorted(os.sched_getaffinity(0))
    if not others:
        return -1
    os.sched_setaffinity(0, others)
    return core


def _quix_environment() -> Path:
    """Quix Streams in an environment of its own; made once for each set of pinned requirements."""
    digest = hashlib.sha256(QUIX_REQUIREMENTS.read_bytes()).hexdigest()[:12]
    home = cache() / f"quix-{digest}"
    python, done = home / "bin" / "python", home / "complete"
    if done.exists():
        return python
    say("installing Quix Streams in an environment of its own")
    install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r"]
    for command in ([sys.executable, "-m", "venv", "--clear", home], [python, *install, QUIX_REQUIREMENTS]):
        made = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
        if made.returncode != 0:
            raise PartMissingError(f"Quix Streams was not installed (--skip quix):\n{made.stderr[-2000:]}")
    done.touch()
    return python


def _run(bench: Bench, subjects: Sequence[str]) -> None:
    options = bench.options
    topic = bench.topic(options.events)
    for round_ in range(options.rounds):
        turn = round_ % len(subjects)
        for subject in [*subjects[turn:], *subjects[:turn]]:
            events = min(options.naive_events, options.events) if subject == "naive" else options.events
            figures = bench.measure(subject, topic, events, *_extra(subject, options))
            bench.results[subject].append(figures)
            speed = _speed(figures)
            say(f"round {round_ + 1} of {options.rounds}: {LABELS[subject]:24} {speed:>10,.0f} events/s")
    small = _memory_of_a_quarter(bench, subjects)
    _print(bench, subjects, small)
    if options.json:
        options.json.write_text(json.dumps(bench.results, indent=1) + "\n", "utf-8")


def _extra(subject: str, options: argparse.Namespace) -> list[str]:
    if options.batch_records is None or subject not in {"postgresql", "sqlite"}:
        return []
    return ["--batch-records", str(options.batch_records)]


def _memory_of_a_quarter(bench: Bench, subjects: Sequence[str]) -> Figures | None:
    if "postgresql" not in subjects:
        return None
    events = bench.options.events // 4
    extra = _extra("postgresql", bench.options)
    return bench.measure("postgresql", bench.topic(events), events, *extra)


def _print(bench: Bench, subjects: Sequence[str], small: Figures | None) -> None:
    console = Console(width=110)
    console.print(_speeds(bench, subjects))
    for subject in ("postgresql", "sqlite"):
        if subject in subjects:
            console.print(_stages(subject, bench.results[subject]))
    if small is not None:
        large = bench.results["postgresql"]
        console.print(
            f"Memory of Turnsignal's consumer: {small['consumer_megabytes']:.0f} MB after"
            f" {bench.options.events // 4:,} events, {_middle(large, 'consumer_megabytes'):.0f} MB after"
            f" {bench.options.events:,}; with the review {small['peak_megabytes']:.0f} and"
            f" {_middle(large, 'peak_megabytes'):.0f} MB."
        )
    console.print(
        f"{bench.broker.name}, {PARTITIONS} partitions; {bench.database.name}, fsync on;"
        f" Python {platform.python_version()}; {os.cpu_count()} cores, {_pinned(bench.core)};"
        f" medians of {bench.options.rounds} rounds."
    )


def _pinned(core: int) -> str:
    return (
        "subjects not pinned" if core < 0 else "one of them for the subject, the rest for broker and database"
    )


def _speeds(bench: Bench, subjects: Sequence[str]) -> Table:
    speeds: dict[str, tuple[str, float]] = {}
    for subject in subjects:
        figures = bench.results[subject]
        speeds[subject] = LABELS[subject], median(map(_speed, figures))
        if "review_seconds" in figures[0]:
            speeds[f"{subject}+"] = f"  {WHOLE}", median(map(_whole_speed, figures))
    table = Table("subject", title=f"{bench.options.events:,} events, {bench.options.rounds} rounds")
    for column in ("events/s", "× naive", "× Quix", "peak MB"):
        table.add_column(column, justify="right")
    for name, (label, speed) in speeds.items():
        memory = _middle(
            bench.results[name.rstrip("+")],
            "consumer_megabytes" if f"{name}+" in speeds else "peak_megabytes",
        )
        table.add_row(
            label,
            f"{speed:,.0f}",
            *(f"{speed / speeds[peer][1]:.2f}" if peer in speeds else "–" for peer in ("naive", "quix")),
            f"{memory:.0f}",
        )
    return table


def _stages(subject: str, figures: Sequence[Figures]) -> Table:
    """Where the time of the median round goes: CPU by stage, and the rest, in which the core waits."""
    middle = sorted(figures, key=_whole_speed)[len(figures) // 2]
    table = Table("stage", title=f"Where the time goes: {LABELS[subject]}")
    table.add_column("s", justify="right")
    table.add_column("µs an event", justify="right")
    for row in _stage_rows(middle):
        table.add_row(row[0], f"{row[1]:.2f}", f"{1e6 * row[1] / middle['events']:.1f}")
    if subject == "postgresql":
        table.add_row("(PostgreSQL's own CPU, on the other cores)", f"{middle['database_busy']:.2f}", "")
    return table


def _stage_rows(figures: Figures) -> Iterable[tuple[str, float]]:
    stages: dict[str, float] = figures["stages"]
    yield from (("consume: " + name, seconds) for name, seconds in stages.items())
    yield "consume: Kafka's thread and the rest", figures["busy"] - sum(stages.values())
    yield "consume: wait for database and broker", figures["seconds"] - figures["busy"]
    if "review_seconds" in figures:
        reviewing: dict[str, float] = figures["review_stages"]
        yield from (("review: " + name, seconds) for name, seconds in reviewing.items())
        yield "review: fetch and decode events, the rest", figures["review_busy"] - sum(reviewing.values())
        yield "review: wait for database", figures["review_seconds"] - figures["review_busy"]


def _speed(figures: Figures) -> float:
    return float(figures["events"] / figures["seconds"])


def _whole_speed(figures: Figures) -> float:
    return float(figures["events"] / (figures["seconds"] + figures.get("review_seconds", 0.0)))


def _middle(figures: Sequence[Figures], name: str) -> float:
    return float(median(each[name] for each in figures))


def _cpu_of(pid: int) -> float:
    """CPU seconds of a server and of its children that have ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def _remove(files: Iterable[Path]) -> None:
    for file in list(files):
        file.unlink()


if __name__ == "__main__":
    sys.exit(main())
