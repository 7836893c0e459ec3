"""The made portfolio: repeatable, canonical, and as its truth says it is."""

import io
import json
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from statistics import mean, variance
from typing import Any

import pytest

from accounts.events import decode
from service.simulation import MIX, STORY_ACCOUNT, Event, Truth, portfolio, write_events, write_truth
from service.simulation.portfolio import scenarios
from service.simulation.titles import TITLES

START = datetime(2022, 1, 3, tzinfo=UTC)
ACCOUNTS, WEEKS, SEED = 220, 156, 7
FUNCTION_OF = {
    title: function for local in TITLES.values() for function, pool in local.items() for title, _ in pool
}


@cache
def made(seed: int = SEED) -> tuple[list[Event], dict[str, Truth]]:
    """A portfolio with the story; the events are not to be changed."""
    events, truths = portfolio(ACCOUNTS, WEEKS, seed, START, story=True)
    return list(events), {truth.account_id: truth for truth in truths}


def lines(accounts: int, seed: int, **options: Any) -> str:
    file = io.StringIO()
    events, truths = portfolio(accounts, 60, seed, START, **options)
    write_events(events, file)
    write_truth(truths, file)
    return file.getvalue()


def of_type(kind: str) -> list[Event]:
    return [event for event in made()[0] if event["type"] == kind]


def when(event: Event) -> datetime:
    return datetime.fromisoformat(event["time"])


def test_the_same_arguments_give_the_same_lines() -> None:
    """A benchmark or a bug report can be repeated from its seed alone."""
    assert lines(12, 3, story=True) == lines(12, 3, story=True)


def test_seeds_differ() -> None:
    """Seeds not used for tuning are other portfolios."""
    assert lines(12, 3) != lines(12, 4)


def test_an_account_does_not_depend_on_how_many_others_there_are() -> None:
    """A small portfolio is a sample of a larger one."""
    few, many = (portfolio(n, 60, 5, START) for n in (3, 9))
    first = {truth.account_id for truth in few[1]}
    assert list(few[0]) == [event for event in many[0] if event["subject"] in first]


def test_events_come_in_order_of_time_within_the_weeks_asked_for() -> None:
    """A player can send them as they come."""
    times = [when(event) for event in made()[0]]
    assert times == sorted(times)
    assert times[0] >= START
    assert times[-1] < START + timedelta(weeks=WEEKS)


def test_ids_are_unique() -> None:
    """No event is taken for a duplicate of another."""
    ids = [(event["source"], event["id"]) for event in made()[0]]
    assert len(set(ids)) == len(ids)


# -- the shapes of CONTRACT.md ------------------------------------------------------------------------------


def one_of(*values: str) -> Callable[[Any], bool]:
    return lambda value: value in values


def text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def moment(value: Any) -> bool:
    return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None


def money(value: Any) -> bool:
    return isinstance(value, int | float) and value > 0 and round(value, 2) == value


def fits(shape: dict[str, Callable[[Any], Any]], value: Any) -> bool:
    """Whether a JSON object has each field of the shape (those with `?` perhaps) and each fits."""
    names = {name.rstrip("?") for name in shape} | {"note"}
    needed = {name for name in shape if not name.endswith("?")}
    checks: dict[str, Callable[[Any], Any]] = dict.fromkeys(names, text)
    checks |= {name.rstrip("?"): check for name, check in shape.items()}
    return needed <= value.keys() <= names and all(checks[key](value[key]) for key in value)


def shape(**checks: Callable[[Any], Any]) -> Callable[[Any], bool]:
    marked = {name.replace("_or_not", "?"): check for name, check in checks.items()}
    return lambda value: fits(marked, value)


def many(check: Callable[[Any], Any]) -> Callable[[Any], bool]:
    return lambda values: isinstance(values, list) and all(check(value) for value in values)


