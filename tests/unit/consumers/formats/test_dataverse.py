"""Dataverse's execution contexts as rows of its Web API."""

from datetime import UTC, datetime
from typing import Any

from tests.unit.consumers.formats.reading import only, read, record, shape, why

CONTACT = "5b1c2d3e-0f9f-e711-8122-000d3aa2331c"
ACME = "0f8cbb64-94e1-4d11-b22c-fca7e1faf35d"
USER = "75c2dd85-e89e-e711-8122-000d3aa2331c"
CALL = "6d81597f-0f9f-e711-8122-000d3aa2331c"
AT = datetime(2024, 5, 6, 12, 53, 20, tzinfo=UTC)


def test_an_update_has_the_web_apis_names_and_values() -> None:
    """What has changed, and what an image of the step adds; lookups with their table."""
    said = only("dataverse", record(shape("dataverse-update")))
    assert (said.operation, said.entity, said.time) == ("updated", "contact", AT)
    assert said.fields == {
        "contactid": CONTACT,
        "fullname": "A. Buyer",
        "jobtitle": "Head of Purchasing",
        "department": None,
        "_parentcustomerid_value": ACME,
        "_parentcustomerid_value@Microsoft.Dynamics.CRM.lookuplogicalname": "account",
        "preferredcontactmethodcode": 2,
        "creditlimit": 1500.5,
        "modifiedon": "2024-05-06T12:53:20Z",
        "new_interests": "1,3",
    }
    assert said.meta["partial"] is True
    assert said.meta["nulled"] == ["department"]
    assert "fullname" not in said.meta["changed"]


def test_an_activity_tells_its_parties() -> None:
    """As rows of the table that has no webhooks of its own; an address that belongs to nobody is none."""
    call, caller, called = read("dataverse", record(shape("dataverse-create-phonecall")))
    assert (call.operation, call.fields["activityid"], call.fields["activitytypecode"]) == (
        "created",
        CALL,
        "phonecall",
    )
    assert call.fields["actualstart"] == "2024-05-06T12:53:20Z"
    parties = [
        {
            name: party.fields[name]
            for name in ("_activityid_value", "_partyid_value", "participationtypemask")
        }
        for party in (caller, called)
    ]
    assert parties == [
        {"_activityid_value": CALL, "_partyid_value": CONTACT, "participationtypemask": 1},
        {"_activityid_value": CALL, "_partyid_value": USER, "participationtypemask": 2},
    ]
    assert (caller.entity, caller.time) == ("activityparty", AT)
    assert caller.identity != called.identity


def test_a_deleted_row_is_as_its_image_was() -> None:
    """Where the step has none, its key alone; its time is the operation's."""
    said = only("dataverse", record(shape("dataverse-delete")))
    assert (said.operation, said.fields["_parentcustomerid_value"]) == ("deleted", ACME)
    assert said.time == datetime(2024, 5, 6, 12, 53, 19, tzinfo=UTC)
    bare = shape("dataverse-delete") | {"PreEntityImages": []}
    assert only("dataverse", record(bare)).fields == {"contactid": CONTACT}


def test_a_second_delivery_is_the_same_change_and_another_step_is_not() -> None:
    """Ids of operations are new for each attempt; two steps of one update carry different columns."""
    first = shape("dataverse-update")
    again = first | {"OperationId": "00000000-0000-0000-0000-000000000000", "CorrelationId": "x"}
    assert only("dataverse", record(first)).identity == only("dataverse", record(again)).identity
    other: dict[str, Any] = first | {"PostEntityImages": []}
    assert only("dataverse", record(first)).identity != only("dataverse", record(other)).identity


def test_what_dataverse_left_out_is_a_gap() -> None:
    """It names the row to import; nothing is guessed."""
    reason, detail = why("dataverse", record(shape("dataverse-size-exceeded")))
    assert (reason, CONTACT in detail) == ("gap", True)


def test_rows_are_read_as_they_are() -> None:
    """So history, fetched by the Web API, may be in the same topic."""
    row = {"contactid": CONTACT, "versionnumber": 7, "modifiedon": "2024-05-06T12:53:20Z"}
    options = {"entity": "contact", "identity": ["versionnumber"], "time": "modifiedon"}
    said = only("dataverse", record(row), **options)
    assert (said.entity, said.fields, said.time) == ("contact", row, AT)


def test_other_messages_are_events() -> None:
    """Such as Win and Associate: no change of a row, but something that happened to it."""
    said = only(
        "dataverse", record(shape("dataverse-update") | {"MessageName": "Assign", "InputParameters": []})
    )
    assert (said.operation, said.meta["kind"]) == ("event", "Assign")


def test_a_context_without_its_row_is_named() -> None:
    """Nobody could say whose it is."""
    assert why("dataverse", record({"MessageName": "Create"}))[0] == "does_not_fit"
