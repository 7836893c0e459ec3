"""The pure core: from the set of an account's events to its stage, its alerts and the reasons for them.

No clock, no I/O; only the standard library and msgspec. Everything here is a function of its arguments.
"""
