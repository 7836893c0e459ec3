"""What records became, in sums: problems first, then each topic and kind of message."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from service.trial import UNTRUE, Verdict

_RULE_AND_FIELD = re.compile(r"(?:rule|reference|ignore) [^:]+(?:: [\w.]+)?")


class Problem(NamedTuple):
    """A kind of would-be dead letter."""

    topic: str
    reason: str
    number: int
    first: Verdict


class Group(NamedTuple):
    """Messages that became the same for the same reason."""

    became: str
    why: str
    number: int
    first: Verdict


def essential(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Without the rules whose condition did not hold, where another rule took the message.

    Where none did, what is left of them is one verdict that names them all.
    """
    messages: dict[object, list[Verdict]] = {}
    for verdict in verdicts:
        messages.setdefault(verdict[:5], []).append(verdict)
    found = []
    for said in messages.values():
        taken = [verdict for verdict in said if not verdict.is_passed_over]
        found += taken or [_none_of(said)]
    return found


def _none_of(passed: Sequence[Verdict]) -> Verdict:
    rules = dict.fromkeys(each.detail.removeprefix("rule ").partition(":")[0] for each in passed)
    if len(rules) == 1:
        return passed[0]
    return passed[0]._replace(detail=f"rules {', '.join(rules)}: {UNTRUE}")


def problems(verdicts: Iterable[Verdict]) -> list[Problem]:
    """Would-be dead letters by topic, reason, and the rule and field that fail; the most frequent first."""
    found: dict[tuple[str, str, str], list[Verdict]] = {}
    for verdict in verdicts:
        if verdict.is_problem:
            place = _RULE_AND_FIELD.match(verdict.detail)
            key = verdict.topic, verdict.became, place.group() if place else ""
            found.setdefault(key, []).append(verdict)
    kinds = [Problem(topic, reason, len(some), some[0]) for (topic, reason, _), some in found.items()]
    return sorted(kinds, key=lambda kind: -kind.number)


def grouped(verdicts: Iterable[Verdict]) -> Mapping[tuple[str, str], list[Group]]:
    """By topic and message, then by what became of it and for what reason; the most frequent first."""
    found: dict[tuple[str, str], dict[tuple[str, str], list[Verdict]]] = {}
    for verdict in verdicts:
        kinds = found.setdefault((verdict.topic, message_of(verdict)), {})
        kinds.setdefault((verdict.became, _why(verdict)), []).append(verdict)
    return {
        key: sorted(
            (Group(became, why, len(some), some[0]) for (became, why), some in kinds.items()),
            key=lambda group: -group.number,
        )
        for key, kinds in sorted(found.items())
    }


def message_of(verdict: Verdict) -> str:
    """What kind of message it was."""
    return " ".join(part for part in (verdict.entity, verdict.operation) if part)


def known_ids(verdicts: Iterable[Verdict]) -> dict[str, str]:
    """Of each kind of reference data the first id that there is."""
    found: dict[str, str] = {}
    for verdict in verdicts:
        if verdict.became == "reference":
            kind, _, rest = verdict.detail.partition(" ")
            found.setdefault(kind, rest.partition(": ")[0])
    return found


def example_of(group: Group, known: Mapping[str, str]) -> str:
    """The first of a group, as far as its reason does not tell it."""
    first = group.first
    match group.became:
        case "ignored":
            return ""
        case "reference":
            return first.detail.partition(" ")[2]
        case "waits":
            return f"such as {'; '.join(_looked_for(first, known))}"
    if first.is_problem:
        return ""  # told above
    return f"{first.account}: {first.detail}"


def _looked_for(verdict: Verdict, known: Mapping[str, str]) -> Iterator[str]:
    """What a message waits for, beside what there is of that kind."""
    for named in verdict.detail.removeprefix("for ").split(", "):
        there = known.get(named.partition(" ")[0])
        yield f"{named} ({'none of this kind came' if there is None else f'known is {there}'})"


def _why(verdict: Verdict) -> str:
    """Why nothing came of it, without what is of one record alone."""
    match verdict.became:
        case "ignored":
            return verdict.detail
        case "reference":
            return verdict.detail.partition(" ")[0]
        case "waits":  # "for contact 003A, product 7": the kinds
            named = verdict.detail.removeprefix("for ").split(", ")
            return "for " + ", ".join(dict.fromkeys(name.partition(" ")[0] for name in named))
    return ""
