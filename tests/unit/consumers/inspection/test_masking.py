# ruff: noqa: E501  (cases, one a line)
"""What is shown of documents, and what is not."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.inspection.masking import Masker

NAMES = st.sampled_from(
    [
        "Anna Schmidt",
        "O'Brien",
        "MUELLER",
        "李小龙",
        "Jürgen Groß-Weiß",
        "anna.schmidt",
        "jsmith84",
        "Christopher1984",
    ]
)
EMAILS = st.sampled_from(
    ["anna@acme.example", "a.b+c@sub.firma.example", "ANNA@ACME.EXAMPLE", "李@例子.example"]
)
PHONES = st.sampled_from(
    ["+49 170 1234567", "030-1234567", "(415) 555-2671", "004917012345678", "01701234567", "415.555.2671"]
)
IBANS = st.sampled_from(["DE89370400440532013000", "GB82 WEST 1234 5698 7654 32"])
TEXTS = st.sampled_from(
    ["We talked about Anna's health", "He is ill\nagain", "Bitte Herrn Maier zurückrufen"]
)
NAME_FIELDS = st.sampled_from(
    [
        "Name",
        "first_name",
        "LastName",
        "NAMEV",
        "NAME1",
        "Nachname",
        "ownerName",
        "ERNAM",
        "contact_name",
        "姓名",
    ]
)
TEXT_FIELDS = st.sampled_from(
    ["Subject", "description", "hs_call_body", "Betreff", "internal_note", "ARKTX", "comments"]
)
FIELDS = st.sampled_from(
    [
        "Zzz",
        "kram",
        "custom_1",
        "Feld7__c",
        "Id",
        "order_no",
        "Status",
        "StageName",
        "KUNNR",
        "Type",
        "title",
        "amount",
    ]
)
FRAMES = st.sampled_from(["{}", "call {} back", "<{}>", "mailto:{}", '{{"to": "{}"}}', "x {}, y"])

harmless = st.dictionaries(
    st.sampled_from(["Id", "amount", "created_at", "status", "n"]),
    st.none() | st.booleans() | st.integers(-1000, 1000) | st.sampled_from(["A1", "open", "2024-05-06"]),
    max_size=4,
)


@st.composite
def planted(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A secret, and a document that holds it somewhere, nested or not."""
    kind = draw(st.sampled_from(["address", "name", "text"]))
    if kind == "address":
        secret = draw(EMAILS | PHONES | IBANS)
        field, said = draw(FIELDS | NAME_FIELDS | TEXT_FIELDS), draw(FRAMES).format(secret)
    elif kind == "name":
        secret = said = draw(NAMES)
        field = draw(NAME_FIELDS)
    else:
        secret = said = draw(TEXTS)
        field = draw(TEXT_FIELDS | FIELDS.filter(lambda name: name != "title"))  # people's titles are shown
    value: Any = said
    for _ in range(draw(st.integers(0, 2))):
        value = draw(st.sampled_from([[value], {"inner": value}, {field: value, "Id": 7}, [{"x": 1}, value]]))
    return secret, {**draw(harmless), field: value} if draw(st.booleans()) else {
        field: value,
        **draw(harmless),
    }


@given(st.lists(planted(), min_size=1, max_size=5), st.integers(1, 6))
def test_no_planted_secret_comes_out(cases: list[tuple[str, dict[str, Any]]], times: int) -> None:
    """No address, number, name in its field or text of a talk, however often and wherever it stands."""
    documents = [document for _, document in cases] * times
    masker = Masker(documents)
    shown = json.dumps([masker.shown(document) for document in documents], ensure_ascii=False)
    for secret, _ in cases:
        assert json.dumps(secret, ensure_ascii=False)[1:-1] not in shown
        assert secret not in shown


@given(EMAILS | PHONES.filter(lambda number: not number.isdigit()))
def test_a_field_that_is_called_by_an_address_is_masked(secret: str) -> None:
    """Maps of people by their address have it as the name of a field."""
    assert secret not in json.dumps(Masker([]).shown({"by": {secret: 1}}), ensure_ascii=False)


