"""A made portfolio: events as CRM and ERP would send them, and the truth behind them (docs/simulator.md)."""

from service.simulation.companies import made_rates
from service.simulation.ledger import Event
from service.simulation.portfolio import portfolio, write_events, write_truth
from service.simulation.scenarios import FEWEST_WEEKS, MIX
from service.simulation.story import STORY_ACCOUNT
from service.simulation.truth import Truth

__all__ = [
    "FEWEST_WEEKS",
    "MIX",
    "STORY_ACCOUNT",
    "Event",
    "Truth",
    "made_rates",
    "portfolio",
    "write_events",
    "write_truth",
]
