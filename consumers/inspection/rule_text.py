"""What the parts of a draft for an ERP write alike: the mapping's head, a rule's beginning, its time."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from consumers.formats.moments import moment_of as moment_with_zone
from consumers.inspection.buyers import Buyer
from consumers.inspection.crm_sketch import Link
from consumers.inspection.kinds import Known
from consumers.inspection.roles_of_columns import Found
from consumers.inspection.samples import Sample
from consumers.inspection.tables import expression
from consumers.inspection.todos import Todos
from consumers.inspection.toml_text import Text, bare, confidence, listed, quoted
from consumers.inspection.topic_words import TopicWords


class Around(NamedTuple):
    """What else there is."""

    samples: Mapping[str, Sample]  # by topic
    link: Link | None
    same_ids: bool  # the ERP's customers are called as the CRM's accounts are
    has_crm: bool
    todo: Todos
    leave: Callable[[str], None]  # say why nothing is made of a topic
    cluster: str = ""
    buyer: Buyer | None = None  # the CRM's contact that an order names
    words: TopicWords = TopicWords()


class Origin(NamedTuple):
    """How the records of a table tell what they are changes of."""

    sample: Sample
    entity: str | None

    @property
    def tells_changes(self) -> bool:
        """Whether an envelope says what happened to a row, and when."""
        return self.sample.guess.format in {"debezium", "debezium-flat"}


def origin_of(known: Known, around: Around) -> Origin:
    """How the records of a table tell what they are changes of."""
    sample = around.samples[known.table.topic]
    return Origin(sample, known.table.entity if sample.guess.format != "json" else None)


def write_head(text: Text, known: Known, around: Around) -> Origin:
    """The beginning of a mapping."""
    origin = origin_of(known, around)
    sample, guess = origin.sample, origin.sample.guess
    text.add()
    what = f"{known.kind.capitalize()}: {bare(known.table.name)}, {known.why}"
    text.comment(f"{what}; as {guess.format}{confidence(guess.confidence)}.")
    text.add("[[mapping]]")
    text.add(f"topics = {listed(around.words.of([sample.topic]))}")
    if around.cluster:
        text.add(f"cluster = {quoted(around.cluster)}")
    text.add(f"format = {quoted(guess.format or 'json')}")
    text.add('source = "erp"')
    options = {**guess.options, **_options(known, origin)}
    if options:
        inner = ", ".join(
            f"{name} = {listed(value) if isinstance(value, list) else quoted(str(value))}"
            for name, value in options.items()
        )
        text.add(f"options = {{{inner}}}")
    return origin


def _options(known: Known, origin: Origin) -> dict[str, object]:
    """How a record without an envelope says what it is a change of, and when."""
    updated = known.columns.get("updated")
    if origin.tells_changes:
        return {"version": updated.path} if updated is not None and "\0" not in updated.path else {}
    id_ = known.columns.get("id") or known.columns.get("sku")
    options: dict[str, object] = {}
    if updated is None or "." in updated.path:
        return options
    path = updated.path.replace("\0", ".")
    if all(moment_with_zone(value) is not None for value in updated.column.values):
        options["time"] = path
    if id_ is not None and "." not in id_.path:
        options["identity"] = [id_.path.replace("\0", "."), path]
    return options


def write_entity(text: Text, entity: str | None) -> None:
    """Which documents a rule takes, where their records say what they are."""
    if entity is not None:
        text.add(f"entity = {quoted(entity)}")


def write_start(text: Text, name: str, type_: str, origin: Origin) -> None:
    """The beginning of an event's rule."""
    text.add()
    text.add("[[mapping.event]]")
    text.add(f"name = {quoted(name)}")
    text.add(f"type = {quoted(type_)}")
    write_entity(text, origin.entity)


def time_expression(columns: Mapping[str, Found], origin: Origin) -> str | None:
    """When an order was placed or changed, by its columns and the envelope; None: nothing tells.

    A row of a snapshot, and one that is new, stands at the order's own date: else a snapshot would put the
    orders of years at their last change, or at the day of the load.
    """
    created, updated = columns.get("time"), columns.get("updated")
    first = None if created is None else expression(created.path)
    last = None if updated is None else expression(updated.path)
    if not origin.tells_changes:
        return " || ".join(filter(None, (last, first))) or None
    if first:
        return f"(_.op == 'read' || _.op == 'created') && {first} || _.time"
    return f"_.op == 'read' && {last} || _.time || {last}" if last else "_.time || _.meta.read_at"


def end_time_expression(columns: Mapping[str, Found], origin: Origin) -> str:
    """When an order was delivered or cancelled: at its change, as far as anything tells it."""
    dates = [expression(columns[role].path) for role in ("updated", "time") if role in columns]
    if origin.tells_changes and "updated" in columns:
        return f"_.op == 'read' && {dates[0]} || _.time"
    return " || ".join(["_.time", *dates])


def fields_text(fields: Mapping[str, str]) -> str:
    """A table of expressions in one line."""
    return "{" + ", ".join(f"{name} = {quoted(value)}" for name, value in fields.items()) + "}"


def whys(known: Known, *roles: str) -> str:
    """The reasons of several columns."""
    return "; ".join(f"{role}: {known.columns[role].why}" for role in roles if role in known.columns)