PERSON = shape(
    id=text,
    name_or_not=text,
    title_or_not=text,
    department_or_not=text,
    email_or_not=lambda email: email.endswith(".example"),
    side_or_not=one_of("customer", "vendor"),
    function_or_not=one_of("development", "purchasing", "executive", "operations", "finance", "other"),
)
CARD = shape(name=text, email=lambda email: email.endswith(".example"), slack_id_or_not=text)
TOPIC = one_of(
    *"application technical roadmap training price terms delivery quality support other".split(),  # noqa: SIM905
)
LINE = shape(
    sku=text,
    kind=one_of("system", "component", "service"),
    product_line=text,
    quantity=lambda number: isinstance(number, int) and number > 0,
    unit_price=money,
    list_price=money,
)
ORDER = shape(order_id=text, currency=text, lines=many(LINE), buyer_or_not=PERSON)
REFERENCE = shape(order_id=text)
DATA = {
    "crm.account.changed": shape(
        name=text, segment=text, currency=text, locale=text, timezone=text, owner=CARD, manager=CARD
    ),
    "crm.contact.changed": shape(contact=PERSON, status=one_of("active", "left")),
    "crm.interaction.logged": shape(
        channel=one_of("meeting", "call", "email", "visit", "demo", "other"),
        direction=one_of("inbound", "outbound"),
        participants=many(PERSON),
        topics=many(TOPIC),
        product_line_or_not=text,
        answers_or_not=text,
    ),
    "crm.opportunity.changed": shape(
        opportunity_id=text,
        status=one_of("open", "won", "lost", "withdrawn"),
        opened_at=moment,
        closed_at_or_not=moment,
        amount=money,
        currency=text,
        product_line=text,
        basis=one_of("solution", "specification"),
        tender=lambda value: isinstance(value, bool),
        deciders=many(PERSON),
        competitors=many(text),
    ),
    "crm.ticket.changed": shape(
        ticket_id=text,
        status=one_of("opened", "answered", "resolved"),
        kind=one_of("application", "support", "complaint"),
        requester=PERSON,
    ),
    "order.placed": ORDER,
    "order.changed": ORDER,
    "order.cancelled": REFERENCE,
    "order.delivered": REFERENCE,
}
ENVELOPE = shape(
    specversion=one_of("1.0"), id=text, source=text, type=text, subject=text, time=moment, data=bool
)


def test_every_event_has_the_shape_of_the_contract() -> None:
    """Others may write consumers against the contract and try them on these events."""
    wrong = [event for event in made()[0] if not (ENVELOPE(event) and DATA[event["type"]](event["data"]))]
    assert wrong == []
    assert {event["type"] for event in made()[0]} == DATA.keys()


def test_the_core_reads_every_line() -> None:
    """What is written is what the decoder takes, none of it unknown."""
    file = io.StringIO()
    written = write_events(made()[0], file)
    read = [decode(line.encode()) for line in file.getvalue().splitlines()]
    assert len(read) == written
    assert {event.subject for event in read} == made()[1].keys()


def test_what_follows_comes_after_what_it_follows() -> None:
    """No order is delivered or cancelled before it was placed, no ticket answered before it was opened."""
    seen: set[str] = set()
    for event in made()[0]:
        data = event["data"]
        if event["type"].startswith("order.") or event["type"] == "crm.ticket.changed":
            document = data.get("order_id") or data["ticket_id"]
            first = event["type"] == "order.placed" or data.get("status") == "opened"
            assert first != (document in seen), event
            seen.add(document)
        if answered := data.get("answers"):
            assert answered in seen
        seen.add(event["id"])


# -- the truth ----------------------------------------------------------------------------------------------


def test_truth_is_written_as_json_lines() -> None:
    """The truth file reads back, with times as RFC 3339 and every scenario of the mix in it."""
    file = io.StringIO()
    assert write_truth(made()[1].values(), file) == ACCOUNTS + 1
    read = [json.loads(line) for line in file.getvalue().splitlines()]
    assert {truth["scenario"] for truth in read} == MIX.keys() | {"story"}
    assert all(moment(truth["shift_at"]) for truth in read if truth["shift_at"])


