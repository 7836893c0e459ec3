"""Every text that a receiver may see is in every language's catalogue."""

from collections.abc import Callable
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from docs.tools.catalogues import LOCALES, as_file, catalogue_in, problems, texts

FILES = sorted(LOCALES.glob("*.po"))
SIMPLE = "since {month}"
PLURAL = ("and {number} more sign", "and {number} more signs")


@pytest.fixture(scope="module")
def needed() -> Catalog:
    return texts()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_text_is_translated(path: Path, needed: Catalog) -> None:
    """The failure names each text and its file; `make catalogues` adds it, a person translates it."""
    found = problems(catalogue_in(path), needed)
    assert not found, "\n".join([f"alerts/locales/{path.name}:", *found])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_tool_loses_nothing_and_settles(path: Path, needed: Catalog, tmp_path: Path) -> None:
    """What was translated stays, and a second run changes nothing."""
    first = catalogue_in(path)
    first.update(needed, no_fuzzy_matching=True)
    file = tmp_path / path.name
    file.write_bytes(as_file(first))
    again = catalogue_in(file)
    assert {text.id: text.string for text in first if text.id} == {
        text.id: text.string for text in again if text.id
    }
    assert as_file(again) == file.read_bytes()


def test_the_texts_of_every_kind_of_source_are_found(needed: Catalog) -> None:
    """Python, tables, templates, the core's evidence, plays and their reasons."""
    files = {text.locations[0][0] for text in needed if text.id}
    assert files >= {
        "accounts/plays.py",
        "accounts/wording.py",
        "alerts/headlines.py",
        "alerts/message.py",
        "alerts/occasion.py",
        "alerts/slack/blocks.py",
        "alerts/templates/alert.html",
        "alerts/wording.py",
        "service/plays.toml",
    }
    assert PLURAL in needed
    assert "Open the account" in needed


def _string(string: object) -> Callable[[Catalog], None]:
    def change(catalogue: Catalog) -> None:
        message = catalogue.get(PLURAL if isinstance(string, tuple) else SIMPLE)
        assert message is not None
        message.string = string  # type: ignore[assignment]

    return change


def _fuzzy(catalogue: Catalog) -> None:
    message = catalogue.get(SIMPLE)
    assert message is not None
    message.flags.add("fuzzy")


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda catalogue: catalogue.delete(SIMPLE), "'since {month}' of alerts/message.py is not in it"),
        (_string(""), "'since {month}' of alerts/message.py is not translated"),
        (_fuzzy, "marked fuzzy"),
        (_string("自{moon}起"), "must hold ['month']"),
        (_string("自此起"), "must hold ['month']"),
        (_string("自{month起"), "cannot be filled in"),
        (_string(("另有{number}项", "另有{number}项")), "has 2 forms where the language has 1"),
        (_string(("",)), "'and {number} more sign' of alerts/message.py is not translated"),
        (lambda catalogue: catalogue.add("Farewell", "再见"), "'Farewell' is said nowhere any more"),
    ],
)
def test_each_thing_that_can_be_wrong_is_named(
    change: Callable[[Catalog], None], what: str, needed: Catalog
) -> None:
    """A check that cannot fail would protect nothing."""
    catalogue = Catalog("zh_Hans")
    for text in needed:
        catalogue.add(text.id, text.id if isinstance(text.id, str) else text.id[1:])
    assert problems(catalogue, needed) == []
    change(catalogue)
    (found,) = problems(catalogue, needed)
    assert what in found
