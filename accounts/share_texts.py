"""What each share of the shift test says in words."""

from collections.abc import Callable

Numbers = dict[str, float | str]


def _seats(n: Numbers, since: str) -> str:
    people = f"{n['people']} {'person' if n['people'] == 1 else 'people'}"
    return (
        f"Purchasing held {n['after']} % of the known seats at {n['events']} occasions since {since}, "
        f"{n['before']} % before ({people})"
    )


def _price(n: Numbers, since: str) -> str:
    return f"Price was {n['after']} % of what was talked about since {since}, {n['before']} % before"


def _unbundled(n: Numbers, since: str) -> str:
    return (
        f"{n['after']} % of the order value since {since} came as components or without service, "
        f"{n['before']} % before"
    )


def _commercial(n: Numbers, since: str) -> str:
    return f"{n['after']} % of the talks since {since} asked nothing technical, {n['before']} % before"


def _specified(n: Numbers, since: str) -> str:
    return f"{n['after']} % of the opportunities since {since} were by specification, {n['before']} % before"


def _tendered(n: Numbers, since: str) -> str:
    return f"{n['after']} % of the opportunities since {since} were formal tenders, {n['before']} % before"


def _rivalled(n: Numbers, since: str) -> str:
    return f"{n['after']} % of the opportunities since {since} named a competitor, {n['before']} % before"


def _shared(n: Numbers, since: str) -> str:
    return (
        f"{n['after']} % of what we won since {since} we won beside a named competitor, a second source; "
        f"{n['before']} % before"
    )


def _quick(n: Numbers, since: str) -> str:
    return f"{n['after']} % of the decisions since {since} took less than six weeks, {n['before']} % before"


SHARE_TEXTS: tuple[Callable[[Numbers, str], str], ...] = (
    _seats,
    _price,
    _unbundled,
    _commercial,
    _specified,
    _tendered,
    _rivalled,
    _shared,
    _quick,
)
