"""BG/NBD against the figures its authors published for CDNOW."""

import numpy as np
import pytest

from service.backtest.bgnbd import Numbers, Parameters, expected_purchases, fit, log_likelihood, p_alive
from tests.parts import cdnow
from tests.parts.process import PartMissingError

PUBLISHED = Parameters(r=0.243, alpha=4.414, a=0.793, b=2.426)  # Fader, Hardie & Lee 2005, table 2
Columns = tuple[Numbers, Numbers, Numbers]


@pytest.fixture(scope="module")
def customers() -> Columns:
    """x, t_x and T of CDNOW's customers."""
    try:
        rows = cdnow.customers()
    except PartMissingError as error:
        pytest.skip(str(error))
    x, t_x, t = (np.array(column) for column in zip(*rows, strict=True))
    return x, t_x, t


def one(*numbers: float) -> Columns:
    x, t_x, t = (np.array([number]) for number in numbers)
    return x, t_x, t


def test_the_fit_finds_the_published_parameters(customers: Columns) -> None:
    """Table 2 of the paper: the parameters and a log-likelihood of −9582.4."""
    assert len(customers[0]) == 2357
    found = fit(*customers)
    assert found == pytest.approx(PUBLISHED, abs=0.0012)
    assert log_likelihood(found, *customers) == pytest.approx(-9582.4, abs=0.05)


@pytest.mark.parametrize("unit", [1 / 7, 7, 52])
def test_the_unit_of_time_changes_alpha_alone(customers: Columns, unit: float) -> None:
    """Days or years: the model must not care."""
    x, t_x, t = customers
    found = fit(x, t_x * unit, t * unit)
    assert found == pytest.approx(PUBLISHED._replace(alpha=PUBLISHED.alpha * unit), rel=0.005)


def test_expected_purchases_of_a_year() -> None:
    """Equation 9: 1.444 in 52 weeks, as the R package BTYD prints; our parameters are rounded ones."""
    assert expected_purchases(PUBLISHED, 52) == pytest.approx(1.444, abs=0.003)


def test_p_alive_of_the_first_customer() -> None:
    """Two purchases, the last after 30.43 of 38.86 weeks: 0.7266, by hand and by the authors' formula."""
    r, alpha, a, b = PUBLISHED
    by_hand = 1 / (1 + a / (b + 1) * ((alpha + 38.86) / (alpha + 30.43)) ** (r + 2))
    assert p_alive(PUBLISHED, *one(2, 30.43, 38.86)) == pytest.approx(by_hand)
    assert by_hand == pytest.approx(0.7266, abs=0.0002)


def test_who_never_bought_again_is_alive_by_this_model() -> None:
    """Drop-out comes after a repeat purchase only."""
    assert p_alive(PUBLISHED, *one(0, 0, 1000)) == [1.0]


def test_thousands_of_purchases_do_not_overflow() -> None:
    """A machine that orders daily must not become a NaN."""
    assert p_alive(PUBLISHED, *one(5000, 700, 705)) == pytest.approx([0.0], abs=1e-9)
    assert np.isfinite(log_likelihood(PUBLISHED, *one(5000, 700, 705)))


def test_nobody_who_bought_twice_is_nothing_to_fit() -> None:
    """A clear word instead of four meaningless numbers."""
    with pytest.raises(ValueError, match="no customer bought twice"):
        fit(*one(0, 0, 10))
