"""What a portfolio's accounts have in common: the prior of each share that may shift."""

from collections.abc import Mapping, Sequence

import msgspec

from accounts.baseline import Baseline
from accounts.evidence import VOTE
from accounts.policy import Policy

_FEWEST_SHARES, _VOTES_OF_A_SHARE = 30, 6
_PRIOR_WEIGHT = (3.0, 40.0)  # votes of prior weight: never less, never more


Lines = Sequence[Sequence[Baseline]]  # of an account: a baseline a stream, for each product line


def priors_of(accounts: Sequence[Lines], policy: Policy) -> dict[str, tuple[float, float]]:
    """Beta (a, b) of each stream, by its signal, from all product lines."""
    found = {}
    for index, stream in enumerate(policy.shift_streams):
        prior = _prior([line[index] for lines in accounts for line in lines])
        if prior is not None:
            found[stream.signal] = prior
    return found


def with_priors(policy: Policy, priors: Mapping[str, tuple[float, float]]) -> Policy:
    """The policy whose streams have these priors; those not named as built in."""
    streams = []
    for stream in policy.shift_streams:
        a, b = priors.get(stream.signal, (stream.prior_a, stream.prior_b))
        streams.append(msgspec.structs.replace(stream, prior_a=a, prior_b=b))
    return msgspec.structs.replace(policy, shift_streams=tuple(streams))


def _prior(baselines: Sequence[Baseline]) -> tuple[float, float] | None:
    """Beta (a, b) of the portfolio's baseline shares, by moments; None where too few accounts tell.

    The variance that counting so few votes makes by itself is taken off (Kleinman 1973).
    """
    seen = [
        (min(1.0, max(0.0, b.votes_for / b.votes)), b.votes / VOTE)
        for b in baselines
        if b.votes >= _VOTES_OF_A_SHARE * VOTE
    ]
    if len(seen) < _FEWEST_SHARES:
        return None
    mean = sum(share for share, _ in seen) / len(seen)
    mean = min(0.95, max(0.02, mean))
    spread = sum((share - mean) ** 2 for share, _ in seen) / (len(seen) - 1)
    counted = sum(mean * (1 - mean) / votes for _, votes in seen) / len(seen)
    true = max(spread - counted, 1e-6)
    least, most = _PRIOR_WEIGHT
    weight = min(most, max(least, mean * (1 - mean) / true - 1))
    return round(mean * weight, 3), round((1 - mean) * weight, 3)
