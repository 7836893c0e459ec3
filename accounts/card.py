"""The account's card: who it is and who looks after it, as its changes have told."""

from collections.abc import Iterable

from accounts.alert import AccountCard, Contact
from accounts.events import AccountChanged, OwnerChange
from accounts.evidence import in_order


def card_of(changes: Iterable[AccountChanged]) -> AccountCard:
    """The latest statement of each field, by event time; a change that leaves a field out keeps it."""
    card = AccountCard()
    for change in sorted(changes, key=in_order):
        data = change.data
        card = AccountCard(
            name=data.name or card.name,
            segment=data.segment or card.segment,
            currency=data.currency or card.currency,
            locale=data.locale or card.locale,
            timezone=data.timezone or card.timezone,
            owner=_contact(data.owner) or card.owner,
            manager=_contact(data.manager) or card.manager,
        )
    return card


def _contact(person: OwnerChange | None) -> Contact | None:
    return Contact(person.name, person.email, person.slack_id) if person else None
