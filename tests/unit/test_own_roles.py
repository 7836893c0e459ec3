"""A vendor's own reading of titles goes before the words; titles that say nothing are listed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from accounts.events import decode
from accounts.roles import function_of, says_nothing, use_own
from service import own_roles
from service.cli import app
from service.failures import Failure
from service.unknown_titles import census

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def only_the_words() -> Iterator[None]:
    """What a test makes of titles ends with it."""
    yield
    use_own({})


def own_file(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "roles.tsv"
    file.write_text(text, "utf-8")
    return file


def meeting(number: int, *participants: dict[str, Any], account: str = "a") -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "type": "crm.interaction.logged",
        "source": "test",
        "id": str(number),
        "subject": account,
        "time": f"2024-01-{number + 1:02}T09:00:00Z",
        "data": {
            "channel": "meeting",
            "direction": "outbound",
            "participants": list(participants),
            "topics": ["price"],
        },
    }


def test_ones_own_reading_goes_before_the_words(tmp_path: Path) -> None:
    """However the title is spelt; a word about it of a department or of the tables no longer counts."""
    assert function_of("Platform Lead", "R&D") == "development"
    own_roles.use(
        own_file(tmp_path, "# ours\n\nPurchasing\tPlatform Lead\t3\t2\noperations\tEngineer\n?\tKey User\n")
    )
    assert function_of("PLATFORM  lead ", "R&D") == "purchasing"
    assert function_of("Engineer") == "operations"
    assert function_of("Software Engineer") == "development"
    assert function_of("Key User") == "other"
    own_roles.use(None)
    assert function_of("Engineer") == "development"


def test_a_department_speaks_for_people_without_a_title(tmp_path: Path) -> None:
    """And for nobody else."""
    own_roles.use(own_file(tmp_path, "purchasing\tZone 3\n"))
    assert function_of(None, "zone 3") == "purchasing"
    assert function_of("Key User", "zone 3") == "other"


def test_a_persons_events_are_read_by_it(tmp_path: Path) -> None:
    """What an event states itself goes before it still."""
    own_roles.use(own_file(tmp_path, "purchasing\tKey User\n"))
    stated = {"id": "p", "title": "Key User", "function": "finance"}
    event = decode(json.dumps(meeting(1, {"id": "q", "title": "Key User"}, stated)).encode())
    people = event.data.participants  # type: ignore[union-attr]
    assert [person.role() for person in people] == ["purchasing", "finance"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("buyer\tX\n", "line 1: 'buyer' is none of development"),
        ("finance\tX\npurchasing\n", "line 2: no title"),
        ("finance\t --- \n", "line 1: no title"),
        ("finance\tX\nother\tx\n", "line 2: 'x' stands above as finance"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, text: str, said: str) -> None:
    """So that a person can put it right."""
    with pytest.raises(Failure) as failed:
        own_roles.read(own_file(tmp_path, text))
    assert said in str(failed.value)


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    """Absent, or saved in another encoding."""
    with pytest.raises(Failure, match="cannot read the titles"):
        own_roles.read(tmp_path / "none.tsv")
    (tmp_path / "latin.tsv").write_bytes("purchasing\tEinkäufer".encode("latin-1"))
    with pytest.raises(Failure, match="not UTF-8"):
        own_roles.read(tmp_path / "latin.tsv")


def test_a_word_that_is_known_says_something() -> None:
    """Be it of title or department, and be it `other`."""
    assert says_nothing("Key User")
    assert says_nothing(None)
    assert not says_nothing("Key User", "Purchasing")
    assert not says_nothing("Sales Manager")
    use_own({"key user": "operations"})
    assert not says_nothing("Key User")


def test_people_with_titles_that_say_nothing_are_counted() -> None:
    """Each once, by account; not our own people, nor those whose function an event states."""
    key_user = {"id": "k", "title": "Key  User"}
    events = [
        meeting(
            1,
            key_user,
            {"id": "b", "title": "Buyer"},
            {"id": "n"},
            {"id": "v", "title": "X", "side": "vendor"},
        ),
        meeting(
            2, key_user, {"id": "s", "title": "Y", "function": "finance"}, {"id": "d", "department": "Zone 3"}
        ),
        meeting(3, key_user, account="b"),
    ]
    found = census(decode(json.dumps(event).encode()) for event in events)
    assert [tuple(row) for row in found.unknown] == [("Key User", 2, 2), ("Zone 3", 1, 1)]
    assert (found.people, found.untitled, found.silent) == (6, 1, 3)


def test_the_list_becomes_ones_own_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`roles unknown` writes lines that `--roles` takes as they are, and once a function is written in."""
    monkeypatch.chdir(tmp_path)
    history = tmp_path / "history.jsonl"
    history.write_text(json.dumps(meeting(1, {"id": "k", "title": "Key User"})) + "\n")
    listed = CliRunner().invoke(app, ["roles", "unknown", str(history)])
    assert (listed.stdout, listed.exit_code) == ("?\tKey User\t1\t1\n", 0)
    assert "1 people of customers: 1 have one of 1 titles" in listed.stderr
    file = own_file(tmp_path, listed.stdout)
    assert read_with(file) == "other\tKey User\n"
    file.write_text(listed.stdout.replace("?", "purchasing"))
    assert read_with(file) == "purchasing\tKey User\n"
    again = CliRunner().invoke(app, ["roles", "unknown", str(history), "--roles", str(file)])
    assert again.stdout == ""


def read_with(file: Path) -> str:
    """What `roles classify` makes of a key user."""
    return CliRunner().invoke(app, ["roles", "classify", "--roles", str(file)], input="Key User\n").stdout
