"""Other services through Apprise: whatever the addresses of a receiver in the settings stand for."""

import json
import os
import subprocess
import sys
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from importlib.util import find_spec
from typing import Any

from alerts.apprise_text import pieces
from alerts.config import AppriseConfig, Channel
from alerts.message import Message
from alerts.outcome import Accepted, Outcome, Permanent, RetryAt
from alerts.parcel import Parcel
from alerts.receivers import Receiver

_COMMAND = (sys.executable, "-P", "-m", "alerts.apprise_process")
_CHECK_SECONDS = 60.0  # Apprise reads all its services once
_SPARE_SECONDS = 2.0  # of the deadline, for the process to start and end
_REMEMBERED = 1000  # messages that some of a receiver's services have accepted
_TYPES = {"critical": "failure", "warning": "warning", "good": "success"}  # what else there is, is "info"


class AppriseSender:
    """Has a process of its own send to all addresses of a receiver.

    Raises ValueError where Apprise is not installed or cannot read an address; its words show no address.
    """

    channel: Channel = "apprise"
    shared = False
    pause: timedelta | None = None

    def __init__(self, receivers: Mapping[str, Receiver], config: AppriseConfig) -> None:
        self._urls = {name: one.apprise for name, one in receivers.items() if one.apprise}
        self._config = config
        self._accepted: OrderedDict[str, set[int]] = OrderedDict()
        self._lock = threading.Lock()
        self._check()

    def _check(self) -> None:
        if find_spec("apprise") is None:
            raise ValueError(
                "receivers have addresses of Apprise, which is missing: pip install turnsignal[apprise]"
            )
        known = [(name, n, url) for name, urls in self._urls.items() for n, url in enumerate(urls, 1)]
        job = {"urls": [url for _, _, url in known], "allow_private_addresses": False}
        for answer in _run(job, _CHECK_SECONDS):
            for index in answer["unreadable"]:
                name, number, _ = known[index]
                raise ValueError(f"receiver {name!r}: address {number} for Apprise is none that it can read")

    def send(self, parcel: Parcel, now: datetime) -> Outcome:  # noqa: ARG002  # a service names no moment
        """One attempt, at the services that have not accepted the message yet."""
        urls = self._urls.get(parcel.receiver)
        if urls is None:
            return Permanent("no receiver of this name has addresses of Apprise any more")
        before = self._remembered(parcel.message_id)
        left = [number for number in range(len(urls)) if number not in before]
        problems = dict.fromkeys(left, "no answer in time")
        for answer in _run(self._job(parcel, urls, left), self._config.deadline_seconds):
            problems[answer["to"]] = answer["problem"]
        failed = {number: problem for number, problem in problems.items() if problem}
        if not failed:
            self._forget(parcel.message_id)
            return Accepted()
        self._remember(parcel.message_id, set(range(len(urls))) - failed.keys())
        return RetryAt("; ".join(dict.fromkeys(failed.values())))

    def _job(self, parcel: Parcel, urls: tuple[str, ...], left: list[int]) -> dict[str, Any]:
        content = parcel.content
        return {
            "urls": urls,
            "to": left,
            "pieces": pieces(content),
            "type": _TYPES.get(content.tone, "info") if isinstance(content, Message) else "info",
            "seconds": max(1.0, self._config.deadline_seconds - _SPARE_SECONDS),
            "allow_private_addresses": self._config.allow_private_addresses,
        }

    def _remembered(self, message_id: str) -> set[int]:
        with self._lock:
            return self._accepted.get(message_id, set())

    def _remember(self, message_id: str, accepted: set[int]) -> None:
        with self._lock:
            self._accepted[message_id] = accepted
            while len(self._accepted) > _REMEMBERED:
                self._accepted.popitem(last=False)

    def _forget(self, message_id: str) -> None:
        with self._lock:
            self._accepted.pop(message_id, None)


def _run(job: dict[str, Any], seconds: float) -> Iterator[dict[str, Any]]:
    """What the process answers until its end, or the deadline's, which is its end as well.

    Addresses go by its standard input: arguments are seen by every user of the machine.
    """
    with subprocess.Popen(  # noqa: S603  # our own program
        _COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={name: value for name, value in os.environ.items() if not name.startswith("TURNSIGNAL_")},
    ) as process:
        try:
            answers, _ = process.communicate(json.dumps(job).encode(), timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            answers, _ = process.communicate()
    for line in answers.splitlines():
        with suppress(ValueError):  # the last one may be cut
            yield json.loads(line)
