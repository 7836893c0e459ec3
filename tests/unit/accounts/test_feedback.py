"""What people say of alerts, as the fold takes it: what they call normal is learnt as such."""

from datetime import timedelta
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.account import AccountState, from_bytes
from accounts.alert import AccountCard
from accounts.calibration import turned
from accounts.cusum import Cusum
from accounts.events import CanonicalEvent
from accounts.evidence import BASKETS, DECIDERS, PURCHASING, UNBUNDLED, VOTE
from accounts.feedback import VERDICTS, Feedback, Labels, Verdict, Word, applied, labels, last_words, settled
from accounts.fold import Fold, Mark, StageChange
from accounts.policy import Policy
from accounts.series import Series
from accounts.shift import STREAM_ROWS
from accounts.stages import Kind
from accounts.story import alert_of
from accounts.weeks import start_of, week_of
from tests.unit.accounts.builders import (
    ACCOUNT,
    BUYER,
    ENGINEER,
    FIRST,
    HISTORY_WEEKS,
    QUICK,
    STEADY,
    at,
    fold,
    fold_more,
    histories,
    order,
    replay,
    talk,
)

SEATS, BASKET = STREAM_ROWS.index((PURCHASING, DECIDERS)), STREAM_ROWS.index((UNBUNDLED, BASKETS))
KINDS: tuple[Kind, ...] = ("buying_centre_shift", "decline", "at_risk", "lost", "recovered")


def word(verdict: Verdict, mark: Mark, week: int) -> Word:
    """What a person says of a mark, given when `week` of the tests is the first one not reviewed."""
    return Word(FIRST + week, verdict, mark.kind, mark.week + 1)


def marked(state: AccountState, kind: Kind) -> Mark:
    return next(mark for mark in state.fold.marks if mark.kind == kind)


def kinds(state: AccountState) -> list[Kind]:
    return [mark.kind for mark in state.fold.marks]


# -- a function of the set of words ---------------------------------------------------------------------


@st.composite
def answered(draw: st.DrawFn) -> tuple[list[CanonicalEvent], list[Word]]:
    """A history and words about its alerts, and about some that never were."""
    events = draw(histories)
    raised = [(mark.kind, mark.week + 1) for mark in fold(events, HISTORY_WEEKS).fold.marks]
    raised.append((draw(st.sampled_from(KINDS)), FIRST + draw(st.integers(0, HISTORY_WEEKS))))
    said = draw(st.lists(st.sampled_from(raised), min_size=1, max_size=6))
    return events, [
        Word(week + draw(st.integers(0, 9)), draw(st.sampled_from(VERDICTS)), kind, week)
        for kind, week in said
    ]


@STEADY
@given(answered(), st.randoms(use_true_random=False))
def test_the_order_of_words_does_not_matter(
    made: tuple[list[CanonicalEvent], list[Word]], rng: Random
) -> None:
    """Two people who answer at once, or twice, end in the same bytes."""
    events, words = made
    shuffled = words + words[:2]
    rng.shuffle(shuffled)
    state = fold(events, HISTORY_WEEKS, QUICK, words)
    assert state.to_bytes() == fold(events, HISTORY_WEEKS, QUICK, shuffled).to_bytes()


@STEADY
@given(histories, st.sets(st.integers(1, HISTORY_WEEKS - 1), min_size=1, max_size=12), st.data())
def test_answering_between_reviews_ends_as_a_replay_of_the_answers(
    events: list[CanonicalEvent], stops: set[int], data: st.DataObject
) -> None:
    """The service hears of a word when earlier weeks are folded; a replay knows all words from the start."""
    state: AccountState | None = None
    due = min(week_of(event.time) for event in events)
    words: list[Word] = []
    for stop in [*sorted(stops), HISTORY_WEEKS]:
        if FIRST + stop <= due:
            continue
        kept = from_bytes(state.to_bytes()) if state else None
        state, due = fold_more(kept, events, due, FIRST + stop, QUICK, words), FIRST + stop
        words += [
            word(data.draw(st.sampled_from(VERDICTS)), mark, stop)
            for mark in state.fold.marks
            if data.draw(st.booleans())
        ]
    assert state is not None
    assert state.to_bytes() == fold(events, HISTORY_WEEKS, QUICK, words).to_bytes()


