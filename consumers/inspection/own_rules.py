"""Rules of a ready mapping with fields of the company's own in them: in force where these are sure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from consumers.inspection.codes_text import guessed_codes
from consumers.inspection.own_fields import Own, own_fields, told
from consumers.inspection.ready import entities_of, raw_rules
from consumers.inspection.tables import Table, said, text_of
from consumers.inspection.todos import Cost, Todos
from consumers.inspection.toml_text import Text, quoted

_COSTS = {"topics": Cost.TOPICS, "function": Cost.PEOPLE, "status": Cost.PEOPLE}


def write_own_fields(text: Text, codes: Text, name: str, tables: Sequence[Table], todo: Todos) -> None:
    """What goes over ready rules to read fields of one's own; what is unsure is a comment."""
    explained: set[tuple[str, str]] = set()
    for kind, rule, found in _rules(name, tables):
        sure = {field: own for field, own in found.items() if own.is_sure}
        unsure = {field: own for field, own in found.items() if not own.is_sure}
        text.add()
        now = {(field, own.column.path) for field, own in found.items()}
        if not now <= explained:
            _comment(text, sure, unsure)
        explained |= now
        lines = _amendment(kind, rule["name"], found, {*(sure or unsure)})
        if sure:
            text.lines += lines
        else:
            text.commented(lines)
        for field, own in found.items():
            _write_codes(codes, field, own, todo)
    _topics_missing(name, tables, todo)


def _comment(text: Text, sure: Mapping[str, Own], unsure: Mapping[str, Own]) -> None:
    if sure:
        text.comment(f"Fields of your own, found by their names and values, are read here: {told(sure)}.")
    if unsure:
        text.comment(f"TODO: these look useful too, and are read once the codes are right: {told(unsure)}.")


def _rules(name: str, tables: Sequence[Table]) -> Iterator[tuple[str, dict[str, Any], dict[str, Own]]]:
    """The rules that change, and what they read; of a contact's function, who is looked up as well."""
    for rule in raw_rules(name, "event"):
        if rule["type"] == "crm.contact.changed" and rule["name"] != "contact":
            continue
        columns = [c for table in tables if table.entity in entities_of(rule) for c in table.columns.values()]
        found = own_fields(name, rule, columns)
        if found:
            yield "event", rule, found
        if "function" in found:
            for other in raw_rules(name, "reference"):
                if other["name"] == "contact":
                    yield "reference", other, {"function": found["function"]}


def _amendment(kind: str, rule: str, found: Mapping[str, Own], in_force: set[str]) -> list[str]:
    """What goes over a ready rule, line by line; fields that are not in force are comments."""
    fields = {
        field: f"{'' if field in in_force else '# '}{field} = {quoted(own.value)}"
        for field, own in found.items()
    }
    function = fields.pop("function", None)
    head = [f"[[mapping.{kind}]]", f"name = {quoted(rule)}"]
    if kind == "reference":
        return [*head, f"fields = {{{function}}}"]
    if fields:
        head += ["[mapping.event.data]", *fields.values()]
    return [*head, "[mapping.event.data.contact]", function] if function else head


def _write_codes(codes: Text, field: str, own: Own, todo: Todos) -> None:
    if own.codes is None:
        return
    guessed_codes(codes, own.codes)
    open_ = len(own.codes.counted) - len(own.codes.guessed)
    if not open_:
        todo.guessed(own.codes.name)
        return
    left = f", {open_} of {len(own.codes.counted)} values could not be guessed"
    what = {
        "topics": "what talks are about; a topic that is not named is lost",
        "direction": "who sought a talk; requests that came in and are not named so are lost",
        "status": "who has left; a champion who is not named so seems to be there still",
        "function": "whose function is whose; it decides who is of purchasing",
    }[field]
    guess = f"guessed from the words of {said(own.column.path)}"
    todo(f"check [codes.{own.codes.name}], {guess}{left}: {what}.", _COSTS.get(field, Cost.OTHER))


def _topics_missing(name: str, tables: Sequence[Table], todo: Todos) -> None:
    """Talks of which no field tells the topic."""
    without = []
    for rule in raw_rules(name, "event"):
        if rule["type"] != "crm.interaction.logged":
            continue
        for table in tables:
            if table.entity in entities_of(rule) and table.documents:
                own = own_fields(name, rule, list(table.columns.values()))
                without += [] if "topics" in own else [table.name]
    if without:
        todo(
            f"no field of your own tells what a talk ({', '.join(without)}) was about: topics are read from "
            "the words of subject and text. Where nobody writes of price or delivery there, the turn from "
            "applications to price is lost; if a field has it, map it as topics.",
            Cost.TOPICS,
        )


_FEW_TITLES = 0.5


def people_missing(name: str, tables: Sequence[Table], todo: Todos) -> None:
    """Contacts without titles; none at all, where there are talks."""
    talks = contacts = False
    for rule in raw_rules(name, "event"):
        here = [table for table in tables if table.entity in entities_of(rule) and table.documents]
        if rule["type"] == "crm.interaction.logged":
            talks = talks or bool(here)
        elif rule["type"] == "crm.contact.changed":
            contacts = contacts or any(rule.get("when") in {None, *table.columns} for table in here)
            if rule["name"] == "contact" and isinstance(contact := rule["data"]["contact"], dict):
                contacts = contacts or bool(here)
                for table in here:
                    _titles_missing(table, contact["id"], contact["title"], todo)
    if talks and not contacts:
        todo(
            "no topic of the CRM's contacts is named here: nobody who takes part in a talk has a title, and "
            "who decides, the strongest signal, is lost; name it.",
            Cost.PEOPLE,
        )


def _titles_missing(table: Table, id_: str, title: str, todo: Todos) -> None:
    """By contact: changes of one tell its title only where that has changed."""
    ids = {text_of(document.get(id_)) for document in table.documents}
    titled = {text_of(document.get(id_)) for document in table.documents if document.get(title)}
    if len(titled) < _FEW_TITLES * len(ids):
        todo(
            f"{len(titled)} of {len(ids)} contacts of {table.name} have {title}: whoever has no title has "
            "no function, and whether purchasing takes over is lost as far as that goes.",
            Cost.PEOPLE,
        )
