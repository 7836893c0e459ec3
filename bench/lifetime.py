"""The chain of lifetime value, counted in made portfolios, and how well it fits others.

    .venv/bin/python bench/lifetime.py --accounts 500 --seeds 701 702 703 704 --check 711 712

The first table is what `accounts/chain.py` has as its built-in chain. The second compares, on seeds that
were not counted, each stage's orders of the 78 weeks after week 104 with what the chain expects of them, as
a multiple of the account's mean quarter before it first left stable.
"""

import argparse
import copy
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import msgspec

from accounts.account import refold
from accounts.chain import QUARTER_WEEKS, STATES, Chain, lifetime_years, state_of
from accounts.chain_counts import Counts
from accounts.events import decode
from accounts.fold import Fold
from accounts.policy import Policy
from accounts.replay import Replay
from accounts.series import Series
from service.simulation import portfolio

START = datetime(2022, 1, 3, tzinfo=UTC)
WEEKS, SPLIT = 182, 104


def histories(accounts: int, seed: int) -> Iterator[tuple[Series, Fold]]:
    """A made portfolio, folded."""
    events, _ = portfolio(accounts, WEEKS, seed, START)
    replay = Replay()
    for event in events:
        replay.add(decode(msgspec.json.encode(event)))
    for _, state in replay.states(START + timedelta(weeks=WEEKS), Policy()):
        yield state.series, state.fold


def expected(chain: Chain, state: int, quarters: int) -> float:
    """Orders of so many quarters, in stable quarters, undiscounted."""
    now = [float(state == index) for index in range(len(STATES))]
    total = 0.0
    for _ in range(quarters):
        total += sum(p * share for p, share in zip(now, chain.shares, strict=True))
        now = [
            sum(now[row] * chain.transitions[row][column] for row in range(len(STATES)))
            for column in range(len(STATES))
        ]
    return total


def show(chain: Chain, counts: Counts) -> None:
    print(f"{'':10}{''.join(f'{name:>10}' for name in STATES)}{'orders':>10}{'quarters':>10}{'years':>8}")
    years = lifetime_years(chain, 0.10)
    for index, (name, row) in enumerate(zip(STATES, chain.transitions, strict=True)):
        cells = "".join(f"{p:10.4f}" for p in row)
        print(f"{name:10}{cells}{chain.shares[index]:10.4f}{sum(counts.moves[index]):10}{years[index]:8.2f}")


def check(chain: Chain, accounts: int, seeds: list[int]) -> None:
    quarters = (WEEKS - SPLIT) // QUARTER_WEEKS
    seen: dict[int, list[float]] = defaultdict(list)
    for seed in seeds:
        for series, _ in histories(accounts, seed):
            past = copy.deepcopy(series)
            past.truncate(series.end - (WEEKS - SPLIT))
            main = past.main_currency(past.start, past.end)
            if main is None:
                continue
            fold = refold(past, Policy())
            row = series.money[main[0]]
            stable = usual(past, fold, main[0])
            if stable > 0:
                seen[state_of(fold.stage)].append(sum(row[past.length :]) / stable)
    print(f"\n{'':10}{'accounts':>10}{'expected':>10}{'ordered':>10}   quarters' worth, of {quarters}")
    for state, multiples in sorted(seen.items()):
        print(
            f"{STATES[state]:10}{len(multiples):10}{expected(chain, state, quarters):10.2f}"
            f"{sum(multiples) / len(multiples):10.2f}"
        )


def usual(series: Series, fold: Fold, currency: str) -> float:
    """An account's mean quarter until it first left stable."""
    until = next((c.week for c in fold.transitions if state_of(c.after)), series.end) - series.start
    return QUARTER_WEEKS * sum(series.money[currency][:until]) / until if until >= 2 * QUARTER_WEEKS else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--accounts", type=int, default=500)
    parser.add_argument("--seeds", type=int, nargs="+", default=[701, 702, 703, 704])
    parser.add_argument("--check", type=int, nargs="*", default=[711, 712])
    options = parser.parse_args()
    counts = Counts()
    for seed in options.seeds:
        for series, fold in histories(options.accounts, seed):
            counts.add(series, fold)
    chain = counts.chain(weight=1e-9)
    show(chain, counts)
    print(msgspec.json.encode(chain).decode())
    if options.check:
        check(chain, options.accounts, options.check)


if __name__ == "__main__":
    main()
