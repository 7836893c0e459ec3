"""The account's card."""

from itertools import permutations

from accounts.alert import AccountCard, Contact
from accounts.card import card_of
from tests.unit.accounts.builders import at, card


def test_the_latest_statement_of_each_field_stands() -> None:
    """A change of owner keeps the name; whatever the order of arrival."""
    changes = [
        card(at(0), name="Acme", owner="olga", locale="de"),
        card(at(1), owner="omar"),
        card(at(2), name="Acme AG", segment="robots"),
    ]
    for shuffled in permutations(changes):
        told = card_of(shuffled)
        assert (told.name, told.segment, told.locale) == ("Acme AG", "robots", "de")
        assert told.owner == Contact("omar", "omar@vendor.example")


def test_equal_times_have_one_answer() -> None:
    """Two changes of one second do not depend on which came first."""
    one, two = card(at(0), name="A", id="1"), card(at(0), name="B", id="2")
    assert card_of([one, two]) == card_of([two, one])


def test_nothing_said_is_an_empty_card() -> None:
    """An account may be known by its orders alone."""
    assert card_of([]) == AccountCard()
