"""The alerts held against the truth: how early, and how many in vain."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from rich import box
from rich.table import Table

from accounts.alert import Alert
from service.simulation import STORY_ACCOUNT, Truth

_WARNINGS = frozenset({"buying_centre_shift", "decline", "at_risk"})
_WEEK = timedelta(weeks=1)
_EARLY = 8  # weeks before the collapse in which something can still be done


@dataclass(frozen=True)
class Lead:
    """The first warning of an account whose orders collapsed; `weeks` before that, or None without one."""

    truth: Truth
    first: Alert | None
    weeks: float | None


def leads(alerts: Iterable[Alert], truths: Sequence[Truth]) -> list[Lead]:
    """One row for each account that was lost, the story first, then the earliest warning first.

    A warning counts from the shift on (from the collapse on, where there was no shift): before that there was
    nothing to warn of.
    """
    warnings = sorted((a for a in alerts if a.kind in _WARNINGS), key=lambda alert: alert.raised_at)
    found = []
    for truth in truths:
        if truth.collapse_at is None:
            continue
        since = truth.shift_at or truth.collapse_at
        own = (a for a in warnings if a.account_id == truth.account_id and a.raised_at >= since)
        first = next(own, None)
        weeks = (truth.collapse_at - first.raised_at) / _WEEK if first else None
        found.append(Lead(truth, first, weeks))
    return sorted(found, key=_most_telling_first)


def _most_telling_first(lead: Lead) -> tuple[bool, bool, float]:
    return lead.truth.account_id != STORY_ACCOUNT, lead.weeks is None, -(lead.weeks or 0.0)


def false_alarms(alerts: Iterable[Alert], truths: Sequence[Truth], years: float) -> float:
    """Warnings per 100 account-years on accounts to which nothing happened."""
    quiet = {t.account_id for t in truths if t.shift_at is None and t.collapse_at is None}
    raised = sum(alert.kind in _WARNINGS and alert.account_id in quiet for alert in alerts)
    return 100 * raised / (len(quiet) * years) if quiet else 0.0


def lead_table(found: Sequence[Lead]) -> Table:
    """Every account that was lost, and when it was warned of."""
    table = Table(title="Accounts lost, and the first warning", box=box.SIMPLE_HEAD, title_justify="left")
    for name in ("account", "what happened", "orders collapsed", "first warning"):
        table.add_column(name)
    table.add_column("lead, weeks", justify="right")
    for lead in found:
        collapse = lead.truth.collapse_at
        table.add_row(
            lead.truth.name,
            lead.truth.scenario.replace("_", " "),
            f"{collapse:%d %b %Y}" if collapse else "",
            f"{lead.first.raised_at:%d %b %Y}, {_in_a_word(lead.first)}" if lead.first else "none",
            f"{lead.weeks:+.0f}" if lead.weeks is not None else "",
        )
    return table


def _in_a_word(warning: Alert) -> str:
    return warning.kind.removeprefix("buying_centre_").replace("_", " ")


def lead_sentence(found: Sequence[Lead]) -> str:
    """The same in one sentence, for the accounts in which a shift came before the loss."""
    shifted = [lead for lead in found if lead.truth.shift_at is not None]
    known = [lead.weeks for lead in shifted if lead.weeks is not None]
    if not known:
        return "No account that turned before it left was warned of."
    early = sum(weeks >= _EARLY for weeks in known)
    return (
        f"Of {len(shifted)} accounts that turned before they left, {early} were warned of at least "
        f"{_EARLY} weeks before their orders collapsed; the median lead of the {len(known)} that were "
        f"warned of at all is {median(known):+.0f} weeks."
    )
