"""The pieces that a mapping can give or miss: how much of each there is, and how it is mended."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from accounts.evidence import BASES, DECIDERS, DECISIONS, TALKS, TENDERS
from service.coverage import signs
from service.coverage.signs import CLOSED, CRM, DEAL, LINE, LINES, NAMED, ORDER, RIVAL, TALK, TICKET, row
from service.coverage.tally import Account, Tally

Part = tuple[int, int]  # how many have it, of how many
KINDS = {"system": signs.SYSTEM, "component": signs.COMPONENT, "service": signs.SERVICE}


_RARE = 0.5  # what is seldom may be missing from a short history
_MOST_LINES = 0.5  # of the orders have lines, or none of what lines say can be judged
_OF_LINES = {"buyer", "product_line", "kinds"}  # an order without lines says nothing of its buyer, either
_STRAY = 0.01  # of the orders: a kind that fewer have is not mapped


class Piece(NamedTuple):
    """Something that events may lack."""

    name: str
    told: str  # "buyer of orders"
    mend: str
    of: Callable[[Account], Part] | None  # of one account; None: a portfolio has it or not
    whole: Callable[[Tally], bool] | None = None  # then whether it has
    least: float = 0.9  # of what is usual: less of it is a gap
    usual: float = 1.0  # the share in a made portfolio: what the detection's figures stand on


def _units(among: int, having: int) -> Callable[[Account], Part]:
    return lambda account: (account.count(among, having), account.count(among))


def _accounts(among: int, having: int) -> Callable[[Account], Part]:
    return lambda account: (int(account.has(having)), 1) if account.has(among) else (0, 0)


def _seats(account: Account) -> Part:
    return account.seats[1], account.seats[0]


def _closed(account: Account) -> Part:
    """Of opportunities that were decided; where none ever is, their status was not mapped."""
    closed = account.count(CLOSED)
    return account.count(CLOSED, row(DECISIONS)), closed


def kinds_of(tally: Tally) -> frozenset[str]:
    """The kinds of lines that the portfolio's orders have, strays aside."""
    least = _STRAY * tally.count(ORDER)
    return frozenset(kind for kind, sign in KINDS.items() if tally.count(ORDER, sign) > least)


