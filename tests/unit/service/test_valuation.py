"""From settings, a calibration and the command line to what an account is worth."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from typer.testing import CliRunner

from accounts.calibration import VERSION, Calibration
from accounts.chain import MADE, Chain
from accounts.currency import rates_of
from accounts.policy import Policy
from service import calibrations
from service.assembly import advice_of
from service.cli import app
from service.exchange import rates_given
from service.failures import Failure
from service.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 3, 2, tzinfo=UTC)
OWN = Chain(MADE.transitions, (1.0, 0.5, 0.4, 0.3, 0.2, 0.0))


def written(path: Path, learnt_chain: Chain | None, **other: Any) -> Path:
    """A calibration file as some version wrote it."""
    shift, cadence = Policy().shift_threshold, Policy().cadence_threshold
    learnt = Calibration(NOW, NOW, NOW, 1, 0, 1.0, 5.0, shift, cadence, {}, {}, learnt_chain)
    body = msgspec.to_builtins(learnt) | other
    if learnt_chain is None:
        del body["chain"]
    path.write_text(json.dumps(body))
    return path


def test_settings_and_a_calibration_say_what_orders_are_worth(tmp_path: Path) -> None:
    """Rates, chain and discount reach whoever tells of an account."""
    file = written(tmp_path / "ours.json", OWN)
    given = {"base_currency": "USD", "rates": {"EUR": "1.08"}, "discount_rate": 0.2}
    settings = Settings.model_validate({"value": given, "detection": {"calibration": str(file)}})
    valuation = advice_of(settings).valuation
    assert valuation.rates == rates_of("USD", {"EUR": Decimal("1.08")})
    assert (valuation.chain, valuation.discount_rate) == (OWN, 0.2)
    assert advice_of(Settings()).valuation.chain == MADE


def test_a_calibration_from_before_the_chain_is_still_read(tmp_path: Path) -> None:
    """An upgrade must not throw away thresholds that took a history to learn."""
    old = written(tmp_path / "old.json", None, version=1)
    assert calibrations.chain_of(old) == MADE
    assert calibrations.policy_of(5.0, old) == Policy()


def test_a_calibration_of_a_later_version_or_with_a_broken_chain_is_refused(tmp_path: Path) -> None:
    """What cannot be understood must not value a portfolio."""
    with pytest.raises(Failure, match="calibrate again"):
        calibrations.chain_of(written(tmp_path / "new.json", OWN, version=VERSION + 1))
    broken = {"transitions": [[1.0] * 6] * 6, "shares": [1.0] * 6}
    with pytest.raises(Failure, match="is no calibration"):
        calibrations.chain_of(written(tmp_path / "broken.json", OWN, chain=broken))


@pytest.mark.parametrize(
    ("base", "given", "said"),
    [
        ("EUR", ["USD"], "write USD=0.92"),
        ("EUR", ["usd=1"], "such as USD"),
        ("EUR", ["USD=-1"], "greater than 0"),
        ("EUR", ["EUR=2"], "worth 1"),
        ("euro", [], "--base-currency"),
    ],
)
def test_a_wrong_rate_on_the_command_line_is_told(base: str, given: list[str], said: str) -> None:
    """In words, with what to write."""
    with pytest.raises(Failure, match=said):
        rates_given(base, given)


def test_replay_values_by_the_rates_given(tmp_path: Path) -> None:
    """An account of dollars and pounds that falls silent: one sum, and beside it what has no rate."""
    path = tmp_path / "history.jsonl"
    line = {"kind": "system", "sku": "s", "quantity": 1, "unit_price": 100}
    path.write_text(
        "".join(
            json.dumps(
                {
                    "specversion": "1.0",
                    "id": f"e{day}",
                    "source": "test",
                    "type": "order.placed",
                    "subject": subject,
                    "time": datetime.fromtimestamp(1_600_000_000 + 86_400 * day, UTC).isoformat(),
                    "data": {"order_id": f"o{day}", "currency": currency, "lines": [line]},
                }
            )
            + "\n"
            for day, subject, currency in (
                *((day, "C-1", ("USD", "GBP", "XTS")[day // 7 % 3]) for day in range(0, 700, 7)),
                (1000, "C-2", "EUR"),
            )
        )
    )
    words = ["replay", str(path), "--rate", "USD=0.9", "--rate", "GBP=1.2"]
    alerts = [json.loads(told) for told in CliRunner().invoke(app, words).stdout.splitlines()]
    value = next(alert["value"] for alert in alerts if alert["kind"] in {"decline", "lost"})
    assert value["currency"] == value["base"]["currency"] == "EUR"
    assert value["base"]["at_risk"] == value["at_risk"] > 0
    assert [left["currency"] for left in value["not_converted"]] == ["XTS"]
