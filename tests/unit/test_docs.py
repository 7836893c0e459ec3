"""What is written names what there is: files, headings, commands and their options, settings."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer

from service.cli import app
from service.settings_names import PREFIX, path_of, sections, variables

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("deploy/**/*.md")])
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_ABROAD = ("http://", "https://", "mailto:")

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def anchors(page: Path) -> set[str]:
    """The headings of a page, as GitHub links to them."""
    prose = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ +(.+?) *$", prose, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def code(page: Path) -> Iterator[str]:
    """Each span, and each line of a block."""
    text = page.read_text("utf-8")
    for block in re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        yield from block.splitlines()
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    yield from re.findall(r"^(?: {4})+(.+)$", prose, re.MULTILINE)
    yield from (span.replace("\n", " ") for span in re.findall(r"`([^`]+)`", prose))


@every_page
def test_links_lead_somewhere(page: Path) -> None:
    """To a file of the repository and, where a heading is meant, to one that stands there."""
    for link in _LINK.findall(page.read_text("utf-8")):
        if link.startswith(_ABROAD):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.is_relative_to(ROOT), link
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target), link


@every_page
def test_files_of_code_that_are_named_exist(page: Path) -> None:
    """Prose outlives the files that it names."""
    ours = [file for file in ROOT.glob("**/*.py") if ".venv" not in file.parts]
    known = {file.name for file in ours} | {str(file.relative_to(ROOT)) for file in ours}
    named = {span for span in code(page) if re.fullmatch(r"[\w/]+\.py", span)}
    assert named <= known


@every_page
def test_commands_that_are_shown_exist(page: Path) -> None:
    """With the options they are shown with."""
    for piece in code(page):
        for shown in re.findall(r"(?:^|[\s/])turnsignal( [a-z][^#|&;]*)", piece):
            assert problem(shlex.split(shown)) is None, piece


def problem(words: list[str]) -> str | None:
    """What is wrong with the words after `turnsignal`, if anything."""
    command: Any = typer.main.get_command(app)
    while words and hasattr(command, "commands"):
        if words[0] not in command.commands:
            return f"there is no {words[0]}"
        command = command.commands[words.pop(0)]
    options = {name for parameter in command.params for name in parameter.opts} | {"--help"}
    unknown = {word.partition("=")[0] for word in words if word.startswith("-") and word != "-"} - options
    return f"{command.name} knows no {unknown}" if unknown else None


@pytest.mark.parametrize(("words", "wrong"), [("run", 0), ("runs", 1), ("run --migrat", 1), ("outbox x", 1)])
def test_a_command_that_is_none_is_found(words: str, wrong: int) -> None:
    """The test above sees mistakes."""
    assert (problem(words.split()) is not None) == bool(wrong)


@every_page
def test_settings_that_are_named_exist(page: Path) -> None:
    """By their name in the file, or as a variable, which may also name a file."""
    known = {f"{section}.{name}" for section, name in variables().values()}
    text = page.read_text("utf-8")
    names = {name for name in re.findall(rf"\b{PREFIX}[A-Z_]*[A-Z]", text) if name != f"{PREFIX}CONFIG"}
    assert [name for name in names if not path_of(name) and not path_of(name.removesuffix("_FILE"))] == []
    of_section = re.compile(rf"(?:crm\.sources|(?:{'|'.join(sections().keys() - {'crm'})})\.[a-z_]+)")
    dotted = {match[0] for span in code(page) if (match := of_section.match(span))}
    assert {name for name in dotted if not name.endswith(".py")} <= known
