"""What a vendor adds to what is found: it words and values alerts, and moves no state."""

import msgspec

from accounts.plays import Entry


class Advice(msgspec.Struct, frozen=True):
    """The library of plays, the vendor's own first."""

    plays: tuple[Entry, ...] = ()


NO_ADVICE = Advice()
