"""Fields of a company's own in its CRM that hold what standard ones do not: which, and how sure that is."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from accounts.roles import function_of
from consumers.inspection.ready import meaning_of
from consumers.inspection.tables import Column, expression, said, text_of
from consumers.inspection.talk_topics import topic_of
from consumers.inspection.vocabulary import flat, names
from consumers.mapping.fields import FIELDS, PERSON
from consumers.mapping.files import ready_text

WANTED: Mapping[str, tuple[str, ...]] = {
    "crm.opportunity.changed": ("product_line", "competitors", "tender", "basis"),
    "crm.interaction.logged": ("topics", "direction", "product_line"),
    "crm.contact.changed": ("status", "function"),
}
TELLS = {
    "product_line": "interest in fewer product lines",
    "competitors": "a competitor that is named",
    "tender": "a formal tender",
    "basis": "solutions that give way to specifications",
    "topics": "what talks are about",
    "direction": "who sought the talk",
    "status": "who has left",
    "function": "whose department decides",
}
_DYNAMICS = re.compile(r"(?!msdyn|msa_|mspp|adx_|ms[a-z]*_)[a-z][a-z0-9]{1,7}_\w")
_FORMATTED = "@OData.Community.Display.V1.FormattedValue"
_HALF, _ALL, _NEARLY = 0.5, 1.0, 0.9
_FEWEST_TOPICS = 3  # different ones, where no name says that a field tells topics
_STATUSES = ("status", "statut", "estado", "stato")  # of what, their names must say
_FLAGS = {"true", "false", "yes", "no", "0", "1"}


class OwnCodes(NamedTuple):
    """A list of codes that a rule with a field of one's own looks at."""

    name: str
    of: str
    counted: Counter[str]
    guessed: Mapping[str, str]
    allowed: Sequence[str]
    other: str | None = None  # what any other code means


class Own(NamedTuple):
    """A field of one's own, and the expression that reads it."""

    column: Column
    value: str
    is_sure: bool
    codes: OwnCodes | None = None


def own_fields(source: str, rule: Mapping[str, Any], columns: Sequence[Column]) -> dict[str, Own]:
    """What fields of one's own give an event's rule, by the field of the event."""
    mine = [column for column in columns if _is_own(column, source)]
    found: dict[str, Own] = {}
    for field in WANTED.get(rule["type"], ()):
        usual = rule["data"].get(field)
        own = _FINDERS[field](mine, usual if isinstance(usual, str) else None)
        if own is not None:
            found[field] = own
    return found


def _is_own(column: Column, source: str) -> bool:
    if "\0" in column.path or not column.values:
        return False
    if source == "salesforce":
        return column.path.endswith("__c")
    if source == "dynamics":
        return _DYNAMICS.match(column.path) is not None
    return not column.path.startswith("hs_") and column.path not in _standard(source)


@cache
def _standard(source: str) -> frozenset[str]:
    """Names that a ready mapping reads."""
    return frozenset(re.findall(r"\w+", ready_text(source)))


def _named(columns: Iterable[Column], field: str) -> list[Column]:
    """By how good the names are; of Dynamics' choices their labels rather than their numbers."""
    ranked = [
        (place, _FORMATTED not in column.path, column)
        for column in columns
        for place in [_place(column, field)]
        if place is not None
    ]
    return [column for *_, column in sorted(ranked, key=lambda each: each[:2])]


def _place(column: Column, field: str) -> int | None:
    name = flat(column.path.removesuffix(_FORMATTED))
    return next((place for place, stem in enumerate(names("custom_fields", field)) if stem in name), None)


def _product_line(columns: Sequence[Column], _usual: str | None) -> Own | None:
    for column in _named(columns, "product_line"):
        several = any(";" in value for value in column.counted)
        name = expression(column.path)
        return Own(column, f"split({name}, ';')[0]" if several else name, column.is_code())
    return None


def _competitors(columns: Sequence[Column], _usual: str | None) -> Own | None:
    for column in _named(columns, "competitors"):
        return Own(column, f"split({expression(column.path)}, ';')", is_sure=not column.is_flag)
    return None


def _tender(columns: Sequence[Column], _usual: str | None) -> Own | None:
    for column in _named(columns, "tender"):
        flags = {value.casefold() for value in column.counted} <= _FLAGS
        return Own(column, expression(column.path), flags)
    return None


def _basis(columns: Sequence[Column], _usual: str | None) -> Own | None:
    choices = set(FIELDS["crm.opportunity.changed"]["basis"].kind.choices)
    for column in _named(columns, "basis"):
        if set(column.counted) <= choices:
            return Own(column, expression(column.path), is_sure=True)
    return None


