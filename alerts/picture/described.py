"""The picture in one sentence, for those who cannot see it."""

from collections.abc import Iterator

from accounts.timeline import YEAR, Timeline
from accounts.weeks import start_of
from alerts.language import Language
from alerts.picture import words as said


def described(timeline: Timeline, language: Language) -> str:
    """The alternative text, from the very data that is drawn."""
    return language.say(
        said.ALT,
        first=language.day(start_of(timeline.first)),
        last=language.day(start_of(timeline.end)),
        said=language.say(said.BETWEEN).join(_parts(timeline, language)),
    )


def _parts(timeline: Timeline, language: Language) -> Iterator[str]:
    stage = language.say(said.STAGES[timeline.stage])
    if timeline.stage_since is None:
        yield language.say(said.STAGE, stage=stage)
    else:
        yield language.say(said.STAGE_SINCE, stage=stage, day=language.day(start_of(timeline.stage_since)))
    yield language.say(said.LED[timeline.led_by])
    if timeline.share is not None:
        yield _share(timeline, timeline.share, language)
    for text, row in ((said.SHIFT_AT, timeline.shift), (said.SLOWING_AT, timeline.slowing)):
        if (sum_ := row[-1]) is not None:
            yield language.say(text, share=language.percent(sum_))
    if timeline.bought > 0 and timeline.currency is not None:
        yield language.say(said.BOUGHT, amount=language.money(timeline.bought, timeline.currency))
    else:
        yield language.say(said.COUNTED, number=language.number(max(0, round(timeline.bought))))
    warned = [moment.week for moment in timeline.moments if said.mark_of(moment) == "warned"]
    if warned:
        yield language.say(said.WARNED_ON, day=language.day(start_of(max(warned))))


def _share(timeline: Timeline, share: float, language: Language) -> str:
    now = language.percent(share)
    before = timeline.seats[-1 - YEAR].share if len(timeline.seats) > YEAR else None
    if before is None:
        return language.say(said.SHARE, share=now)
    return language.say(said.SHARE_BEFORE, share=now, before=language.percent(before))
