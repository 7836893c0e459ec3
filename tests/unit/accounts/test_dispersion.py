"""Dispersion: how much more than by chance quiet accounts vary, against histories made to a known one."""

from random import Random

import pytest

from accounts.dispersion import dispersions, with_dispersions
from accounts.evidence import CONTACTS, COUNTS, DECIDERS, ORDERS, PURCHASING, VOTE
from accounts.policy import Policy
from accounts.series import Series

WEEKS = 182
POLICY = Policy()


def history(rng: Random, cluster: int) -> Series:
    """Votes and contacts at random, each as often as the cluster says; orders like clockwork."""
    rows = [[0] * WEEKS for _ in range(COUNTS)]
    for week in range(WEEKS):
        for _ in range(rng.randint(0, 2)):
            rows[DECIDERS][week] += cluster * VOTE
            rows[PURCHASING][week] += cluster * VOTE * (rng.random() < 0.3)
        rows[CONTACTS][week] = cluster * sum(rng.random() < 0.02 for _ in range(50))
        rows[ORDERS][week] = int(week % 4 == 0)
    return Series(length=WEEKS, counts=rows, lines=[""], line_since=[0])


@pytest.mark.parametrize("cluster", [1, 3])
def test_what_comes_in_threes_varies_three_times_as_much(cluster: int) -> None:
    """Independent votes and events have a dispersion of one; what comes together has that of its clusters."""
    rng = Random(7)
    found = dispersions([history(rng, cluster) for _ in range(60)], POLICY)
    assert found["purchasing_share"] == pytest.approx(cluster, rel=0.15)
    assert found["contacts_slowing"] == pytest.approx(max(cluster, 3.5 / 3), rel=0.15)  # never below a third


def test_a_dispersion_stays_within_thrice_of_the_built_in_one() -> None:
    """An accident of few accounts must not make a test deaf, nor shrill."""
    rng = Random(7)
    found = dispersions([history(rng, 1) for _ in range(60)], POLICY)
    built_in = POLICY.cadence_streams[1].dispersion
    assert found["orders_slowing"] == pytest.approx(built_in / 3, abs=1e-3)


def test_too_little_history_tells_nothing() -> None:
    """Streams of which too little is known keep what is built in."""
    found = dispersions([history(Random(7), 1)], POLICY)
    assert found == {}
    assert with_dispersions(POLICY, found) == POLICY


def test_a_policy_weighs_by_what_was_found() -> None:
    """Each stream by its own signal, whichever test it belongs to."""
    found = {"price_talk": 2.0, "orders_slowing": 0.4, "questions_falling": 5.0}
    policy = with_dispersions(POLICY, found)
    told = {stream.signal: stream.dispersion for stream in policy.shift_streams}
    rhythms = (*policy.engagement_streams, *policy.cadence_streams)
    told |= {stream.signal: stream.dispersion for stream in rhythms}
    assert {signal: told[signal] for signal in found} == found
    assert told["purchasing_share"] == POLICY.shift_streams[0].dispersion
