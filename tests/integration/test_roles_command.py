"""`turnsignal roles unknown` over what the service has taken in."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from accounts.events import decode
from accounts.roles import function_of, use_own
from consumers.records import row_of
from service.assembly import Assembly
from service.cli import app
from service.configuration import load
from service.failures import Failure
from storage import intake
from storage.engine import transaction
from tests.integration.serving import migrated
from tests.unit.test_own_roles import meeting


def take_in(url: str) -> None:
    """Two key users, met on two days."""
    people = [{"id": f"k{number}", "title": "Key User"} for number in (1, 2)]
    bodies = [json.dumps(meeting(number, person)).encode() for number, person in enumerate(people)]
    with migrated(url) as engine, transaction(engine) as connection:
        rows = [row_of(decode(body), body) for body in bodies]
        intake.accept(connection, {row.event_key: row for row in rows})


def test_titles_of_the_database_are_listed(database_url: str) -> None:
    """Without a file of events it is the service's own people that are counted."""
    take_in(database_url)
    done = CliRunner(env={"TURNSIGNAL_DATABASE__URL": database_url}).invoke(app, ["roles", "unknown"])
    assert done.stdout == "?\tKey User\t2\t1\n"


def test_the_settings_own_reading_counts(sqlite_url: str, tmp_path: Path) -> None:
    """A title that detection.roles places is not unknown, and the service reads it so from its start."""
    take_in(sqlite_url)
    file = tmp_path / "roles.tsv"
    file.write_text("purchasing\tKey User\n")
    own = {"TURNSIGNAL_DATABASE__URL": sqlite_url, "TURNSIGNAL_DETECTION__ROLES": str(file)}
    try:
        assert CliRunner(env=own).invoke(app, ["roles", "unknown"]).stdout == ""
        use_own({})
        Assembly(load(own)).close()
        assert function_of("Key User") == "purchasing"
        file.write_text("buyer\tKey User\n")
        with pytest.raises(Failure, match="'buyer' is none of"):
            Assembly(load(own))
    finally:
        use_own({})
