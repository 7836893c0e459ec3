"""Slack's Web API with a workspace behind it: members, conversations, messages and files in memory."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl

from tests.parts.slack import LONGEST_TEXT, block_problems
from tests.parts.web import Reply, Request, WebServer

if TYPE_CHECKING:
    from collections.abc import Callable

# What a method needs, as Slack documents it; one of each where there are several for kinds of conversations.
SCOPES = {
    "chat.postMessage": {"chat:write"},
    "chat.update": {"chat:write"},
    "conversations.history": {"channels:history", "groups:history", "im:history"},
    "conversations.list": {"channels:read", "groups:read"},
    "conversations.open": {"im:write"},
    "conversations.replies": {"channels:history", "groups:history", "im:history"},
    "files.completeUploadExternal": {"files:write"},
    "files.getUploadURLExternal": {"files:write"},
    "users.lookupByEmail": {"users:read.email"},
}

TOKEN = "xoxb-0000-a-secret-token"
TEAM = "T0VENDOR01"
BOT = "U0BOT00001"


@dataclass
class Message:
    """A message as Slack keeps it."""

    channel: str
    ts: str
    text: str
    blocks: list[dict[str, Any]]
    metadata: dict[str, Any] | None
    thread_ts: str | None = None
    broadcast: bool = False
    edits: int = 0

    @property
    def words(self) -> str:
        """Everything a reader sees."""
        return " ".join(_strings(self.blocks))

    @property
    def blocks_sent_along(self) -> list[Any]:
        """As Slack gives them back: emoji by their names, images with more than was sent."""
        found: list[Any] = json.loads(json.dumps(self.blocks))
        for block in found:
            if block["type"] == "header":
                words = block["text"]["text"].replace("🟠", ":large_orange_circle:")
                block["text"]["text"] = words.replace("🔴", ":red_circle:")
            if block["type"] == "image":
                block |= {"image_width": 1, "image_bytes": 2, "is_animated": False, "fallback": "1x1px image"}
        return found

    def as_json(self, *, metadata: bool) -> dict[str, Any]:
        blocks = self.blocks_sent_along
        found: dict[str, Any] = {"type": "message", "ts": self.ts, "text": self.text, "blocks": blocks}
        if self.thread_ts:
            found |= {"thread_ts": self.thread_ts}
            if self.broadcast:
                found["subtype"] = "thread_broadcast"
        if metadata and self.metadata:
            found["metadata"] = self.metadata
        return found


@dataclass
class SlackWorkspace(WebServer):
    """Does what it is asked as Slack would; scripted replies come first, `lose` takes an answer away."""

    members: dict[str, str] = field(default_factory=lambda: {"owner@vendor.example": "U0OWNER01"})
    channels: dict[str, str] = field(default_factory=lambda: {"C0SALES01": "sales"})
    scopes: set[str] | None = None
    """Those the app was given; None: all."""
    page_size: int = 100
    processing: int = 0
    """So many posts find an uploaded picture not ready yet."""

    def __post_init__(self) -> None:
        super().__init__()
        self.messages: list[Message] = []
        self.files: dict[str, bytes] = {}
        self.views: list[dict[str, Any]] = []
        self.responses: list[Any] = []
        """What was posted to response URLs."""
        self.rejections: list[str] = []
        self.archived: set[str] = set()
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self._lost: defaultdict[str, list[Reply]] = defaultdict(list)
        self._clock = 1_779_000_000

    @property
    def api_url(self) -> str:
        return self.url("/api/")

    @property
    def response_url(self) -> str:
        return self.url("/actions/T0/1/secret")

    def methods(self) -> list[str]:
        """The names of the methods called, in order."""
        return [name for name, _ in self.calls]

    def shown(self, channel: str) -> list[Message]:
        """What a reader of a conversation sees without opening a thread."""
        return [m for m in self.messages if m.channel == channel and (m.thread_ts is None or m.broadcast)]

    def fail(self, method: str, *words: str) -> None:
        """Let the next calls of a method end with these error words."""
        self.reply(*(_refused(word) for word in words), path=f"/api/{method}")

    def lose(self, method: str, reply: Reply | None = None) -> None:
        """Let the next call of a method take effect, and end in another way: a reset, if not told how."""
        self._lost[method].append(reply or Reply(reset=True))

    def delete(self, message: Message) -> None:
        self.messages.remove(message)

    def default(self, request: Request) -> Reply:
        if request.path.startswith("/actions/"):
            self.responses.append(request.json)
            return Reply(body="ok")
        if request.path.startswith("/upload/"):
            self.files[request.path.removeprefix("/upload/")] = request.body
            return Reply(body="OK - 3")
        method = request.path.removeprefix("/api/")
        options = _options(request)
        self.calls.append((method, options))
        if request.headers["Authorization"] != f"Bearer {TOKEN}":
            return _refused("invalid_auth")
        if self.scopes is not None and not SCOPES.get(method, set()) <= self.scopes:
            return _refused("missing_scope")
        answer = self._answer(method, options)
        return self._lost[method].pop(0) if self._lost[method] else answer

    def _answer(self, method: str, options: dict[str, Any]) -> Reply:
        known: dict[str, Callable[[dict[str, Any]], Reply]] = {
            "auth.test": lambda _: _ok(team_id=TEAM, user_id=BOT),
            "chat.postMessage": self._post,
            "chat.update": self._update,
            "conversations.history": self._history,
            "conversations.list": self._list,
            "conversations.open": self._open,
            "conversations.replies": self._in_thread,
            "files.completeUploadExternal": self._complete,
            "files.getUploadURLExternal": self._upload_url,
            "users.lookupByEmail": self._lookup,
            "views.open": self._view,
        }
        return known[method](options) if method in known else _refused("unknown_method")

    def _lookup(self, options: dict[str, Any]) -> Reply:
        member = self.members.get(options.get("email", ""))
        return _ok(user={"id": member, "deleted": False}) if member else _refused("users_not_found")

    def _open(self, options: dict[str, Any]) -> Reply:
        users = str(options.get("users", "")).split(",")
        if len(users) != 1 or users[0] not in self.members.values():
            return _refused("user_not_found")
        channel = "D" + users[0][1:]
        self.channels.setdefault(channel, "")
        return _ok(channel={"id": channel})

    def _list(self, _options: dict[str, Any]) -> Reply:
        return _ok(channels=[{"id": one, "name": name} for one, name in self.channels.items() if name])

    def _post(self, options: dict[str, Any]) -> Reply:
        channel = self._channel(str(options.get("channel", "")))
        if channel is None:
            return _refused("channel_not_found")
        if refusal := self._judge(channel, options):
            return refusal
        self._clock += 1
        message = Message(
            channel,
            f"{self._clock}.000100",
            options.get("text", ""),
            options.get("blocks", []),
            options.get("metadata"),
            options.get("thread_ts"),
            broadcast=bool(options.get("reply_broadcast")),
        )
        self.messages.append(message)
        return _ok(channel=channel, ts=message.ts)

    def _update(self, options: dict[str, Any]) -> Reply:
        channel = str(options.get("channel", ""))
        found = [m for m in self.messages if m.channel == channel and m.ts == options.get("ts")]
        if not found:
            return _refused("message_not_found")
        if refusal := self._judge(channel, options):
            return refusal
        (message,) = found
        message.text, message.blocks = options.get("text", ""), options.get("blocks", [])
        message.metadata = options.get("metadata") or message.metadata  # kept where it is not given
        message.edits += 1
        return _ok(channel=channel, ts=message.ts)

    def _judge(self, channel: str, options: dict[str, Any]) -> Reply | None:
        if channel in self.archived:
            return _refused("is_archived")
        text, blocks = options.get("text") or "", options.get("blocks") or []
        if not text and not blocks:
            return self._reject("no_text", "neither text nor blocks")
        if len(text) > LONGEST_TEXT:
            return self._reject("msg_too_long", f"{len(text)} characters")
        if problem := next(iter(block_problems(blocks)), None):
            return self._reject("invalid_blocks", problem)
        return next(filter(None, map(self._judge_file, blocks)), None)

    def _judge_file(self, block: dict[str, Any]) -> Reply | None:
        file = block.get("slack_file")
        if file and self.processing:
            self.processing -= 1
            return _refused("invalid_blocks")
        if file and not self.files.get(file["id"]):
            return self._reject("invalid_blocks", f"no such file {file['id']}")
        return None

    def _reject(self, word: str, reason: str) -> Reply:
        self.rejections.append(f"{word}: {reason}")
        return _refused(word)

    def _history(self, options: dict[str, Any]) -> Reply:
        channel = str(options.get("channel", ""))
        if channel not in self.channels:
            return _refused("channel_not_found")
        found = [m for m in reversed(self.shown(channel)) if _within(m, options)]
        return self._page(found, options)

    def _in_thread(self, options: dict[str, Any]) -> Reply:
        ts, channel = options.get("ts"), options.get("channel")
        found = [m for m in self.messages if m.channel == channel and ts in {m.ts, m.thread_ts}]
        if not found:
            return _refused("thread_not_found")
        return self._page([m for m in found if _within(m, options)], options)

    def _page(self, found: list[Message], options: dict[str, Any]) -> Reply:
        start = int(options.get("cursor") or 0)
        size = min(int(options.get("limit") or 100), self.page_size)
        metadata = str(options.get("include_all_metadata")) in {"1", "True", "true"}
        page = [message.as_json(metadata=metadata) for message in found[start : start + size]]
        cursor = str(start + size) if start + size < len(found) else ""
        return _ok(messages=page, has_more=bool(cursor), response_metadata={"next_cursor": cursor})

    def _upload_url(self, options: dict[str, Any]) -> Reply:
        if not options.get("filename") or int(options.get("length") or 0) < 1:
            return _refused("invalid_arguments")
        file = f"F{len(self.files) + 1:08d}"
        self.files[file] = b""
        return _ok(upload_url=self.url(f"/upload/{file}"), file_id=file)

    def _complete(self, options: dict[str, Any]) -> Reply:
        files = json.loads(options["files"]) if isinstance(options["files"], str) else options["files"]
        if not all(self.files.get(file["id"]) for file in files):
            return _refused("file_not_found")
        return _ok(files=files)

    def _view(self, options: dict[str, Any]) -> Reply:
        view = json.loads(options["view"]) if isinstance(options["view"], str) else options["view"]
        if not options.get("trigger_id"):
            return _refused("invalid_trigger")
        if problem := next(iter(_view_problems(view)), None):
            return self._reject("invalid_arguments", problem)
        self.views.append(view)
        return _ok(view={"id": f"V{len(self.views)}"})

    def _channel(self, given: str) -> str | None:
        if given in self.channels:
            return given
        named = [one for one, name in self.channels.items() if name and given == f"#{name}"]
        return named[0] if named else None


def _view_problems(view: dict[str, Any]) -> list[str]:
    """Slack's limits of a modal: its title, its private metadata, its blocks."""
    found = list(block_problems(view.get("blocks")))
    for name in ("title", "submit", "close"):
        words = view.get(name, {}).get("text", "")
        if not 1 <= len(words) <= 24 or view[name].get("type") != "plain_text":
            found.append(f"{name} of {len(words)} characters, from 1 to 24")
    if view.get("type") != "modal":
        found.append("not a modal")
    if len(view.get("private_metadata", "")) > 3000:
        found.append("private_metadata of more than 3000 characters")
    if len(view.get("callback_id", "")) > 255:
        found.append("callback_id of more than 255 characters")
    return found


def _within(message: Message, options: dict[str, Any]) -> bool:
    oldest, latest = float(options.get("oldest") or 0), float(options.get("latest") or "inf")
    inclusive = str(options.get("inclusive")) in {"1", "True", "true"}
    ts = float(message.ts)
    return oldest <= ts <= latest if inclusive else oldest < ts < latest


def _options(request: Request) -> dict[str, Any]:
    if request.headers.get_content_type() == "application/json":
        return cast("dict[str, Any]", request.json)
    return dict(parse_qsl(request.body.decode()))


def _ok(**said: Any) -> Reply:
    return Reply(body=json.dumps({"ok": True, **said}), headers={"Content-Type": "application/json"})


def _refused(word: str) -> Reply:
    return Reply(body=json.dumps({"ok": False, "error": word}), headers={"Content-Type": "application/json"})


def _strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for key, inner in value.items() if key != "block_id" for text in _strings(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in _strings(inner)]
    return [value] if isinstance(value, str) else []
