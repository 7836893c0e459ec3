"""Slack by an app's bot: posts, edits and answers its own messages, each of them once."""

import threading
from collections.abc import Callable
from datetime import datetime
from time import monotonic, sleep
from typing import Any, TypeVar

import structlog

from alerts.config import SlackConfig
from alerts.message import Message
from alerts.outbound import Outbound, RefusedError, UnreachableError
from alerts.outcome import Accepted, Outcome
from alerts.parcel import Parcel, Reference
from alerts.slack.api import RefusedBySlackError, Slack, outcome_of
from alerts.slack.conversations import Conversations, Place
from alerts.slack.layout import name_of, payload_of

log = structlog.get_logger()

EVENT = "turnsignal_alert"
_GONE = frozenset({"message_not_found", "thread_not_found", "cannot_reply_to_message"})
_FOR_THE_PICTURE = 0.5  # of the time that is left: the message itself needs the rest
_PROCESSING_SECONDS = 0.5  # what Slack may need until an uploaded picture can be shown
_PROCESSING_LOOKS = 3
_MOST_PAGES = 5
# What was said before no longer holds as it stands: it is edited before the news is told.
_OVERTAKES = frozenset({"updated", "refired", "retracted", "resolved"})

Uploaded = tuple[str, str]  # a file's id, and what it shows in words
Sent = TypeVar("Sent")


class BotSender:
    """Writes to members directly and to channels."""

    def __init__(self, config: SlackConfig, outbound: Outbound) -> None:
        self._config = config
        self._outbound = outbound
        self._conversations = Conversations(config.channel)
        self._pace = _Pace(config.pause_seconds)
        self._buttons = config.signing_secret is not None

    def send(self, parcel: Parcel, now: datetime) -> Outcome:
        """One attempt."""
        try:
            slack = Slack(self._config, self._outbound)
            return Accepted(self._deliver(slack, parcel, now))
        except (RefusedBySlackError, RefusedError, UnreachableError) as error:
            return outcome_of(error, now)

    def _deliver(self, slack: Slack, parcel: Parcel, now: datetime) -> dict[str, Any]:
        """Bring the message to where it belongs; returns where the alert's own message now stands."""
        root = _root(parcel.earlier)
        try:
            if root is None:
                return self._anew(slack, parcel, now)
            if parcel.quiet:
                return self._edit(slack, parcel, root, now)
            return self._reply(slack, parcel, root, now)
        except RefusedBySlackError as error:
            if root is None or error.word not in _GONE:
                raise
        return self._anew(slack, parcel, now)  # somebody has deleted it

    def _anew(self, slack: Slack, parcel: Parcel, now: datetime) -> dict[str, Any]:
        place = self._conversations.place(slack, parcel.receiver, now)
        if parcel.maybe_sent and (found := self._find(slack, parcel, place, now)):
            return found
        channel, ts = self._post(slack, parcel, place, now)
        self._conversations.learn(place.channel, channel, now)
        return {"channel": channel, "ts": ts}

    def _edit(self, slack: Slack, parcel: Parcel, root: dict[str, str], now: datetime) -> dict[str, Any]:
        """Let the alert's own message say how things stand; nobody is notified of that."""

        def edit(picture: Uploaded | None) -> None:
            body = payload_of(parcel, buttons=self._buttons, now=now, picture=picture, edit=True)
            slack.update(**root, text=body["text"], blocks=body["blocks"])

        _with_picture(slack, parcel, edit)
        return dict(root)

    def _reply(self, slack: Slack, parcel: Parcel, root: dict[str, str], now: datetime) -> dict[str, Any]:
        """Tell it in the alert's thread, and to the channel; the edit comes first: it may be repeated."""
        if isinstance(parcel.content, Message) and parcel.content.notice in _OVERTAKES:
            self._edit(slack, parcel, root, now)
        thread = root["ts"]
        place = Place(root["channel"])
        if not (parcel.maybe_sent and self._find(slack, parcel, place, now, thread)):
            self._post(slack, parcel, place, now, thread)
        return dict(root)

    def _post(
        self, slack: Slack, parcel: Parcel, place: Place, now: datetime, thread: str | None = None
    ) -> tuple[str, str]:
        options: dict[str, Any] = {"thread_ts": thread, "reply_broadcast": True} if thread else {}
        options["metadata"] = {"event_type": EVENT, "event_payload": {"message_id": parcel.message_id}}
        addressed = name_of(parcel) if place.instead else ""

        def post(picture: Uploaded | None) -> tuple[str, str]:
            body = payload_of(
                parcel,
                buttons=self._buttons,
                now=now,
                addressed=addressed,
                picture=picture,
                reply=thread is not None,
            )
            self._pace.wait(place.channel, slack.left)
            return slack.post(place.channel, **body, **options)

        return post(None) if thread else _with_picture(slack, parcel, post)

    def _find(
        self, slack: Slack, parcel: Parcel, place: Place, now: datetime, thread: str | None = None
    ) -> dict[str, Any] | None:
        """The message that an earlier attempt has posted, if it has."""
        channel = self._conversations.id_of(slack, place.channel, now)
        if channel is None:
            return None
        cursor = ""
        for _ in range(_MOST_PAGES):
            page, cursor = slack.page(channel, thread, cursor=cursor or None)
            for message in page:
                if isinstance(message, dict) and _is(message, parcel.message_id):
                    return {"channel": channel, "ts": str(message.get("ts"))}
            if not cursor:
                break
        return None


