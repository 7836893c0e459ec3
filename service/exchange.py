"""Exchange rates as a person gives them on a command line."""

from collections.abc import Sequence

from pydantic import ValidationError

from accounts.currency import Rates, rates_of
from service.failures import Failure
from service.settings import Value


def rates_given(base: str, given: Sequence[str]) -> Rates:
    """Rates from CODE=WORTH words, checked as the settings are; raises Failure with the first mistake."""
    units = {}
    for word in given:
        code, sign, worth = word.partition("=")
        if not sign:
            raise Failure(f"--rate {word!r} is not CODE=WORTH; write USD=0.92", 2)
        units[code] = worth
    try:
        value = Value.model_validate({"base_currency": base, "rates": units})
    except ValidationError as error:
        problem = error.errors()[0]
        where = "--base-currency" if problem["loc"][0] == "base_currency" else "--rate"
        said = problem["msg"].removeprefix("Value error, ")
        raise Failure(f"{where}: {problem['input']!r}: {said}", 2) from None
    return rates_of(value.base_currency, value.rates)
