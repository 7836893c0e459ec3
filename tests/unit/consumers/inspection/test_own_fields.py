# ruff: noqa: E501  (cases, one a line)
"""Fields of a company's own in its CRM: which are read, which are offered, and what is asked of a person."""

import json
import tomllib
from collections.abc import Iterable
from typing import Any

import pytest

from consumers.inspection.masking import Masker
from consumers.inspection.talk_topics import topic_of
from consumers.mapping.files import parse
from tests.unit.consumers.inspection import systems
from tests.unit.consumers.inspection.drafts import drafted, tried
from tests.unit.consumers.inspection.systems import CUSTOMERS, Topics, day, topic

TOPICS = ["Preis", "Technik", "Preis;Liefertermin", "Reklamation", "Schulung", "Sonstiges"]


def salesforce(**own: dict[str, list[Any]]) -> Topics:
    """Its objects with fields of one's own, whose values come in turn."""
    records = []
    for number, record in enumerate(systems.salesforce()["salesforce.cdc"]):
        said = json.loads(record.value or b"")
        several = own.get(said["ChangeEventHeader"]["entityName"], {})
        records.append(said | {name: values[number // 2 % len(values)] for name, values in several.items()})
    return topic("salesforce.cdc", records)


def data(topics: Topics, type_: str, text: str) -> list[dict[str, Any]]:
    return [json.loads(v.event or b"")["data"] for v in tried(topics, text) if v.became == type_]


def codes(text: str, name: str) -> dict[str, str]:
    found: dict[str, str] = tomllib.loads(text)["codes"].get(name, {})
    return found


def all_of(several: Iterable[dict[str, Any]], field: str) -> set[str]:
    return {value for each in several for value in each.get(field, [])}


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("Preis", "price"), ("Technik", "technical"), ("Konditionen", "terms"), ("Liefertermin", "delivery"), ("Reklamation", "quality"),
        ("Schulung", "training"), ("Anwendung", "application"), ("Service", "support"), ("Support", "support"), ("Roadmap", "roadmap"),
        ("Pricing", "price"), ("Tarifs / Prix", "price"), ("Plazo de entrega", "delivery"), ("Formación", "training"), ("Qualité", "quality"), ("Sonstiges", "other"),
        ("Zzz", None),
    ],
)  # fmt: skip
def test_words_tell_what_a_talk_is_about(word: str, meaning: str | None) -> None:
    """In several languages; where they do not, nothing is guessed."""
    assert topic_of(word) == meaning


@pytest.mark.parametrize("name", ["Thema__c", "Topic__c", "Call_Topic__c", "Subject_Category__c", "Anlass__c", "Xyz__c"])  # fmt: skip
def test_topics_of_talks_are_read_from_a_field_of_ones_own(name: str) -> None:
    """One choice or several, by what its values say; each value is in the list."""
    topics = salesforce(Task={name: TOPICS})
    draft = drafted(topics)
    assert all_of(data(topics, "crm.interaction.logged", draft.text), "topics") == {"price", "technical", "delivery", "quality", "training", "other"}  # fmt: skip
    assert codes(draft.text, "talk_topics")["Liefertermin"] == "delivery"
    assert '"Preis" = "price"  # seen ' in draft.text
    assert f"# {name} of the samples" in draft.text
    assert "check the guesses of [codes.talk_topics]" in draft.todos[-1]


def test_topics_that_words_do_not_tell_are_offered() -> None:
    """As a comment that works once the codes are filled; till then words of the subject are read."""
    topics = salesforce(Task={"Thema__c": ["X1", "X2", "X3"]})
    draft = drafted(topics)
    assert all_of(data(topics, "crm.interaction.logged", draft.text), "topics") == {"price"}  # of the subject
    assert "# topics = \"split(Thema__c, ';')[].code('talk_topics', @)\"" in draft.text
    assert '# "X1" = ""  # TODO: seen ' in draft.text
    assert "3 of 3 values could not be guessed" in draft.todos[0]


def test_free_text_is_no_list_of_topics() -> None:
    """What comes once each was written by somebody: it is not shown in a draft."""
    topics = salesforce(Task={"Topic__c": [f"Anna {number}" for number in range(40)]})
    assert "Anna" not in drafted(topics).text


def test_talks_without_a_topic_are_read_by_their_words() -> None:
    """Where the field is often empty."""
    topics = salesforce(Task={"Thema__c": ["Schulung", ""]})
    found = data(topics, "crm.interaction.logged", drafted(topics).text)
    assert {tuple(each["topics"]) for each in found} == {("training",), ("price",)}


def test_no_field_for_topics_is_said_with_what_it_costs() -> None:
    """Though the words remain."""
    assert any(
        "no field of your own tells what a talk (Task)" in todo for todo in drafted(salesforce()).todos
    )


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("Richtung__c", ["vom Kunden", "an Kunden"]), ("Direction__c", ["Inbound", "Outbound"]), ("Call_Direction__c", ["Incoming call", "Outgoing call"]),
        ("Is_Inbound__c", [True, False]),
    ],
)  # fmt: skip
def test_the_direction_of_a_talk_is_read(name: str, values: list[Any]) -> None:
    """By its words, or a box that is ticked."""
    topics = salesforce(Task={name: values})
    found = data(topics, "crm.interaction.logged", drafted(topics).text)
    assert {each["direction"] for each in found} == {"inbound", "outbound"}


