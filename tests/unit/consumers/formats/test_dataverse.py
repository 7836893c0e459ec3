"""What Dataverse posts of changes and what its Web API says of rows give the same fields."""

from datetime import UTC, datetime

import pytest

from tests.unit.consumers.formats.reading import only, read, record, shape, why

ACME = "a1000000-0000-0000-0000-000000000001"
ADA = "c1000000-0000-0000-0000-000000000001"
OPPORTUNITY = "01000000-0000-0000-0000-000000000001"
TABLE = "@Microsoft.Dynamics.CRM.lookuplogicalname"
SHOWN = "@OData.Community.Display.V1.FormattedValue"


def test_a_created_row_has_its_columns_by_name() -> None:
    """Lookups as the Web API names them, choices as numbers, moments in UTC, who took part as rows."""
    said = only("dataverse", record(shape("dataverse-create")))
    assert (said.operation, said.entity) == ("created", "appointment")
    assert said.time == datetime(2024, 6, 1, 8, tzinfo=UTC)
    assert said.fields["scheduledstart"] == "2024-06-10T08:00:00Z"
    assert said.fields["_regardingobjectid_value"] == ACME
    assert said.fields[f"_regardingobjectid_value{TABLE}"] == "account"
    assert said.fields[f"_regardingobjectid_value{SHOWN}"] == "Acme"
    assert (said.fields["statecode"], said.fields["isalldayevent"]) == (3, False)
    (party,) = said.fields["requiredattendees"]
    assert (party["_partyid_value"], party["participationtypemask"]) == (ADA, 5)
    assert said.meta["partial"] is True  # what Dataverse itself filled in is not among them


def test_an_update_has_what_was_set_and_what_its_image_tells() -> None:
    """What was emptied is null, a lookup too; the rest is as it was."""
    said = only("dataverse", record(shape("dataverse-update")))
    assert (said.operation, said.entity, said.meta["partial"]) == ("updated", "opportunity", True)
    assert said.fields == {
        "opportunityid": OPPORTUNITY,
        "_customerid_value": ACME,
        f"_customerid_value{TABLE}": "account",
        f"_customerid_value{SHOWN}": "Acme",
        "statuscode": 1,
        f"statuscode{SHOWN}": "In Progress",
        "modifiedon": "2024-05-01T10:00:00Z",
        "estimatedvalue": 110000.0,
        "parentcontactid": None,
        "_parentcontactid_value": None,
        "tags": "1,2",
    }


def test_a_deleted_row_is_told_by_its_id() -> None:
    """And by its image of before, if the step has one; an activity is named by activityid."""
    said = only("dataverse", record(shape("dataverse-delete")))
    assert (said.operation, said.entity, said.before) == ("deleted", "phonecall", {"subject": "Gone"})
    assert said.fields["activityid"].endswith("09")
    assert said.time == datetime(2024, 5, 5, 8, tzinfo=UTC)


def test_what_is_linked_is_a_row_between_two() -> None:
    """As the Web API has it, opportunitycompetitors: one for each."""
    said = read("dataverse", record(shape("dataverse-associate")))
    assert [(one.entity, one.operation) for one in said] == [("opportunitycompetitors", "created")] * 2
    assert said[0].fields["opportunityid"] == OPPORTUNITY
    assert [one.fields["competitorid"][-1] for one in said] == ["1", "2"]
    unlinked = read("dataverse", record(shape("dataverse-associate") | {"MessageName": "Disassociate"}))
    assert {one.operation for one in unlinked} == {"deleted"}


def test_rows_are_read_by_the_page() -> None:
    """The table by the context of the page; of a query of changes, what was deleted."""
    row, gone = read("dataverse", record(shape("dataverse-page")))
    assert (row.operation, row.entity, row.fields["contactid"]) == ("read", "contact", ADA)
    assert row.fields[f"_parentcustomerid_value{TABLE}"] == "account"
    assert (row.time, row.meta["partial"]) == (datetime(2024, 2, 1, 9, tzinfo=UTC), True)
    assert (gone.operation, gone.entity) == ("deleted", "contact")


@pytest.mark.parametrize(
    ("topic", "entity"),
    [
        ("crm.opportunities", "opportunity"),
        ("crm.activityparties", "activityparty"),
        ("contact", "contact"),
        ("crm.opportunitycompetitors", "opportunitycompetitors"),
    ],
)
def test_a_row_is_of_the_table_its_topic_is_named_by(topic: str, entity: str) -> None:
    """By its name, or that of the set of its rows; unless the options say another."""
    assert only("dataverse", record({"name": "A"}, topic=topic)).entity == entity
    assert only("dataverse", record({"name": "A"}, topic=topic), entity="account").entity == "account"


def test_the_same_change_has_the_same_name() -> None:
    """Dataverse posts again what was not accepted; a row that has not changed is the same."""
    posted = shape("dataverse-update")
    again = posted | {"Depth": 1, "OperationCreatedOn": posted["OperationCreatedOn"]}
    assert only("dataverse", record(posted)).identity == only("dataverse", record(again, offset=9)).identity
    other = posted | {"OperationId": "d0000000-0000-0000-0000-000000009999"}
    assert only("dataverse", record(other)).identity != only("dataverse", record(posted)).identity
    page = record(shape("dataverse-page"))
    assert [one.identity for one in read("dataverse", page, page)][0::2] == [
        f'dataverse/contact/{ADA}/read/W/"5948101"'
    ] * 2


def test_a_change_that_was_too_large_is_named() -> None:
    """Dataverse leaves the parameters of a large one out: nothing is guessed."""
    reason, detail = why("dataverse", record(shape("dataverse-update") | {"InputParameters": []}))
    assert reason == "gap"
    assert OPPORTUNITY in detail


def test_several_rows_of_one_request_are_a_change_each() -> None:
    """CreateMultiple and UpdateMultiple have Targets."""
    posted = shape("dataverse-update")
    target = posted["InputParameters"][0]["value"]
    both = {"key": "Targets", "value": {"Entities": [target, target | {"Id": ACME}]}}
    said = read("dataverse", record(posted | {"MessageName": "UpdateMultiple", "InputParameters": [both]}))
    assert [one.operation for one in said] == ["updated", "updated"]
    assert said[1].fields["opportunityid"] == ACME


def test_other_messages_and_other_values_are_no_changes() -> None:
    """A message of one's own is an event; what is no row of Dataverse is a dead letter."""
    assert only("dataverse", record(shape("dataverse-update") | {"MessageName": "Win"})).operation == "event"
    assert why("dataverse", record("text"))[0] == "does_not_fit"
    assert why("dataverse", record([5]))[0] == "does_not_fit"
    odd = shape("dataverse-associate") | {"InputParameters": []}
    assert why("dataverse", record(odd))[0] == "does_not_fit"
    assert read("dataverse", record(None)) == []
