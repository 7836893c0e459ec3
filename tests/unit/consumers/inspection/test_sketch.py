# ruff: noqa: E501  (cases, one a line)
"""Drafts of mapping files, from samples."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.formats import Format, format_of
from consumers.inspection.guesses import guess
from consumers.inspection.joins import of_samples
from consumers.inspection.ready import codes_seen, fit_of
from consumers.inspection.samples import sample_of
from consumers.inspection.sketch import sketch
from consumers.inspection.tables import Table
from consumers.inspection.toml_text import confidence
from consumers.inspection.topic_words import TopicWords
from consumers.mapping.files import parse
from consumers.source_record import SourceRecord
from service.trial import Trial
from tests.unit.consumers.inspection import systems
from tests.unit.consumers.inspection.drafts import became, drafted, tried
from tests.unit.consumers.inspection.systems import CUSTOMERS, ORDERS, Topics, topic

SYSTEMS = ["sap", "odoo", "magento", "woocommerce", "dynamics_erp", "german", "prestashop", "business_central", "orders", "salesforce", "hubspot", "dynamics_crm"]  # fmt: skip


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_draft_maps_every_record_of_its_samples(system: str) -> None:
    """As it is, without a dead letter, and each order with its lines."""
    topics = getattr(systems, system)()
    verdicts = tried(topics, drafted(topics).text)
    assert not {"does_not_map", "waits", "does_not_fit"} & became(verdicts).keys()
    orders = [verdict.detail for verdict in verdicts if verdict.became == "order.changed"]
    assert all(re.search(r" [12] lines, [1-9]", detail) for detail in orders)
    assert orders or system in {"salesforce", "hubspot", "dynamics_crm"}


def test_an_erp_and_a_crm_meet_at_the_customer() -> None:
    """The account's field whose values are the ERP's numbers leads from the one to the other, zeros or not."""
    topics = systems.sap() | systems.salesforce()
    draft = drafted(topics)
    assert "12 of 12 values of Account.ERP_Customer__c are in KUNNR" in draft.text
    verdicts = tried(topics, draft.text)
    orders = {verdict.account for verdict in verdicts if verdict.became == "order.changed"}
    accounts = {verdict.account for verdict in verdicts if verdict.became == "crm.account.changed"}
    assert orders == accounts
    assert len(accounts) == CUSTOMERS
    assert not any("orders name customers" in todo for todo in draft.todos)


@pytest.mark.parametrize("crm", ["hubspot", "dynamics_crm"])
def test_other_crms_meet_it_too(crm: str) -> None:
    """By a property of one's own, or the account's number."""
    topics = systems.sap() | getattr(systems, crm)()
    orders = [v.account for v in tried(topics, drafted(topics).text) if v.became == "order.changed"]
    assert len(orders) == ORDERS
    assert not any(account and account.startswith("00000047") for account in orders)


def test_customers_that_nothing_leads_to_are_said_first() -> None:
    """With what is lost; a number that happens to be alike is no link."""
    topics = systems.german() | systems.salesforce()
    draft = drafted(topics)
    assert "no field of Account holds what KundenNr of the orders holds" in draft.todos[0]
    assert "'customer'" not in draft.text.partition("[[mapping]]")[2]
    alone = drafted(systems.german())
    assert "orders name customers by KundenNr, your CRM has ids of its own" in alone.todos[0]


def test_the_same_ids_need_no_lookup() -> None:
    """Where orders name the CRM's accounts already."""
    topics = systems.salesforce()
    ids = [f"0015g{n % CUSTOMERS:010d}" for n in range(ORDERS)]
    rows = [{"OrderId": f"A{n}", "AccountId": id_, "OrderDate": "2025-01-06", "Currency": "EUR", "Total": 5} for n, id_ in enumerate(ids)]  # fmt: skip
    draft = drafted(topics | topic("shop.orders", rows))
    assert 'account = "AccountId"  # the CRM\'s account ids are the same' in draft.text


def test_codes_are_listed_as_they_were_seen() -> None:
    """Every stage, how often, and what its words seem to mean."""
    text = drafted(systems.salesforce()).text
    assert re.search(r'# "Prospecting" = "" +# TODO: seen 10 times', text)
    assert '"Verbally Won" = "won"  # seen 10 times; guessed from its words, check' in text
    assert "[codes.task_statuses]" not in text  # all of them are known
    assert '"HALB" = "component"' in drafted(systems.sap()).text


def test_what_is_missing_is_said_with_what_it_costs() -> None:
    """Orders without lines, products or buyers still count, and the draft says what is lost."""
    topics = systems.sap()
    draft = drafted({"sap.VBAK": topics["sap.VBAK"]})
    told = " ".join(draft.todos)
    assert "the orders' lines are on no topic named here" in told
    assert "the buyers' titles are on no topic named here" in told
    verdicts = tried({"sap.VBAK": topics["sap.VBAK"]}, draft.text)
    assert became(verdicts) == {"order.changed": ORDERS}
    assert "120.50 EUR" in verdicts[0].detail


def test_lines_are_joined_by_their_values() -> None:
    """Of the ids that Magento's orders have, the inner one is what the lines name."""
    text = drafted(systems.magento()).text
    assert 'order_id = "entity_id"' in text
    assert "40 of 40 values of order_id are in sales_order.entity_id" in text


def test_rules_of_which_nothing_was_seen_are_left_out_where_no_sample_can_have_missed_them() -> None:
    """Of topics with one kind of object each; not where all come in one topic."""
    assert re.search(r"leave_out = \[.*\"ticket\"", drafted(systems.hubspot()).text)
    assert "leave_out" not in drafted(systems.salesforce()).text