def test_an_unsure_direction_stays_a_comment() -> None:
    """One value that no word tells is enough; the rule is as it was."""
    topics = salesforce(Task={"Richtung__c": ["vom Kunden", "R2"], "Thema__c": TOPICS})
    text = drafted(topics).text
    assert "# direction = \"code('talk_directions', Richtung__c) || CallType == 'Inbound'" in text
    assert {each["direction"] for each in data(topics, "crm.interaction.logged", text)} == {"inbound"}


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("Left_Company__c", [False, False, True]), ("Inactive__c", [False, False, True]), ("No_Longer_There__c", [False, False, True]),
        ("Ausgeschieden__c", [False, False, True]), ("Status__c", ["Active", "Left company"]), ("Contact_Status__c", ["aktiv", "ausgeschieden"]),
    ],
)  # fmt: skip
def test_who_has_left_is_read(name: str, values: list[Any]) -> None:
    """From a box or a status."""
    topics = salesforce(Contact={name: values})
    found = data(topics, "crm.contact.changed", drafted(topics).text)
    assert {each["status"] for each in found} == {"active", "left"}


def test_the_status_of_something_else_is_no_sign_of_leaving() -> None:
    """A lead's status may be inactive; most contacts cannot have left."""
    for name, values in (("Lead_Status__c", ["Active", "Inactive"]), ("Inactive__c", [True])):
        topics = salesforce(Contact={name: values})
        assert all(
            each.get("status") != "left" for each in data(topics, "crm.contact.changed", drafted(topics).text)
        )


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("Function__c", ["purchasing", "development"], {"purchasing", "development"}),
        ("Buying_Role__c", ["Einkauf", "Entwicklung"], {"purchasing", "development"}),
        ("Function__c", ["F1", "F2"], {None}),
    ],
)
def test_a_contacts_function_is_read(name: str, values: list[str], expected: set[str | None]) -> None:
    """Where its values are ours, or its words tell them; of those who take part in talks as well."""
    topics = salesforce(Contact={name: values})
    text = drafted(topics).text
    told = {each["contact"].get("function") for each in data(topics, "crm.contact.changed", text)}
    people = [p for each in data(topics, "crm.interaction.logged", text) for p in each["participants"]]
    assert told == {person.get("function") for person in people if person.get("side") != "vendor"} == expected


def test_fields_of_opportunities_are_read() -> None:
    """Competitors, tenders, and the kind of an offer where its values are ours; said once for both rules."""
    topics = salesforce(Opportunity={"Basis__c": ["solution", "specification"]})
    text = drafted(topics).text
    found = data(topics, "crm.opportunity.changed", text)
    assert all_of(found, "competitors") == {"Rivalis", "Kontra"}
    assert {each["tender"] for each in found} == {True, False}
    assert {each["basis"] for each in found} == {"solution", "specification"}
    assert text.count("Main_Competitor__c (") == 1
    other = salesforce(Opportunity={"Basis__c": ["B1"], "Public_Tender__c": ["Sealed bid"]})
    assert "basis" not in drafted(other).text
    assert '# tender = "Public_Tender__c"' in drafted(other).text


def hubspot(**own: list[Any]) -> Topics:
    calls = [
        {"id": str(7000 + n), "createdAt": day(n).isoformat(), "updatedAt": day(n).isoformat(), "archived": False,
         "properties": {"hs_timestamp": day(n).isoformat(), "hs_call_title": "Call", "hs_call_direction": "INBOUND", "hs_call_status": "COMPLETED", **{name: values[n % len(values)] for name, values in own.items()}},
         "associations": {"companies": {"results": [{"id": str(100 + n % CUSTOMERS), "type": "call_to_company"}]}}}
        for n in range(20)
    ]  # fmt: skip
    return systems.hubspot() | topic("hubspot.calls", calls)


def dynamics(**own: list[Any]) -> Topics:
    calls = [
        {"@odata.etag": f'W/"{n}"', "activityid": f"d0000000-0000-0000-0000-{n:012d}", "activitytypecode": "phonecall", "subject": "Call", "statecode": 1, "directioncode": True, "actualend": day(n).strftime("%Y-%m-%dT%H:%M:%SZ"),
         "_regardingobjectid_value": f"a0000000-0000-0000-0000-{n % CUSTOMERS:012d}", "_regardingobjectid_value@Microsoft.Dynamics.CRM.lookuplogicalname": "account",
         "versionnumber": n, "modifiedon": day(n).strftime("%Y-%m-%dT%H:%M:%SZ"), **{name.replace("__label", "@OData.Community.Display.V1.FormattedValue"): values[n % len(values)] for name, values in own.items()}}
        for n in range(20)
    ]  # fmt: skip
    return systems.dynamics_crm() | topic("dv.phonecall", calls)