def test_what_a_mapping_needs_is_left() -> None:
    """Ids, moments, amounts, codes; titles of people whose names are masked."""
    document = {
        "Id": "0035g00000XyZabAAB", "AccountId": "0015g00000AbCdeAAB", "VBELN": "0000004711", "doc": "SO-2024-0012",
        "uuid": "8c0f7d2e-6f0b-4a57-9d53-0c1f64b1f9aa", "CreatedDate": "2024-05-06T08:00:00.000+0000",
        "ts": 1714982400000, "Amount": 1200.5, "NETPR": "12.50", "StageName": "Closed Won", "IsDeleted": False,
        "CurrencyIsoCode": "EUR", "Title": "Head of Purchasing", "Department": "Einkauf",
        "Name": {"FirstName": "Anna", "LastName": "Schmidt"}, "Email": "anna@acme.example",
    }  # fmt: skip
    shown = Masker([document]).shown(document)
    assert shown["Name"] == {"FirstName": "Xxxx", "LastName": "Xxxxxxx"}
    assert shown["Email"] == "xxxx@xxxx.xxxxxxx"
    for name in document.keys() - {"Name", "Email"}:
        assert shown[name] == document[name], name


def test_a_title_of_something_else_is_a_text() -> None:
    """Of a ticket or a page a title may name people."""
    assert (
        Masker([{"id": 1, "title": "Call Anna"}]).shown({"id": 1, "title": "Call Anna"})["title"]
        == "Xxxx Xxxx"
    )


@pytest.mark.parametrize(("word", "times", "shown"), [("open", 3, "open"), ("Schmidt", 1, "Xxxxxxx")])
def test_unknown_words_are_shown_where_few_come_often(word: str, times: int, shown: str) -> None:
    """They are codes; what comes once may be a name."""
    documents = [{"zustand1": word}] * times
    assert Masker(documents).shown({"zustand1": word}) == {"zustand1": shown}


def test_a_telephone_as_a_number_is_masked() -> None:
    """JSON has no leading zero, and some systems no text for it."""
    assert Masker([]).shown({"phone": 491701234567, "n": 491701234567}) == {
        "phone": 999999999999,
        "n": 999999999999,
    }


@pytest.mark.parametrize(
    "document",
    [
        {"birthdate": "1980-05-06"}, {"GBDAT": "19800506"}, {"phone": "1234567"}, {"zip": "89073"}, {"gender": "female"},
        {"address": {"street": "Hauptstr. 7", "no": "7", "floor": 3}}, {"ownerName": "smith"}, {"ip_address": "10.0.0.7"},
        {"latitude": 48.4}, {"taxId": "A1234"}, {"_ownerid_value@OData.Community.Display.V1.FormattedValue": "smith"},
    ],
)  # fmt: skip
def test_what_belongs_to_a_person_is_masked_however_harmless_it_looks(document: dict[str, Any]) -> None:
    """Days, numbers and words that come again, where the field is somebody's."""
    shown = json.dumps(Masker([document] * 9).shown(document))
    for value in (
        "1980",
        "1234567",
        "89073",
        "female",
        "Haupt",
        "smith",
        "10.0.0.7",
        "48.4",
        "A1234",
        '"7"',
        " 3",
    ):
        assert value not in shown


@pytest.mark.parametrize("field", ["Thema__c", "Richtung__c", "Zustand", "Contact_Status__c"])
@pytest.mark.parametrize("values", [["an Kunden", "vom Kunden"], ["Preis;Technik", "Preis", "Anwendung"]])
def test_choices_are_shown_though_they_have_spaces_and_capitals(field: str, values: list[str]) -> None:
    """Few, and again and again: of such a field a mapping needs each word."""
    documents = [{field: value} for value in values * 6]
    masker = Masker(documents)
    assert [masker.shown(document) for document in documents] == documents


@pytest.mark.parametrize("field", ["Name", "Betreuer__c", "Subject", "ContactName", "company", "phone"])
def test_what_comes_again_in_a_field_of_names_or_texts_is_masked(field: str) -> None:
    """A firm's people, and what they write, come again and again too."""
    documents = [{field: value} for value in ("Anna Schmidt", "Jonas Weber") * 20]
    masker = Masker(documents)
    assert "Schmidt" not in json.dumps([masker.shown(document) for document in documents])


@pytest.mark.parametrize("field", ["OwnerId", "ContactId", "Contact__c_Id", "WhoId"])
@pytest.mark.parametrize("id_", ["0055g0000012aBcAAI", "0055g3a638719cf9e1", "8c0f7d2e-6f0b-4a57-9d53-0c1f64b1f9aa"])  # fmt: skip
def test_ids_of_records_are_shown_whoever_is_meant(field: str, id_: str) -> None:
    """Joins are found by them, and they stand in other fields as they are."""
    assert Masker([{field: id_}]).shown({field: id_}) == {field: id_}


def test_what_the_ready_mapping_reads_as_codes_is_shown() -> None:
    """A draft lists it, so masking it hides nothing."""
    document = {"StageName": "Closed Lost - No Budget"}
    assert Masker([document]).shown(document) != document
    assert Masker([document], {"StageName"}).shown(document) == document
