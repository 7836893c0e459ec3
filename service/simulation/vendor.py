"""The people of the made vendor: account owners with their managers, and application engineers."""

from dataclasses import dataclass
from random import Random

from service.simulation.ledger import Event

DOMAIN = "quillmark.example"


@dataclass(frozen=True, slots=True)
class Team:
    """Who looks after an account: contacts for the account's card, and participants of meetings."""

    owner: Event
    manager: Event
    seller: Event
    engineer: Event


_OWNERS = (  # name, whether in Slack, region, manager
    ("Dana Okafield", True, "en", "Rowan Estergaard"),
    ("Milo Trevanion", True, "en", "Rowan Estergaard"),
    ("Priya Lanthorne", False, "en", "Rowan Estergaard"),
    ("Hanno Weidekamp", True, "de", "Sabine Oltersdorf"),
    ("Lotte Brinkmeier", True, "de", "Sabine Oltersdorf"),
    ("Mei Lin Tarrow", True, "zh", "Conrad Yip-Hale"),
    ("Bo Wen Aldis", False, "zh", "Conrad Yip-Hale"),
)
_ENGINEERS = ("Ines Varga-Holm", "Tobias Kettler", "Aiden Marsh-Lowe", "Yuna Sorell", "Piet Hagedoorn")


def team(rng: Random, locale: str) -> Team:
    """A team for an account in this region."""
    owners = [owner for owner in _OWNERS if owner[2] == locale[:2]]
    name, in_slack, _, manager = rng.choice(owners)
    return make_team(name, manager, rng.choice(_ENGINEERS), in_slack=in_slack)


def make_team(owner: str, manager: str, engineer: str, *, in_slack: bool) -> Team:
    """The records of a team of these people."""
    return Team(
        owner=contact(owner, in_slack=in_slack),
        manager=contact(manager, in_slack=True),
        seller=colleague(owner, "Key Account Manager"),
        engineer=colleague(engineer, "Application Engineer"),
    )


def contact(name: str, *, in_slack: bool) -> Event:
    """An owner or manager as the account's card names them."""
    card = {"name": name, "email": f"{_handle(name)}@{DOMAIN}"}
    if in_slack:
        card["slack_id"] = f"U0{_handle(name).replace('.', '').replace('-', '').upper()[:9]}"
    return card


def colleague(name: str, title: str) -> Event:
    """One of the vendor's people as a participant."""
    return {
        "id": f"quillmark-{_handle(name)}",
        "name": name,
        "title": title,
        "email": f"{_handle(name)}@{DOMAIN}",
        "side": "vendor",
    }


def _handle(name: str) -> str:
    return name.lower().replace(" ", ".")
