"""What is wrong with the data of a backtest, in sentences: figures are no better than what was read."""

from collections import Counter
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from accounts.policy import Policy
from accounts.replay import Replay
from service.coverage.findings import findings
from service.coverage.matching import alike, some
from service.coverage.signs import ORDER
from service.coverage.tally import Tally as Counts
from service.past import Tally

_AHEAD = timedelta(days=1)
_FEW = 0.05  # of the events may be without parts
_DETAIL = 300
_WRONG = {
    "ids_differ",
    "one_day",
    "ahead",
    "stopped",
    "one_kind",
    "no_customer",
    "no_lines",
    "old",
    "unknown_orders",
}


def mistakes(story: Replay, read: Tally, now: datetime | None, policy: Policy) -> list[str]:
    """All of them; `now` is None where the past shall end earlier, and its age says nothing."""
    found = [*_unread(read), *_waiting(read, story.events)]
    counts = Counts((now or datetime.now().astimezone()) + _AHEAD)
    for account in story.accounts:
        for event in story.events_of(account):
            counts.add(event)
    if not counts.count(ORDER):
        found.append("There is not one order: no rhythm can be seen, and no loss be derived.")
    found += [one.text for one in findings(counts, policy, now) if one.loud and one.name in _WRONG]
    return found


def unmatched(unknown: list[str], lost: int, accounts: Collection[str]) -> str:
    """Lost accounts that have no events, and how their ids differ from those that have."""
    others = sorted(set(accounts) - set(unknown))
    return (
        f"Lost accounts without events here: {len(unknown):,} of {lost:,} ({some(unknown)}). Accounts with "
        f"events: {some(others)}.{alike(unknown, others)} Such a loss is not counted; if the account is here "
        "under another id, every warning of it counts as false."
    )


def _unread(read: Tally) -> Iterator[str]:
    if not read.letters:
        return
    topics: Counter[str] = Counter()
    for (topic, _), number in read.letters.items():
        topics[topic] += number
    told = ", ".join(f"{number:,} of {topic}" for topic, number in topics.most_common())
    worst = max(read.letters, key=lambda key: read.letters[key])
    cause = f", the first: {read.examples[worst][:_DETAIL]}" if worst in read.examples else ""
    yield f"Records that could not be read or mapped (dead letters): {told}. Mostly {worst[1]}{cause}"


def _waiting(read: Tally, events: int) -> Iterator[str]:
    for kind, number in read.waiting.most_common():
        known = f"; known are such as {read.kinds[kind]}" if kind in read.kinds else ""
        yield (
            f"Events that are missing here, since they wait for {kind}: {number:,} (the first for "
            f"{read.awaited[kind]}{known})."
        )
    for kind, number in read.never_told.items():
        if number <= _FEW * events:
            continue  # what few events may have, and few companies keep
        yield (
            f"No record read tells of any {kind}, asked for by {number:,} events: is there a topic that does?"
        )
