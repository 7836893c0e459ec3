"""A state is bounded: what is older than it keeps ages out, and leaves no trace of when it was folded."""

from collections.abc import Callable, Iterable, Iterator
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.account import AccountState, advance, from_bytes, unaged
from accounts.advice import Advice
from accounts.alert import Alert
from accounts.card import card_of
from accounts.events import AccountChanged, CanonicalEvent, Topic
from accounts.evidence import COUNTS, VOTE_ROWS
from accounts.feedback import VERDICTS, Verdict, Word
from accounts.fold import Mark
from accounts.policy import Policy
from accounts.series import KEPT_WEEKS, MOST_CURRENCIES, MOST_DEPARTURES, MOST_LINES, REACH_WEEKS
from accounts.story import alert_of
from accounts.sums import MOST_SEATS
from accounts.weeks import week_of
from consumers.reviewer import changed_marks, out_of_reach
from service.playbook import built_in
from tests.unit.accounts.builders import (
    ACCOUNT,
    BUNDLE,
    BUNDLE_OF_TWO,
    EVER,
    FIRST,
    PARTS,
    QUICK,
    Life,
    at,
    cancelled,
    card,
    changed,
    contact,
    encoded,
    fold,
    fold_more,
    opportunity,
    order,
    person,
    replay,
    talk,
    ticket,
)

YEAR = 52
LONGEST = 480  # weeks of a life here: the second half of it has aged three times
FEW = settings(derandomize=True, deadline=None, max_examples=12)
_DEVELOPERS = (person("dora"), person("dave"), person("ada", "executive"))
_BUYERS = (person("bert", "purchasing"), person("bea", "purchasing"))


def life(seed: int, weeks: int = LONGEST) -> Life:
    """Some years of one account, by chance: spells of every kind, lines and currencies that come and go."""
    rng = Random(seed)
    events = Life([card(at(0), id="card-0", name="Acme", owner="olga")])
    events.seed = seed
    week = 0
    while week < weeks:
        spell = rng.choice(["as_ever", "as_ever", "as_ever", "bought", "silent", "asking"])
        names = rng.sample(["drives", "vision", "safety", "robots"], 2)
        currency = rng.choice(["EUR", "EUR", "USD", "JPY", "CHF"])
        star = rng.choice(_DEVELOPERS)
        end = min(weeks, week + rng.randint(20, 90))
        for then in range(week, end):
            if rng.random() < (0.05 if spell == "silent" else 0.7):
                events += _something(rng, then, spell, names, currency, star)
        if rng.random() < 0.3:
            events.append(contact(at(end - 1, 30), star, id=f"left-{end}"))
        week = end
    return events


def _something(
    rng: Random, week: int, spell: str, names: list[str], currency: str, star: Any
) -> Iterator[CanonicalEvent]:
    bought = spell == "bought" and rng.random() < 0.8
    hours, key, line = rng.choice([0, 10, 167.99]), f"w{week}", rng.choice([None, *names])
    people = [rng.choice(_BUYERS)] if bought else [star if rng.random() < 0.8 else rng.choice(_DEVELOPERS)]
    topics: list[Topic] = ["price"] if bought else [rng.choice(["application", "technical", "delivery"])]
    for number in range(3 if spell == "asking" else 1):
        yield talk(at(week, hours), *people, topics=topics, id=f"{key}-t{number}", product_line=line)
    if rng.random() < 0.4 and spell != "asking":
        yield talk(at(week, 12), *people, topics=topics, id=f"{key}-out", direction="outbound")
    if rng.random() < 0.5:
        lines = PARTS if bought else rng.choice([BUNDLE, BUNDLE_OF_TWO])
        yield order(at(week, 20), key, lines, currency=currency, id=f"{key}-o")
        if rng.random() < 0.2:
            yield changed(at(week + rng.randint(0, 9), 21), key, PARTS, currency=currency, id=f"{key}-c")
        if rng.random() < 0.1:
            yield cancelled(at(week + rng.randint(0, 9), 22), key, id=f"{key}-x")
    if rng.random() < 0.1:
        yield ticket(at(week, 25), key, id=f"{key}-k")
    if rng.random() < 0.15:
        rivals = ["Rival"] if bought else []
        yield opportunity(at(week, 26), key, *people, competitors=rivals, tender=bought, id=f"{key}-d")