def _topics(columns: Sequence[Column], usual: str | None) -> Own | None:
    allowed = [each for each in _choices("topics") if each]
    named = _named(columns, "topics")
    rest = [column for column in columns if not any(column is each for each in named)]
    unsure: Own | None = None
    for column in [*named, *rest]:
        counted = _split(column)
        if counted is None:
            continue
        guessed = {value: topic for value in counted if (topic := topic_of(value)) in allowed and topic}
        share = _share(counted, guessed)
        is_named = any(column is each for each in named)
        if share < _HALF and len(counted) * 2 > counted.total():
            continue  # texts that nobody chose from a list: they may tell of people
        if not is_named and (share < _ALL or len({*guessed.values()} - {"other"}) < _FEWEST_TOPICS):
            continue
        name = expression(column.path)
        value = f"split({name}, ';')[].code('talk_topics', @)"
        if usual is not None and column.filled < _NEARLY:
            value = f"{name} && {value} || {usual}"
        own = Own(column, value, share >= _HALF, OwnCodes("talk_topics", name, counted, guessed, allowed))
        if own.is_sure:
            return own
        unsure = unsure or (own if is_named and counted else None)
    return unsure


def _direction(columns: Sequence[Column], usual: str | None) -> Own | None:
    for column in _named(columns, "direction"):
        name = expression(column.path)
        if column.is_flag:
            told = any(stem in flat(column.path) for stem in ("inbound", "incoming", "eingehend"))
            return Own(column, f"{name} && 'inbound' || 'outbound'", is_sure=True) if told else None
        if not (column.is_code() and column.is_listed()):
            continue
        guessed = _guessed("talk_directions", column.codes)
        value = f"code('talk_directions', {name})" + (f" || {usual}" if usual is not None else "")
        codes = OwnCodes("talk_directions", name, column.codes, guessed, ("inbound", "outbound"))
        return Own(column, value, _share(column.counted, guessed) >= _ALL, codes)
    return None


def _status(columns: Sequence[Column], usual: str | None) -> Own | None:
    other = usual or "'active'"
    for column in _named(columns, "left"):
        name = expression(column.path)
        if column.is_flag:
            few = column.counted["true"] * 2 < len(column.values)
            return Own(column, f"{name} && 'left' || {other}", few)
        if not column.is_code() or column.is_number():
            continue
        guessed = _guessed("left_states", column.codes)
        if guessed:
            codes = OwnCodes("left_states", name, column.codes, guessed, ("active", "left"), "active")
            left = f"code('left_states', {name})"
            value = left if usual is None else f"{left} == 'left' && 'left' || {usual}"
            is_of_work = flat(column.path) in _STATUSES or not any(
                stem in flat(column.path) for stem in _STATUSES
            )
            return Own(column, value, is_of_work or "contact" in flat(column.path), codes)
    return None


def _function(columns: Sequence[Column], _usual: str | None) -> Own | None:
    choices = PERSON.members["function"].kind.choices
    for column in _named(columns, "function"):
        if not column.is_code() or column.is_number() or column.is_flag:
            continue
        name = expression(column.path)
        if set(column.counted) <= set(choices):
            return Own(column, name, is_sure=True)
        guessed = {value: function_of(value) for value in column.counted}
        guessed = {value: function for value, function in guessed.items() if function != "other"}
        if _share(column.counted, guessed) >= _HALF:
            codes = OwnCodes("contact_functions", name, column.counted, guessed, choices)
            return Own(column, f"code('contact_functions', {name})", is_sure=True, codes=codes)
    return None


_FINDERS: Mapping[str, Callable[[Sequence[Column], str | None], Own | None]] = {
    "product_line": _product_line,
    "competitors": _competitors,
    "tender": _tender,
    "basis": _basis,
    "topics": _topics,
    "direction": _direction,
    "status": _status,
    "function": _function,
}


def _choices(field: str) -> tuple[str, ...]:
    return FIELDS["crm.interaction.logged"][field].kind.choices


def _split(column: Column) -> Counter[str] | None:
    """The choices of one or several; None where these are no codes."""
    if column.is_flag or column.is_moment():
        return None
    whole = Column(column.path, column.rows)
    whole.values = [
        part.strip() for value in column.values for part in text_of(value).split(";") if part.strip()
    ]
    return whole.codes if whole.values and whole.is_code() and whole.is_listed() else None


def _guessed(list_: str, values: Iterable[str]) -> dict[str, str]:
    return {value: meaning for value in values if (meaning := meaning_of(list_, value)) is not None}


def _share(counted: Counter[str], guessed: Mapping[str, str]) -> float:
    """Of all that was seen, not of the list: rare codes matter less."""
    return sum(counted[value] for value in guessed) / max(sum(counted.values()), 1)


def told(found: Mapping[str, Own]) -> str:
    """Which fields tell what."""
    return ", ".join(f"{said(own.column.path)} ({TELLS[field]})" for field, own in found.items())
