"""Java programs from Maven Central: the jars that a pom names, kept between runs."""

from __future__ import annotations

import functools
import hashlib
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.parts.process import PartMissingError

if TYPE_CHECKING:
    from collections.abc import Callable

MINIMUM_JAVA = 17
FETCH_TIMEOUT = 300


def cache() -> Path:
    """Where fetched jars stay between runs."""
    root = Path(__file__).resolve().parents[2]
    return Path(os.environ.get("TURNSIGNAL_TEST_CACHE") or root / ".cache")


def folder(name: str, pom: Path) -> Path:
    """The folder of what exactly this pom names, there or not."""
    return cache() / f"{name}-{hashlib.sha256(pom.read_bytes()).hexdigest()[:12]}"


@functools.cache
def why_no_java() -> str | None:
    """Why there is no Java to run them with."""
    java = shutil.which("java")
    if java is None:
        return f"no java on the PATH (Java {MINIMUM_JAVA} or newer is needed)"
    answer = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', answer)
    if version is None or int(version[1]) < MINIMUM_JAVA:
        return f"Java {MINIMUM_JAVA} or newer is needed, found {answer.splitlines()[:1]}"
    return None


def why_missing(kept: Path) -> str | None:
    """Why a program cannot be had on this machine, as far as one can tell without a download."""
    if reason := why_no_java():
        return reason
    if not kept.is_dir() and shutil.which("mvn") is None:
        return "its jars are not cached and there is no mvn on the PATH to fetch them"
    return None


def fetched(name: str, pom: Path) -> Path:
    """The folder of the jars that a pom names, fetched if need be; raises PartMissingError."""

    def fetch(scratch: Path) -> None:
        target = ["dependency:copy-dependencies", f"-DoutputDirectory={scratch / 'whole'}"]
        _maven(name, "--file", str(pom), *target)

    return _kept(name, folder(name, pom), fetch)


def unpacked(name: str, coordinates: str) -> Path:
    """The folder of what a .tar.gz holds that needs nothing else; raises PartMissingError.

    A local repository of its own says where the archive is; a pom that depended on it would want the poms of
    its parents too, which are not all to be had.
    """

    def fetch(scratch: Path) -> None:
        repository = scratch / "repository"
        get = [f"-Dmaven.repo.local={repository}", "dependency:get", f"-Dartifact={coordinates}"]
        _maven(name, *get, "-Dtransitive=false")
        (archive,) = repository.rglob("*.tar.gz")
        with tarfile.open(archive) as opened:
            opened.extractall(scratch / "whole", filter="data")

    digest = hashlib.sha256(coordinates.encode()).hexdigest()[:12]
    return _kept(name, cache() / f"{name}-{digest}", fetch)


def _kept(name: str, target: Path, fetch: Callable[[Path], None]) -> Path:
    """The folder, made by `fetch` in a scratch folder's `whole` where it is not there."""
    if reason := why_missing(target):
        raise PartMissingError(f"{name}: {reason}")
    if target.is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    # Another run may fetch at the same time, or this one be interrupted: only a whole folder gets the name.
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f"{target.name}.part-") as scratch:
        fetch(Path(scratch))
        try:
            (Path(scratch) / "whole").rename(target)
        except OSError:
            if not target.is_dir():
                raise
    return target


def _maven(name: str, *arguments: str) -> None:
    try:
        done = subprocess.run(
            ["mvn", "--quiet", "--batch-mode", "--strict-checksums", *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=FETCH_TIMEOUT,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired as error:
        raise PartMissingError(f"mvn did not fetch {name} within {FETCH_TIMEOUT} s") from error
    except OSError as error:
        raise PartMissingError(f"mvn did not start: {error}") from error
    if done.returncode != 0:
        raise PartMissingError(f"mvn could not fetch {name}:\n{(done.stdout + done.stderr)[-2000:]}")