lives = st.builds(life, st.integers(0, 5000), st.integers(340, LONGEST))
policies = st.sampled_from([QUICK, Policy()])


def weeks_of(events: Iterable[CanonicalEvent]) -> int:
    """So many weeks are closed once all of it has happened."""
    return max(week_of(event.time) for event in events) + 1 - FIRST


def words_on(data: st.DataObject, marks: Iterable[Mark], week: int) -> list[Word]:
    """What people say of some of the newest alerts, when `week` is the first one not reviewed."""
    newest = [mark for mark in marks if mark.until < 0][-2:]
    verdicts = [(mark, data.draw(st.sampled_from([None, *VERDICTS]))) for mark in newest]
    return [Word(week, verdict, mark.kind, mark.week + 1) for mark, verdict in verdicts if verdict]


# -- still a function of the set of events ----------------------------------------------------------------


@FEW
@given(lives, st.sets(st.integers(1, LONGEST), max_size=25), policies, st.data())
def test_in_chunks_and_at_once_end_in_the_same_bytes(
    events: Life, stops: set[int], policy: Policy, data: st.DataObject
) -> None:
    """When evidence aged out is no part of a state; what people said in the meantime is heeded alike."""
    state: AccountState | None = None
    words: list[Word] = []
    last, due = weeks_of(events), FIRST
    for stop in [*sorted(stop for stop in stops if stop < last), last]:
        kept = from_bytes(state.to_bytes()) if state else None
        state, due = fold_more(kept, events, due, FIRST + stop, policy, words), FIRST + stop
        if stop < last:
            words += words_on(data, state.fold.marks, due)
    assert state is not None
    assert state.reach is not None
    assert state.to_bytes() == fold(events, last, policy, words).to_bytes()


@pytest.mark.parametrize(("seed", "policy"), [(1, QUICK), (2, QUICK), (3, Policy())])
def test_week_by_week_and_at_once_end_in_the_same_bytes(seed: int, policy: Policy) -> None:
    """The service reviews each Monday for years; a replay knows all of it from the start."""
    events = life(seed)
    state: AccountState | None = None
    for week in range(1, LONGEST + 1):
        state = fold_more(state, events, FIRST + week - 1 if state else EVER, FIRST + week, policy)
        if week % 60 == 0:
            assert state.to_bytes() == fold(events, week, policy).to_bytes()


@FEW
@given(lives, policies, st.data())
def test_late_events_within_reach_end_as_if_they_had_been_on_time(
    events: Life, policy: Policy, data: st.DataObject
) -> None:
    """Judged again from the early fold, however often, and in the week in which the reach itself begins."""
    state: AccountState | None = None
    last, due = weeks_of(events), FIRST
    rng = Random(data.draw(st.integers(0, 1000)))
    held: set[str] = set()
    late_by = {event.id: rng.choice([5, 60, REACH_WEEKS]) for event in events if rng.random() < 0.2}
    words: list[Word] = []
    stop = 0
    while stop < last:
        stop = min(last, stop + rng.randint(1, 60))
        told = [e for e in events if week_of(e.time) + late_by.get(e.id, 0) < FIRST + stop or stop == last]
        if stop == last and state is not None and state.reach is not None:
            told = [e for e in told if e.id in held or week_of(e.time) >= state.reach]
        new = [week_of(event.time) for event in told if event.id not in held]
        begin = min([due, *new])
        assert state is None or not out_of_reach(state, begin)
        kept = from_bytes(state.to_bytes()) if state else None
        state, due = fold_more(kept, told, begin, FIRST + stop, policy, words), FIRST + stop
        held = {event.id for event in told}
        if stop < last:
            words += words_on(data, state.fold.marks, due)
    assert state is not None
    known = [event for event in events if event.id in held]
    assert state.to_bytes() == fold(known, last, policy, words).to_bytes()


