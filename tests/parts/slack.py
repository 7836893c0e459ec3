"""Slack's incoming webhooks: the answers by a script, the limits as Slack sets them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.parts.web import Reply, Request, WebServer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PATH = "/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX"

# Slack's own: block kit reference and the answers of incoming webhooks.
MOST_BLOCKS = 50
LONGEST_TEXT = 40_000
LONGEST_SECTION = 3000
LONGEST_HEADER = 150
MOST_FIELDS = 10
LONGEST_FIELD = 2000
MOST_CONTEXT_ELEMENTS = 10
MOST_ACTIONS = 25
LONGEST_BUTTON = 75
LONGEST_VALUE = 2000
LONGEST_URL = 3000
LONGEST_ID = 255
LONGEST_OPTION = 75
LONGEST_OPTION_VALUE = 150
LONGEST_PLACEHOLDER = 150
LONGEST_ALT = 2000
MOST_OPTIONS = 100
OTHER_BLOCKS = {"divider", "file", "input", "markdown", "rich_text", "table", "video"}


class SlackServer(WebServer):
    """Answers 200 "ok" to a valid message, 400 as Slack does to any other; `rejections` says why."""

    def __init__(self) -> None:
        super().__init__()
        self.rejections: list[str] = []

    @property
    def webhook(self) -> str:
        """The address of an incoming webhook; other paths are as many others."""
        return self.url(PATH)

    @property
    def messages(self) -> list[Any]:
        """The payloads that came, whatever was answered."""
        return [request.json for request in self.requests]

    def default(self, request: Request) -> Reply:
        code, reason = judge(request)
        if code == "ok":
            return Reply(body="ok")
        self.rejections.append(f"{code}: {reason}")
        return Reply(400, body=code)


def judge(request: Request) -> tuple[str, str]:
    """Slack's answer, and in words why: `("ok", "")` or `("invalid_blocks", "block 2: …")`."""
    if request.method != "POST" or request.headers.get_content_type() != "application/json":
        return "invalid_payload", f"{request.method} of {request.headers.get_content_type()}"
    try:
        payload = json.loads(request.body)
    except ValueError as error:
        return "invalid_payload", str(error)
    if not isinstance(payload, dict):
        return "invalid_payload", "not an object"
    return _judge_message(payload)


def _judge_message(payload: dict[str, Any]) -> tuple[str, str]:
    if not (payload.get("text") or payload.get("blocks")):
        return "no_text", "neither text nor blocks"
    if problem := _first(_too_long(payload.get("text") or "", LONGEST_TEXT, "text")):
        return "msg_too_long", problem
    if problem := _first(block_problems(payload.get("blocks") or [])):
        return "invalid_blocks", problem
    return "ok", ""


def block_problems(blocks: Any) -> Iterator[str]:
    """Everything about a message's blocks that Slack refuses."""
    if not isinstance(blocks, list):
        yield "blocks is not a list"
        return
    if len(blocks) > MOST_BLOCKS:
        yield f"{len(blocks)} blocks, at most {MOST_BLOCKS}"
    for number, block in enumerate(blocks):
        if not isinstance(block, dict):
            yield f"block {number}: not an object"
            continue
        for problem in _block(block):
            yield f"block {number} ({block.get('type')}): {problem}"
    yield from _repeated("block_id", _values(blocks, "block_id"))


def _block(block: dict[str, Any]) -> Iterator[str]:
    yield from _too_long(block.get("block_id") or "", LONGEST_ID, "block_id")
    yield from _repeated("action_id", _values(block, "action_id"))
    match block.get("type"):
        case "section":
            yield from _section(block)
        case "header":
            yield from _text(block.get("text"), LONGEST_HEADER, "text", plain=True)
        case "context":
            elements = block.get("elements") or []
            yield from _count(elements, MOST_CONTEXT_ELEMENTS, "elements")
            for element in elements:
                if not isinstance(element, dict) or element.get("type") != "image":
                    yield from _text(element, LONGEST_SECTION, "element")
        case "actions":
            elements = block.get("elements") or []
            yield from _count(elements, MOST_ACTIONS, "elements")
            for element in elements:
                yield from _element(element)
        case "image":
            yield from _image(block)
        case kind if kind not in OTHER_BLOCKS:
            yield "no such type of block"


