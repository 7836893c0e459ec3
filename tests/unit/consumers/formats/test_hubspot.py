"""HubSpot's notifications and objects give the same fields."""

from datetime import UTC, datetime

import pytest

from consumers.formats import PartlyUnreadable, format_of
from tests.unit.consumers.formats.reading import only, read, record, shape, why


def test_a_batch_is_read_notification_by_notification() -> None:
    """Types of both generations, each with what it says."""
    said = read("hubspot", record(shape("hubspot-webhook-batch")))
    assert [(one.entity, one.operation) for one in said] == [
        ("contact", "updated"),
        ("company", "updated"),
        ("company", "created"),
        ("deal", "deleted"),
        ("deal", "event"),
        ("contact", "event"),
        ("contact", "event"),
        ("ticket", "created"),
    ]
    assert said[0].fields == {"id": "847297356", "jobtitle": "Strategic Buyer"}
    assert said[0].meta["changed"] == ["jobtitle"]
    assert said[0].time == datetime(2024, 5, 8, 21, 18, 21, 896000, tzinfo=UTC)
    assert all(one.meta["partial"] for one in said)
    assert said[4].fields["toObjectId"] == 58061514894
    assert said[4].fields["id"] == "64058987777"
    assert len({one.identity for one in said}) == len(said)


def test_a_second_delivery_is_the_same_change() -> None:
    """HubSpot delivers again what was not answered in time, and counts the attempts."""
    first, *_ = shape("hubspot-webhook-batch")
    again = first | {"attemptNumber": 3}
    one, other = read("hubspot", record([first, again]))
    assert one.identity == other.identity
    assert only("hubspot", record(first)).identity == one.identity


def test_a_merge_tells_of_each_record_that_is_no_more() -> None:
    """Both may have gone into a new one."""
    merged = read("hubspot", record(shape("hubspot-webhook-batch")))[5:7]
    told = [(one.fields["mergedObjectId"], one.fields["intoObjectId"]) for one in merged]
    assert told == [(456, 999), (123, 999)]
    plain = shape("hubspot-webhook-batch")[5] | {"newObjectId": None}
    assert only("hubspot", record(plain)).fields["mergedObjectId"] == 456


def test_associations_are_told_alike_by_notifications_and_by_the_api() -> None:
    """With the types at their ends where HubSpot does not name them together; the API knows labels."""
    told = shape("hubspot-webhook-batch")[4] | {"subscriptionType": "object.associationChange"}
    del told["associationType"]
    said = only("hubspot", record(told | {"fromObjectTypeId": "0-3", "toObjectTypeId": "0-1"}))
    assert (said.entity, said.operation, said.fields["associationType"]) == (
        "deal",
        "event",
        "DEAL_TO_CONTACT",
    )
    page = record(shape("hubspot-associations"), topic="crm.deal_to_contact")
    first, second = read("hubspot", page)
    assert first.fields == {
        "id": "64058987777",
        "fromObjectId": "64058987777",
        "toObjectId": 847297356,
        "associationType": "DEAL_TO_CONTACT",
        "labels": ["Decision maker"],
    }
    assert (first.entity, first.operation, second.fields["labels"]) == ("association", "event", [])


def test_an_owner_is_a_user_of_ours() -> None:
    """As the owners API gives it; who has been archived owns nothing more."""
    owner: dict[str, object] = {"id": "41629779", "email": "uma.vendor@example.com", "userId": 9586504}
    said = only("hubspot", record(owner))
    assert (said.entity, said.operation, said.fields["id"]) == ("owner", "updated", "41629779")
    assert only("hubspot", record(owner | {"archived": True})).operation == "deleted"


def test_an_object_has_its_properties_at_the_top() -> None:
    """Where the notifications have them; those that were not asked for are as they were."""
    said = only("hubspot", record(shape("hubspot-object")), entity="deals")
    assert (said.entity, said.operation) == ("deal", "read")
    assert (said.fields["id"], said.fields["dealstage"]) == ("512", "contractsent")
    assert said.fields["associations"]["companies"]["results"][0]["id"] == "43"
    assert said.time == datetime(2024, 5, 6, 12, 53, 20, tzinfo=UTC)
    assert said.meta["partial"] is True
    assert only("hubspot", record(shape("hubspot-object"), topic="crm.companies")).entity == "company"
    page = record({"results": [shape("hubspot-object")]})
    assert only("hubspot", page, entity="deal") == said
    archived = only("hubspot", record(shape("hubspot-object") | {"archived": True}), entity="deal")
    assert archived.operation == "deleted"


def test_an_object_that_is_exported_again_is_the_same() -> None:
    """Until it changes."""
    one = only("hubspot", record(shape("hubspot-object")), entity="deal")
    changed = shape("hubspot-object")
    changed["properties"]["amount"] = "1"
    assert only("hubspot", record(shape("hubspot-object"), offset=9), entity="deal").identity == one.identity
    assert only("hubspot", record(changed), entity="deal").identity != one.identity


def test_the_others_of_a_batch_are_read() -> None:
    """What cannot be read is named by its place."""
    good = shape("hubspot-webhook-batch")[0]
    with pytest.raises(PartlyUnreadable) as caught:
        format_of("hubspot", {}).read(record([good, 5, {"subscriptionType": "contact.creation"}, good]))
    assert len(caught.value.others) == 2
    assert "index 1" in caught.value.detail
    assert "index 2" in caught.value.detail


def test_what_is_not_of_hubspot_is_a_dead_letter() -> None:
    """It says so."""
    assert why("hubspot", record({"id": 5}))[0] == "does_not_fit"
    assert (
        why("hubspot", record(shape("hubspot-webhook-batch")[0] | {"propertyName": None}))[0]
        == "does_not_fit"
    )
    assert read("hubspot", record(None)) == []