@STEADY
@given(answered(), st.integers(1, HISTORY_WEEKS), st.data())
def test_late_events_after_an_answer_end_as_if_they_had_been_on_time(
    made: tuple[list[CanonicalEvent], list[Word]], first: int, data: st.DataObject
) -> None:
    """A second fold from the beginning heeds the same words in the same weeks."""
    events, words = made
    late = data.draw(st.sampled_from(events))
    state = fold([event for event in events if event is not late], first, QUICK, words)
    due = min(week_of(late.time), FIRST + first)
    state = fold_more(state, events, due, FIRST + HISTORY_WEEKS, QUICK, words)
    assert state.to_bytes() == fold(events, HISTORY_WEEKS, QUICK, words).to_bytes()


@STEADY
@given(histories, st.sampled_from(["being_handled", "lost"]), st.integers(0, HISTORY_WEEKS))
def test_being_handled_and_lost_change_no_state(
    events: list[CanonicalEvent], verdict: Verdict, week: int
) -> None:
    """They say that the alert was right: nothing is to be learnt again."""
    plain = fold(events, HISTORY_WEEKS)
    words = [word(verdict, mark, week) for mark in plain.fold.marks]
    assert fold(events, HISTORY_WEEKS, QUICK, words).to_bytes() == plain.to_bytes()


@STEADY
@given(histories, st.integers(1, HISTORY_WEEKS), st.sampled_from(["not_a_risk", "they_stay"]))
def test_a_word_changes_nothing_of_what_was_told_before(
    events: list[CanonicalEvent], week: int, verdict: Verdict
) -> None:
    """An alert stays as it was raised, figures included, though the baseline is another now."""
    before = fold(events, week)
    words = [word(verdict, mark, week) for mark in before.fold.marks]
    after = fold(events, HISTORY_WEEKS, QUICK, words)
    told = [mark.as_raised() for mark in after.fold.marks if mark.week < FIRST + week]
    assert told == [mark.as_raised() for mark in before.fold.marks]
    for mark in told:
        now, then = (
            alert_of(ACCOUNT, mark, state, events, AccountCard(), QUICK).evidence for state in (after, before)
        )
        assert now == then


@STEADY
@given(answered())
def test_an_alert_against_what_is_being_learnt_again_stays_as_it_was_raised(
    made: tuple[list[CanonicalEvent], list[Word]],
) -> None:
    """A baseline that judges while it grows: what was told against it is not worded anew as it has grown."""
    events, words = made
    policy = msgspec.structs.replace(QUICK, rhythm_weeks=12, baseline_weeks=30)
    state = fold(events, HISTORY_WEEKS, policy, words)
    for mark in state.fold.marks:
        then = fold(events, mark.week + 1 - FIRST, policy, words)
        told, first = (
            alert_of(ACCOUNT, mark.as_raised(), seen, events, AccountCard(), policy).evidence
            for seen in (state, then)
        )
        assert told == first


# -- what a word does -----------------------------------------------------------------------------------


def talks(weeks: range, bought: int) -> list[CanonicalEvent]:
    """Two talks a week; in `bought` of four weeks purchasing sits alone, else development."""
    return [
        talk(at(week, hour), BUYER if week % 4 < bought else ENGINEER)
        for week in weeks
        for hour in (9.0, 15.0)
    ]


SHIFTED = [*talks(range(30), 0), *talks(range(30, 130), 2)]


