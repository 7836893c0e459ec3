"""What a stage rests on, and what would change it, in words."""

from collections.abc import Iterator

import msgspec

from accounts.fold import Fold
from accounts.policy import MICRO, Policy
from accounts.rhythm import PER_MILLE
from accounts.stages import Stage

BECAUSE: dict[Stage, str] = {
    "lost": "no order for so long that by its own rhythm the account is hardly still a customer",
    "at_risk": "the buying centre has shifted, and orders and contacts slow as well",
    "declining": "orders and contacts have slowed against the account's own rhythm",
    "shifted": "the say has moved to purchasing, against the account's own baseline",
    "learning": "no test has a baseline to compare with yet",
    "watch": "the shift test's sum has come half way to its threshold; nothing else speaks",
    "stable": "neither test's sum has come far",
}
_FURTHEST = 260  # weeks: what lies beyond five years is no outlook


def would_change(fold: Fold, week: int, policy: Policy) -> list[str]:
    """What it takes for the account to enter or leave each grave stage, as things stand after `week`."""
    return [*_shift(fold, policy), *_cadence(fold, policy), *_silence(fold, week, policy)]


def _shift(fold: Fold, policy: Policy) -> Iterator[str]:
    cusum = fold.shift.cusum
    if not cusum.ready:
        yield (
            f"The shift test judges once one of its streams has {policy.baseline_weeks} weeks "
            f"and votes enough to compare with."
        )
        return
    total, threshold = cusum.total / MICRO, cusum.threshold / MICRO
    if cusum.crossed:
        yield (
            f"The shift counts as over when its sum is below {threshold / 2:.2f}: "
            f"{total - threshold / 2:.2f} nats less than now."
        )
    else:
        yield (
            f"The buying centre counts as shifted from a sum of {threshold:.2f}: "
            f"{threshold - total:.2f} nats more than now, of which one week adds {policy.clip:g} at most."
        )
    seats = [line[0] for line in fold.shift.lines if line[0].ready]
    if seats:
        up, down = max(b.up for b in seats), min(b.down for b in seats)
        yield (
            f"An occasion where only purchasing sits moves it by {up / MICRO:+.2f} at most, "
            f"one without purchasing by {down / MICRO:+.2f}."
        )


def _cadence(fold: Fold, policy: Policy) -> Iterator[str]:
    cusum = fold.cadence.cusum
    if not cusum.ready:
        yield f"The cadence test judges once contacts or orders are known over {policy.rhythm_weeks} weeks."
        return
    total, threshold = cusum.total / MICRO, cusum.threshold / MICRO
    if cusum.crossed:
        yield (
            f"The decline counts as over when its sum is below {threshold / 2:.2f}: "
            f"{total - threshold / 2:.2f} nats less than now."
        )
    else:
        yield (
            f"The account counts as declining from a sum of {threshold:.2f}: "
            f"{threshold - total:.2f} nats more than now."
        )
    contacts, orders = fold.cadence.rhythms
    weighed = [f"a silent week moves it by {(contacts.silence + orders.silence) / MICRO:+.2f} at most"]
    if contacts.ready:
        weighed.append(f"a contact by {contacts.event / MICRO:+.2f}")
    if orders.ready:
        weighed.append(f"an order by {orders.event / MICRO:+.2f}")
    sentence = ", ".join(weighed)
    yield f"{sentence[0].upper()}{sentence[1:]}."


def _silence(fold: Fold, week: int, policy: Policy) -> Iterator[str]:
    if fold.stage == "lost":
        yield "An order would end the silence: the account is lost no longer."
        return
    silence = msgspec.structs.replace(fold.silence)
    for later in range(1, _FURTHEST + 1):
        silence.step(week + later, 0, PER_MILLE, policy)
        if silence.lost(week + later, policy):
            weeks = "week" if later == 1 else "weeks"
            yield f"After {later} further {weeks} without an order the account would count as lost."
            return
