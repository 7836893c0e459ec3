"""What really happens to an account: the answer that a detector is to be judged by."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Truth:
    """The course an account was given, and the last order that came of it.

    Shares and rates are what the course was set to before noise, season and holidays; `trickle` is the share
    of the order rate that outlives the collapse (0: none; None where nothing collapses).
    """

    account_id: str
    scenario: str
    name: str
    shift_at: datetime | None = None
    shift_done_at: datetime | None = None  # the end of the ramp
    collapse_at: datetime | None = None
    last_order_at: datetime | None = None
    signs: tuple[str, ...] = ()
    share_before: float = 0.0  # purchasing's share among participants
    share_after: float | None = None
    contacts_a_year: float = 0.0
    orders_a_year: float = 0.0
    trickle: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """What a line of the truth file holds; times in RFC 3339."""
        return {
            key: f"{value:%Y-%m-%dT%H:%M:%SZ}" if isinstance(value, datetime) else value
            for key, value in asdict(self).items()
        }