@FEW
@given(st.integers(0, 5000), st.randoms(use_true_random=False))
def test_order_and_duplicates_change_nothing(seed: int, rng: Random) -> None:
    """Nor when most of what came has aged out."""
    events = life(seed, 400)
    shuffled = [*events, *events[::7]]
    rng.shuffle(shuffled)
    until = at(400, 0)
    ((_, one),), ((_, other),) = (replay(seen).states(until, QUICK) for seen in (events, shuffled))
    assert one.to_bytes() == other.to_bytes()


def test_an_event_from_the_first_week_in_reach_is_judged_again_and_one_before_it_is_refused() -> None:
    """Sums that have aged out cannot be made again from a state: all events must be read."""
    events = life(4)
    state = fold(events, LONGEST)
    assert state.reach is not None
    body, week = state.to_bytes(), state.reach - FIRST
    late = talk(at(week, 50), _BUYERS[0], topics=["price"], id="late")
    again = fold_more(from_bytes(body), [*events, late], state.reach, FIRST + LONGEST)
    assert again.to_bytes() == fold([*events, late], LONGEST).to_bytes() != body
    assert not out_of_reach(state, state.reach)
    assert out_of_reach(state, state.reach - 1)
    for before in (1, REACH_WEEKS, LONGEST):
        with pytest.raises(ValueError, match="from which the state can be judged again"):
            fold_more(from_bytes(body), events, state.reach - before, FIRST + LONGEST)


def test_a_young_state_reaches_back_to_its_beginning_and_beyond() -> None:
    """As long as nothing has aged out, every late event is welcome."""
    events = life(5, KEPT_WEEKS)
    state = fold([event for event in events if event.time >= at(9)], KEPT_WEEKS)
    assert state.reach is None
    assert not out_of_reach(state, FIRST - 500)
    again = fold_more(state, events, EVER, FIRST + KEPT_WEEKS)
    assert again.to_bytes() == fold(events, KEPT_WEEKS).to_bytes()


def test_folding_nothing_new_changes_nothing() -> None:
    """A review that runs again after a crash finds the same, also right after evidence has aged out."""
    events = life(6)
    for weeks in range(KEPT_WEEKS - 1, KEPT_WEEKS + 3):
        body = fold(events, weeks).to_bytes()
        assert advance(from_bytes(body), [], FIRST + weeks, FIRST + weeks, QUICK).to_bytes() == body


# -- bounded ----------------------------------------------------------------------------------------------


def integers(told: object) -> int:
    """How many numbers and words there are in a state."""
    if isinstance(told, dict):
        return sum(map(integers, told.values())) + len(told)
    return sum(map(integers, told)) if isinstance(told, list | tuple) else 1


def crowded(weeks: int) -> Life:
    """Each week another product line, currency and crowd: more of each than a state keeps."""
    events = Life()
    for week in range(weeks):
        crowd = [person(f"p{(7 * week + n) % 40}") for n in range(2 * MOST_SEATS)]
        code = f"X{chr(65 + week % 20)}X"
        events.append(talk(at(week), *crowd, topics=["technical"], product_line=f"line {week % 30}"))
        events.append(order(at(week, 20), None, [("system", 1, 100, f"line {week % 30}")], currency=code))
        events += [contact(at(week, 30), person(f"q{week}-{n}")) for n in range(2 * MOST_DEPARTURES)]
    return events


