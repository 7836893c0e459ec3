"""The demo's verdict: each warning's lead against the truth, and what counts as a false alarm."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import msgspec
from rich.console import Console

from accounts.alert import Alert
from accounts.stages import Kind
from service.demo.verdict import false_alarms, lead_sentence, lead_table, leads
from service.simulation import STORY_ACCOUNT, Truth
from tests.unit.alerts.samples import SHIFT

SHIFTED = datetime(2025, 6, 2, tzinfo=UTC)
COLLAPSED = SHIFTED + timedelta(weeks=40)


def lost(account: str, *, shifted: bool = True) -> Truth:
    """An account whose orders collapsed, after a shift or without a sign."""
    return Truth(account, "made", account.title(), SHIFTED if shifted else None, None, COLLAPSED)


def warning(account: str, week: int, kind: Kind = "buying_centre_shift") -> Alert:
    """Raised so many weeks after the shift."""
    at = SHIFTED + timedelta(weeks=week)
    return msgspec.structs.replace(SHIFT, account_id=account, kind=kind, raised_at=at)


def test_the_lead_is_that_of_the_first_warning_after_the_shift() -> None:
    """What was said before there was anything to see is luck, and a recovery warns of nothing."""
    said = [warning("a", 30, "at_risk"), warning("a", -3), warning("a", 12), warning("a", 5, "recovered")]
    (found,) = leads(said, [lost("a"), Truth("quiet", "stable", "Quiet")])
    assert found.first == said[2]
    assert found.weeks == 28


def test_without_a_shift_only_what_comes_after_the_collapse_counts() -> None:
    """A loss without a sign is noticed late or not at all, and the lead says so."""
    said = [warning("a", 39, "decline"), warning("a", 45, "decline")]
    assert [lead.weeks for lead in leads(said, [lost("a", shifted=False)])] == [-5]
    assert [lead.weeks for lead in leads([], [lost("a")])] == [None]


def test_the_story_stands_first_and_each_lost_account_has_its_lead() -> None:
    """However many there are, none is left out, and who was not warned of comes last."""
    truths = [lost(f"account {number}") for number in range(40)] + [lost("silent"), lost(STORY_ACCOUNT)]
    said = [warning(f"account {number}", number) for number in range(40)] + [warning(STORY_ACCOUNT, 39)]
    found = leads(said, truths)
    assert [lead.truth.account_id for lead in (found[0], found[1], found[-1])] == [
        STORY_ACCOUNT,
        "account 0",
        "silent",
    ]
    screen = StringIO()
    Console(width=110, file=screen).print(lead_table(found))
    rows = [line.split() for line in screen.getvalue().splitlines() if " made " in line]
    assert [row[-1] for row in rows] == ["+1", *(f"+{40 - number}" for number in range(40)), "none"]


def test_the_sentence_tells_who_was_warned_in_time() -> None:
    """Eight weeks are in time; who was never warned of is in the whole, not in the median."""
    said = [warning("a", 10), warning("b", 38)]
    assert lead_sentence(leads(said, [lost("a"), lost("b"), lost("c"), lost("d", shifted=False)])) == (
        "Of 3 accounts that turned before they left, 1 were warned of at least 8 weeks before their orders "
        "collapsed; the median lead of the 2 that were warned of at all is +16 weeks."
    )


def test_a_false_alarm_is_a_warning_where_nothing_happened() -> None:
    """Per 100 account-years of the accounts that stayed as they were; good news is none."""
    quiet = [Truth(name, "stable", name) for name in "abcd"]
    said = [warning("a", 1), warning("b", 2, "recovered"), warning("lost", 3)]
    assert false_alarms(said, [*quiet, lost("lost")], 2.5) == 10
