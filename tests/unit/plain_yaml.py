"""Reads the YAML that our own files are written in, and refuses all else.

Mappings and lists by indentation, `[…]` and `{…}` on one line, plain and quoted words, `|` blocks, comments.
A YAML library for three files would be one more dependency to keep.
"""

import json
import re
from typing import Any

_KEY = re.compile(r"([A-Za-z_][\w./-]*):(?: +(.*))?")
_COMMENT = re.compile(r"(^|\s)#.*$")
_FLOW = re.compile(r"""\s*("(?:[^"\\]|\\.)*"|[\[\]{},]|:(?=\s)|(?:[^\s\[\]{},:"]|:(?!\s)|(?<=\S) (?=\S))+)""")


class NotPlainError(ValueError):
    """A line that is no YAML, or YAML of a kind that our files do without."""


def parse(text: str) -> Any:
    """The document as dicts, lists, and strings, numbers, booleans; raises NotPlainError."""
    reader = _Reader(text.splitlines())
    value = reader.block(0)
    if reader.peek() is not None:
        raise NotPlainError(f"line {reader.at + 1}: not in line with what stands above")
    return value


class _Reader:
    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.at = 0

    def peek(self) -> tuple[int, str] | None:
        """(indentation, words) of the next line that says something."""
        while self.at < len(self.lines):
            line = self.lines[self.at]
            words = line.strip()
            if words and not words.startswith("#"):
                if "\t" in line or line != line.rstrip():
                    raise NotPlainError(f"line {self.at + 1}: a tab, or spaces at the end")
                return len(line) - len(line.lstrip(" ")), words
            self.at += 1
        return None

    def block(self, least: int) -> Any:
        """The value that begins at the next line, if it stands at `least` or further in; else None."""
        following = self.peek()
        if following is None or following[0] < least:
            return None
        indent, words = following
        return self.items(indent) if words.startswith("- ") else self.mapping(indent)

    def items(self, indent: int) -> list[Any]:
        found: list[Any] = []
        while (following := self.peek()) and following[0] == indent and following[1].startswith("- "):
            rest = following[1][2:].lstrip()
            if rest.startswith("|"):
                self.at += 1
                found.append(self.literal(indent))
            elif _KEY.fullmatch(rest) and not rest.startswith(('"', "[", "{")):
                inner = indent + len(following[1]) - len(rest)
                self.lines[self.at] = " " * inner + rest
                found.append(self.mapping(inner))
            else:
                found.append(scalar(rest, self.at + 1))
                self.at += 1
        return found

    def mapping(self, indent: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while (following := self.peek()) and following[0] == indent:
            match = _KEY.fullmatch(following[1])
            if match is None:
                raise NotPlainError(f"line {self.at + 1}: no `key: value`")
            key, rest = match.groups()
            if key in found:
                raise NotPlainError(f"line {self.at + 1}: {key} for the second time")
            number = self.at = self.at + 1
            if rest is None or rest.startswith("#"):
                found[key] = self.block(indent + 1)
            else:
                found[key] = self.literal(indent) if rest == "|" else scalar(rest, number)
        if following is not None and following[0] > indent:
            raise NotPlainError(f"line {self.at + 1}: further in than what stands above")
        return found

    def literal(self, indent: int) -> str:
        begin = self.at
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if line.strip() and len(line) - len(line.lstrip(" ")) <= indent:
                break
            self.at += 1
        return "\n".join(line.strip() for line in self.lines[begin : self.at])


def scalar(text: str, number: int) -> Any:
    """A value that stands on one line."""
    if not text.startswith('"'):
        text = _COMMENT.sub("", text).rstrip()
    if text[0] in "[{":
        tokens = [match.group(1) for match in _FLOW.finditer(text)]
        if "".join(tokens).replace(" ", "") != text.replace(" ", ""):
            raise NotPlainError(f"line {number}: {text}")
        try:
            value, rest = _flow(tokens)
        except (IndexError, ValueError):
            raise NotPlainError(f"line {number}: {text}") from None
        if rest:
            raise NotPlainError(f"line {number}: {text}")
        return value
    return _word(text, number)


def _word(text: str, number: int = 0) -> Any:
    if text.startswith('"'):
        try:
            return json.loads(text)
        except ValueError:
            raise NotPlainError(f"line {number}: {text}") from None
    if text[0] in "'&*!%@`|>" or ": " in text or text.endswith(":"):
        raise NotPlainError(f"line {number}: {text}")
    if text in {"true", "false"}:
        return text == "true"
    return int(text) if text.isdecimal() else text


def _flow(tokens: list[str]) -> tuple[Any, list[str]]:
    """The value that the tokens begin with, and what is left of them."""
    first, rest = tokens[0], tokens[1:]
    if first == "[":
        values = []
        while rest[0] != "]":
            value, rest = _flow(rest)
            values.append(value)
            rest = rest[1:] if rest[0] == "," else rest
        return values, rest[1:]
    if first == "{":
        pairs: dict[str, Any] = {}
        while rest[0] != "}":
            if rest[1] != ":":
                raise ValueError(rest[1])
            pairs[rest[0]], rest = _flow(rest[2:])
            rest = rest[1:] if rest[0] == "," else rest
        return pairs, rest[1:]
    if first in "]}:,":
        raise ValueError(first)
    return _word(first), rest