def test_a_state_holds_no_more_than_its_bound_however_long_an_account_lives() -> None:
    """A row of the database that grows for ever would be the end of a portfolio of years."""
    rows = COUNTS + MOST_CURRENCIES + MOST_LINES * (VOTE_ROWS + 1)
    a_week = rows + 1 + 2 * MOST_SEATS + MOST_DEPARTURES
    sizes = []
    for weeks in (KEPT_WEEKS, 2 * KEPT_WEEKS):
        state = fold(crowded(weeks), weeks)
        assert state.series.length <= KEPT_WEEKS
        size = integers(msgspec.to_builtins(state.series))
        assert size < KEPT_WEEKS * a_week + 200
        sizes.append(integers(msgspec.to_builtins(state)) - size)
    assert sizes[1] < 2 * sizes[0] + 200  # the fold, and the early one beside it


@FEW
@given(st.integers(0, 5000), st.integers(340, LONGEST))
def test_nothing_in_a_state_is_older_than_what_it_keeps(seed: int, weeks: int) -> None:
    """But for what still holds: a stage, a leader, an alert that has not ended."""
    state = fold(life(seed), weeks)
    start = state.series.start
    assert KEPT_WEEKS - YEAR < state.series.length <= KEPT_WEEKS
    assert (start - state.series.origin) % YEAR == 0
    assert {len(row) for row in state.series.counts} == {state.series.length}
    assert {len(row) for line in state.series.by_line for row in line} <= {state.series.length}
    assert all(start <= week < state.series.end for week in state.series.seats)
    assert state.early is not None
    for folded in (state.fold, state.early):
        assert all(mark.until < 0 or mark.until >= start for mark in folded.marks)
        assert all(change.week >= start for change in folded.transitions[1:])
        assert all(change.week >= start for change in folded.leaders[1:])
    whole = unaged(life(seed), FIRST + weeks, QUICK).fold
    stages, leaders = state.fold.transitions, state.fold.leaders
    assert whole.transitions[len(whole.transitions) - len(stages) :] == stages
    assert whole.leaders[len(whole.leaders) - len(leaders) :] == leaders
    assert [mark for mark in whole.marks if mark.until < 0 or mark.until >= start] == state.fold.marks


def test_what_has_aged_out_is_still_known() -> None:
    """The baseline of the first year, and which currency came first, outlive the evidence of it."""
    events: list[CanonicalEvent] = [order(at(week), currency="USD") for week in range(0, 60, 2)]
    events += [talk(at(week), _DEVELOPERS[0], topics=["technical"]) for week in range(60)]
    events += [order(at(week)) for week in range(380, 400)]
    state = fold(events, 400)
    assert state.series.start > FIRST + 60
    assert (state.series.origin, state.series.currency) == (FIRST, "USD")
    assert state.series.met == {"USD": FIRST, "EUR": FIRST + 380}
    assert sum(state.series.money["USD"]) == 0
    assert state.fold.shift.lines[0][0].ready


# -- what was told ----------------------------------------------------------------------------------------


def told_live(events: Life, policy: Policy, advice: Advice, weeks: int = LONGEST) -> list[Alert]:
    """What a service that reviews each Monday tells, each alert from the state of its own Monday."""
    state: AccountState | None = None
    marks: list[Mark] = []
    told = []
    for week in range(1, weeks + 1):
        state = fold_more(state, events, FIRST + week - 1 if state else EVER, FIRST + week, policy)
        new, gone = changed_marks(marks, state.fold.marks, state.series.start)
        assert not gone
        known = [event for event in events if event.time < at(week, 0)]
        names = card_of(event for event in known if isinstance(event, AccountChanged))
        raised = [mark.as_raised() for mark in new if mark.week == FIRST + week - 1]
        told += [alert_of(ACCOUNT, mark, state, known, names, policy, advice) for mark in raised]
        marks = [msgspec.structs.replace(mark) for mark in state.fold.marks]
    return sorted(told, key=lambda alert: (alert.raised_at, alert.id))


