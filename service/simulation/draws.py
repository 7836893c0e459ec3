"""Random quantities that `random` does not have: counts that cluster, renewals, odds."""

from math import exp
from random import Random


def poisson(rng: Random, mean: float) -> int:
    """A Poisson count, by multiplying uniforms (Knuth); meant for small means."""
    if mean <= 0:
        return 0
    limit, count, product = exp(-mean), 0, rng.random()
    while product > limit:
        count += 1
        product *= rng.random()
    return count


def lognormal(rng: Random, mean: float, sigma: float) -> float:
    """A log-normal draw with this mean (not this median)."""
    return mean * exp(rng.gauss(-sigma * sigma / 2, sigma))


def odds(share: float, ratio: float) -> float:
    """The share whose odds are `ratio` times those of `share`."""
    up = ratio * share
    return up / (up + 1 - share)


def between(rng: Random, low: float, high: float) -> float:
    """A uniform draw; an empty range gives its lower end."""
    return rng.uniform(low, max(low, high))


class Busyness:
    """A weekly factor of mean 1 with a gamma distribution and autocorrelation.

    The beta-gamma autoregression of Lewis (1982): x' = B·x + E with B ~ Beta(kρ, k(1-ρ)) and
    E ~ Gamma(k(1-ρ)) keeps the marginal Gamma(k) and has autocorrelation ρ^lag. A Poisson count whose
    mean it multiplies is negative binomial, with variance mean + mean²/k.
    """

    def __init__(self, rng: Random, shape: float, memory: float) -> None:
        self._rng, self._shape = rng, shape
        self._kept, self._new = shape * memory, shape * (1 - memory)
        self._level = rng.gammavariate(shape, 1)

    def step(self) -> float:
        """The next week's factor."""
        kept = self._rng.betavariate(self._kept, self._new) * self._level
        self._level = kept + self._rng.gammavariate(self._new, 1)
        return self._level / self._shape


class Drift:
    """A slow autoregressive wander around 0 with this standard deviation, one step a week."""

    def __init__(self, rng: Random, deviation: float, memory: float) -> None:
        self._rng, self._memory = rng, memory
        self._noise = deviation * (1 - memory * memory) ** 0.5
        self._level = rng.gauss(0, deviation)

    def step(self) -> float:
        """The next week's level."""
        self._level = self._memory * self._level + self._rng.gauss(0, self._noise)
        return self._level


class Renewal:
    """Arrivals whose gaps are gamma with mean 1 on the clock of their own rate.

    A shape above 1 makes them more regular than Poisson: their counts vary less.
    """

    def __init__(self, rng: Random, shape: float) -> None:
        self._rng, self._shape = rng, shape
        self._left = rng.random() * self._gap()

    def arrivals(self, expected: float) -> int:
        """How many arrive while the clock goes on by `expected`."""
        self._left -= expected
        count = 0
        while self._left <= 0:
            count += 1
            self._left += self._gap()
        return count

    def _gap(self) -> float:
        return max(self._rng.gammavariate(self._shape, 1 / self._shape), 0.05)
