"""Salesforce's change events and platform events, as CometD, the Pub/Sub API and connectors wrap them."""

from datetime import UTC, datetime

import pytest

from tests.unit.consumers.formats.reading import only, read, record, shape, why

ACME = "0015e00000AbCdEAAV"
AT = datetime(2024, 5, 6, 12, 53, 20, tzinfo=UTC)


def test_a_created_record_is_whole() -> None:
    """What is not in it is empty."""
    said = only("salesforce", record(shape("salesforce-cometd-create")))
    assert (said.operation, said.entity, said.time) == ("created", "Account", AT)
    assert (said.fields["Id"], said.fields["Name"]) == (ACME, "Acme")
    assert "partial" not in said.meta
    assert (said.meta["user"], said.meta["replay"]) == ("0055e000003XyZAAA0", 6421)


def test_an_update_carries_what_changed_and_says_so() -> None:
    """Enriched fields stay, emptied fields are null, differences of long texts are no values."""
    said = only("salesforce", record(shape("salesforce-sf-api-update")))
    assert said.operation == "updated"
    assert said.fields == {
        "Id": ACME,
        "Industry": "Biotechnology",
        "Fax": "555-1",
        "LastModifiedDate": "2024-05-06T12:53:20.000Z",
        "Name": {"MiddleName": "B.", "Suffix": None},
        "MiddleName": "B.",
        "Suffix": None,
        "Phone": None,
    }
    assert said.meta["partial"] is True
    assert said.meta["changed"] == ["Fax", "Name.MiddleName", "Name.Suffix", "Phone", "LastModifiedDate"]
    assert said.meta["nulled"] == ["Phone", "Name.Suffix"]
    assert said.meta["not_told"] == ["Description"]


def test_columns_that_were_not_sent_are_not_null() -> None:
    """Confluent's connector has a column for each field of the object."""
    said = only("salesforce", record(shape("confluent-salesforce-cdc-update")))
    assert said.fields == {"Id": ACME, "Phone": "555-2", "AnnualRevenue": 1250000.5, "Fax": None}
    assert said.meta["replay"] == "853452"


def test_bits_name_fields() -> None:
    """The Pub/Sub API counts the fields of its schema instead of naming them."""
    said = only("salesforce", record(shape("salesforce-pubsub-update-bitmap")))
    assert said.meta["changed"] == ["Phone", "Website", "BillingAddress.City"]
    assert said.meta["nulled"] == ["Website"]
    assert said.fields["Website"] is None
    assert said.fields["BillingAddress"] == {"City": "Ghent"}
    assert "Fax" not in said.fields


def test_an_event_of_several_records_is_one_change_each() -> None:
    """Salesforce merges the same change of many records."""
    said = read("salesforce", record(shape("salesforce-delete-several")))
    assert [one.fields for one in said] == [{"Id": ACME}, {"Id": "0015e00000AbCdFAAV"}]
    assert {one.operation for one in said} == {"deleted"}
    assert len({one.identity for one in said}) == 2


def test_an_undeleted_record_is_there_again() -> None:
    """With all its fields."""
    said = only("salesforce", record(shape("salesforce-undelete")))
    assert (said.operation, said.meta["kind"]) == ("created", "UNDELETE")
    assert "partial" not in said.meta


def test_a_gap_is_a_dead_letter_that_names_what_to_fetch() -> None:
    """Something changed and nobody says how: never in silence, and nothing is made up."""
    reason, detail = why("salesforce", record(shape("salesforce-gap-create")))
    assert reason == "gap"
    assert ACME in detail
    assert "GAP_CREATE" in detail
    assert "all records of Account" in why("salesforce", record(shape("salesforce-gap-overflow")))[1]
    converted = shape("salesforce-delete-several")
    converted["payload"]["ChangeEventHeader"]["recordIds"] = ["001*"]
    assert why("salesforce", record(converted))[0] == "gap"


def test_a_gap_of_a_deletion_lacks_nothing() -> None:
    """It is told by its ids alone."""
    said = only("salesforce", record(shape("salesforce-gap-delete")))
    assert (said.operation, said.fields) == ("deleted", {"Id": ACME})


def test_a_platform_event_is_a_message() -> None:
    """Its fields are its own, its name the event's UUID."""
    raw = only("salesforce", record(shape("salesforce-platform-event-cometd"), topic="sf.Order_Placed__e"))
    assert (raw.operation, raw.entity, raw.fields["Order_Number__c"]) == ("event", "Order_Placed__e", "4711")
    assert raw.identity.endswith("/2ec0e371-aaaa-455f-9275-be1b527a72f7")
    confluent = only("salesforce", record(shape("confluent-salesforce-platform-event")))
    assert confluent.identity.endswith("/a870010c-bbbb-4057-b95d-e14db56a6af1")
    assert confluent.time == datetime(2024, 5, 6, 12, 53, 20, 665000, tzinfo=UTC)
    assert "_ObjectType" not in confluent.fields


def test_a_push_topic_tells_of_the_fields_of_its_query() -> None:
    """An older way that connectors still have."""
    said = only("salesforce", record(shape("confluent-salesforce-pushtopic")))
    assert (said.operation, said.entity, said.time) == ("updated", "Opportunity", AT)
    assert said.meta["partial"] is True


def test_a_queried_record_is_read() -> None:
    """History comes from queries (REST, Bulk); asked again, a record that has not changed is the same."""
    told = {"attributes": {"type": "Account", "url": "/services/data/v62.0/sobjects/Account/1"}, "Id": ACME}
    told |= {"Name": "Acme", "SystemModstamp": "2024-05-06T12:53:20.000+0000"}
    said = only("salesforce", record(told))
    assert (said.operation, said.entity, said.time, said.meta["partial"]) == ("read", "Account", AT, True)
    assert said.fields["Name"] == "Acme"
    assert "attributes" not in said.fields
    again = only(
        "salesforce", record({"Id": ACME, "SystemModstamp": told["SystemModstamp"]}, topic="sf.Account")
    )
    assert again.identity == said.identity
    assert only("salesforce", record(told | {"IsDeleted": True})).operation == "deleted"


def test_the_wrapping_does_not_change_the_name() -> None:
    """A topic that moves to another connector tells of the same changes."""
    bare = shape("salesforce-sf-api-update")["payload"]
    wrapped = only("salesforce", record(shape("salesforce-sf-api-update")))
    assert only("salesforce", record(bare)).identity == wrapped.identity


@pytest.mark.parametrize(
    "header", [{}, {"changeType": "UPDATE"}, {"changeType": "X", "entityName": "A", "recordIds": ["1"]}]
)
def test_a_header_that_says_too_little_is_a_dead_letter(header: dict[str, object]) -> None:
    """Whatever a future version or a hand-made test message leaves out."""
    assert why("salesforce", record({"ChangeEventHeader": header}))[0] == "does_not_fit"


def test_nothing_is_said_by_nothing() -> None:
    """A compacted topic has tombstones; what is no object is none of Salesforce's."""
    assert read("salesforce", record(None)) == []
    assert why("salesforce", record([]))[0] == "does_not_fit"
