"""Which topics are meant."""

import pytest

from consumers.subscription import Subscription


@pytest.mark.parametrize(
    ("wanted", "topic", "meant"),
    [
        ("crm.events", "crm.events", True),
        ("crm.events", "crm-events", False),  # the dot is a dot
        ("crm.events", "crm.events2", False),
        ("crm.*", "crm.events", True),
        ("crm.*", "crm", False),
        ("crm.*", "my.crm.events", False),
        (r"^crm\..*", "crm.events", True),
        (r"^crm\.(events|orders)", "crm.orders", True),
        (r"^crm\.(events|orders)", "crm.orders.dead", False),  # the whole name, as with wildcards
        ("^a|b", "bc", False),
    ],
)
def test_a_topic_is_meant_by_its_whole_name(wanted: str, topic: str, meant: bool) -> None:  # noqa: FBT001
    """A dead-letter topic that only begins like one of ours must not be consumed."""
    import re  # noqa: PLC0415

    subscription = Subscription([wanted])
    assert subscription.covers(topic) is meant
    together = Subscription([wanted, "other.*"]).expression
    assert together is not None
    assert (re.match(together, topic) is not None) is meant


def test_names_alone_need_no_expression() -> None:
    """A broker is then asked about these topics only."""
    assert Subscription(["a.b", "c"]).expression is None
    assert Subscription(["a.b", "c*"]).names == ["a.b"]
    assert Subscription(["a.b", "c*"]).patterns == ["c*"]
