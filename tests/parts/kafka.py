"""Apache Kafka itself: a single KRaft node, broker and controller in one."""

from __future__ import annotations

import functools
import re
import subprocess
from pathlib import Path

from tests.parts import maven
from tests.parts.broker import Broker
from tests.parts.process import PartFailedError, PartMissingError, free_port

POM = Path(__file__).with_name("pom.xml")
VERSION = re.search(r"kafka_2\.13</artifactId>\s*<version>([^<]+)", POM.read_text("utf-8"))[1]  # type: ignore[index]

# Kafka's own default writes hundreds of lines a start; what a failure needs is at INFO of few loggers.
LOGGING = """\
status = error
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d %-5p %m (%c{1})%n
rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
logger.server.name = kafka.server.KafkaRaftServer
logger.server.level = info
"""


def jars_folder() -> Path:
    """The folder of the jars of exactly this pom, there or not."""
    return maven.folder(f"kafka-{VERSION}", POM)


@functools.cache
def why_missing() -> str | None:
    """Why Apache Kafka cannot be had on this machine, as far as one can tell without a download."""
    return maven.why_missing(jars_folder())


@functools.cache
def jars() -> Path:
    """The folder of the broker's jars, fetched from Maven Central if need be; raises PartMissingError."""
    return maven.fetched(f"kafka-{VERSION}", POM)


class KafkaBroker(Broker):
    """Apache Kafka in KRaft mode; raises PartMissingError where it cannot be had."""

    name = f"Apache Kafka {VERSION} (KRaft, 127.0.0.1)"
    apache = True

    def __init__(self, *, heap: str = "512m", **settings: str) -> None:
        """`settings` are server properties with `_` for `.`; they win over those below."""
        if reason := why_missing():
            raise PartMissingError(f"Apache Kafka: {reason}")
        self._classpath = f"{jars()}/*"
        super().__init__()
        self._heap = heap
        self._controller_port = free_port()
        self._properties = {**self._defaults(), **{k.replace("_", "."): v for k, v in settings.items()}}
        self._write_configuration()
        self._format()

    def command(self) -> list[str]:
        return self._java("kafka.Kafka", "server.properties")

    def _java(self, main: str, *arguments: str) -> list[str]:
        options = [f"-Xmx{self._heap}", "-Dlog4j2.configurationFile=log4j2.properties"]
        return ["java", *options, "-cp", self._classpath, main, *arguments]

    def _defaults(self) -> dict[str, str]:
        controller = f"127.0.0.1:{self._controller_port}"
        return {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@{controller}",
            "controller.listener.names": "CONTROLLER",
            "listeners": f"PLAINTEXT://{self.bootstrap},CONTROLLER://{controller}",
            "advertised.listeners": f"PLAINTEXT://{self.bootstrap}",
            "log.dirs": str(self.folder / "data"),
            "auto.create.topics.enable": "false",
            "message.max.bytes": str(8 * 2**20),
            "replica.fetch.max.bytes": str(8 * 2**20),
            # One node, and few partitions to create and load: this is most of a fast first join.
            "offsets.topic.replication.factor": "1",
            "offsets.topic.num.partitions": "4",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "transaction.state.log.num.partitions": "4",
            "share.coordinator.state.topic.replication.factor": "1",
            "share.coordinator.state.topic.min.isr": "1",
            "group.initial.rebalance.delay.ms": "0",
            # Drills kill members; the default floor of six seconds would be waited for each time.
            "group.min.session.timeout.ms": "1000",
            # A killed broker may register again only when its own old session has run out.
            "broker.session.timeout.ms": "3000",
            "broker.heartbeat.interval.ms": "500",
            "log.cleaner.dedupe.buffer.size": str(16 * 2**20),
        }

    def _write_configuration(self) -> None:
        lines = [f"{key}={value}" for key, value in self._properties.items()]
        (self.folder / "server.properties").write_text("\n".join(lines) + "\n", "utf-8")
        (self.folder / "log4j2.properties").write_text(LOGGING, "utf-8")

    def _format(self) -> None:
        identity = ["-t", "dHVybnNpZ25hbC10ZXN0cw", "-c", "server.properties"]
        done = subprocess.run(
            self._java("kafka.tools.StorageTool", "format", *identity),
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=self.start_timeout,
        )
        if done.returncode != 0:
            self.close()
            raise PartFailedError(
                f"Kafka's storage was not formatted:\n{(done.stdout + done.stderr)[-2000:]}"
            )
