"""Reads tables of a mapping file; each mistake is noted with its place and what is allowed."""

from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

from consumers.mapping.suggestions import did_you_mean


class Problems(list[str]):
    """Everything that is wrong with mapping files, a line each."""

    def note(self, place: str, what: str) -> None:
        """Add one."""
        self.append(f"{place}: {what}")


class Table:
    """A table of TOML and the names asked of it; `finish` notes those that nobody asked for."""

    def __init__(self, values: Any, place: str, problems: Problems) -> None:
        self.place = place
        self.problems = problems
        self._values: dict[str, Any] = values if isinstance(values, dict) else {}
        self._known: set[str] = set()
        if not isinstance(values, dict):
            self.note(f"must be a table, not {_kind(values)}")

    def note(self, what: str, name: str | None = None) -> None:
        """Note a mistake, of the table or of one of its names."""
        self.problems.note(f"{self.place}.{name}" if name else self.place, what)

    def has(self, name: str) -> bool:
        """Whether the name stands there."""
        return name in self._values

    def take(self, name: str) -> Any:
        """The value as it stands; None where there is none."""
        self._known.add(name)
        return self._values.get(name)

    def text(self, name: str, *, required: bool = False, allowed: Iterable[str] = ()) -> str | None:
        """A text that is not empty."""
        value = self.take(name)
        if value is None:
            if required:
                self.note("missing", name)
            return None
        if not isinstance(value, str) or not value.strip():
            self.note(f"must be a text that is not empty, not {_kind(value)}", name)
            return None
        choices = list(allowed)
        if choices and value not in choices:
            self.note(f"{value!r} is not allowed{did_you_mean(value, choices)}", name)
            return None
        return value

    def texts(
        self, name: str, *, allowed: Iterable[str] = (), may_be_empty: bool = False
    ) -> list[str] | None:
        """A list of texts, or one text; none of them empty, unless they may be."""
        value = self.take(name)
        if value is None:
            return None
        several = [value] if isinstance(value, str) else value
        if not isinstance(several, list) or not all(
            isinstance(each, str) and (each or may_be_empty) for each in several
        ):
            self.note(f"must be a text or a list of texts, not {_kind(value)}", name)
            return None
        choices = list(allowed)
        for each in several:
            if choices and each not in choices:
                self.note(f"{each!r} is not allowed{did_you_mean(each, choices)}", name)
        return several

    def flag(self, name: str) -> bool:
        """True or false; false where it is not said."""
        value = self.take(name)
        if value is not None and not isinstance(value, bool):
            self.note(f"must be true or false, not {_kind(value)}", name)
        return value is True

    def table(self, name: str) -> dict[str, Any]:
        """A table within; empty where there is none."""
        value = self.take(name)
        if value is not None and not isinstance(value, dict):
            self.note(f"must be a table, not {_kind(value)}", name)
        return value if isinstance(value, dict) else {}

    def tables(self, name: str) -> list[Any]:
        """The tables written as [[…]]."""
        value = self.take(name)
        if value is not None and not isinstance(value, list):
            self.note(f"must be written [[{name}]], several tables; it is {_kind(value)}", name)
        return value if isinstance(value, list) else []

    def digest(self, besides: object) -> str:
        """A short digest of all that stands here, and of something besides."""
        said = repr((sorted(self._values.items()), besides)).encode("utf-8", "replace")
        return blake2b(said, digest_size=6).hexdigest()

    def finish(self) -> None:
        """Note the names that mean nothing here."""
        for name in self._values:
            if name not in self._known:
                self.note(f"means nothing here{did_you_mean(name, self._known)}", name)


_KINDS = {dict: "a table", list: "a list", str: "a text", bool: "true or false", int: "a number"}


def _kind(value: object) -> str:
    return _KINDS.get(type(value), repr(value))
