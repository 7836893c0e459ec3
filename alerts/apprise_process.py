"""A process of its own for Apprise: `python -m alerts.apprise_process`, a job on standard input.

It is ended at the deadline whatever a service does, its log stays out of ours, which would show addresses
and their secrets, and its connections are refused where they would lead into the network it stands in.
"""

import contextlib
import ipaddress
import json
import re
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any

from alerts.addresses import is_public

_MOST_MEMORY = 1 << 30  # bytes of addresses: what a service answers is read whole
_MOST_AT_ONCE = 8
_STATUS = re.compile(r"error=(\d{3})\b")
_CONNECTS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})


class Guard:
    """Refuses connections to other than public addresses, wherever they come from in this process."""

    def __init__(self) -> None:
        self.refused = False

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Hear an audit event of Python (PEP 578); what is raised here ends what was to happen."""
        if event in _CONNECTS and not self._may(arguments[1]):
            self.refused = True
            raise PermissionError("the host stands for an address that is not public")

    @staticmethod
    def _may(address: Any) -> bool:
        if address is None:  # of a socket that is connected already
            return True
        try:
            return is_public(ipaddress.ip_address(str(address[0]).partition("%")[0]))
        except (ValueError, TypeError, IndexError):  # a name, which would be resolved later; a file
            return False


def main() -> None:
    """Do the job: one JSON line a result, as soon as it is there."""
    job = json.load(sys.stdin)
    _bound_memory()
    guard = Guard()
    if not job["allow_private_addresses"]:
        sys.addaudithook(guard)
    if "pieces" not in job:
        _tell({"unreadable": [number for number, url in enumerate(job["urls"]) if _plugin(url) is None]})
        return
    with ThreadPoolExecutor(_MOST_AT_ONCE) as pool:
        sent = [pool.submit(_send, number, job, guard) for number in job["to"]]
        for done in as_completed(sent):
            _tell(done.result())


def _send(number: int, job: dict[str, Any], guard: Guard) -> dict[str, Any]:
    from apprise import Apprise, NotifyFormat, NotifyType  # noqa: PLC0415  # an optional part

    plugin = _plugin(job["urls"][number])
    if plugin is None:
        return {"to": number, "problem": "Apprise cannot read the address"}
    title, body = fitted(job["pieces"], plugin.title_maxlen, plugin.body_maxlen)
    service = Apprise()
    service.add(plugin)
    kind = NotifyType(job["type"])
    result = service.notify(
        body=body, title=title, notify_type=kind, body_format=NotifyFormat.TEXT, timeout=job["seconds"]
    )
    return {"to": number, "problem": None if result else _problem(plugin, result, guard)}


def fitted(pieces: list[str], longest_title: int, longest_body: int) -> tuple[str, str]:
    """As many of the pieces as a service takes, none cut; counted in bytes, as the strictest do."""
    title, *rest = pieces
    room = longest_body - (0 if longest_title else len(title.encode()) + 2)
    body = ""
    for piece in rest:
        longer = f"{body}\n\n{piece}" if body else piece
        if len(longer.encode()) > room:
            break
        body = longer
    return title, body or title


def _plugin(url: str) -> Any:
    from apprise import Apprise, AppriseAsset, OverflowMode, PersistentStoreMode  # noqa: PLC0415

    asset = AppriseAsset(storage_mode=PersistentStoreMode.MEMORY, http_redirects=False)  # nothing on disk
    plugin = Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
    if plugin is not None and plugin.overflow_mode == OverflowMode.UPSTREAM:
        plugin.overflow_mode = OverflowMode.TRUNCATE
    return plugin


def _problem(plugin: Any, result: Any, guard: Guard) -> str:
    """What a log may show: the service and its status, but no words, which may quote the address."""
    said = " ".join(str(entry.message) for entry in result.logs())
    if found := _STATUS.search(said):
        why = f"HTTP {found[1]}"
    else:
        why = "refused: not a public address" if guard.refused else "not accepted, or not in time"
    return f"{plugin.__class__.__name__.removeprefix('Notify')}: {why}"


def _bound_memory() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):  # not on every system
        import resource  # noqa: PLC0415

        resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))


def _tell(result: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(result) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
