"""A schema registry with Confluent's HTTP interface: Apicurio Registry, its data in memory."""

from __future__ import annotations

import json
import os
import signal
from typing import Any, Self
from urllib.error import URLError
from urllib.request import Request, urlopen

from tests.parts import maven
from tests.parts.process import Folder, Program, free_port

NAME = "apicurio-registry"
ARCHIVE = "io.apicurio:apicurio-registry-app:3.0.9:tar.gz:all"  # the newest that runs on Java 17


class SchemaRegistry:
    """Apicurio on a free port of 127.0.0.1; a context manager. Raises PartMissingError."""

    def __init__(self) -> None:
        self._jars = maven.unpacked(NAME, ARCHIVE)
        self.port = free_port()
        self._folder = Folder("registry")
        self._program = Program(NAME, self._folder.path / "registry.log")

    @property
    def url(self) -> str:
        """What Confluent's clients, and ours, are told."""
        return f"http://127.0.0.1:{self.port}/apis/ccompat/v7"

    @property
    def own_url(self) -> str:
        """What Apicurio's converters are told."""
        return f"http://127.0.0.1:{self.port}/apis/registry/v2"

    def start(self) -> Self:
        (runner,) = self._jars.glob("*-runner.jar")
        options = ["-Xmx384m", "-XX:TieredStopAtLevel=1", "-Dquarkus.log.level=WARN"]
        options += [f"-Dquarkus.http.port={self.port}", "-Dquarkus.http.host=127.0.0.1"]
        self._program.start(["java", *options, "-jar", runner], cwd=self._folder.path)
        self._program.wait_ready(self._answers, timeout=90)
        return self

    def hang(self) -> None:
        """Answer nobody; what it knows is kept."""
        os.kill(self._program.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """Answer again, from where it hung."""
        os.kill(self._program.pid, signal.SIGCONT)

    def stop(self) -> None:
        """Away, and with it all that it knew."""
        self._program.end(signal.SIGKILL)

    def close(self) -> None:
        self.stop()
        self._folder.remove()

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_: object) -> None:
        self.close()

    def register(self, subject: str, schema: str, kind: str, *references: dict[str, Any]) -> int:
        """Register a schema; its number."""
        said = {"schema": schema, "schemaType": kind, "references": references}
        request = Request(
            f"{self.url}/subjects/{subject}/versions",
            json.dumps(said).encode(),
            {"Content-Type": "application/vnd.schemaregistry.v1+json"},
        )
        with urlopen(request, timeout=30) as response:
            return int(json.load(response)["id"])

    def _answers(self) -> bool:
        try:
            with urlopen(f"{self.url}/subjects", timeout=2) as response:
                return bool(response.status == 200)
        except (URLError, OSError):
            return False
