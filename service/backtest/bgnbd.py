"""BG/NBD: how likely a customer is still one, from when it bought (Fader, Hardie & Lee 2005).

"Counting your customers" the easy way: an alternative to the Pareto/NBD model, Marketing Science 24(2).
While alive a customer buys at a Poisson rate with a gamma(r, α) mixture; after any purchase it may drop out
with a probability that is beta(a, b). Shapes: arrays over customers; times in any one unit.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

Numbers = NDArray[np.float64]
_START = (1.0, 1.0, 1.0, 1.0)
_PENALTY = 1e-6  # keeps a likelihood that is flat, as of few customers, from running away


class Parameters(NamedTuple):
    """The four numbers of the model."""

    r: float
    alpha: float
    a: float
    b: float


def log_likelihood(parameters: Parameters, x: Numbers, t_x: Numbers, t: Numbers) -> float:
    """Of repeat purchases x, the last at t_x, seen up to t since the first; equation 6 of the paper."""
    r, alpha, a, b = parameters
    before = special.gammaln(r + x) - special.gammaln(r) + r * np.log(alpha)
    split = special.betaln(a, b + x) - special.betaln(a, b)
    alive = -(r + x) * np.log(alpha + t)
    gone = np.where(
        x > 0,
        np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + t_x),
        -np.inf,
    )
    return float(np.sum(before + split + np.logaddexp(alive, gone)))


def fit(x: Numbers, t_x: Numbers, t: Numbers) -> Parameters:
    """The parameters of greatest likelihood; raises ValueError where nobody bought twice."""
    if not np.any(x > 0):
        raise ValueError("no customer bought twice: there is nothing to fit")
    scale = float(np.mean(t)) / 10 or 1.0

    def loss(logs: Any) -> float:
        parameters = Parameters(*np.exp(np.clip(logs, -12, 12)))
        return -log_likelihood(parameters, x, t_x / scale, t / scale) / len(x) + _PENALTY * float(
            np.sum(np.square(logs))
        )

    found = optimize.minimize(
        loss, np.log(_START), method="Nelder-Mead", options={"maxiter": 4000, "xatol": 1e-6, "fatol": 1e-10}
    )
    r, alpha, a, b = (float(number) for number in np.exp(found.x))
    return Parameters(r, alpha * scale, a, b)


def p_alive(parameters: Parameters, x: Numbers, t_x: Numbers, t: Numbers) -> Numbers:
    """P(still a customer at t); 1 where nobody bought twice, for drop-out comes after a repeat purchase.

    Fader, Hardie & Lee (2008), "Computing P(alive) using the BG/NBD model".
    """
    r, alpha, a, b = parameters
    # In logarithms: thousands of purchases would overflow the power.
    log_odds = np.log(a / (b + np.maximum(x, 1) - 1)) + (r + x) * np.log((alpha + t) / (alpha + t_x))
    return np.where(x > 0, special.expit(-log_odds), 1.0)


def expected_purchases(parameters: Parameters, t: float) -> float:
    """Purchases of a customer of whom nothing is known, in time t since the first; equation 9."""
    r, alpha, a, b = parameters
    series = special.hyp2f1(r, b, a + b - 1, t / (alpha + t))
    return float((a + b - 1) / (a - 1) * (1 - (alpha / (alpha + t)) ** r * series))
