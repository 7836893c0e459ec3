"""What waits for reference data, and what no reference can mend."""

import json

import pytest

from consumers.mapping.files import parse
from service.trial import Trial, Verdict
from tests.integration.mapping_parts import FakeRecord

MAPPING = """
[[mapping]]
topics = ["contacts"]
options = {time = "at", identity = ["id", "at"]}
[[mapping.reference]]
kind = "contact"
id = "id"
fields = ["account", "channel", "fits"]

[[mapping]]
topics = ["talks"]
options = {time = "at", identity = ["id"]}
[[mapping.event]]
type = "crm.interaction.logged"
account = "lookup('contact', who).account || lookup('contact', other).account"
[mapping.event.data]
channel = "way"
direction = "'inbound'"
"""
AT = "2025-01-02T03:04:05Z"


def talk(mapping: str = MAPPING, **fields: str) -> Verdict:
    """What a talk becomes, while contact q of acme is known."""
    records = [
        FakeRecord(topic, json.dumps(document | {"at": AT}).encode())
        for topic, document in [
            ("contacts", {"id": "q", "account": "acme"}),
            ("talks", {"id": "T"} | fields),
        ]
    ]
    trial = Trial(parse(mapping))
    trial.read(records)
    return list(trial.verdicts())[1]


@pytest.mark.parametrize("who", [{"other": "q"}, {}, {"other": "stranger"}])
def test_a_constant_that_is_not_allowed_is_a_mistake_at_once(who: dict[str, str]) -> None:
    """Whatever else is unknown, and though the account is: to wait for it would be to wait in vain."""
    verdict = talk(way="mail", who="p", **who)
    assert verdict.became == "does_not_map"
    assert verdict.detail.startswith("rule crm.interaction.logged: data.channel: Invalid enum value 'mail'")


@pytest.mark.parametrize(
    ("right", "depending"),
    [
        ("", ""),  # the account alone
        ('channel = "way"', "channel = \"lookup('contact', who).channel || way\""),
        ("[[mapping.event]]", "[[mapping.event]]\nwhen = \"lookup('contact', who).fits != 'no'\""),
    ],
)  # fmt: skip
def test_what_a_reference_may_still_mend_waits(right: str, depending: str) -> None:
    """The value that does not fit, or whether there is an event at all, depends on it."""
    assert right in MAPPING
    way = "mail" if right else "email"
    verdict = talk(MAPPING.replace(right, depending) if right else MAPPING, way=way, who="p")
    assert (verdict.became, verdict.detail) == ("waits", "for contact p")


def test_a_name_that_the_record_does_not_have_is_told() -> None:
    """Where nothing comes of what an event needs, it is likely to be misspelt."""
    verdict = talk(MAPPING.replace("who).account ||", "whom).account ||"), who="q", way="call")
    assert verdict.detail.endswith(
        "gives nothing, and it is needed; the record has no field other, whom; did you mean who?"
    )