def test_what_nothing_is_made_of_is_told() -> None:
    """With the reason, among the comments."""
    other = topic("iot.temperature", [{"celsius": 20.5, "sensor": "a"}]) | topic("text", ["x"])
    draft = drafted(systems.german() | other)
    assert "# - iot.temperature: temperature is no table of orders" in draft.text
    assert "# - text: unknown, it is text" in draft.text
    assert drafted(other).is_empty


def test_flattened_rows_are_drafted_as_such() -> None:
    """The ready mapping is told that its rows have no envelope."""
    flat: Topics = {}
    for name, records in systems.orders().items():
        values = [json.loads(record.value or b"") for record in records]
        rows = [
            {**said["after"], "__op": "c", "__table": said["source"]["table"], "__lsn": said["source"]["lsn"], "__source_ts_ms": said["ts_ms"]}
            for said in values
        ]  # fmt: skip
        flat |= topic(name, rows)
    text = drafted(flat).text
    assert 'format = "debezium-flat"' in text
    assert became(tried(flat, text))["order.changed"] > 0


def test_what_a_registry_describes_is_drafted_with_its_encoding() -> None:
    """A draft reads such topics as the samples were read."""

    def make(name: str, options: Mapping[str, Any]) -> Format:
        return format_of(name, options, lambda value: json.loads(value[5:]))

    topics = {
        name: [replace(record, value=b"\0\0\0\0\7" + (record.value or b"")) for record in records]
        for name, records in systems.odoo().items()
    }
    samples = []
    for name, records in topics.items():
        found = guess(records, make)
        samples.append(sample_of(name, found, fit_of(found)))
    draft = sketch(samples)
    assert 'options = {value = "registry"' in draft.text
    trial = Trial(parse(draft.text, make_format=make))
    trial.read(record for records in topics.values() for record in records)
    assert became(list(trial.verdicts()))["order.changed"] > 0


def test_topics_of_a_cluster_are_mapped_there_alone() -> None:
    """Another cluster may have topics of the same names."""
    text = drafted(systems.odoo() | systems.salesforce(), "eu").text
    mappings = parse(text)
    assert all(mappings.of(topic_, "eu") for mapping in mappings.all for topic_ in mapping.topics)
    assert not any(mappings.of(topic_) for mapping in mappings.all for topic_ in mapping.topics)
    assert "#   [kafka.clusters.eu]" in text
    assert "--cluster eu --topic salesforce.cdc" in text


NAMES = st.sampled_from(["id", "order_id", "customer_id", "Währung", "a b", 'qu"ote', "back\\slash", "line\nbreak", "'", "]", "\x1b[2J", "created_at", "sku", "qty", "price", "status"])  # fmt: skip
VALUES = st.sampled_from(["2025-01-06", "EUR", "a\"b'c\n# x", "\x7f\x1b[2J", "]]", "x"]) | st.integers(0, 9) | st.floats(0, 9) | st.none() | st.lists(st.dictionaries(st.sampled_from(["sku", "qty", "price"]), st.integers(0, 9)), max_size=2)  # fmt: skip
ROWS = st.lists(st.dictionaries(NAMES, VALUES, max_size=9), min_size=1, max_size=4)


@given(st.dictionaries(st.sampled_from(["orders", "shop.order_lines", "products", "x.customers", "contacts", 'a"b']), ROWS, min_size=1))  # fmt: skip
def test_any_documents_give_a_draft_that_can_be_read(topics: dict[str, list[dict[str, Any]]]) -> None:
    """Whatever fields are called and hold: it is TOML, it is accepted, no control character gets through."""
    draft = drafted(
        {name: records for topic_, rows in topics.items() for name, records in topic(topic_, rows).items()}
    )
    assert all(letter.isprintable() or letter == "\n" for letter in draft.text)
    if not draft.is_empty:
        parse(draft.text)


def test_topics_are_named_as_they_were_asked_for() -> None:
    """Patterns that take no other topic stay; those that would take what is left out do not."""
    words = TopicWords(["crm.a", "crm.b", "erp.x", "erp.y"], ["crm.*", "erp.*"])
    assert words.of(["crm.a", "crm.b", "erp.x"]) == ["crm.*", "erp.x"]
    assert words.of(["erp.x", "erp.y", "crm.a", "crm.b"]) == ["erp.*", "crm.*"]
    assert words.of(["crm.a"]) == ["crm.a"]
    assert TopicWords(["crm.a"], ["crm.a"]).of(["crm.a"]) == ["crm.a"]


def test_patterns_stand_in_the_draft_and_in_the_next_command() -> None:
    """A topic that comes later is taken too; a shell does not expand the pattern."""
    text = drafted(systems.salesforce() | systems.odoo(), wanted=["salesforce.*", "^odoo[.].*"]).text
    assert 'topics = ["salesforce.*"]' in text
    assert "--topic 'salesforce.*'" in text
    assert '#   topics = ["salesforce.*", ' in text


def test_a_list_names_the_field_that_has_its_values() -> None:
    """Of several that a rule looks at, not one that no document has."""
    found = codes_seen("salesforce", [Table("t", "Task", [_said({"TaskSubtype": "Email"})])])
    assert [seen.of for seen in found if seen.name == "task_channels"] == ["TaskSubtype"]


def test_what_is_sure_has_no_share() -> None:
    """A confidence of all is no confidence but a fact; a share of samples is called one."""
    assert (confidence(1), confidence(0.873)) == ("", " with a confidence of 87%")
    assert of_samples(4, 4) == ""
    assert of_samples(3, 4) == " (of the samples)"


def _said(fields: dict[str, Any]) -> SourceRecord:
    return SourceRecord(fields, None, "event", "Task", None, "", {})
