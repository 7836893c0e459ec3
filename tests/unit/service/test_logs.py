"""Logs: one JSON object a line with an action, and no secrets."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from service import logs

SECRET = 'a "quoted" secret/é'


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """The root logger belongs to pytest."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


class Letter:
    """Something of ours that holds a secret."""

    def __repr__(self) -> str:
        return f"Letter({SECRET!r})"


def fail() -> None:
    customer = "Ms. Nobody of Nowhere Inc."
    raise RuntimeError(f"{SECRET} does not open for {len(customer)}")


def write(form: Any, level: str = "info") -> str:
    """What a few records of every kind look like."""
    stream = io.StringIO()
    logs.configure(level, form, [SECRET, "short"], stream)
    log = structlog.get_logger("turnsignal.test")
    log.info("said", action="said", plain=SECRET, thing=Letter(), inner={SECRET: [Letter(), {1, SECRET}]})
    log.info("quoted", action="quoted", body=json.dumps({"token": SECRET}), count=3, ok=True, none=None)
    logging.getLogger("uvicorn.error").warning("from a library: %s", Letter())
    try:
        fail()
    except RuntimeError:
        log.exception("failed", action="failed")
    return stream.getvalue()


def test_every_line_is_json_with_an_action_a_level_and_a_time() -> None:
    """A log store finds records by action, the libraries' own included."""
    lines = [json.loads(line) for line in write("json").splitlines()]
    assert [line["action"] for line in lines] == ["said", "quoted", "log", "failed"]
    assert [line["level"] for line in lines] == ["info", "info", "warning", "error"]
    assert all(line["timestamp"].endswith("Z") for line in lines)
    assert (lines[1]["count"], lines[1]["ok"], lines[1]["none"]) == (3, True, None)


@pytest.mark.parametrize("form", ["json", "console"])
def test_no_secret_comes_through_in_any_disguise(form: str) -> None:
    """A secret hides in objects, keys, quoted JSON and tracebacks; a log store has many readers."""
    text = write(form)
    for spelling in (SECRET, json.dumps(SECRET)[1:-1], json.dumps(SECRET, ensure_ascii=False)[1:-1]):
        assert spelling not in text
    assert text.count("(hidden)") >= 7


@pytest.mark.parametrize("form", ["json", "console"])
def test_tracebacks_tell_where_but_not_what_variables_held(form: str) -> None:
    """Local variables are customers' data, and whole batches of it."""
    text = write(form)
    assert "RuntimeError" in text
    assert "fail" in text
    assert "Nobody" not in text


def test_a_secret_that_is_an_ordinary_word_leaves_the_record_whole() -> None:
    """A careless password such as `failed` must not make records unfindable."""
    stream = io.StringIO()
    logs.configure("info", "json", ["failed", "action"], stream)
    structlog.get_logger("x").info("it failed", action="failed")
    assert json.loads(stream.getvalue())["action"] == "failed"
    assert json.loads(stream.getvalue())["event"] == "it (hidden)"


def test_the_level_holds_for_everyone() -> None:
    """An operator who asks for errors only gets no library's warnings."""
    assert [json.loads(line)["action"] for line in write("json", "error").splitlines()] == ["failed"]


def test_text_that_no_encoding_knows_is_still_logged() -> None:
    """A lone surrogate from an event must not cost a record."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, "utf-8", errors="backslashreplace")  # as standard error is
    logs.configure("info", "json", [], stream)
    structlog.get_logger("x").info("odd", action="odd", title="\udcff", name="采购")
    stream.flush()
    assert json.loads(raw.getvalue())["title"] == "\udcff"
    assert "采购" in raw.getvalue().decode()