def orders(weeks: range, every: int) -> list[CanonicalEvent]:
    return [order(at(week, hours)) for week in weeks if week % every == 0 for hours in (9.0, 15.0)]


SLOWED = [*orders(range(40), 1), *orders(range(40, 120), 4)]


def test_not_a_risk_makes_the_new_level_the_accounts_own() -> None:
    """The alert ends with its week, nothing recovers, and the same level raises none for years."""
    mark = marked(fold(SHIFTED, 60), "buying_centre_shift")
    assert mark.until < 0
    state = fold(SHIFTED, 130, QUICK, [word("not_a_risk", mark, 60)])
    assert kinds(state) == ["buying_centre_shift"]
    assert state.fold.marks[0].until == FIRST + 60
    assert state.fold.stage in {"stable", "watch"}
    assert state.fold.shift.lines[0][SEATS].again


def test_a_further_worsening_is_told_all_the_same() -> None:
    """A person's word is no licence to fall silent for good: half purchasing was normal, all of it is not."""
    events = [*SHIFTED, *talks(range(130, 180), 4)]
    mark = marked(fold(events, 60), "buying_centre_shift")
    state = fold(events, 180, QUICK, [word("not_a_risk", mark, 60)])
    _, again = (mark for mark in state.fold.marks if mark.kind == "buying_centre_shift")
    assert FIRST + 120 < again.onset <= FIRST + 134
    assert again.until < 0


def test_no_word_makes_a_test_more_sensitive() -> None:
    """A stream that did not rise, or not slow, keeps what it knew; only what changed is learnt again."""
    asked = [talk(at(week, 11.0), ENGINEER, topics=["application"]) for week in range(60)]
    events = [*SHIFTED[: 2 * 60], *asked, *orders(range(40), 1), *orders(range(40, 60), 4)]
    before = fold(events, 60)
    assert before.fold.stage == "at_risk"
    after = fold(events, 61, QUICK, [word("they_stay", before.fold.marks[-1], 60)])
    lines, learnt = before.fold.shift.lines[0], after.fold.shift.lines[0]
    ready = [place for place, baseline in enumerate(lines) if baseline.ready]
    assert len(ready) > 1
    assert [place for place, baseline in enumerate(learnt) if baseline.again] == [SEATS]
    assert learnt[SEATS].share(QUICK.shift_streams[SEATS]) > lines[SEATS].share(QUICK.shift_streams[SEATS])
    kept = [place for place in ready if place != SEATS]
    assert [learnt[place].share(QUICK.shift_streams[place]) for place in kept] == [
        lines[place].share(QUICK.shift_streams[place]) for place in kept
    ]
    (contacts, orders_), (talked, ordered) = (state.fold.cadence.rhythms for state in (before, after))
    assert talked.rate == contacts.rate
    assert ordered.rate < orders_.rate


def test_each_product_line_learns_its_own_normal() -> None:
    """In drives purchasing has its say now, in safety it has not: only drives is learnt again."""
    drives = [talk(at(week), BUYER if week >= 30 else ENGINEER, product_line="drives") for week in range(60)]
    safety = [talk(at(week, 15.0), ENGINEER, product_line="safety") for week in range(60)]
    before = fold([*drives, *safety], 60)
    said = [word("not_a_risk", marked(before, "buying_centre_shift"), 60)]
    state = fold([*drives, *safety], 61, QUICK, said)
    again = {name: state.fold.shift.lines[place][0].again for place, name in enumerate(state.series.lines)}
    assert again == {"drives": True, "safety": False}
    assert state.fold.shift.by_line == []


