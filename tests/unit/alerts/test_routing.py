"""The tree of routes."""

import msgspec
import pytest

from accounts.alert import Alert, BaseValue, Evidence, Value
from alerts.config import EmailConfig, NotifierConfig, SlackConfig
from alerts.destinations import destinations
from alerts.matching import Matchers, by_value_at_risk
from alerts.receivers import Receiver
from alerts.routing import Handling, Route, looks, ways
from tests.unit.alerts.samples import AT_RISK, SHIFT

change = msgspec.structs.replace
TREE = Route(
    name="all",
    repeat_days=30,
    routes=(
        Route(
            name="machines",
            match=Matchers(segment=("machine*",)),
            to=("owner", "board"),
            routes=(Route(name="large", match=Matchers(at_risk_from=1e6), to=("manager",), escalate_days=2),),
        ),
        Route(name="copy", match=Matchers(severity=("critical", "warning")), to=("board",), goes_on=True),
        Route(name="rest", pace="daily"),
    ),
)


def test_the_deepest_route_that_fits_decides_and_inherits() -> None:
    """What a route leaves open is as above; the first child that fits ends the search."""
    (taken,) = ways(TREE, SHIFT)
    assert taken.name == "machines / large"
    assert taken.handling == Handling(to=("manager",), repeat_days=30, escalate_days=2)


def test_a_route_that_goes_on_lets_its_siblings_look() -> None:
    """As `continue` does in Alertmanager."""
    assert [taken.name for taken in ways(TREE, AT_RISK)] == ["copy", "rest"]
    assert [taken.handling.pace for taken in ways(TREE, AT_RISK)] == ["at_once", "daily"]


def test_without_routes_the_owner_is_told() -> None:
    """The tree of a new installation is one node."""
    (taken,) = ways(Route(name="everything"), SHIFT)
    assert (taken.name, taken.handling) == ("everything", Handling())


def test_each_route_that_is_passed_over_says_why() -> None:
    """`turnsignal routes test` shows it."""
    said = {node.name: missed for _, node, missed in looks(TREE, AT_RISK)}
    assert said == {"all": [], "machines": ["segment is not known, not machine*"], "copy": [], "rest": []}


@pytest.mark.parametrize(
    ("matchers", "fits"),
    [
        (Matchers(), True),
        (Matchers(account=("hartwig*",)), True),
        (Matchers(account=("c-1042",)), True),
        (Matchers(account=("C-104",)), False),
        (Matchers(owner=("*@vendor.example",), kind=("decline", "buying_centre_shift")), True),
        (Matchers(owner=("*@vendor.example",), kind=("decline",)), False),
        (Matchers(stage=("shifted",), severity=("warning",)), True),
        (Matchers(product_line=("drives",)), True),
        (Matchers(product_line=("pumps",)), False),
        (Matchers(at_risk_from=7_352_000.0), True),
        (Matchers(at_risk_from=7_352_001.0), False),
        (Matchers(at_risk_below=7_352_000.0), False),
    ],
)
def test_all_matchers_must_fit(matchers: Matchers, fits: bool) -> None:  # noqa: FBT001
    """Each by any of its patterns, in any case."""
    lines = Evidence("product_lines", 0.0, "", [], [], {"Drives": 3.1})
    alert = change(SHIFT, evidence=[*SHIFT.evidence, lines])
    assert matchers.fits(alert) is fits
    assert bool(list(matchers.missed(alert))) is not fits


def test_money_of_different_currencies_is_never_compared() -> None:
    """By the base currency where a rate leads there; the rest after it, a currency at a time."""

    def alert(at_risk: float | None, currency: str | None, base: float | None = None) -> Alert:
        told = None if base is None else BaseValue(0, 0, base, "EUR")
        return change(SHIFT, value=Value(None, None, at_risk, currency, told))

    ranked = [
        alert(5e6, "CNY", 700_000.0),
        alert(500_000.0, "EUR", 500_000.0),
        alert(9e6, "JPY"),
        alert(8e6, "JPY"),
        alert(9e9, "KRW"),
        alert(None, None),
    ]
    assert sorted([*ranked[3:], *ranked[:3]], key=by_value_at_risk) == ranked


def test_receivers_become_addresses_once() -> None:
    """Owner, manager and team by each channel they have; the same address by two routes gets one message."""
    config = NotifierConfig(
        email=EmailConfig(host="h", sender="a@b.example"),
        slack=SlackConfig(bot_token="xoxb-1", channel="#sales"),
        receivers={"board": Receiver(email="owner@vendor.example", slack="#board")},
        routes=Route(name="all", to=("owner", "board", "manager")),
    )
    found = [(one.channel, one.receiver, one.role) for one in destinations(SHIFT, config)]
    assert found == [
        ("slack", "U0OWNER01", "owner"),
        ("slack", "#board", "board"),
        ("email", "owner@vendor.example", "owner"),
    ]
    nobody = change(SHIFT, account=change(SHIFT.account, owner=None))
    assert ("slack", "#board", "board") in [
        (one.channel, one.receiver, one.role) for one in destinations(nobody, config)
    ]


def test_a_route_to_an_unknown_receiver_stops_the_start() -> None:
    """A mistyped name would send alerts nowhere."""
    with pytest.raises(ValueError, match="bord"):
        NotifierConfig(routes=Route(name="all", routes=(Route(name="x", to=("bord",)),)))
    with pytest.raises(ValueError, match="neither"):
        Receiver(slack="general")
    with pytest.raises(ValueError, match="needs an email"):
        Receiver(locale="zh")
