"""Lines of a mapping file, with their reasons as comments."""

import json
import textwrap
from collections.abc import Iterable

_WIDTH = 100  # of a line with its reason behind it
_COMMENT = 80
_SHOWN = 60
_SURE = 0.995


def quoted(text: str) -> str:
    """A text as TOML writes it."""
    clean = text.encode("utf-8", "replace").decode()
    if '"' in clean and clean.isprintable():  # a literal needs no backslashes
        if "'" not in clean:
            return f"'{clean}'"
        if "'''" not in clean and not clean.endswith("'"):
            return f"'''{clean}'''"
    return json.dumps(clean, ensure_ascii=False).replace("\x7f", "\\u007f")


def listed(texts: Iterable[str]) -> str:
    """A list of texts."""
    return f"[{', '.join(map(quoted, texts))}]"


def bare(text: str) -> str:
    """A text from records within a comment: in one line, and not long."""
    shown = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
    return shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1] + "…"


def confidence(share: float) -> str:
    """How sure a guess is, where it is not wholly."""
    return f" with a confidence of {share:.0%}" if share < _SURE else ""


class Text:
    """A mapping file while it is written."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, line: str = "", why: str = "") -> None:
        """A line, and why it is so: behind it, or above where there is no room."""
        if not why:
            self.lines.append(line)
        elif len(line) + len(why) + 4 <= _WIDTH:
            self.lines.append(f"{line}  # {why}")
        else:
            self.comment(why)
            self.lines.append(line)

    def comment(self, text: str) -> None:
        """A comment, in as many lines as it takes."""
        clean = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
        self.lines += [f"# {line}" for line in textwrap.wrap(clean, _COMMENT - 2, break_on_hyphens=False)]

    def set(self, name: str, expression: str, why: str = "") -> None:
        """A name and its expression."""
        self.add(f"{name} = {quoted(expression)}", why)

    def commented(self, lines: Iterable[str]) -> None:
        """Lines that are offered, and not in force."""
        self.lines += [f"# {line}".rstrip() for line in lines]

    def __str__(self) -> str:
        return "\n".join(self.lines).rstrip() + "\n"