def test_what_is_learnt_again_goes_on_learning() -> None:
    """It judges at once, and becomes as sure as a first baseline once it is as long."""
    policy = msgspec.structs.replace(QUICK, baseline_weeks=30, rhythm_weeks=30)
    events = [*SHIFTED, *orders(range(40), 1), *orders(range(40, 130), 4)]
    before = fold(events, 60, policy)
    words = [word("they_stay", before.fold.marks[-1], 60)]
    young, old = (fold(events, weeks, policy, words).fold for weeks in (61, 130))
    assert young.shift.lines[0][SEATS].ready
    assert young.shift.lines[0][SEATS].votes + 30 * VOTE < old.shift.lines[0][SEATS].votes
    assert young.cadence.rhythms[1].ready
    assert young.cadence.rhythms[1].weeks + 15 < old.cadence.rhythms[1].weeks


def test_a_rate_learnt_again_counts_every_event_of_its_weeks() -> None:
    """No event opens its window, so that none is left out."""
    before = fold(SLOWED, 60)
    rhythm = fold(
        SLOWED, 61, QUICK, [word("not_a_risk", marked(before, "decline"), 60)]
    ).fold.cadence.rhythms[1]
    onset = before.fold.cadence.cusum.onset
    seen = sum(week_of(event.time) >= onset for event in SLOWED if week_of(event.time) < FIRST + 60)
    assert rhythm.rate == pytest.approx((seen + 0.5) / (FIRST + 60 - onset))


def test_an_alert_tells_the_baselines_as_they_were_when_it_was_raised() -> None:
    """Whatever was learnt again since, and streams that have become ready since then, are not its own."""
    events = [*SHIFTED[: 2 * 90], *orders(range(70, 90), 1)]
    before = marked(fold(events, 60), "buying_centre_shift")
    after = fold(events, 90, QUICK, [word("not_a_risk", before, 60)])
    mark = marked(after, "buying_centre_shift")
    assert after.fold.shift.lines[0][BASKET].ready
    assert mark.shift == before.shift
    assert mark.shift.usual[SEATS] != after.fold.shift.usual(SEATS)[:2]
    events = [*SLOWED, *talks(range(70, 90), 0)]
    before = marked(fold(events, 60), "decline")
    after = fold(events, 90, QUICK, [word("not_a_risk", before, 60)])
    assert after.fold.cadence.rhythms[0].ready
    assert marked(after, "decline").cadence == before.cadence
    assert before.cadence.rates[1] > 2 * after.fold.cadence.rhythms[1].rate


def test_a_cleared_sum_is_a_new_one() -> None:
    """Nothing that was gathered, no burst either, weighs on what comes after a word."""
    cusum, never = Cusum([0, 0]), Cusum([0, 0])
    for one in (cusum, never):
        one.set_threshold(4_000_000, Policy())
    for week in range(3):
        cusum.add(week, [1_500_000, 100_000], Policy())
    assert cusum.recent
    assert cusum.total
    cusum.clear()
    assert cusum == never


def test_of_two_words_on_one_test_the_wider_counts() -> None:
    """In whatever order they came: what began before the later alert was raised is settled."""
    earlier, later = (Word(FIRST, "not_a_risk", "at_risk", FIRST - weeks) for weeks in (20, 10))
    assert settled([earlier, later]) == settled([later, earlier]) == settled([later])


def test_they_stay_leaves_what_holds_no_alert() -> None:
    """A sum that has only begun is no habit yet: its baseline stays."""
    begun = fold(SHIFTED, 33)
    assert begun.fold.shift.cusum.total > 0
    assert begun.fold.stage in {"stable", "watch"}
    said_of = Word(FIRST + 33, "they_stay", "decline", FIRST + 30)
    assert fold(SHIFTED, 34, QUICK, [said_of]).to_bytes() == fold(SHIFTED, 34).to_bytes()


def test_a_word_on_an_earlier_silence_leaves_the_later_one() -> None:
    """Since then an order came: that the account is lost now is news."""
    events = [*orders(range(40), 4), *orders(range(160, 164), 4)]
    plain = fold(events, 300)
    first, last = (mark for mark in plain.fold.marks if mark.kind == "lost")
    assert fold(events, 300, QUICK, [word("not_a_risk", first, 299)]).fold.stage == "lost"
    assert fold(events, 300, QUICK, [word("not_a_risk", last, 299)]).fold.stage != "lost"