def test_orders_stop_at_the_collapse_but_for_the_trickle() -> None:
    """An order after the collapse would make a late warning look like an early one."""
    truths = made()[1]
    after: Counter[str] = Counter()
    for event in of_type("order.placed"):
        truth = truths[event["subject"]]
        assert truth.last_order_at is not None
        assert when(event) <= truth.last_order_at
        after[event["subject"]] += bool(truth.collapse_at and when(event) >= truth.collapse_at)
    for truth in truths.values():
        if truth.collapse_at:
            left = (START + timedelta(weeks=WEEKS) - truth.collapse_at) / timedelta(weeks=52)
            allowed = 2 + 3 * truth.orders_a_year * left * (truth.trickle or 0) if truth.trickle else 0
            assert after[truth.account_id] <= allowed, truth


def test_the_shift_precedes_the_collapse_by_some_months() -> None:
    """The lead that a detector can have exists only as far as the shift comes first."""
    losses = [truth for truth in made()[1].values() if truth.scenario.endswith("shift_then_loss")]
    assert losses
    for truth in losses:
        assert truth.shift_at is not None
        assert truth.collapse_at is not None
        assert 19 <= (truth.collapse_at - truth.shift_at) / timedelta(weeks=1) <= 67
        assert "purchasing" in truth.signs or len(truth.signs) >= 2


def purchasing_share(scenario: str, since: str, until: str) -> float:
    """Purchasing among the titled customers in the talks of a scenario, between two moments of the truth."""
    votes = []
    for event in of_type("crm.interaction.logged"):
        truth = made()[1][event["subject"]]
        begin = getattr(truth, since, None) or START
        end = getattr(truth, until, None) or START + timedelta(weeks=WEEKS)
        if truth.scenario == scenario and begin <= when(event) < end:
            known = [FUNCTION_OF.get(person.get("title")) for person in event["data"]["participants"]]
            votes += [function == "purchasing" for function in known if function not in {None, "unknown"}]
    return mean(votes)


@pytest.mark.parametrize("scenario", ["shift_then_loss", "shift_stays"])
def test_a_shift_raises_the_share_of_purchasing(scenario: str) -> None:
    """What the detector is built to see is in the events."""
    assert purchasing_share(scenario, "", "shift_at") < 0.25
    assert purchasing_share(scenario, "shift_done_at", "collapse_at") > 0.35


def test_without_a_shift_the_share_stays_where_it_was() -> None:
    """A warning in a quiet account is a false alarm, and one led by purchasing was so from the start."""
    for scenario in ("stable", "seasonal", "growing", "sudden_loss"):
        assert purchasing_share(scenario, "", "collapse_at") < 0.25
    assert purchasing_share("purchasing_led", "", "") > 0.45


# -- rates --------------------------------------------------------------------------------------------------


def test_accounts_make_about_as_many_events_as_documented() -> None:
    """Benches count on about 1.1 events a week and account, sparse accounts on a few a year."""
    events, truths = made()
    counts = Counter(truths[event["subject"]].scenario for event in events)
    sizes = Counter(truth.scenario for truth in truths.values())
    assert 0.9 < len(events) / len(truths) / WEEKS < 1.35
    assert 45 < counts["stable"] / sizes["stable"] / WEEKS * 52 < 85
    assert 8 < counts["sparse"] / sizes["sparse"] / WEEKS * 52 < 24


