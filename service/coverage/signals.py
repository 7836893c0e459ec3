"""The detector's signals by the names under which alerts tell their evidence, and what feeds each."""

from collections.abc import Callable
from typing import Literal, NamedTuple

from accounts.evidence import (
    ANSWERS,
    BASES,
    BASKETS,
    COMMERCIAL,
    DECIDERS,
    DECISIONS,
    PRICE,
    PURCHASING,
    QUICK,
    REQUESTS,
    RIVALS,
    SPECIFIED,
    SPONSORED,
    TALKS,
    TECHNICAL,
    TENDERED,
    TENDERS,
    TOUCHES,
    UNBUNDLED,
    WON,
)
from accounts.policy import Policy
from accounts.weeks import week_of
from service.coverage.pieces import kinds_of
from service.coverage.signs import CLOSED, DEAL, FRIEND, LINE, ORDER, RIVAL, TALK, TICKET, WON_DEAL, row
from service.coverage.tally import Account, Tally

Verdict = Literal["feeds it", "weakly", "not at all"]
FEEDS, WEAKLY = 0.5, 0.05  # half of the units and of the accounts; a twentieth of the accounts
_ENOUGH = 50  # units among which a sign that is never seen must be one that is not mapped
_FEW_EVENTS = 4


class Signal(NamedTuple):
    """What a signal is fed by."""

    name: str
    units: str  # what the share is of; empty where the accounts tell it all
    among: int  # their signs
    having: int
    says: int = 0  # what speaks for the sign among those; 0: it is a count
    pieces: tuple[str, ...] = ()  # that mend it
    never: str = ""  # what it means where nothing ever speaks for it
    fewest: int = _FEW_EVENTS  # that an account must have
    weeks: int = 0  # of the account's own, before it judges
    blocked: Callable[[Tally], str] = lambda _tally: ""  # why it cannot say anything at all


class Row(NamedTuple):
    """How far a signal is fed."""

    signal: Signal
    having: int
    of: int
    judged: int  # accounts that have enough of it for long enough, …
    accounts: int  # … of so many
    verdict: Verdict
    reason: str

    @property
    def share(self) -> float:
        """Of the units."""
        return self.having / self.of if self.of else 0.0

    @property
    def share_of_accounts(self) -> float:
        """Of the accounts."""
        return self.judged / self.accounts if self.accounts else 0.0


def _kinds(tally: Tally) -> str:
    kinds = kinds_of(tally)
    if not kinds:
        return ""
    if len(kinds) == 1:
        return f"every order line is of kind {min(kinds)}"
    return "" if "service" in kinds else "no line is a service, so that everything counts as unbundled"


def _answers(tally: Tally) -> str:
    return "" if tally.has(row(ANSWERS)) else "no talk or ticket says that it answers a request"


def signals(policy: Policy) -> tuple[Signal, ...]:
    """All of them, in the order of detection's documentation."""
    votes = {stream.signal: stream.fewest for stream in policy.shift_streams}
    base, rhythm = policy.baseline_weeks, policy.rhythm_weeks

    def share(name: str, units: str, among: int, having: int, says: int, *pieces: str, **more: str) -> Signal:
        return Signal(
            name, units, among, row(having), row(says), pieces, more.get("never", ""), votes[name], base
        )

    return (
        share(
            "purchasing_share", "talks, orders", TALK | DEAL | ORDER, DECIDERS, PURCHASING,
            "crm", "talks", "participants", "roles", "deciders", "lines", "buyer",
            never="nobody is from purchasing",
        ),
        share(
            "price_talk", "talks", TALK, TALKS, PRICE, "crm", "talks", "topics",
            never="no talk is about price",
        ),
        share(
            "unbundling", "orders", ORDER, BASKETS, UNBUNDLED, "orders", "lines", "kinds",
        )._replace(blocked=_kinds),
        share("technical_silence", "talks", TALK, TALKS, COMMERCIAL, "crm", "talks", "topics"),
        share(
            "specification", "opportunities", DEAL, BASES, SPECIFIED, "crm", "opportunities", "basis",
            never="no basis is `specification`",
        ),
        share(
            "formal_tender", "opportunities", DEAL, TENDERS, TENDERED, "crm", "opportunities", "tender",
            never="`tender` is never true",
        ),
        Signal(
            "competitor_named", "opportunities", DEAL, row(RIVALS), RIVAL,
            ("crm", "opportunities", "competitors", "basis", "tender"), "nobody names a competitor",
            votes["competitor_named"], base,
        ),
        Signal(
            "second_sourcing", "opport. won", WON_DEAL, row(WON), RIVAL,
            ("crm", "opportunities", "competitors", "closed_at"), "nobody names a competitor",
            votes["second_sourcing"], base,
        ),
        share(
            "quick_decisions", "opport. closed", CLOSED, DECISIONS, QUICK,
            "crm", "opportunities", "closed_at", never="none was decided within six weeks",
        ),
        Signal(
            "questions_falling", "talks", TALK, row(TALKS), row(TECHNICAL), ("crm", "talks", "topics"),
            "no talk is about application or technique", weeks=rhythm,
        ),
        Signal(
            "executives_withdrawing", "talks", TALK, row(DECIDERS), row(SPONSORED),
            ("crm", "talks", "participants", "roles"), "nobody is an executive", weeks=rhythm,
        ),
        Signal(
            "contacts_slowing", "", TALK | TICKET, 0, 0, ("crm", "talks", "tickets"), weeks=rhythm
        ),
        Signal("orders_slowing", "", ORDER, 0, 0, ("orders",), weeks=rhythm),
        Signal("silence", "", ORDER, 0, 0, ("orders",), fewest=2),
        Signal(
            "champion_left", "talks", TALK, FRIEND, 0, ("crm", "talks", "participants", "roles"),
            fewest=policy.champion_seats, weeks=52,
        ),
        Signal(
            "unanswered_requests", "", TALK | TICKET, row(REQUESTS), 0,
            ("crm", "talks", "tickets", "topics"), weeks=rhythm, blocked=_answers,
        ),
        Signal(
            "fewer_touches", "", TALK, row(TOUCHES), 0, ("crm", "talks"), weeks=rhythm,
        ),
        Signal("product_lines", "orders", ORDER, LINE, 0, ("orders", "lines", "product_line"), fewest=1),
    )  # fmt: skip


def rows(tally: Tally, policy: Policy) -> list[Row]:
    """How far each signal is fed, over the customers."""
    customers = list(tally.customers.values())
    end = week_of(tally.end) if tally.end else 0
    return [_row(signal, customers, end, tally) for signal in signals(policy)]


def _row(signal: Signal, customers: list[Account], end: int, tally: Tally) -> Row:
    having = of = says = judged = 0
    for account in customers:
        here, first = 0, end
        for signs, count, week in account.units():
            if not signs & signal.among:
                continue
            of += count
            if not signal.having or signs & signal.having:
                here, first = here + count, min(first, week)
                says += count if signs & signal.says else 0
        having += here
        judged += here >= signal.fewest and end - first >= signal.weeks
    row_ = Row(signal, having, of, judged, len(customers), "not at all", "")
    reason = signal.blocked(tally)
    if not reason and signal.says and signal.never and having >= _ENOUGH and not says:
        reason = signal.never
    return row_._replace(reason=reason) if reason else row_._replace(verdict=_verdict(row_))


def _verdict(found: Row) -> Verdict:
    judged = found.share_of_accounts
    if judged >= FEEDS and (found.share >= FEEDS or not found.signal.units):
        return "feeds it"
    return "weakly" if judged >= WEAKLY else "not at all"