def test_a_word_is_of_its_own_excursion() -> None:
    """Said of an alert that is long over, it leaves a new shift alone: that one began after it was raised."""
    events = [
        *talks(range(30), 0),
        *talks(range(30, 50), 4),
        *talks(range(50, 90), 0),
        *talks(range(90, 130), 4),
    ]
    plain = fold(events, 130)
    first, last = (mark for mark in plain.fold.marks if mark.kind == "buying_centre_shift")
    late = fold(events, 130, QUICK, [word("not_a_risk", first, 110)])
    assert late.to_bytes() == plain.to_bytes()
    heard = fold(events, 130, QUICK, [word("not_a_risk", last, 110)])
    _, again = (mark for mark in heard.fold.marks if mark.kind == "buying_centre_shift")
    assert again.until == FIRST + 110


def test_not_a_risk_makes_the_slower_rhythm_the_accounts_own() -> None:
    """A decline that is none ends, the slower rhythm raises none; silence after it still does."""
    mark = marked(fold(SLOWED, 60), "decline")
    said = [word("not_a_risk", mark, 60)]
    assert marked(fold(SLOWED, 90), "decline").until < 0
    state = fold(SLOWED, 120, QUICK, said)
    assert kinds(state) == ["decline"]
    assert (state.fold.marks[0].until, state.fold.stage) == (FIRST + 60, "stable")
    assert kinds(fold(SLOWED, 200, QUICK, said))[1:] == ["lost"]


def test_a_rhythm_learnt_again_grows_with_an_account_that_comes_back() -> None:
    """A quiet quarter that was no risk must not leave an account with the rhythm of that quarter."""
    policy = msgspec.structs.replace(QUICK, rhythm_weeks=30)
    events = [*orders(range(40), 1), *orders(range(47, 140), 1)]
    mark = marked(fold(events, 47, policy), "decline")
    state = fold(events, 146, policy, [word("not_a_risk", mark, 47)])
    assert [m.kind for m in state.fold.marks if m.week >= FIRST + 140] == ["decline"]


def test_silence_that_is_no_risk_becomes_part_of_the_rhythm() -> None:
    """A lost account is a customer again; being lost once more takes longer, and is another alert."""
    events = orders(range(40), 4)
    plain = fold(events, 300)
    mark = marked(plain, "lost")
    week = mark.week + 1 - FIRST
    state = fold(events, 300, QUICK, [word("not_a_risk", mark, week)])
    lost = [m for m in state.fold.marks if m.kind == "lost"]
    assert [m.until for m in lost] == [FIRST + week, -1]
    assert lost[1].onset == FIRST + week
    assert lost[1].week - lost[1].onset > mark.week - mark.onset
    assert "recovered" not in kinds(state)


def test_they_stay_closes_everything_that_holds() -> None:
    """Shifted and declining, then lost: one word of a person who knows ends all of it."""
    events = [*SHIFTED[: 2 * 60], *orders(range(40), 1)]
    before = fold(events, 120)
    assert before.fold.stage == "lost"
    holding = [mark for mark in before.fold.marks if mark.until < 0]
    assert len(holding) > 1
    state = fold(events, 121, QUICK, [word("they_stay", holding[0], 120)])
    assert state.fold.stage in {"stable", "watch"}
    assert [mark for mark in state.fold.marks if mark.until < 0] == []


def test_not_a_risk_of_one_sign_leaves_the_other() -> None:
    """Who knows why an account orders less has not said that purchasing does not decide."""
    events = [*SHIFTED[: 2 * 90], *orders(range(60), 1)]
    before = fold(events, 66)
    assert before.fold.stage == "at_risk"
    said_of = Word(FIRST + 66, "not_a_risk", "decline", marked(before, "at_risk").week + 1)
    state = fold(events, 67, QUICK, [said_of])
    assert state.fold.stage == "shifted"
    assert state.fold.cadence.cusum.total < before.fold.cadence.cusum.total
    assert state.fold.shift.cusum.onset == before.fold.shift.cusum.onset
    assert not any(baseline.again for baseline in state.fold.shift.lines[0])