PIECES = (
    Piece(
        "crm",
        "accounts with orders that the CRM knows",
        "give orders and CRM events one account id: map `account` of one of them to the other's id (a field "
        "of the CRM's account such as AccountNumber, or a lookup)",
        _accounts(ORDER, CRM),
    ),
    Piece(
        "talks",
        "accounts of the CRM with talks",
        "map crm.interaction.logged from the CRM's tasks, events, calls, emails and meetings",
        _accounts(CRM, TALK),
    ),
    Piece(
        "participants",
        "talks that name a customer's person",
        "map `participants` of talks: WhoId and the relations of Salesforce, associated contacts of HubSpot, "
        "activity parties of Dynamics",
        _units(TALK, NAMED),
    ),
    Piece(
        "roles",
        "customers' people in talks whose function is known",
        "map `title`, `department` or `function` of people: the CRM's contact (Title, Department); read "
        "titles that nobody knows by `turnsignal roles unknown`",
        _seats,
        usual=0.88,
    ),
    Piece(
        "topics",
        "talks with topics",
        "map `topics` of talks: a field of your own by a code list, else words of the subject "
        "(words('topics', Subject, Description))",
        _units(TALK, row(TALKS)),
    ),
    Piece(
        "tickets",
        "accounts of the CRM with tickets",
        "map crm.ticket.changed from the service desk's cases",
        _accounts(CRM, TICKET),
        least=_RARE,
        usual=0.8,
    ),
    Piece(
        "opportunities",
        "accounts of the CRM with opportunities",
        "map crm.opportunity.changed from the CRM's opportunities or deals",
        _accounts(CRM, DEAL),
        least=_RARE,
        usual=0.93,
    ),
    Piece(
        "deciders",
        "opportunities with a decider whose function is known",
        "map `deciders` of opportunities: OpportunityContactRole of Salesforce, contacts associated with a "
        "deal; with their titles",
        _units(DEAL, row(DECIDERS)),
        usual=0.94,
    ),
    Piece(
        "basis",
        "opportunities with a basis",
        "map `basis` (solution, specification) of opportunities: a field of your own, or the record type",
        _units(DEAL, row(BASES)),
    ),
    Piece(
        "tender",
        "opportunities that say whether by tender",
        "map `tender` (true, false) of opportunities: a field of your own, or the type of the deal",
        _units(DEAL, row(TENDERS)),
    ),
    Piece(
        "competitors",
        "opportunities that name a competitor",
        "map `competitors` of opportunities: a field of your own, or the table of competitors",
        None,
        lambda tally: tally.has(RIVAL),
    ),
    Piece(
        "closed_at",
        "opportunities won or lost that say when",
        "map `closed_at` and `status` of opportunities: CloseDate and the stage by a code list",
        _closed,
    ),
    Piece(
        "orders",
        "orders",
        "map order.placed from the ERP's orders, with `account` as the CRM calls it",
        None,
        lambda tally: tally.has(ORDER),
    ),
    Piece(
        "lines",
        "orders that have lines",
        "read the topic of order lines, and let parts(…) in `lines` of the order name their kind",
        _units(ORDER, LINES),
    ),
    Piece(
        "buyer",
        "orders with a buyer whose function is known",
        "map `buyer` of orders with a `title`: the ERP's contact of the order, looked up among the CRM's "
        "contacts",
        _units(ORDER, row(DECIDERS)),
        usual=0.54,
    ),
    Piece(
        "product_line",
        "orders whose lines all name a product line",
        "map `product_line` of order lines: the product's group or family, by a lookup of the sku",
        _units(ORDER, LINE),
    ),
    Piece(
        "kinds",
        "kinds of order lines (system, component, service)",
        "map `kind` of order lines: the product's type by a code list; any other is taken for a component",
        None,
        lambda tally: len(kinds_of(tally)) == len(KINDS),
    ),
)
BY_NAME = {piece.name: piece for piece in PIECES}


class Amount(NamedTuple):
    """How much of a piece a portfolio has."""

    having: int
    of: int
    accounts_without: int  # that have none of it, though there could be some
    accounts: int  # that could have some

    @property
    def share(self) -> float | None:
        """None where nothing could have it."""
        return self.having / self.of if self.of else None


def missing(tally: Tally) -> list[Piece]:
    """The pieces of which the data has less than a made portfolio."""
    shares = [(piece, amount_of(piece, tally).share) for piece in PIECES]
    found = [piece for piece, share in shares if share is not None and share < piece.least * piece.usual]
    return [piece for piece in found if piece.name not in _OF_LINES] if lineless(tally) else found


def lineless(tally: Tally) -> bool:
    """Whether most orders have no lines: what lines should say is not missing for itself then."""
    orders = tally.count(ORDER)
    return tally.count(ORDER, LINES) <= _MOST_LINES * orders


def amount_of(piece: Piece, tally: Tally) -> Amount:
    """How much of a piece the customers have; where none of them could have any, all accounts.

    Of one that a portfolio has or not, 1 of 1 or 0 of 1.
    """
    if piece.of is None:
        has = piece.whole is not None and piece.whole(tally)
        return Amount(int(has), 1, int(not has), 1)
    found = _over(piece.of, tally.customers.values())
    return found if found.of else _over(piece.of, tally.accounts.values())


def _over(of_one: Callable[[Account], Part], several: Iterable[Account]) -> Amount:
    having = of = without = accounts = 0
    for account in several:
        part, whole = of_one(account)
        having, of = having + part, of + whole
        accounts += whole > 0
        without += whole > 0 and not part
    return Amount(having, of, without, accounts)
