"""Rules of whole documents: an update tells what has changed, the event tells the document as of then."""

import json
from typing import Any

from consumers.mapping.files import parse
from service.trial import Trial
from tests.integration.mapping_parts import FakeRecord

MAPPING = """
[[mapping]]
topics = ["sfdc.*"]
format = "salesforce"
key = "Id"
[[mapping.reference]]
kind = "number"
entity = "Account"
id = "AccountNumber"
fields = {account = "Id"}
[[mapping.event]]
name = "opportunity"
entity = "Opportunity"
type = "crm.opportunity.changed"
whole = true
account = "AccountId"
[mapping.event.data]
opportunity_id = "Id"
status = "'open'"
opened_at = "'2024-01-01'"
competitors = "split(Competitors__c, ';')"
[[mapping.event]]
name = "contact"
entity = "Contact"
type = "crm.contact.changed"
whole = true
account = "AccountId"
[mapping.event.data.contact]
id = "Id"
name = "join(' ', [Name.FirstName, Name.LastName])"
"""


def change(kind: str, day: int, entity: str, **fields: Any) -> FakeRecord:
    """A change of one document in January 2024."""
    header = {
        "entityName": entity,
        "recordIds": ["0065g00000AAAAAAA1"],
        "changeType": kind,
        "transactionKey": f"{entity}-{day}",
        "sequenceNumber": 1,
        "commitTimestamp": 1_704_067_200_000 + day * 86_400_000,
        "changedFields": list(fields),
        "nulledFields": [],
    }
    return FakeRecord("sfdc.changes", json.dumps({"ChangeEventHeader": header, **fields}).encode(), day)


def data_of(*records: FakeRecord) -> list[dict[str, Any]]:
    """What the events of these records say, in the order of the records."""
    trial = Trial(parse(MAPPING))
    trial.read(records)
    verdicts = list(trial.verdicts())
    assert [each.detail for each in verdicts if each.became == "does_not_map"] == []
    return [json.loads(each.event)["data"] for each in verdicts if each.event is not None]


def test_what_a_new_document_lacks_is_not_taken_from_its_future() -> None:
    """A competitor who is named in March was not there in January: else a backtest sees the future."""
    created = change("CREATE", 1, "Opportunity", AccountId="001")
    named = change("UPDATE", 9, "Opportunity", Competitors__c="Northwind")
    for records in ((created, named), (named, created)):
        said = sorted(data_of(*records), key=lambda data: len(data["competitors"]))
        assert [data["competitors"] for data in said] == [[], ["Northwind"]]


def test_an_update_is_completed_by_what_came_before_it() -> None:
    """An update without the account belongs to the account of the creation."""
    created = change("CREATE", 1, "Opportunity", AccountId="001", Competitors__c="Northwind")
    amount = change("UPDATE", 9, "Opportunity", Amount=5)
    assert [data["competitors"] for data in data_of(created, amount)] == [["Northwind"], ["Northwind"]]


def test_an_update_without_the_key_of_a_reference_leaves_it_as_it_was() -> None:
    """A new phone number of an account says nothing of its number in the ERP, and is no mistake."""
    created = change("CREATE", 1, "Account", AccountNumber="4711")
    phone = change("UPDATE", 9, "Account", Phone="555")
    trial = Trial(parse(MAPPING))
    trial.read([created, phone])
    assert [each.became for each in trial.verdicts()] == ["reference", "ignored"]


def test_a_document_without_the_key_of_a_reference_is_told() -> None:
    """Where some have no number, the mapping says so by `when`: a wrong name would keep nothing."""
    trial = Trial(parse(MAPPING))
    trial.read([change("CREATE", 1, "Account", Name="Northwind")])
    (verdict,) = trial.verdicts()
    assert verdict.became == "does_not_map"
    assert verdict.detail.endswith(
        'None, no id; where a record may have none, say so: when = "AccountNumber"'
    )
