"""What is wrong with a portfolio's data as a whole: mistakes of a mapping that no share shows."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime

from accounts.evidence import DECIDERS, TALKS, TOUCHES
from accounts.policy import Policy
from accounts.weeks import start_of, week_of
from service.coverage.matching import Finding, ids
from service.coverage.pieces import KINDS, kinds_of, lineless
from service.coverage.signs import (
    CANCELLED,
    CARD,
    DEAL,
    KIND,
    LINE,
    LINES,
    LISTED,
    NAMED,
    ORDER,
    OWNED,
    REFERRED,
    SERVICE,
    TALK,
    TICKET,
    row,
)
from service.coverage.tally import QUARTER, Tally

_CURRENCIES = 5  # that are told
_ENOUGH = 50  # events from which a pattern is read
_ONE_DAY = 0.5  # of a family's events on one day
_FEW = 0.05
_CHANGED = 0.25  # by which a share must differ between the first and the last third
_STOPPED = 13  # weeks without a family's events, which were frequent
_MOST = 0.5  # of the accounts
_OLD = 35  # days since the newest event of all accounts


def findings(tally: Tally, policy: Policy, now: datetime | None = None) -> list[Finding]:
    """All of them, the loud ones first; without `now` the end of the data is taken for today."""
    looks: tuple[Callable[[Tally], Iterator[Finding]], ...] = (
        ids, _times, _stopped, _lines, _kinds, _changed, _sides, _references, _owners, _currencies, _people,
        _unread,
    )  # fmt: skip
    found = [finding for look in looks for finding in look(tally)]
    found = [*_age(tally, now), *found, *_history(tally, policy)]
    return sorted(found, key=lambda finding: not finding.loud)


def _age(tally: Tally, now: datetime | None) -> Iterator[Finding]:
    if now is None or tally.end is None or (days := (now - tally.end).days) <= _OLD:
        return
    text = (
        f"The newest event of any account is of {tally.end.day} {tally.end:%B %Y}, {days:,} days ago: "
        "reviewed today, every customer would seem to have fallen silent. Is this all there is, or has "
        "an export stopped?"
    )
    yield Finding("old", loud=True, text=text)


def _times(tally: Tally) -> Iterator[Finding]:
    for family, days in sorted(tally.days.items()):
        total, (most, day) = days.total(), max((count, day) for day, count in days.items())
        if family not in {"accounts", "contacts"} and total >= _ENOUGH and most > _ONE_DAY * total:
            text = (
                f"{most:,} of {total:,} {family} are of one day, {date.fromordinal(day)}: that looks like "
                "the day of an import or a snapshot. Map `time` from the document's own date."
            )
            yield Finding("one_day", loud=True, text=text)
    if tally.ahead:
        text = f"{tally.ahead:,} of {tally.events:,} events lie more than a day ahead: mistyped, or planned."
        yield Finding("ahead", loud=tally.ahead > 0.01 * tally.events, text=text)


def _stopped(tally: Tally) -> Iterator[Finding]:
    if tally.end is None:
        return
    end = tally.end.toordinal()
    for family in ("talks", "orders", "opportunities", "tickets"):
        days = tally.days.get(family, Counter())
        if days.total() < _ENOUGH:
            continue
        last = max(day for day in days)
        weekly = days.total() / max(1, (last - min(days)) / 7)
        if end - last > 7 * _STOPPED and weekly * _STOPPED > _ENOUGH:
            text = (
                f"No {family} since {date.fromordinal(last).isoformat()}, while other events go on to "
                f"{date.fromordinal(end).isoformat()}: has an export stopped? It looks as if all customers "
                "fell silent."
            )
            yield Finding("stopped", loud=True, text=text)


def _lines(tally: Tally) -> Iterator[Finding]:
    orders = tally.count(ORDER)
    without = orders - tally.count(ORDER, LINES)
    if without > _FEW * orders:
        text = (
            f"{without:,} of {orders:,} orders have no lines: is the topic of order lines read, and does "
            "parts(…) name its kind of reference?"
        )
        yield Finding("no_lines", loud=True, text=text)


def _kinds(tally: Tally) -> Iterator[Finding]:
    kinds, orders = kinds_of(tally), tally.count(ORDER)
    if orders < _ENOUGH or lineless(tally):
        return
    if len(kinds) == 1:
        text = (
            f"Every order line is of kind {min(kinds)}: kinds were not mapped (a code list of product types)."
        )
        yield Finding("one_kind", loud=True, text=text)
        return
    told = ", ".join(f"a {kind} {tally.count(ORDER, sign) / orders:.0%}" for kind, sign in KINDS.items())
    yield Finding("kinds", loud=False, text=f"Orders by what is among their lines: {told}.")


_SHARES = (
    ("talks with a known function", TALK, row(DECIDERS)),
    ("talks with topics", TALK, row(TALKS)),
    ("talks that name somebody", TALK, NAMED),
    ("orders with a buyer's function", ORDER, row(DECIDERS)),
    ("orders with a service line", ORDER, SERVICE),
    ("orders with product lines", ORDER, LINE),
    ("opportunities with deciders", DEAL, row(DECIDERS)),
)


def _changed(tally: Tally) -> Iterator[Finding]:
    """Shares that are quite different at the end: what changed may be the mapping, not the customers."""
    quarters = sorted(tally.quarters)
    third = max(1, len(quarters) // 3)
    for told, among, having in _SHARES:
        early, late = (_share(tally, part, among, having) for part in (quarters[:third], quarters[-third:]))
        if early is not None and late is not None and abs(late - early) >= _CHANGED:
            since = start_of(quarters[-third] * QUARTER).date().isoformat()
            text = (
                f"{told[0].upper()}{told[1:]} went from {early:.0%} at first to {late:.0%} since {since}. If "
                "that is the system or its mapping, it looks like a shift, or like silence: import the "
                "history in the same way."
            )
            yield Finding("share_changed", loud=False, text=text)


def _share(tally: Tally, quarters: list[int], among: int, having: int) -> float | None:
    n = y = 0
    for quarter in quarters:
        for signs, count in tally.quarters[quarter].items():
            n += count if signs & among else 0
            y += count if signs & among and signs & having else 0
    return y / n if n >= _ENOUGH else None


def _sides(tally: Tally) -> Iterator[Finding]:
    theirs, _, ours = (sum(account.seats[n] for account in tally.accounts.values()) for n in range(3))
    if theirs >= _ENOUGH and not ours:
        text = (
            "No participant is of side `vendor`. If your own people are among them they count as the "
            "customer's: person('user', OwnerId, 'vendor'). If they are left out, nothing is lost."
        )
        yield Finding("no_vendor", loud=False, text=text)
    if ours >= _ENOUGH and not theirs:
        yield Finding(
            "no_customer", loud=True, text="No participant is of the customer: all are of side `vendor`."
        )
    named, several = tally.meetings
    if named >= _ENOUGH and not several:
        text = (
            f"Each of {named:,} meetings names one person of the customer alone: is the topic of the "
            "others read (EventRelation of Salesforce, associated contacts of HubSpot, activity parties of "
            "Dynamics)?"
        )
        yield Finding("lone_meetings", loud=False, text=text)
    talks = tally.count(TALK)
    outbound = tally.count(TALK, row(TOUCHES))
    if talks >= _ENOUGH and outbound in {0, talks}:
        which = "outbound" if outbound else "inbound"
        text = f"Every talk is {which}: who asks, and how often you write first, cannot be told apart."
        yield Finding("one_direction", loud=False, text=text)


def _references(tally: Tally) -> Iterator[Finding]:
    orders, referred = tally.count(ORDER | REFERRED), tally.count(REFERRED)
    stray = referred - tally.count(REFERRED, ORDER)
    if stray <= max(_FEW * referred, 1):
        return
    cancelled = tally.count(CANCELLED)
    placed = tally.placed
    such = next(
        (
            f", such as {order} of {account}"
            for account, order in tally.referred
            if not placed(account, order)
        ),
        "",
    )
    causes = "does `order_id`, or `account`, differ between these rules?"
    if cancelled > _FEW * orders:
        causes = (
            f"{cancelled:,} of {orders:,} orders are cancelled: if that is too many, a code list of statuses "
            f"takes orders for cancelled. Else: {causes}"
        )
    text = f"{stray:,} of {referred:,} cancelled or delivered orders were never placed here{such}: {causes}"
    yield Finding("unknown_orders", loud=True, text=text)


def _owners(tally: Tally) -> Iterator[Finding]:
    customers = tally.customers.values()
    without = sum(not account.card & OWNED for account in customers)
    if without:
        text = (
            f"{without:,} of {len(customers):,} accounts have no owner with an address: their alerts reach "
            "only notify.default_email or slack.channel. Map `owner` of crm.account.changed (OwnerId, by a "
            "lookup)."
        )
        yield Finding("no_owner", loud=without > _MOST * len(customers), text=text)


def _currencies(tally: Tally) -> Iterator[Finding]:
    several = sum(len(account.currencies) > 1 for account in tally.accounts.values())
    if len(tally.currencies) > 1:
        ranked = sorted(tally.currencies.items(), key=lambda known: (-known[1], known[0]))
        told = ", ".join(f"{code} {count:,}" for code, count in ranked[:_CURRENCIES])
        text = f"Orders are in {told}; {several:,} accounts buy in several. Rates make them comparable."
        yield Finding("currencies", loud=False, text=text)


def _people(tally: Tally) -> Iterator[Finding]:
    doubled, people = tally.doubled, tally.census.people
    if doubled > max(_FEW * people, 1):
        text = (
            f"{doubled:,} of {people:,} people share an email address of their account with another id: the "
            "CRM's duplicates, or a buyer that the ERP calls otherwise. They count as several people."
        )
        yield Finding("doubled_people", loud=False, text=text)


def _unread(tally: Tally) -> Iterator[Finding]:
    """What is in the catalogue and no signal reads: nobody need go looking for it."""
    lacking = []
    if tally.has(TICKET) and not tally.has(KIND):
        lacking.append("`kind` of tickets")
    if tally.has(ORDER) and not tally.has(LISTED):
        lacking.append("`list_price` of order lines")
    if lacking:
        text = f"There is no {' and no '.join(lacking)}; no signal of this version reads that."
        yield Finding("unread", loud=False, text=text)
    if tally.accounts and not any(account.card & CARD for account in tally.accounts.values()):
        text = "No account has a card (crm.account.changed): alerts name accounts by their ids."
        yield Finding("no_cards", loud=False, text=text)


def _history(tally: Tally, policy: Policy) -> list[Finding]:
    weeks = weeks_of(tally)
    if not weeks:
        return []
    young = sum(length < policy.rhythm_weeks for length in weeks)
    middle = sorted(weeks)[len(weeks) // 2]
    text = (
        f"Half of the accounts have {middle:,} weeks of history or more; {young:,} of {len(weeks):,} have "
        f"less than the {policy.baseline_weeks} and {policy.rhythm_weeks} weeks in which what is usual of "
        "shares and rhythms is learnt"
    )
    tail = ": import older history." if 2 * young > len(weeks) else "."
    return [Finding("history", loud=2 * young > len(weeks), text=text + tail)]


def weeks_of(tally: Tally) -> list[int]:
    """How many weeks lie between each customer's first event and the end of the data."""
    if tally.end is None:
        return []
    end = week_of(tally.end)
    return [max(0, end - account.first) for account in tally.customers.values() if account.first is not None]
