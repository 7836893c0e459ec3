"""From a record to events: values brought into form, several events, what is left aside, what fails."""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.events import REASONS, decode
from consumers.mapping.files import parse
from consumers.mapping.functions import moment_of, search_of
from consumers.mapping.knowledge import Version, is_deleted, merged
from consumers.records import Readout, read
from tests.integration.mapping_parts import MAPPING, FakeRecord, mappings

HEAD = """
[[mapping]]
topics = ["t"]
options = {time = "at", identity = ["id"]}
"""
TALK = """
[[mapping.event]]
type = "crm.interaction.logged"
account = "account"
[mapping.event.data]
channel = "'call'"
direction = "'inbound'"
"""


def made(rules: str, **fields: Any) -> Readout:
    """What a record says by these rules."""
    document = {"id": 1, "at": "2025-01-02T03:04:05Z", "account": "acme"} | fields
    return read([FakeRecord("t", json.dumps(document).encode())], parse(HEAD + rules))


def data(readout: Readout) -> Any:
    """The data of the one event."""
    assert readout.dead_letters == []
    (row,) = readout.events.values()
    return json.loads(row.body)["data"]


@pytest.mark.parametrize(
    ("written", "fields", "expected"),
    [
        ("who", {"who": 7}, [{"id": "7"}]),
        ("who", {"who": None}, []),
        ("who", {}, []),
        ("who", {"who": ["a", "b"]}, [{"id": "a"}, {"id": "b"}]),
        ("who[].{id: n, title: t}", {"who": [{"n": 1, "t": "Buyer"}, {"n": None, "t": "x"}]},
         [{"id": "1", "title": "Buyer"}]),
    ],
)  # fmt: skip
def test_people_are_lists_of_whoever_has_an_id(written: str, fields: Any, expected: Any) -> None:
    """One value is a list of one, null is nobody, and numbers are ids too."""
    assert data(made(f'{TALK}participants = "{written}"', **fields))["participants"] == expected


def test_tables_make_people_and_lists_of_them() -> None:
    """Each item of a list is a root of its own, and reaches its record by `_.record`."""
    rules = f"""{TALK}
participants = {{each = "who", id = "n", title = "t", department = "_.record.dept"}}"""
    told = data(made(rules, dept="R&D", who=[{"n": 1, "t": "Buyer"}, {"n": 2}]))
    assert told["participants"] == [
        {"id": "1", "title": "Buyer", "department": "R&D"}, {"id": "2", "department": "R&D"},
    ]  # fmt: skip


@pytest.mark.parametrize(
    "written",
    ["2025-03-01", "2025-03-01T00:00:00Z", "2025-03-01T01:00:00+01:00", "2025-03-01 00:00:00", 20148,
     1_740_787_200, 1_740_787_200_000, 1_740_787_200_000_000, "1740787200000"],
)  # fmt: skip
def test_moments_are_read_as_systems_write_them(written: Any) -> None:
    """Days, seconds, milli- and microseconds since 1970 cannot be mistaken for each other from 1990 on."""
    assert moment_of(written) == datetime(2025, 3, 1, tzinfo=UTC)
    rules = TALK.replace('account = "account"', 'account = "account"\ntime = "when"')
    (row,) = made(rules, when=written).events.values()
    assert decode(row.body).time == moment_of(written)


def test_one_record_makes_several_events() -> None:
    """One for each item of a list, each with an identity of its own; a bad item does not touch the others."""
    rules = TALK.replace('account = "account"', 'each = "calls"\naccount = "_.record.account"\ntime = "at"')
    calls = [{"at": "2025-01-01"}, {"at": "soon"}, {"at": "2025-01-03"}]
    readout = made(rules, calls=calls)
    assert len(readout.events) == 2
    assert [letter.reason for letter in readout.dead_letters] == ["does_not_map"]
    assert readout.types["t", "crm.interaction.logged"] == 2


def test_what_no_rule_takes_is_counted_and_what_fails_is_told() -> None:
    """By the reason of the mapping file, or `no_rule`."""
    condition = TALK.replace('account = "account"', 'account = "account"\nwhen = "kind == \'call\'"')
    assert made(condition, kind="note").ignored == {("t", "no_rule"): 1}
    ignoring = f'{condition}\n[[mapping.ignore]]\nreason = "notes"\nwhen = "kind == \'note\'"'
    assert made(ignoring, kind="note").ignored == {("t", "notes"): 1}
    (letter,) = made(TALK, account=None).dead_letters
    assert letter.detail == (
        "t: rule crm.interaction.logged: account = account gives nothing, and it is needed"
    )
    assert letter.reason in REASONS


def test_the_same_change_is_the_same_event() -> None:
    """Told again it has no second effect; two rules of one record make two events."""
    two = TALK + TALK.replace('type = "', 'name = "again"\ntype = "')
    document = {"id": 1, "at": "2025-01-02T03:04:05Z", "account": "acme"}
    records = [FakeRecord("t", json.dumps(document).encode(), offset) for offset in range(3)]
    readout = read(records, parse(HEAD + two))
    assert (len(readout.events), readout.repeated, readout.dead_letters) == (2, 4, [])


def test_words_begin_where_words_begin() -> None:
    """`nda` is not in an agenda; writings without spaces are searched anywhere."""
    search = search_of(["nda", "Preis", "价格"])
    assert search("the nda of today")
    assert search("neue preisliste")
    assert search("请讨论价格问题")
    assert not search("the agenda")


versions = st.lists(
    st.builds(
        Version,
        st.integers(0, 4),
        st.integers(0, 50),
        st.binary(max_size=2),
        st.booleans(),
        st.just("x"),
        st.dictionaries(st.sampled_from("abc"), st.one_of(st.none(), st.integers(0, 9))),
    ),
    max_size=6,
    unique_by=lambda version: version[:3],
)


@given(versions, st.integers(-1, 5))
def test_a_field_is_what_was_last_said_of_it_or_else_first(found: list[Version], at: int) -> None:
    """Field by field, against the plain reading of the rule."""
    found = sorted(found, key=lambda version: version[:3])
    expected = {}
    for name in "abc":
        said = [version for version in found if name in version.fields]
        before = [version for version in said if version.time <= at]
        if said:
            expected[name] = (before[-1] if before else said[0]).fields[name]
    assert merged(found, at) == expected
    if found:
        before = [version for version in found if version.time <= at]
        assert is_deleted(found, at) == (before[-1] if before else found[0]).deleted


@given(st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=5)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["id", "at", "customer", "currency", "who", "kind", "subject", "order", "sku"]),
        inner, max_size=6),
    max_leaves=20,
))  # fmt: skip
def test_no_record_stops_the_reading(document: Any) -> None:
    """Whatever stands in a record, it becomes events, reference data, a dead letter, or is left aside."""
    mapper = mappings(MAPPING)
    topics = ("crm.accounts", "crm.contacts", "crm.talks", "erp.orders", "erp.lines", "erp.products")
    value = msgspec.json.encode(document)
    for topic in topics:
        readout = read([FakeRecord(topic, value)], mapper)
        said = len(readout.events) + len(readout.drafts) + len(readout.references) + len(readout.dead_letters)
        assert said + sum(readout.ignored.values()) >= (0 if document == [] else 1)
        assert (
            mapper.filler.fill(list(readout.drafts.values()), lambda _references, _wholes: iter(()))
            is not None
        )