def counts_of(kind: str, weeks: int) -> dict[str, list[int]]:
    """How many of these events each stable account has in each stretch of so many weeks."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0] * (WEEKS // weeks))
    for event in of_type(kind):
        if made()[1][event["subject"]].scenario == "stable":
            counts[event["subject"]][(when(event) - START) // timedelta(weeks=weeks)] += 1
    return counts


def dispersion(counts: dict[str, list[int]]) -> float:
    """Variance over mean, averaged over accounts; the first half year is when some accounts begin."""
    return mean(variance(row[2:]) / mean(row[2:]) for row in counts.values() if sum(row[2:]))


def test_contacts_cluster_and_orders_are_regular() -> None:
    """Contacts vary more than a Poisson count, orders less: tests must allow for either."""
    assert dispersion(counts_of("crm.interaction.logged", 13)) > 1.3
    assert dispersion(counts_of("order.placed", 13)) < 0.9


def test_some_titles_are_missing_or_tell_nothing_and_few_functions_are_given() -> None:
    """The title mapping has to do its work, in three languages, and to cope where it cannot."""
    people = {
        person["id"]: person
        for event in of_type("crm.interaction.logged")
        for person in event["data"]["participants"]
        if person.get("side") != "vendor"
    }
    titles = [person.get("title") for person in people.values()]
    functions = Counter(FUNCTION_OF.get(title) for title in titles if title)
    assert 0.03 < titles.count(None) / len(titles) < 0.15
    assert functions["unknown"] > 0
    assert sum("function" in person for person in people.values()) / len(people) < 0.15
    for local in TITLES.values():
        assert {title for title, _ in local["purchasing"]} & set(titles)


# -- the story ----------------------------------------------------------------------------------------------


def story_value(since: float, until: float) -> float:
    """The order value of the story's account between two weeks."""
    return sum(
        float(line["quantity"] * line["unit_price"])
        for event in of_type("order.placed")
        if event["subject"] == STORY_ACCOUNT and since <= (when(event) - START) / timedelta(weeks=1) < until
        for line in event["data"]["lines"]
    )


def test_the_story_is_the_mission_s() -> None:
    """Two years of engineers and growing orders, then purchasing, then nothing: what the demo shows."""
    truth = made()[1][STORY_ACCOUNT]
    assert truth.collapse_at is not None
    assert timedelta(weeks=8) < START + timedelta(weeks=WEEKS) - truth.collapse_at < timedelta(weeks=12)
    assert 4.5e6 < story_value(52, 104) < 5.5e6
    assert story_value(0, 52) < story_value(52, 104)
    assert story_value(146, WEEKS) == 0
    assert purchasing_share("story", "", "shift_at") < 0.1
    assert purchasing_share("story", "shift_done_at", "") > 0.8


# -- arguments ----------------------------------------------------------------------------------------------


def test_the_first_accounts_follow_the_mix() -> None:
    """A small portfolio holds every scenario, in about its share."""
    counts = Counter(scenarios(100, 1, MIX))
    assert all(abs(counts[scenario] - 100 * share) <= 2 for scenario, share in MIX.items())


def test_a_mix_of_one_s_own() -> None:
    """A class can be looked at alone."""
    truths = portfolio(5, 60, 1, START, mix={"sparse": 1})[1]
    assert {truth.scenario for truth in truths} == {"sparse"}


@pytest.mark.parametrize("weeks", [26, 52, 260])
def test_any_number_of_weeks_is_filled(weeks: int) -> None:
    """The courses scale with the weeks; every collapse lies within them."""
    events, truths = portfolio(20, weeks, 1, START, story=True)
    end = START + timedelta(weeks=weeks)
    assert all(when(event) < end for event in events)
    assert all(truth.collapse_at < end for truth in truths if truth.collapse_at)


@pytest.mark.parametrize(
    ("weeks", "start", "mix"),
    [
        (25, START, None),
        (60, START.replace(tzinfo=None), None),
        (60, START, {"unheard_of": 1.0}),
        (60, START, {}),
        (60, START, {"stable": -1.0, "sparse": 2.0}),
    ],
)
def test_arguments_that_make_no_sense_are_refused(
    weeks: int, start: datetime, mix: dict[str, float] | None
) -> None:
    """A wrong argument ends with its name, not with an odd portfolio."""
    with pytest.raises(ValueError, match=r"weeks|zone|scenario|mix"):
        portfolio(2, weeks, 1, start, mix=mix)
