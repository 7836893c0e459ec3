"""What each stream of the shift test adds, and what late events cost, in made portfolios.

    .venv/bin/python bench/ablation.py --accounts 600 --seeds 1 2

Without a stream the threshold is moved until the quiet accounts raise as many shift alarms as with all of
them: so the shares are compared at equal false alarms. Late events are compared by what was raised live: each
week is judged by what had come by then.
"""

import argparse
import sys
from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import msgspec

from accounts.account import AccountState, advance, refold
from accounts.events import CanonicalEvent, document_of
from accounts.policy import Policy, RhythmStream, VoteStream
from accounts.series import Series
from accounts.weeks import start_of, week_of
from bench.detection import IN_TIME_WEEKS, START, WARNINGS, load
from service.simulation import Truth

QUIET = ("stable", "seasonal", "passing_buyers", "purchasing_led", "sparse", "growing")
SHIFTS = ("shift_then_loss", "sparse_shift_then_loss")
_LATE_SHARE, _LATE_WEEKS = 0.2, (2.0, 8.0)
_STEPS = 7
_WIDEST = 3.0  # nats by which the threshold may have to move

History = tuple[Truth, Series]
Stream = TypeVar("Stream", VoteStream, RhythmStream)


def quiet_rate(histories: Iterable[History], policy: Policy) -> float:
    """Shift alarms a 100 account-years of accounts to which nothing happens."""
    alarms = years = 0.0
    for truth, series in histories:
        if truth.scenario in QUIET:
            years += series.length / 52.18
            alarms += sum(mark.kind == "buying_centre_shift" for mark in refold(series, policy).marks)
    return 100 * alarms / years


def in_time(histories: Iterable[History], policy: Policy, scenario: str) -> float:
    """The share warned of at least IN_TIME_WEEKS before the collapse, in per cent."""
    found = [
        warned(truth, [mark.week for mark in refold(series, policy).marks if mark.kind in WARNINGS])
        for truth, series in histories
        if truth.scenario == scenario
    ]
    return 100 * sum(found) / len(found)


def warned(truth: Truth, weeks: Sequence[int]) -> bool:
    """Whether the first alarm after the shift came in time."""
    shift, collapse = truth.shift_at, truth.collapse_at
    if shift is None or collapse is None:
        raise ValueError(f"{truth.account_id} has no shift, or is not lost")
    after = [week for week in weeks if start_of(week + 1) >= shift]
    return bool(after) and collapse - start_of(min(after) + 1) >= timedelta(weeks=IN_TIME_WEEKS)


def moved(policy: Policy, nats: float) -> Policy:
    """The policy with its shift threshold moved."""
    threshold = msgspec.structs.replace(policy.shift_threshold, base=policy.shift_threshold.base + nats)
    return msgspec.structs.replace(policy, shift_threshold=threshold)


def matched(histories: list[History], policy: Policy, rate: float) -> Policy:
    """The policy whose quiet accounts raise as many alarms as wanted, by bisection."""
    low, high = -_WIDEST, _WIDEST
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if quiet_rate(histories, moved(policy, middle)) > rate:
            low = middle
        else:
            high = middle
    return moved(policy, high)


def without(policy: Policy, signal: str) -> Policy:
    """The policy in which a stream weighs nothing."""
    shares = tuple(_silenced(stream, signal) for stream in policy.shift_streams)
    questions, executives = (_silenced(stream, signal) for stream in policy.engagement_streams)
    return msgspec.structs.replace(policy, shift_streams=shares, engagement_streams=(questions, executives))


def _silenced(stream: Stream, signal: str) -> Stream:
    return msgspec.structs.replace(stream, weight=0.0) if stream.signal == signal else stream


def live(events: list[tuple[int, CanonicalEvent]], until: int, policy: Policy) -> list[int]:
    """The weeks at whose end a review raised a warning, each event known from its week of arrival on."""
    events = sorted(events, key=lambda pair: pair[0])
    state: AccountState | None = None
    known: list[CanonicalEvent] = []
    raised: dict[tuple[str, int], int] = {}
    position, due = 0, week_of(START)
    for week in range(week_of(START) + 1, until + 1):
        first = due
        while position < len(events) and events[position][0] < week:
            known.append(events[position][1])
            first = min(first, week_of(events[position][1].time))
            position += 1
        new = [event for event in known if first <= week_of(event.time) < week]
        documents = {document for event in new if (document := document_of(event))}
        earlier = [e for e in known if week_of(e.time) < first and document_of(e) in documents]
        state = advance(state, new + earlier, first, week, policy)
        for mark in state.fold.marks:
            if mark.kind in WARNINGS and mark.until < 0:
                raised.setdefault((mark.kind, mark.onset), week - 1)
        due = week
    return sorted(raised.values())


def arrivals(events: Iterable[CanonicalEvent], rng: Random) -> list[tuple[int, CanonicalEvent]]:
    """Each event with its week of arrival: a fifth come two to eight weeks late."""
    found = []
    for event in events:
        late = rng.uniform(*_LATE_WEEKS) if rng.random() < _LATE_SHARE else 0.0
        found.append((week_of(event.time + timedelta(weeks=late)), event))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--accounts", type=int, default=600)
    parser.add_argument("--weeks", type=int, default=182)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2])
    options = parser.parse_args()
    until = week_of(START) + options.weeks
    policy = Policy()
    histories: list[History] = []
    on_time: list[bool] = []
    late: list[bool] = []
    rng = Random(0)  # noqa: S311  (chance for a simulation)
    for seed in options.seeds:
        replay, truths = load(options.accounts, options.weeks, seed)
        for truth in truths:
            events = replay.events_of(truth.account_id)
            histories.append((truth, advance(None, events, 0, until, policy).series))
            if truth.scenario == "shift_then_loss":
                at_once = [(week_of(event.time), event) for event in events]
                on_time.append(warned(truth, live(at_once, until, policy)))
                late.append(warned(truth, live(arrivals(events, rng), until, policy)))
    rate = quiet_rate(histories, policy)
    print(f"shift alarms of quiet accounts: {rate:.2f} a 100 account-years\n")
    print(f"{'':28}{'shift, then loss':>18}{'sparse':>10}")
    variants = {"all streams": policy}
    signals = [s.signal for s in policy.shift_streams] + [s.signal for s in policy.engagement_streams]
    for signal in signals:
        variants[f"without {signal}"] = matched(histories, without(policy, signal), rate)
    for name, variant in variants.items():
        shares = [in_time(histories, variant, scenario) for scenario in SHIFTS]
        print(f"{name:28}{shares[0]:16.1f} %{shares[1]:8.1f} %", flush=True)
    count = len(on_time)
    print(f"\njudged live, all on time      {100 * sum(on_time) / count:.1f} % of {count}")
    print(f"a fifth 2 to 8 weeks late     {100 * sum(late) / count:.1f} %")


if __name__ == "__main__":
    main()