# -- feedback as a record, and as labels ----------------------------------------------------------------


def said(verdict: Verdict, week: int = 60, alert: str = "alert_1", **changes: object) -> Feedback:
    made = Feedback(
        alert,
        ACCOUNT,
        "buying_centre_shift",
        verdict,
        "dana",
        "",
        start_of(FIRST + week),
        start_of(FIRST + 40),
        start_of(FIRST + 50),
        start_of(FIRST + week),
    )
    return msgspec.structs.replace(made, **changes)


def test_replay_heeds_what_is_told_of_each_account() -> None:
    """The same words as a state of the service: those of the account itself that are more than a label."""
    mark = marked(fold(SHIFTED, 60), "buying_centre_shift")
    heard = said("not_a_risk", raised_at=start_of(mark.week + 1))
    other = msgspec.structs.replace(heard, account_id="other")
    label = msgspec.structs.replace(heard, applies_from=None)
    plain = fold(SHIFTED, 130)
    for told, expected in (
        ([heard, heard], fold(SHIFTED, 130, QUICK, applied([heard]))),
        ([other, label], plain),
    ):
        played = replay(SHIFTED)
        for one in told:
            played.tell(one)
        ((_, state),) = played.states(at(130, 0), QUICK)
        assert state.to_bytes() == expected.to_bytes()
    assert plain.to_bytes() != fold(SHIFTED, 130, QUICK, applied([heard])).to_bytes()


def test_the_last_word_counts() -> None:
    """Who looks again may know better; the other alerts keep theirs."""
    first, second = said("not_a_risk", 60), said("lost", 80)
    other = said("they_stay", 70, alert="alert_2")
    assert set(last_words([second, other, first])) == {second, other}


def test_labels_of_an_account() -> None:
    """Handled and lost are real, no risk is false over the time a person judged, staying is neither."""
    assert labels([said("they_stay")]) == Labels()
    assert labels([said("being_handled")]).real
    assert labels([said("not_a_risk"), said("lost", 80)]) == Labels(real=True, false=())
    assert labels([said("not_a_risk")]).false == ((FIRST + 49, FIRST + 60),)


ALARMED = Fold(stage="shifted", transitions=[StageChange(50, "stable", "shifted")])
LOST = Fold(
    stage="lost",
    transitions=[
        StageChange(20, "stable", "shifted"),
        StageChange(60, "shifted", "stable"),
        StageChange(90, "stable", "lost"),
    ],
)


@pytest.mark.parametrize(
    ("fold", "told", "expected"),
    [
        (Fold(), Labels(real=True), True),
        (ALARMED, Labels(), True),
        (ALARMED, Labels(false=((49, 55),)), False),
        (ALARMED, Labels(false=((20, 30),)), True),
        (LOST, Labels(false=((25, 30),)), True),
        (
            LOST,
            Labels(
                false=(
                    (25, 30),
                    (90, 95),
                )
            ),
            False,
        ),
    ],
)
def test_a_persons_word_goes_before_the_guess(fold: Fold, told: Labels, *, expected: bool) -> None:
    """What was called no risk is false however long it lasted; another alarm may be real."""
    assert turned(fold, Series(length=100), told) is expected


def test_words_tell_weeks() -> None:
    """The week that raised an alert has ended when it is raised: the excursion began before that moment."""
    one = said("not_a_risk", applies_from=start_of(FIRST + 60) + timedelta(hours=1))
    assert one.word == Word(FIRST + 60, "not_a_risk", "buying_centre_shift", FIRST + 50)
