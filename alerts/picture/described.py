"""The picture in one sentence, for those who cannot see it."""

from collections.abc import Iterator

from accounts.timeline import YEAR, Timeline
from accounts.weeks import start_of
from alerts.picture import words as said
from alerts.picture.words import Words


def described(timeline: Timeline, language: Words) -> str:
    """The alternative text, from the very data that is drawn."""
    return language.say(
        said.ALT,
        first=language.day(start_of(timeline.first)),
        last=language.day(start_of(timeline.end)),
        said=language.say(said.LISTED).join(_parts(timeline, language)),
    )


def _parts(timeline: Timeline, language: Words) -> Iterator[str]:
    stage = language.say(said.STAGES[timeline.stage])
    if timeline.stage_since is None:
        yield language.say(said.ALT_STAGE, stage=stage)
    else:
        yield language.say(said.ALT_STAGE_SINCE, stage=stage, day=language.day(start_of(timeline.stage_since)))
    yield language.say(said.LED[timeline.led_by])
    if timeline.share is not None:
        yield _share(timeline, timeline.share, language)
    for text, row in ((said.ALT_SHIFT, timeline.shift), (said.ALT_SLOWING, timeline.slowing)):
        if (sum_ := row[-1]) is not None:
            yield language.say(text, share=f"{100 * sum_:.0f}")
    if timeline.bought > 0 and timeline.currency is not None:
        yield language.say(said.ALT_BOUGHT, amount=language.money(timeline.bought, timeline.currency))
    else:
        yield language.say(said.ALT_COUNTED, count=f"{max(0.0, timeline.bought):.0f}")
    warned = [moment.week for moment in timeline.moments if said.named(moment) == said.WARNED]
    if warned:
        yield language.say(said.ALT_WARNED, day=language.day(start_of(max(warned))))


def _share(timeline: Timeline, share: float, language: Words) -> str:
    now = f"{100 * share:.0f}"
    before = timeline.seats[-1 - YEAR].share if len(timeline.seats) > YEAR else None
    if before is None:
        return language.say(said.ALT_SHARE, share=now)
    return language.say(said.ALT_SHARE_BEFORE, share=now, before=f"{100 * before:.0f}")
