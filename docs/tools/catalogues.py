# ruff: noqa: INP001  (a script, not a package)
"""Brings alerts/locales/*.po up to date with the texts in the sources: `make catalogues`.

With locales it begins a catalogue for each: `make catalogues LOCALE=pt_BR`.
"""

import argparse
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from string import Formatter

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from accounts import plays, wording
from service import playbook

ROOT = Path(__file__).parents[2]
LOCALES = ROOT / "alerts" / "locales"
_METHODS = [
    ("alerts/**.py", "python"),
    ("alerts/templates/**", "jinja2"),
    ("service/**.py", "python"),
    ("service/templates/**", "jinja2"),
]
_KEYWORDS = {"say": None, "marked": None, "count": (1, 2)}
_NOTE = "Translators:"
_WIDTH = 110

Text = str | tuple[str, str]  # or with its plural


def main() -> None:
    """Write the catalogues."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition(":")[0])
    parser.add_argument("locale", nargs="*", help="a language to begin, as pt_BR or ja")
    for locale in parser.parse_args().locale:
        path = LOCALES / f"{Locale.parse(locale)}.po"
        if not path.exists():
            path.write_text("", encoding="utf-8")
    for path in sorted(LOCALES.glob("*.po")):
        catalogue = catalogue_in(path)
        catalogue.update(texts(), no_fuzzy_matching=True)
        path.write_bytes(as_file(catalogue))
        found = problems(catalogue, texts())
        summary = f"{path.relative_to(ROOT)}: {len(catalogue)} texts, {len(found)} to look at"
        print(summary, *found, sep="\n  ")  # noqa: T201


def catalogue_in(path: Path) -> Catalog:
    """A language's catalogue."""
    with path.open("rb") as file:
        return read_po(file, locale=path.stem)


def texts() -> Catalog:
    """Every text that a receiver may see, with the files it stands in."""
    template = Catalog()
    for file, text, notes in _found():
        template.add(text, locations=[(file, 0)], auto_comments=notes)
    return template


def _found() -> Iterator[tuple[str, Text, list[str]]]:
    marked = extract_from_dir(
        ROOT, _METHODS, keywords=_KEYWORDS, comment_tags=[_NOTE], strip_comment_tags=True
    )
    for file, _, text, notes, _ in sorted(marked, key=lambda one: (one[0], one[1])):
        yield file, text, notes
    for evidence in wording.texts():
        text = (evidence.one, evidence.text) if evidence.by else evidence.text
        yield "accounts/wording.py", text, []
    for reason in plays.texts():
        yield "accounts/plays.py", reason, []
    for play in playbook.built_in():
        for text in (play.title, *play.steps):
            yield playbook.BUILT_IN, text, [f"{play.id}"]


def as_file(catalogue: Catalog) -> bytes:
    """The catalogue's file; the same texts give the same bytes."""
    locale = catalogue.locale
    for message in catalogue:
        message.flags -= {"python-format"}  # "71 % of" is none
    name = locale.english_name if locale else ""
    header = (
        f'# {name}: what is read by Turnsignal\'s receivers.\nmsgid ""\nmsgstr ""\n"Language: {locale}\\n"\n'
        f'"Content-Type: text/plain; charset=UTF-8\\n"\n"Plural-Forms: {catalogue.plural_forms}\\n"\n\n'
    )
    body = BytesIO()
    write_po(body, catalogue, width=_WIDTH, omit_header=True, ignore_obsolete=True, include_lineno=False)
    return header.encode() + body.getvalue().lstrip(b"\n")


def problems(catalogue: Catalog, needed: Catalog) -> list[str]:
    """What a language lacks of the texts that are needed, each named with the file it is said in."""
    found = [
        f"{_first(text.id)!r} is said nowhere any more; run make catalogues"
        for text in catalogue
        if text.id and text.id not in needed
    ]
    for text in needed:
        if not text.id:
            continue
        said = catalogue.get(text.id)
        wrong = "is not in it; run make catalogues" if said is None else _wrong(said, text.id, catalogue)
        if wrong:
            found.append(f"{_first(text.id)!r} of {text.locations[0][0]} {wrong}")
    return found


def _wrong(said: Message, text: Text, catalogue: Catalog) -> str:
    strings = _strings(said.string)
    if not all(strings):
        return "is not translated"
    if said.fuzzy:
        return "is marked fuzzy: check it and take the mark away"
    forms = 1 if isinstance(text, str) else catalogue.num_plurals
    if len(strings) != forms:
        return f"has {len(strings)} forms where the language has {forms}"
    try:
        values = [_values(string) for string in strings]
    except ValueError as error:
        return f"cannot be filled in: {error}"
    wanted = _values(text if isinstance(text, str) else text[1])
    return (
        "" if all(given == wanted for given in values) else f"must hold {sorted(wanted)} as the English does"
    )


def _values(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def _first(text: Text) -> str:
    return text if isinstance(text, str) else text[0]


def _strings(string: object) -> tuple[str, ...]:
    return tuple(string) if isinstance(string, list | tuple) else (str(string or ""),)


if __name__ == "__main__":
    main()
