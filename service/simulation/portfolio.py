"""A whole portfolio: its events in order of time, and the truth about each account."""

# ruff: noqa: S311  (a simulation must repeat for its seed; nothing here keeps a secret)

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from operator import itemgetter
from random import Random
from typing import TextIO

from service.simulation.account import account, truth_of
from service.simulation.companies import company
from service.simulation.ledger import Event, midnight
from service.simulation.scenarios import FEWEST_WEEKS, MIX, course_of
from service.simulation.story import story as told
from service.simulation.truth import Truth

_GOLDEN = 0.6180339887498949


def portfolio(
    accounts: int,
    weeks: int,
    seed: int,
    start: datetime,
    *,
    story: bool = False,
    mix: Mapping[str, float] | None = None,
) -> tuple[Iterator[Event], list[Truth]]:
    """The events of `accounts` accounts over `weeks` weeks from the midnight before `start`, and the truth.

    `mix` weighs the scenarios (default MIX); `story` adds the account of the mission. An account is the same
    however many others there are. Events share the records of people: copy before changing one. Raises
    ValueError for fewer than FEWEST_WEEKS weeks, an empty or unknown mix, or a start without a zone.
    """
    if accounts < 0 or weeks < FEWEST_WEEKS:
        raise ValueError(f"a portfolio needs accounts and at least {FEWEST_WEEKS} weeks")
    begin = midnight(start)
    events: list[Event] = []
    truths: list[Truth] = []
    for number, scenario in enumerate(scenarios(accounts, seed, MIX if mix is None else mix), start=1):
        rng = Random(f"turnsignal {seed} {number}")
        customer = company(rng, number)
        course = course_of(scenario, customer, rng, weeks)
        ledger = account(customer, course, rng, begin, weeks)
        events += ledger.events
        truths.append(truth_of(course, ledger))
    if story:
        ledger, truth = told(Random(f"turnsignal {seed} story"), begin, weeks)
        events += ledger.events
        truths.append(truth)
    events.sort(key=itemgetter("time"))
    return iter(events), truths


def scenarios(accounts: int, seed: int, mix: Mapping[str, float]) -> Iterator[str]:
    """The scenario of each account: every first n of them follow the mix closely.

    Steps of the golden ratio cover the unit interval evenly, so that small portfolios hold every scenario.
    """
    if unknown := sorted(mix.keys() - MIX.keys()):
        raise ValueError(f"no scenario {unknown[0]!r}; there are {', '.join(MIX)}")
    total = sum(mix.values())
    if total <= 0 or min(mix.values()) < 0:
        raise ValueError("the mix needs weights of at least 0, and one above it")
    place = Random(f"turnsignal {seed} mix").random()
    for _ in range(accounts):
        place = (place + _GOLDEN) % 1
        yield _at(place * total, mix)


def _at(place: float, mix: Mapping[str, float]) -> str:
    for scenario, weight in mix.items():
        if place < weight:
            return scenario
        place -= weight
    return next(scenario for scenario, weight in mix.items() if weight)  # rounding left a trace


def write_events(events: Iterable[Event], file: TextIO) -> int:
    """Write canonical events as JSON lines; returns how many."""
    return _write_lines(events, file)


def write_truth(truths: Iterable[Truth], file: TextIO) -> int:
    """Write the truth as JSON lines; returns how many."""
    return _write_lines((truth.as_dict() for truth in truths), file)


def _write_lines(objects: Iterable[Event], file: TextIO) -> int:
    count = 0
    for count, line in enumerate(objects, start=1):  # noqa: B007  (the count is the result)
        file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
    return count
