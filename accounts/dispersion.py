"""How much more than by chance a portfolio's quiet accounts vary from quarter to quarter.

Pearson's estimate, X² over its degrees of freedom (McCullagh & Nelder 1989, §4.5), of blocks of a quarter
against each account's own mean: 1 where votes are binomial and events Poisson; above, where they come in
clusters.
"""

from collections.abc import Iterable, Sequence

import msgspec

from accounts.cadence import STREAM_ROWS as CADENCE_ROWS
from accounts.engagement import ENGAGEMENT_ROWS
from accounts.evidence import VOTE
from accounts.policy import Policy, RhythmStream, VoteStream
from accounts.series import Series
from accounts.shift import STREAM_ROWS

_BLOCK = 13  # weeks
_FEWEST_VOTES = 10.0  # of a line, for its share to be known
_FEWEST_EVENTS = 10
_FEWEST_BLOCKS = 100  # degrees of freedom, for a dispersion to be known
_FARTHEST = 3.0  # from what is built in: the rest is taken for an accident of few accounts


def dispersions(histories: Sequence[Series], policy: Policy) -> dict[str, float]:
    """The dispersion of each stream, by its signal; streams of which too little is known are left out."""
    found: dict[str, float] = {}
    for stream, rows in zip(policy.shift_streams, STREAM_ROWS, strict=True):
        _note(found, stream, _pearson(_shares(histories, *rows)))
    rhythms = (*policy.engagement_streams, *policy.cadence_streams)
    for rhythm, row in zip(rhythms, (*ENGAGEMENT_ROWS, *CADENCE_ROWS), strict=True):
        came = ([max(0, sum(s.counts[row][i : i + _BLOCK])) for i in _blocks(s)] for s in histories)
        _note(found, rhythm, _pearson(map(_counts, came)))
    return found


def with_dispersions(policy: Policy, found: dict[str, float]) -> Policy:
    """The policy whose streams vary as found; those not found as built in."""
    first, second = (_dispersed(stream, found) for stream in policy.engagement_streams)
    contacts, orders = (_dispersed(stream, found) for stream in policy.cadence_streams)
    return msgspec.structs.replace(
        policy,
        shift_streams=tuple(
            msgspec.structs.replace(s, dispersion=found.get(s.signal, s.dispersion))
            for s in policy.shift_streams
        ),
        engagement_streams=(first, second),
        cadence_streams=(contacts, orders),
    )


def _dispersed(stream: RhythmStream, found: dict[str, float]) -> RhythmStream:
    return msgspec.structs.replace(stream, dispersion=found.get(stream.signal, stream.dispersion))


def _note(found: dict[str, float], stream: VoteStream | RhythmStream, seen: float | None) -> None:
    if seen is not None:
        known = stream.dispersion
        found[stream.signal] = round(min(known * _FARTHEST, max(known / _FARTHEST, seen)), 3)


def _blocks(series: Series) -> range:
    """Where each whole quarter begins."""
    return range(0, series.length - _BLOCK + 1, _BLOCK)


def _shares(histories: Iterable[Series], y_row: int, n_row: int) -> Iterable[tuple[float, int]]:
    """(X², degrees of freedom) of each product line's share."""
    for series in histories:
        for line in range(len(series.lines)):
            rows = series.rows(line)
            votes = [
                (sum(rows[y_row][i : i + _BLOCK]) / VOTE, sum(rows[n_row][i : i + _BLOCK]) / VOTE)
                for i in _blocks(series)
            ]
            told = [(y, n) for y, n in votes if n > 0]
            y, n = sum(y for y, _ in told), sum(n for _, n in told)
            if n >= _FEWEST_VOTES and 0 < y < n:
                p = y / n
                yield sum((y - n * p) ** 2 / (n * p * (1 - p)) for y, n in told), len(told) - 1


def _counts(came: Sequence[int]) -> tuple[float, int]:
    """(X², degrees of freedom) of an account's events."""
    if sum(came) < _FEWEST_EVENTS:
        return 0.0, 0
    mean = sum(came) / len(came)
    return sum((x - mean) ** 2 / mean for x in came), len(came) - 1


def _pearson(told: Iterable[tuple[float, int]]) -> float | None:
    seen = list(told)
    freedom = sum(degrees for _, degrees in seen)
    return sum(squares for squares, _ in seen) / freedom if freedom >= _FEWEST_BLOCKS else None
