"""What a vendor adds to what is found: it words and values alerts, and moves no state."""

import msgspec

from accounts.plays import Entry
from accounts.value import BUILT_IN, Valuation


class Advice(msgspec.Struct, frozen=True):
    """The library of plays, the vendor's own first, and how orders become money."""

    plays: tuple[Entry, ...] = ()
    valuation: Valuation = BUILT_IN


NO_ADVICE = Advice()
