"""The account's card: who it is and who looks after it, as its changes have told."""

from collections.abc import Iterable

from accounts.alert import AccountCard, Contact, bounded
from accounts.events import AccountChanged, OwnerChange
from accounts.sums import in_order

_LONGEST_MAILBOX = 320


def card_of(changes: Iterable[AccountChanged]) -> AccountCard:
    """The latest statement of each field, by event time; a change that leaves a field out keeps it."""
    card = AccountCard()
    for change in sorted(changes, key=in_order):
        data = change.data
        card = AccountCard(
            name=_words(data.name) or card.name,
            segment=_words(data.segment) or card.segment,
            currency=_words(data.currency) or card.currency,
            locale=_words(data.locale) or card.locale,
            timezone=_words(data.timezone) or card.timezone,
            owner=_contact(data.owner) or card.owner,
            manager=_contact(data.manager) or card.manager,
        )
    return card


def _contact(person: OwnerChange | None) -> Contact | None:
    return Contact(bounded(person.name), _address(person.email), _words(person.slack_id)) if person else None


def _words(text: str | None) -> str | None:
    return bounded(text) if text else None


def _address(email: str) -> str:
    """Longer than any mailbox may be it is none, and a part of it could be somebody else's."""
    return email if len(email) <= _LONGEST_MAILBOX else ""
