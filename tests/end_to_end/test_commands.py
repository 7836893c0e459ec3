"""Commands as an operator types them: real processes, their output and exit codes."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer

import migrations
from service.cli import app
from storage import dead_letters
from storage.dead_letters import DeadLetter
from storage.engine import create_engine, transaction
from tests.end_to_end.turnsignal import PROGRAM, environment

EVENT = {
    "specversion": "1.0",
    "id": "e-1",
    "source": "crm",
    "type": "crm.account.changed",
    "subject": "C-1",
    "time": "2026-05-04T09:00:00Z",
    "data": {"name": "Account One"},
}


def call(
    *arguments: str, settings: Mapping[str, str] | None = None, given: bytes = b"", folder: Path | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run a command to its end; none may show a traceback."""
    done = subprocess.run(
        [PROGRAM, *arguments],
        env=environment(settings or {}),
        cwd=folder,
        input=given,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert b"Traceback" not in done.stderr
    return done


def test_help_names_every_command() -> None:
    """What the first look does not name is not found."""
    text = call("--help").stdout.decode()
    commands = "run consume serve notify migrate review dead-letters settings replay simulate roles demo"
    assert [name for name in commands.split() if not re.search(rf"│ {name} ", text)] == []


def test_help_loads_nothing_that_only_the_work_needs() -> None:
    """A command that ponders before it explains itself is not asked twice."""
    program = (
        "import sys; from service.cli import app; app(['--help'], standalone_mode=False);"
        " print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    heavy = {"alembic", "fastapi", "kafka", "msgspec", "prometheus_client", "sqlalchemy", "uvicorn"}
    assert not heavy & set(done.stderr.split())


def commands(group: Any, *above: str) -> Iterator[tuple[str, str]]:
    """The words and the help of every command that does something."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, *above, name)
        else:
            yield " ".join([*above, name]), command.help


def test_every_command_teaches_by_an_example() -> None:
    """Nobody learns a command from its list of options."""
    known = dict(commands(typer.main.get_command(app)))
    assert {"run", "demo", "dead-letters replay"} <= known.keys()
    without = [
        words for words, text in known.items() if not re.search(f"Example: .*turnsignal {words}", text)
    ]
    assert without == []
    assert "Example: turnsignal migrate" in call("migrate", "--help").stdout.decode()


def test_it_says_which_version_it_is() -> None:
    """A report of a defect begins with the version."""
    assert re.fullmatch(rb"turnsignal \d+\.\d+\.\d+\n", call("--version").stdout)


def test_migrate_goes_up_and_down_and_tells_where_it_stands(database_url: str) -> None:
    """A deployment checks before it starts, and an operator can go back."""
    head = migrations.head()
    settings = {"DATABASE__URL": database_url}
    assert call("migrate", "--check", settings=settings).returncode == 3
    assert call("migrate", settings=settings).stdout.decode() == f"schema at {head}; newest is {head}\n"
    assert call("migrate", "--check", settings=settings).returncode == 0
    down = call("migrate", "--down", "base", settings=settings)
    assert (down.returncode, down.stdout.decode()) == (0, f"schema at nothing; newest is {head}\n")


def test_a_check_removes_nothing(sqlite_url: str) -> None:
    """`--check` promises to look; no other option may make it do more."""
    settings = {"DATABASE__URL": sqlite_url}
    call("migrate", settings=settings)
    assert call("migrate", "--check", "--down", "base", settings=settings).returncode == 2
    assert call("migrate", "--check", settings=settings).returncode == 0


@pytest.mark.parametrize("command", ["migrate", "run --migrate"])
def test_a_database_of_a_newer_version_is_told(sqlite_url: str, command: str) -> None:
    """Who goes back to an older version learns what is wrong, and nothing is changed."""
    migrations.upgrade(sqlite_url)
    engine = create_engine(sqlite_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    done = call(*command.split(), settings={"DATABASE__URL": sqlite_url})
    assert done.returncode == 2
    assert b"'9999'; this version knows those up to" in done.stderr


def test_an_unknown_revision_is_one_clear_line(sqlite_url: str) -> None:
    """A mistyped revision must not look like a defect of ours."""
    done = call("migrate", "--down", "0815", settings={"DATABASE__URL": sqlite_url})
    assert done.returncode == 2
    assert done.stderr.count(b"\n") == 1
    assert b"0815" in done.stderr


@pytest.mark.parametrize("command", ["run", "serve", "notify", "review", "dead-letters list"])
def test_a_database_without_the_schema_is_named(sqlite_url: str, command: str) -> None:
    """A forgotten migration is told before anything starts."""
    done = call(*command.split(), settings={"DATABASE__URL": sqlite_url})
    assert done.returncode == 3
    assert done.stderr == (
        b"turnsignal: the database lacks the schema of this version; run `turnsignal migrate` first\n"
    )


@pytest.mark.parametrize("command", ["migrate", "serve", "dead-letters list"])
def test_a_database_that_is_away_is_told_without_its_password(command: str) -> None:
    """The message ends in a log."""
    done = call(*command.split(), settings={"DATABASE__URL": "postgresql://u:geheim@127.0.0.1:1/name"})
    assert done.returncode == 3
    assert b"the database does not answer" in done.stderr
    assert b"geheim" not in done.stderr


@pytest.mark.parametrize("command", ["migrate", "run --migrate", "dead-letters list"])
def test_a_file_that_is_no_database_is_told(tmp_path: Path, command: str) -> None:
    """A mistyped path must neither look like a defect of ours nor cost the file."""
    file = tmp_path / "letter.txt"
    file.write_text("no database\n" * 100)
    done = call(*command.split(), settings={"DATABASE__URL": f"sqlite:///{file}"})
    assert done.returncode == 3
    assert done.stderr == b"turnsignal: the database refuses: file is not a database\n"
    assert file.read_text() == "no database\n" * 100


def test_a_wrong_setting_given_by_option_stops_with_2(tmp_path: Path) -> None:
    """`--config` counts as much as the variable."""
    (tmp_path / "mine.toml").write_text("[logs]\n")
    done = call("--config", "mine.toml", "serve", folder=tmp_path)
    assert done.returncode == 2
    assert b"logs: there is no such setting; did you mean log?" in done.stderr


def test_roles_classify_keeps_order_and_odd_bytes() -> None:
    """A list of titles comes back line by line, whatever its encoding was."""
    titles = [
        b"Strategic Buyer",
        b"",
        b"Ing\xe9nieur",
        "采购经理".encode(),
        b"a\tb",
        b"Entwicklungsingenieur",
    ]
    done = call("roles", "classify", given=b"\r\n".join(titles))
    lines = done.stdout.split(b"\n")
    assert lines.pop() == b""
    assert [line.partition(b"\t")[2] for line in lines] == titles
    functions = [line.partition(b"\t")[0] for line in lines]
    assert (functions[0], functions[3], functions[5]) == (b"purchasing", b"purchasing", b"development")


def test_what_simulate_writes_replay_reads(tmp_path: Path) -> None:
    """The same seed gives the same bytes to a file as to a pipe, and every line of them is an event."""
    words = ("simulate", "--accounts", "12", "--weeks", "104", "--seed", "3")
    piped = call(*words, "--truth", "t1", folder=tmp_path).stdout
    assert call(*words, "--truth", "t2", "--out", "events", folder=tmp_path).stdout == b""
    assert (tmp_path / "events").read_bytes() == piped
    assert (tmp_path / "t1").read_bytes() == (tmp_path / "t2").read_bytes()
    assert (tmp_path / "t1").read_bytes().count(b"\n") == 12
    from_pipe = call("replay", "-", "--states", "states", given=piped, folder=tmp_path)
    assert from_pipe.returncode == 0
    assert from_pipe.stdout == call("replay", "events", folder=tmp_path).stdout
    count = len(piped.splitlines())
    read = f"{count:,} events of 12 accounts, 0 repeated, 0 lines skipped"
    assert read in from_pipe.stderr.decode()
    assert (tmp_path / "states").read_bytes().count(b"\n") == 12
    raised = [json.loads(line)["raised_at"] for line in from_pipe.stdout.splitlines()]
    assert raised
    assert raised == sorted(raised)


def test_replay_names_the_line_that_it_cannot_read_or_counts_it(tmp_path: Path) -> None:
    """One bad line among a million is found by its number, or put up with where that is asked for."""
    lines = [json.dumps(EVENT), "", "{", json.dumps(EVENT | {"type": "crm.weather.changed"})]
    (tmp_path / "history").write_text("\n".join(lines))
    done = call("replay", "history", folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"turnsignal: history:3: not_json: ")
    done = call("replay", "--skip-bad", "history", folder=tmp_path)
    assert done.returncode == 0
    assert b"1 events of 1 accounts, 0 repeated, 2 lines skipped" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("replay nowhere", "cannot read nowhere: No such file"),
        ("replay .", "cannot read .: Is a directory"),
        ("replay - --states no/where", "cannot write no/where: No such file"),
        ("replay - --until soon", "'soon' is no moment"),
        ("simulate --truth no/where", "cannot write no/where: No such file"),
        ("simulate --out no/where", "cannot write no/where: No such file"),
        ("simulate --out same --truth same", "cannot both go to same"),
        ("simulate --start 1989-12-31", "must lie between 1990 and 2098"),
        ("simulate --start 2090-01-01 --weeks 520", "must lie between 1990 and 2098"),
        ("simulate --start 9999-12-31", "must lie between 1990 and 2098"),
        ("simulate --weeks 10", "greater than or equal to 26"),
        ("roles sort", "No such command 'sort'"),
        ("serve --port 0", "greater than or equal to 1"),
        ("--config nowhere serve", "nowhere: cannot be read: No such file"),
    ],
)
def test_what_does_not_go_is_said_and_exits_with_2(tmp_path: Path, arguments: str, said: str) -> None:
    """A script can tell a wrong call from work that failed, and a person what to write instead."""
    done = call(*arguments.split(), given=json.dumps(EVENT).encode(), folder=tmp_path)
    assert done.returncode == 2
    assert said in " ".join(done.stderr.decode().replace("│", " ").split())
    assert done.stdout == b""


def file_letters(url: str) -> None:
    """Two records that could not be read: one is beyond help, one would be read today."""
    migrations.upgrade(url)
    letters = [
        DeadLetter("crm.events", 0, 7, b"k", b"\x1b[2J{", [("h", b"\xff")], "not_json", "bad \x1b[2J byte"),
        DeadLetter("crm.events", 0, 8, None, json.dumps(EVENT).encode(), [], "does_not_fit", "then"),
    ]
    engine = create_engine(url)
    with transaction(engine) as connection:
        dead_letters.file(connection, letters, datetime(2026, 5, 1, tzinfo=UTC))
    engine.dispose()


def test_dead_letters_are_listed_shown_mended_and_replayed(database_url: str, tmp_path: Path) -> None:
    """What could not be read waits for a person, who can look at it without harm and put it right."""
    file_letters(database_url)
    settings = {"DATABASE__URL": database_url}
    listed = call("dead-letters", "list", "--reason", "not_json", settings=settings)
    assert b"not_json" in listed.stdout
    assert b"does_not_fit" not in listed.stdout
    shown = call("dead-letters", "show", "1", settings=settings)
    assert b"crm.events[0]@7" in shown.stdout
    assert b"\x1b" not in listed.stdout + shown.stdout
    replayed = call("dead-letters", "replay", "--all", settings=settings)
    assert replayed.returncode == 1
    assert replayed.stdout == b"1 replayed, 1 still cannot be read\n"
    mended = tmp_path / "mended.json"
    mended.write_text(json.dumps(EVENT | {"id": "e-2"}))
    assert call("dead-letters", "replay", "1", "--value", str(mended), settings=settings).returncode == 0
    assert call("dead-letters", "list", settings=settings).stderr == b"0 dead letters\n"
    assert call("dead-letters", "list", "--all", settings=settings).stderr == b"2 dead letters\n"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("show 99", 1),
        ("show 99999999999999999999", 2),
        ("replay", 2),
        ("replay 1 --all", 2),
        ("replay --all --value x", 2),
        ("replay 1 --value /nowhere", 2),
        ("replay 99", 1),
    ],
)
def test_dead_letters_say_what_does_not_go(sqlite_url: str, arguments: str, code: int) -> None:
    """A mistyped number must not pass for a replay."""
    file_letters(sqlite_url)
    done = call("dead-letters", *arguments.split(), settings={"DATABASE__URL": sqlite_url})
    assert done.returncode == code
    assert done.stderr


def test_calibrate_writes_what_replay_and_the_service_read(tmp_path: Path, sqlite_url: str) -> None:
    """From one's own history to thresholds in use; a file that is none is told before anything starts."""
    made, learnt = str(tmp_path / "events.jsonl"), str(tmp_path / "ours.json")
    portfolio = ("--accounts", "40", "--weeks", "156", "--out", made, "--truth", f"{made}.truth")
    simulated = call("simulate", *portfolio)
    assert simulated.returncode == 0, simulated.stderr
    done = call("calibrate", made, "--out", learnt)
    assert done.returncode == 0, done.stderr
    assert b"account-years that stayed quiet" in done.stdout
    assert json.loads(Path(learnt).read_text())["false_alarms"] == 5.0
    plain, calibrated = call("replay", made), call("replay", made, "--calibration", learnt)
    assert calibrated.returncode == 0
    assert plain.stdout != calibrated.stdout

    few = call("calibrate")
    assert few.returncode == 2
    assert b"name files of events" in few.stderr
    broken = call("replay", made, "--calibration", made)
    assert broken.returncode == 2
    assert b"is no calibration" in broken.stderr
    call("migrate", settings={"DATABASE__URL": sqlite_url})
    checked = call("calibrate", "--check", settings={"DATABASE__URL": sqlite_url})
    assert checked.returncode == 1
    assert b"nothing to check" in checked.stderr
