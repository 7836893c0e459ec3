"""Whether the CRM and the order system mean the same accounts: the most common mistake."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from service.coverage.signs import ORDER
from service.coverage.tally import Tally

_SHOWN = 3
_MATCHED = 0.5  # accounts with orders that the CRM should know at least


class Finding(NamedTuple):
    """Something to look at."""

    name: str
    loud: bool  # a mistake that makes alerts wrong, or impossible
    text: str


def ids(tally: Tally) -> Iterator[Finding]:
    """Accounts of one system that the other does not know."""
    buying = {name for name, account in tally.accounts.items() if account.has(ORDER)}
    known = tally.in_crm
    if not buying or not known:
        return
    both = buying & known
    strays, silent = sorted(buying - known), sorted(known - buying)
    if len(both) < _MATCHED * len(buying):
        text = (
            f"The two systems hardly know the same accounts: of {len(buying):,} with orders the CRM knows "
            f"{len(both):,}. Orders only: {some(strays)}. CRM only: {some(silent)}. Nobody's talks "
            f"are read beside their orders until `account` is the same id in both.{alike(strays, silent)}"
        )
        yield Finding("ids_differ", loud=True, text=text)
    elif strays:
        text = (
            f"The CRM does not know {len(strays):,} of {len(buying):,} accounts with orders: {some(strays)}."
        )
        yield Finding("orders_only", loud=False, text=text)
    if silent and len(both) >= _MATCHED * len(buying):
        text = (
            f"{len(silent):,} accounts of the CRM have no orders ({some(silent)}): prospects, or an id that "
            "the order system writes otherwise."
        )
        yield Finding("crm_only", loud=False, text=text)


def alike(strays: list[str], silent: list[str]) -> str:
    """Whether another way of writing ids would bring them together."""
    ways: dict[str, Callable[[str], str]] = {
        "without case and leading zeros": lambda name: name.strip().casefold().lstrip("0"),
        "by their first 15 characters (Salesforce writes 15 or 18)": lambda name: name.strip()[:15],
        "by their digits alone": lambda name: "".join(filter(str.isdigit, name)).lstrip("0"),
    }
    for told, way in ways.items():
        others = {way(name) for name in silent} - {""}
        matched = sum(way(name) in others for name in strays)
        if 2 * matched >= len(strays):
            return f" Compared {told}, {matched:,} of them would match."
    return ""


def some(names: list[str]) -> str:
    """The first of them, and how many more there are."""
    if not names:
        return "none"
    return ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else "")