class _Pace:
    """One message a second to a conversation, also where several receivers share it."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._free: dict[str, float] = {}

    def wait(self, channel: str, most: float) -> None:
        """Wait for one's turn; raises UnreachableError where that is too long."""
        now = monotonic()
        with self._lock:
            self._free = {name: at for name, at in self._free.items() if at > now}
            turn = max(now, self._free.get(channel, now))
            if turn - now >= most:
                raise UnreachableError("too many messages wait for the same conversation")
            self._free[channel] = turn + self._seconds
        if turn > now:
            sleep(turn - now)


def _with_picture(slack: Slack, parcel: Parcel, send: Callable[[Uploaded | None], Sent]) -> Sent:
    """Send with the picture, or without it: it never holds up the message."""
    picture = _uploaded(slack, parcel)
    for _ in range(_PROCESSING_LOOKS if picture else 0):
        try:
            return send(picture)
        except RefusedBySlackError as error:
            if error.word != "invalid_blocks":  # as Slack calls a file that it still processes
                raise
        if slack.left <= 2 * _PROCESSING_SECONDS:
            break
        sleep(_PROCESSING_SECONDS)
    if picture:
        _left_out(parcel, "Slack does not show it")
    return send(None)


def _uploaded(slack: Slack, parcel: Parcel) -> Uploaded | None:
    try:
        over = isinstance(parcel.content, Message) and parcel.content.notice == "resolved"
        picture = None if over else parcel.picture()
        if picture is None:
            return None
        hurried = slack.hurried(_FOR_THE_PICTURE)
        return hurried.upload(picture.png, "timeline.png", picture.alt), picture.alt
    except Exception as error:  # noqa: BLE001  # whatever it is, the message goes without it
        known = isinstance(error, RefusedBySlackError | RefusedError | UnreachableError)
        _left_out(parcel, str(error) if known else type(error).__name__)
        return None


def _root(earlier: Reference | None) -> dict[str, str] | None:
    """Where the alert's own message stands; None where there is none of the bot's."""
    channel, ts = (earlier or {}).get("channel"), (earlier or {}).get("ts")
    return {"channel": channel, "ts": ts} if isinstance(channel, str) and isinstance(ts, str) else None


def _is(message: dict[str, Any], message_id: str) -> bool:
    metadata = message.get("metadata")
    payload = metadata.get("event_payload") if isinstance(metadata, dict) else None
    if isinstance(payload, dict) and payload.get("message_id") == message_id:
        return True
    blocks = message.get("blocks")  # should Slack keep the metadata to itself
    first = blocks[0] if isinstance(blocks, list) and blocks else None
    return isinstance(first, dict) and first.get("block_id") == message_id


def _left_out(parcel: Parcel, why: str) -> None:
    log.warning(
        "a message goes without its picture",
        action="picture_left_out",
        channel="slack",
        message_id=parcel.message_id,
        detail=why,
    )