@pytest.mark.parametrize(("seed", "policy"), [(11, QUICK), (12, QUICK), (13, Policy()), (14, Policy())])
def test_a_replay_of_years_tells_each_alert_as_the_service_told_it(seed: int, policy: Policy) -> None:
    """Word for word, though the service has long forgotten the evidence of the first ones."""
    events, advice = life(seed), Advice(built_in())
    live = told_live(events, policy, advice)
    assert len(live) > 2
    assert live[0].raised_at < at(LONGEST - KEPT_WEEKS, 0)
    assert encoded(replay(events).alerts(at(LONGEST, 0), policy, advice)) == encoded(live)


def taken_over(weeks: int) -> Life:
    """Purchasing took over in the second year and stayed; in the last one nothing is ordered any more."""
    events = Life([card(at(0), id="card-0", name="Acme", owner="olga")])
    for week in range(weeks):
        who, topic = (_BUYERS[0], "price") if week >= 60 else (_DEVELOPERS[0], "technical")
        line = "drives" if week % 2 else "vision"
        events.append(talk(at(week), who, topics=[topic], id=f"t{week}", product_line=line))  # type: ignore[list-item]
        if week < weeks - YEAR and week % 2 == 0:
            events.append(order(at(week, 20), f"o{week}", id=f"o{week}"))
    return events


@pytest.mark.parametrize("policy", [QUICK, Policy()])
def test_an_excursion_that_lasts_longer_than_its_evidence_is_told_alike(policy: Policy) -> None:
    """What is at risk now began with a shift that only the sum remembers."""
    events, advice = taken_over(LONGEST), Advice(built_in())
    live = told_live(events, policy, advice)
    assert {"buying_centre_shift", "at_risk"} <= {alert.kind for alert in live}
    assert encoded(replay(events).alerts(at(LONGEST, 0), policy, advice)) == encoded(live)


def test_what_is_usual_between_us_is_that_of_the_years_before() -> None:
    """Our talks of six years ago, which a service has forgotten, are no measure of a gap of today either."""
    events, weeks = Life(), 430
    for week in range(weeks):
        events.append(talk(at(week), _DEVELOPERS[0], topics=["application"], id=f"q{week}"))
        ours = 3 if week < 150 else 1 if week < weeks - 20 else 0
        for number in range(ours):
            events.append(
                talk(at(week, 20 + number), _DEVELOPERS[1], direction="outbound", id=f"o{week}-{number}")
            )
        if week % 8 == 0:
            events.append(order(at(week, 40), f"b{week}", id=f"b{week}"))
    advice = Advice(built_in())
    live = told_live(events, QUICK, advice, weeks)
    texts = [piece.text for alert in live for piece in alert.evidence if piece.signal == "fewer_touches"]
    assert "usual are about 13" in texts[-1]
    assert encoded(replay(events).alerts(at(weeks, 0), QUICK, advice)) == encoded(live)


def slowed(weeks: int) -> Life:
    """Orders that came weekly come every other year from the second year on."""
    events = Life(order(at(week), f"o{week}", id=f"o{week}") for week in range(60))
    events += [order(at(week), f"o{week}", id=f"o{week}") for week in range(130, weeks, 100)]
    return events


@pytest.mark.parametrize("verdict", ["not_a_risk", "they_stay"])
@pytest.mark.parametrize("lived", [taken_over, slowed])
def test_a_word_on_an_old_excursion_learns_from_what_is_kept(
    lived: Callable[[int], Life], verdict: Verdict
) -> None:
    """In the state of the service, when it is judged again and in a replay: the same normal."""
    events, heard = lived(LONGEST), LONGEST - 10
    state = fold(events, heard)
    told = [mark for mark in state.fold.marks if mark.until < 0]
    assert min(mark.onset for mark in told) < state.series.start
    words = [Word(FIRST + heard, verdict, mark.kind, mark.week + 1) for mark in told]
    again = fold_more(from_bytes(state.to_bytes()), events, FIRST + heard, FIRST + LONGEST, QUICK, words)
    assert state.reach is not None
    assert learnt_onsets(again) != learnt_onsets(state)
    assert again.to_bytes() == fold(events, LONGEST, QUICK, words).to_bytes()
    judged = fold_more(from_bytes(again.to_bytes()), events, state.reach, FIRST + LONGEST, QUICK, words)
    assert judged.to_bytes() == again.to_bytes()
    whole = unaged(events, FIRST + LONGEST, QUICK, words).fold
    assert (whole.shift, whole.cadence) == (again.fold.shift, again.fold.cadence)


