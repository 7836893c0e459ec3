"""What records have not become: dead letters and waits, before anything is said of the events there are."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from service.coverage.matching import Finding

NAMES = {"dead_letters", "waiting"}  # of the findings
# What dead letters and waits may be the cause of: then these findings would name a wrong one.
CAUSED = {"one_kind", "unknown_orders"}
_LOUD = 0.001  # of the events: more of it is no stray record
_FEW = 0.05  # of the events may lack what few companies keep
_SHOWN = 3
_HEAD, _TAIL = 140, 160  # characters of a cause, which may stand at either end of a long text


class Letters(NamedTuple):
    """Dead letters of a topic with the same reason."""

    topic: str
    reason: str
    number: int
    first: str  # in words


class Unmade(NamedTuple):
    """What became no event, or not all of one."""

    letters: Sequence[Letters] = ()
    waiting: Mapping[str, int] = {}  # would-be events, by the kind they wait for
    lacking: Mapping[str, int] = {}  # events, by the kind of which they lack something
    told: Mapping[str, str] = {}  # kinds of which anything came, with an id
    awaited: Mapping[str, str] = {}  # the first id that is waited for, by kind
    waiting_of: Mapping[str, int] = {}  # would-be events by topic, where the kind is not known


def unmade(left: Unmade, events: int) -> Iterator[Finding]:
    """The findings, those of the most records first."""
    if left.letters:
        total = sum(letters.number for letters in left.letters)
        yield Finding("dead_letters", loud=total > _LOUD * events, text=_letters(left.letters, total))
    for kind, number in _ranked(left.waiting):
        yield Finding("waiting", loud=number > _LOUD * events, text=_wait(kind, number, left))
    for topic, number in _ranked(left.waiting_of):
        text = (
            f"{number:,} records of {topic} wait for what nobody has told of (a customer, contact, product "
            "…): is its topic consumed, and its id written in the same way?"
        )
        yield Finding("waiting", loud=number > _LOUD * events, text=text)
    for kind, number in _ranked(left.lacking):
        if kind not in left.told and kind not in left.waiting and number > _FEW * events:
            text = f"{number:,} events look up a `{kind}`, and no record tells of any: is its topic read?"
            yield Finding("never_told", loud=True, text=text)


def _letters(several: Sequence[Letters], total: int) -> str:
    ranked = sorted(several, key=lambda letters: (-letters.number, letters.topic, letters.reason))
    said = [
        f"{letters.number:,} {letters.reason} of {letters.topic}, the first: {_cut(letters.first)}"
        for letters in ranked[:_SHOWN]
    ]
    if more := sum(letters.number for letters in ranked[_SHOWN:]):
        said.append(f"{more:,} of other topics and reasons")
    return f"{total:,} dead letters, records that became no event:\n" + ";\n".join(said)


def _wait(kind: str, number: int, left: Unmade) -> str:
    awaited = left.awaited.get(kind)
    such = f", such as {awaited}" if awaited else ""
    if kind not in left.told:
        return f"{number:,} events wait for a `{kind}`{such}, and no record tells of any: is its topic read?"
    known = f"known are {left.told[kind]} …" if left.told[kind] else "others are known"
    return (
        f"{number:,} events wait for a `{kind}`{such}, of which no record tells; {known}: is the number "
        "written otherwise (zeros, case, 15 or 18 characters)?"
    )


def _ranked(counted: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counted.items(), key=lambda known: (-known[1], known[0]))


def _cut(text: str) -> str:
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return shown if len(shown) <= _HEAD + _TAIL else f"{shown[:_HEAD]} … {shown[-_TAIL:]}"
