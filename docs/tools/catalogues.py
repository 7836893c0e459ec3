# ruff: noqa: INP001  (a script, not a package)
"""Brings alerts/locales/*.po up to date with the texts in the sources: `python docs/tools/catalogues.py`.

With locales as arguments it begins a catalogue for each: `python docs/tools/catalogues.py pt_BR`.
"""

import argparse
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog
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
        missing = sum(not all(_strings(message.string)) for message in catalogue if message.id)
        print(f"{path.relative_to(ROOT)}: {len(catalogue)} texts, {missing} to translate")  # noqa: T201


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


def _strings(string: object) -> tuple[str, ...]:
    return tuple(string) if isinstance(string, list | tuple) else (str(string or ""),)


if __name__ == "__main__":
    main()