def learnt_onsets(state: AccountState) -> tuple[int, int]:
    return state.fold.shift.cusum.onset, state.fold.cadence.cusum.onset


def test_an_excursion_that_comes_back_after_its_alert_has_aged_out_is_told_alike() -> None:
    """The sum never left it, but neither the state of the service nor a replay finds the old alert again."""
    events = [talk(at(week), _BUYERS[0] if 60 <= week < 70 else _DEVELOPERS[0]) for week in range(200)]
    [over] = [mark for mark in fold(events, 200).fold.marks if mark.kind == "buying_centre_shift"]
    back = over.until + 1 - FIRST
    weeks = back + KEPT_WEEKS + 20
    events = [event for event in events if event.time < at(back, 0)]
    events += [talk(at(week), person("clerk", None)) for week in range(back, weeks)]  # who says nothing
    events += [talk(at(week), _BUYERS[0]) for week in range(weeks - 12, weeks)]
    state: AccountState | None = None
    for week in range(1, weeks + 1):
        state = fold_more(state, events, FIRST + week - 1 if state else EVER, FIRST + week)
    assert state is not None
    [again] = [mark for mark in state.fold.marks if mark.kind == "buying_centre_shift"]
    assert (again.onset, again.until) == (again.week - REACH_WEEKS, -1)  # another alert, of another id
    assert again.week > over.until + KEPT_WEEKS
    assert state.to_bytes() == fold(events, weeks).to_bytes()


def test_these_lives_show_alerts_of_most_kinds_after_evidence_has_aged_out() -> None:
    """The properties would prove little on accounts where nothing happens any more."""
    kinds: set[str] = set()
    for seed in range(12):
        marks = unaged(life(seed), FIRST + LONGEST, QUICK).fold.marks
        kinds |= {mark.kind for mark in marks if mark.week >= FIRST + KEPT_WEEKS}
    assert kinds >= {"buying_centre_shift", "decline", "lost", "recovered", "champion_left"}


def test_an_alert_that_outlives_its_evidence_claims_no_figures() -> None:
    """Purchasing that led for years leaves nothing to count of how it came; "0 % of 0" would be a lie."""
    events = [talk(at(week), _DEVELOPERS[0]) for week in range(60)]
    events += [talk(at(week), _BUYERS[0]) for week in range(60, 420)]
    state = fold(events, 420, Policy())
    mark = next(mark for mark in state.fold.marks if mark.kind == "buying_centre_shift")
    alert = alert_of(ACCOUNT, mark, state, events, card_of(()), Policy())
    assert {piece.text for piece in alert.evidence} == {
        "The events behind this have aged out of the account's evidence"
    }
    assert sum(piece.nats for piece in alert.evidence) > 1


def test_an_excursion_has_an_alert_of_its_own_each_time_its_memory_has_aged_out() -> None:
    """Two alerts of one id would be one to whoever reads them."""
    silent = person("clerk", None)
    people = [*[_DEVELOPERS[0]] * 60, *[_BUYERS[0]] * 9, *[_DEVELOPERS[0]] * 4, *[silent] * 150]
    people += [_BUYERS[0]] * 9
    events = [talk(at(week), who) for week, who in enumerate(people)]
    told = [a.id for a in replay(events).alerts(at(len(people), 0), Policy(), Advice(built_in()))]
    assert len(told) == len(set(told))