def _section(block: dict[str, Any]) -> Iterator[str]:
    if not block.get("text") and not block.get("fields"):
        yield "neither text nor fields"
    if "text" in block:
        yield from _text(block["text"], LONGEST_SECTION, "text")
    if "fields" in block:
        yield from _count(block["fields"], MOST_FIELDS, "fields")
        for text in block["fields"]:
            yield from _text(text, LONGEST_FIELD, "field")
    if "accessory" in block:
        yield from _element(block["accessory"])


def _element(element: Any) -> Iterator[str]:
    if not isinstance(element, dict) or not element.get("type"):
        yield "an element without a type"
    elif element["type"] == "button":
        yield from _text(element.get("text"), LONGEST_BUTTON, "button text", plain=True)
        yield from _too_long(element.get("url", ""), LONGEST_URL, "url")
        yield from _too_long(element.get("value", ""), LONGEST_VALUE, "value")
        yield from _too_long(element.get("action_id", ""), LONGEST_ID, "action_id")
        if element.get("style", "primary") not in {"primary", "danger"}:
            yield f"style {element['style']!r}"
        if "url" in element and not str(element["url"]).startswith(("http://", "https://", "mailto:")):
            yield f"url {element['url']!r}"

    elif element["type"] in {"static_select", "overflow"}:
        yield from _select(element)


def _select(element: dict[str, Any]) -> Iterator[str]:
    if "placeholder" in element:
        yield from _text(element["placeholder"], LONGEST_PLACEHOLDER, "placeholder", plain=True)
    options = element.get("options")
    yield from _count(options, 5 if element["type"] == "overflow" else MOST_OPTIONS, "options")
    for option in options if isinstance(options, list) else []:
        yield from _text(option.get("text"), LONGEST_OPTION, "option text", plain=True)
        yield from _too_long(option.get("value"), LONGEST_OPTION_VALUE, "option value")


def _image(block: dict[str, Any]) -> Iterator[str]:
    if not block.get("alt_text"):
        yield "no alt_text"
    else:
        yield from _too_long(block["alt_text"], LONGEST_ALT, "alt_text")
    if ("image_url" in block) == ("slack_file" in block):
        yield "either image_url or slack_file"


def _text(text: Any, longest: int, what: str, *, plain: bool = False) -> Iterator[str]:
    kinds = {"plain_text"} if plain else {"plain_text", "mrkdwn"}
    if not isinstance(text, dict) or text.get("type") not in kinds:
        yield f"{what} is not of type {' or '.join(sorted(kinds))}"
    elif not text.get("text"):
        yield f"{what} is empty"
    else:
        yield from _too_long(text["text"], longest, what)
        if text["type"] == "mrkdwn" and "emoji" in text:
            yield f"{what}: emoji is for plain_text only"


def _too_long(text: Any, longest: int, what: str) -> Iterator[str]:
    if not isinstance(text, str):
        yield f"{what} is not a string"
    elif len(text) > longest:
        yield f"{what} of {len(text)} characters, at most {longest}"


def _count(items: Any, most: int, what: str) -> Iterator[str]:
    if not isinstance(items, list):
        yield f"{what} is not a list"
    elif not 1 <= len(items) <= most:
        yield f"{len(items)} {what}, from 1 to {most}"


def _values(value: Any, name: str) -> Iterator[str]:
    """Every value of a key, however deep."""
    if isinstance(value, dict):
        if isinstance(value.get(name), str):
            yield value[name]
        for inner in value.values():
            yield from _values(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _values(inner, name)


def _repeated(name: str, values: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            yield f"{name} {value!r} twice"
        seen.add(value)


def _first(problems: Iterator[str]) -> str | None:
    return next(problems, None)