@pytest.mark.parametrize("topics", [hubspot(call_topic=TOPICS), dynamics(new_topic=TOPICS), dynamics(cr4f2_thema=[1, 2, 3, 4, 5, 6], cr4f2_thema__label=TOPICS)], ids=["hubspot", "dynamics", "dynamics-choices"])  # fmt: skip
def test_other_crms_have_fields_of_ones_own_too(topics: Topics) -> None:
    """Properties of HubSpot, columns of Dynamics with their publisher's prefix, of choices the labels."""
    text = drafted(topics).text
    assert {"price", "technical", "delivery"} <= all_of(
        data(topics, "crm.interaction.logged", text), "topics"
    )


def test_labels_of_choices_are_read_rather_than_numbers() -> None:
    """As Dataverse's annotations give them."""
    topics = dynamics(new_productline=[1, 2], new_productline__label=["Pumps", "Valves"])
    found = data(topics, "crm.interaction.logged", drafted(topics).text)
    assert {each["product_line"] for each in found} == {"Pumps", "Valves"}


def test_two_objects_share_a_list() -> None:
    """Meetings have values that tasks do not: all are in it, each once."""
    tasks = salesforce(Task={"Thema__c": ["Preis", "Technik"]})["salesforce.cdc"]
    records = [json.loads(record.value or b"") for record in tasks]
    for number in range(10):
        header = {
            **records[0]["ChangeEventHeader"],
            "entityName": "Event",
            "recordIds": [f"00U5g{number:010d}"],
            "transactionKey": f"e{number}",
        }
        records.append(
            {
                "ChangeEventHeader": header,
                "AccountId": "0015g0000000001",
                "StartDateTime": day(number).isoformat(),
                "Thema__c": ("Preis", "Schulung")[number % 2],
            }
        )
    topics = topic("salesforce.cdc", records)
    text = drafted(topics).text
    assert codes(text, "talk_topics") == {"Preis": "price", "Technik": "technical", "Schulung": "training"}
    assert all_of(data(topics, "crm.interaction.logged", text), "topics") == {
        "price",
        "technical",
        "training",
    }


def test_what_costs_most_is_asked_first() -> None:
    """The customers' link, people's titles, topics, kinds of products, dates of orders; each with its loss."""
    topics = salesforce(Task={"Thema__c": ["X1", "X2", "X3"]}) | systems.german()
    draft = drafted(topics | {"wawi.Ansprechpartner": []})
    marks = [
        "no field of Account holds",
        "titles",
        "[codes.talk_topics]",
        "[codes.stages]",
        "check the guesses of [codes.product_kinds]",
    ]
    places = [next(place for place, todo in enumerate(draft.todos) if mark in todo) for mark in marks]
    assert places == sorted(places)


def test_contacts_without_titles_are_said() -> None:
    """And that there are none at all."""
    records = [json.loads(record.value or b"") for record in systems.salesforce()["salesforce.cdc"]]
    bare = [{name: value for name, value in record.items() if name != "Title"} for record in records]
    assert any("0 of 18 contacts of Contact have Title" in todo for todo in drafted(topic("sf", bare)).todos)
    none = [record for record in records if record["ChangeEventHeader"]["entityName"] != "Contact"]
    assert any("no topic of the CRM's contacts" in todo for todo in drafted(topic("sf", none)).todos)


def test_rules_that_are_drafted_can_be_read() -> None:
    """All at once, sure and unsure."""
    own = {"Thema__c": TOPICS, "Richtung__c": ["?"], "Product_Line__c": ["pumps", "a;b"]}
    topics = salesforce(Task=own, Contact={"Left__c": [True, False, False], "Function__c": ["Einkauf"]})
    parse(drafted(topics).text)


def test_a_draft_lists_what_samples_show() -> None:
    """One test decides: a text among the choices is masked in the one, and in no list of the other."""
    told = "Bitte Frau Maier zurückrufen"
    topics = salesforce(Task={"Thema__c": [*TOPICS, *TOPICS, *TOPICS, told]})
    draft = drafted(topics)
    assert told not in draft.text
    documents = [
        json.loads(record.value)
        for records in topics.values()
        for record in records
        if record.value and b"Thema__c" in record.value
    ]
    shown = json.dumps([Masker(documents).shown(each) for each in documents], ensure_ascii=False)
    assert told not in shown
    for value in codes(draft.text, "talk_topics"):
        assert value in shown
