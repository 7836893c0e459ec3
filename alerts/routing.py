"""The tree of routes: to whom an alert goes, how fast, and what follows when nobody answers.

As in Alertmanager: an alert enters at the root and goes down into the first child that fits it, or into
several where a child says `goes_on`; the deepest node that fits decides. What a node leaves open it takes
from the node above.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace

from accounts.alert import Alert
from alerts.hours import Pace
from alerts.matching import Matchers
from alerts.receivers import OWNER


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """What a route does with an alert."""

    to: tuple[str, ...] = (OWNER,)  # owner, manager or a named receiver; empty: nobody
    channels: tuple[str, ...] | None = None  # of those there are; None: all
    pace: Pace = "at_once"
    always: bool = False  # also outside of the receiver's hours; what is critical is anyway
    repeat_days: int | None = None  # say it again while it holds and nobody has acknowledged it
    escalate_days: int | None = None  # working days without acknowledgement until the manager is told


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A node of the tree; None is what the node above says."""

    name: str
    match: Matchers = field(default_factory=Matchers)
    to: tuple[str, ...] | None = None
    channels: tuple[str, ...] | None = None
    pace: Pace | None = None
    always: bool | None = None
    repeat_days: int | None = None
    escalate_days: int | None = None
    goes_on: bool = False  # whether the siblings after it are looked at as well
    routes: "tuple[Route, ...]" = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """A way through the tree: the names from the root down, and what holds at its end."""

    path: tuple[str, ...]
    handling: Handling

    @property
    def name(self) -> str:
        """For people: strategic / critical."""
        return " / ".join(self.path[1:]) or self.path[0]


ROOT = Route(name="everything")


def ways(root: Route, alert: Alert) -> list[Taken]:
    """Every way an alert takes; one at least, since the root fits all."""
    return list(_down(root, alert, (), Handling()))


def _down(node: Route, alert: Alert, path: tuple[str, ...], above: Handling) -> Iterator[Taken]:
    path, handling = (*path, node.name), _inherited(node, above)
    found = False
    for child in node.routes:
        if child.match.fits(alert):
            found = True
            yield from _down(child, alert, path, handling)
            if not child.goes_on:
                break
    if not found:
        yield Taken(path, handling)


def _inherited(node: Route, above: Handling) -> Handling:
    own = {f.name: value for f in fields(Handling) if (value := getattr(node, f.name)) is not None}
    return replace(above, **own)


def looks(root: Route, alert: Alert) -> Iterator[tuple[int, Route, list[str]]]:
    """Each node that is looked at on the way down: its depth, itself, and what of it does not fit."""
    yield from _looks(root, alert, 0)


def _looks(node: Route, alert: Alert, depth: int) -> Iterator[tuple[int, Route, list[str]]]:
    yield depth, node, []
    for child in node.routes:
        missed = list(child.match.missed(alert))
        if missed:
            yield depth + 1, child, missed
            continue
        yield from _looks(child, alert, depth + 1)
        if not child.goes_on:
            return


def named_receivers(root: Route) -> frozenset[str]:
    """Every receiver that some route names."""
    found = set(root.to or ())
    for child in root.routes:
        found |= named_receivers(child)
    return frozenset(found)
