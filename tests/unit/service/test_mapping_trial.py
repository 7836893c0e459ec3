"""`turnsignal mapping test` on files: what its summary puts first, leaves out and ends with."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from service.cli import app

MAPPING = """
[[mapping]]
topics = ["erp"]
options = {time = "at", identity = ["id"]}
[[mapping.reference]]
kind = "customer"
when = "number"
id = "number"
fields = ["account"]
[[mapping.reference]]
kind = "mail"
when = "number"
id = "account"
[[mapping.event]]
name = "cancelled"
type = "order.cancelled"
when = "status == 'S'"
account = "lookup('customer', who).account"
data = {order_id = "order"}
[[mapping.event]]
name = "delivered"
type = "order.delivered"
when = "status == 'L'"
account = "lookup('customer', who).account"
data = {order_id = "order"}
"""
CUSTOMER = {"number": "007", "account": "acme"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the command works."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def tried(
    folder: Path, *records: dict[str, str], mapping: str = MAPPING, more: tuple[str, ...] = ()
) -> Result:
    """What the command says of these records."""
    (folder / "mapping.toml").write_text(mapping, "utf-8")
    said = [json.dumps({"id": str(n), "at": "2025-01-02T00:00:00Z"} | each) for n, each in enumerate(records)]
    (folder / "records").write_text("\n".join(said), "utf-8")
    return CliRunner().invoke(app, ["mapping", "test", "records", "--mapping", "mapping.toml", *more])


def order(status: str, who: str = "007") -> dict[str, str]:
    """An order that has come to a status."""
    return {"order": "O1", "status": status, "who": who}


def test_examples_begin_with_the_account(folder: Path) -> None:
    """Else orders of accounts that no CRM knows look perfect; each kind of reference is counted by itself."""
    done = tried(folder, CUSTOMER, order("S"), more=("--summary",))
    assert done.exit_code == 0
    assert [" ".join(line.split()) for line in done.stdout.splitlines()[1:]] == [
        '1 reference: customer 007: {"account":"acme"}',
        "1 reference: mail acme: {}",
        "1 order.cancelled acme: 2025-01-02; O1",
    ]


def test_problems_come_first_and_end_in_1(folder: Path) -> None:
    """With what was wrong, counted by rule and field; a field that is not there with the one meant."""
    wrong = MAPPING.replace('order_id = "order"', 'order_id = "odrer"', 1).replace("who)", "woh)", 1)
    done = tried(folder, CUSTOMER, order("S"), order("S"), order("L"), mapping=wrong, more=("--summary",))
    assert done.exit_code == 1
    first, count, cause, *_ = done.stdout.splitlines()
    assert first == "2 would be dead letters; of each kind the first:"
    assert count.split() == ["2", "does_not_map", "erp[0]@1"]
    assert cause.strip() == (
        "rule cancelled: account = lookup('customer', woh).account gives nothing, and it is needed; "
        "the record has no field woh; did you mean who?"
    )
    assert tried(folder, order("S"), mapping=wrong, more=("--json",)).exit_code == 1


def test_what_waits_is_shown_beside_what_is_there(folder: Path) -> None:
    """Two ways to write a number are seen only side by side."""
    done = tried(folder, CUSTOMER, order("S", "7"), more=("--summary",))
    assert done.exit_code == 0
    assert "waits: for customer" in done.stdout
    assert "such as customer 7 (known is 007)" in done.stdout
    alone = tried(folder, order("S", "7"), more=("--summary",))
    assert "such as customer 7 (none of this kind came)" in alone.stdout


def test_a_condition_that_does_not_hold_is_told_where_no_rule_takes_the_message(folder: Path) -> None:
    """That an order is not also cancelled is as it should be; --each tells even that."""
    done = tried(folder, CUSTOMER, order("L"), order("A"), more=("--summary",))
    ignored = [line for line in done.stdout.splitlines() if "ignored" in line]
    assert [" ".join(line.split()) for line in ignored] == [
        "1 ignored: rules cancelled, delivered: its condition does not hold"
    ]
    each = tried(folder, CUSTOMER, order("L"), order("A"), more=("--json",))
    assert sum('"ignored"' in line for line in each.stdout.splitlines()) == 5


def test_a_good_mapping_is_fine_and_the_topics_to_add_are_named_once(folder: Path) -> None:
    """`check` ends in a verdict, and says nothing of topics that nobody has set."""
    (folder / "mapping.toml").write_text(MAPPING, "utf-8")
    done = CliRunner().invoke(app, ["mapping", "check", "mapping.toml"])
    assert done.exit_code == 0
    assert done.stdout.splitlines()[-1] == "fine: 1 mapping, 4 rules"
    assert "canonical" not in done.stdout
    assert done.stderr == 'kafka.topics names none of these topics yet; add "erp"\n'
    doubtful = MAPPING.replace("status == 'S'", "code('states', status) == 'cancelled'")
    (folder / "mapping.toml").write_text(f'{doubtful}[codes.states]\nS = "canceled"\n', "utf-8")
    warned = CliRunner().invoke(app, ["mapping", "check", "mapping.toml"])
    assert warned.exit_code == 0
    assert "codes.states: 'canceled' is compared with nowhere" in warned.stderr
