"""What Slack posts when somebody presses a button or sends a form, read and checked; nothing is done yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from accounts.feedback import VERDICTS, Verdict
from alerts.cleaning import clean
from alerts.language import Language, language
from alerts.slack.answers import ACKNOWLEDGE, FEEDBACK, LONGEST_ALERT_ID, OPEN, SNOOZE, SNOOZES, row_of

FORM = "turnsignal_feedback"
REASON = "reason"
_LONGEST_NAME = 100
_LONGEST_TITLE = 24
_CHOICES: Mapping[str, tuple[str, ...]] = {
    ACKNOWLEDGE: (ACKNOWLEDGE,),
    SNOOZE: tuple(SNOOZES),
    FEEDBACK: VERDICTS,
}


class NotUnderstoodError(Exception):
    """This is nothing that Slack sends for our messages; the message says what is wrong with it."""


class Spot(NamedTuple):
    """Where a message stands, and where Slack takes an answer about it; empty where it did not say."""

    channel: str
    ts: str
    thread: str
    response_url: str


class Known(NamedTuple):
    """A message as Slack sent it along."""

    text: str
    blocks: list[Any]


@dataclass(frozen=True, slots=True)
class Press:
    """Somebody has pressed a button, or chosen from a list."""

    action: str
    choice: str
    alert_id: str
    language: Language
    author: str
    team: str
    trigger: str
    spot: Spot
    message: Known


@dataclass(frozen=True, slots=True)
class Submission:
    """Somebody has sent the form for feedback."""

    verdict: Verdict
    reason: str
    alert_id: str
    language: Language
    author: str
    team: str
    spot: Spot


class _Id(msgspec.Struct):
    id: str


class _User(msgspec.Struct):
    id: str
    name: str = ""
    username: str = ""


class _Option(msgspec.Struct):
    value: str


class _Action(msgspec.Struct):
    action_id: str
    block_id: str = ""
    value: str | None = None
    selected_option: _Option | None = None


class _Container(msgspec.Struct):
    channel_id: str = ""
    message_ts: str = ""
    thread_ts: str = ""


class _Message(msgspec.Struct):
    text: str = ""
    blocks: list[Any] = []


class _Value(msgspec.Struct):
    value: str | None = None


class _State(msgspec.Struct):
    values: dict[str, dict[str, _Value]] = {}


class _View(msgspec.Struct):
    callback_id: str = ""
    private_metadata: str = ""
    state: _State = msgspec.field(default_factory=_State)


class _Payload(msgspec.Struct):
    type: str
    user: _User
    team: _Id | None = None
    actions: list[_Action] = []
    container: _Container = msgspec.field(default_factory=_Container)
    message: _Message = msgspec.field(default_factory=_Message)
    view: _View | None = None
    trigger_id: str = ""
    response_url: str = ""


class _Carried(msgspec.Struct):
    """What the form carries from the press to its sending."""

    alert_id: str
    verdict: Verdict
    locale: str
    spot: Spot


_decoder = msgspec.json.Decoder(_Payload)
_carried = msgspec.json.Decoder(_Carried)


def read(payload: str) -> Press | Submission | None:
    """The interaction in a payload; None for one that needs nothing done. Raises NotUnderstoodError."""
    try:
        said = _decoder.decode(payload.encode())
        if said.type == "block_actions":
            return _press(said)
        if said.type == "view_submission" and said.view is not None and said.view.callback_id == FORM:
            return _submission(said, said.view)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise NotUnderstoodError(clean(str(error), 200)) from None
    return None


def form(press: Press, words: Mapping[str, str]) -> dict[str, Any]:
    """The modal that asks why; `words` are its texts by name."""
    carried = _Carried(press.alert_id, press.choice, press.language.locale, press.spot)  # type: ignore[arg-type]
    return {
        "type": "modal",
        "callback_id": FORM,
        "private_metadata": msgspec.json.encode(carried).decode(),
        "title": _plain(words["title"][:_LONGEST_TITLE]),
        "submit": _plain(words["submit"][:_LONGEST_TITLE]),
        "close": _plain(words["close"][:_LONGEST_TITLE]),
        "blocks": [
            {"type": "section", "text": _plain(words["choice"])},
            {
                "type": "input",
                "block_id": REASON,
                "optional": True,
                "label": _plain(words["label"]),
                "hint": _plain(words["hint"]),
                "element": {
                    "type": "plain_text_input",
                    "action_id": REASON,
                    "multiline": True,
                    "max_length": 2000,
                },
            },
        ],
    }


def _press(said: _Payload) -> Press | None:
    action = next((one for one in said.actions if one.action_id != OPEN), None)
    if action is None:
        return None
    row = row_of(action.block_id)
    choice = action.selected_option.value if action.selected_option else action.value or ""
    if (
        row is None
        or len(row.alert_id) > LONGEST_ALERT_ID
        or choice not in _CHOICES.get(action.action_id, ())
    ):
        raise NotUnderstoodError("the button is none of Turnsignal's")
    box = said.container
    return Press(
        action.action_id,
        choice,
        row.alert_id,
        row.language,
        _author(said.user),
        said.team.id if said.team else "",
        said.trigger_id,
        Spot(box.channel_id, box.message_ts, box.thread_ts, said.response_url),
        Known(said.message.text, said.message.blocks),
    )


def _submission(said: _Payload, view: _View) -> Submission:
    carried = _carried.decode(view.private_metadata.encode())
    typed = view.state.values.get(REASON, {}).get(REASON, _Value()).value or ""
    return Submission(
        carried.verdict,
        typed.strip(),
        carried.alert_id,
        language(carried.locale),
        _author(said.user),
        said.team.id if said.team else "",
        carried.spot,
    )


def _author(user: _User) -> str:
    """The member by name and id."""
    name = "".join(c for c in clean(user.name or user.username, _LONGEST_NAME) if c.isprintable())
    return f"{name or 'member'} ({clean(user.id, 40)})"


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}
