"""Slack's Web API through slack-sdk, on our own checked connections and within one deadline."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from time import monotonic
from typing import Any
from urllib.request import Request

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.file_upload_v2_result import FileUploadV2Result

from alerts.config import SlackConfig
from alerts.outbound import Outbound, RefusedError, Response, UnreachableError
from alerts.outcome import Outcome, Permanent, RetryAt
from storage.retry import retry_after

LARGEST_ANSWER = 2 * 1024 * 1024  # a page of a conversation's history
_OURS = frozenset({"host", "content-length", "connection"})
_PASSING = frozenset(
    {
        "ratelimited",
        "rate_limited",
        "fatal_error",
        "internal_error",
        "service_unavailable",
        "request_timeout",
        "team_added_to_org",
    }
)
_PASSING_STATUS = frozenset({408, 425, 429})  # and all of 5xx
# These concern every message, and an operator repairs them: no message is given up for them.
_TO_REPAIR: Mapping[str, str] = {
    "not_authed": "the bot token is missing; set slack.bot_token",
    "invalid_auth": "the bot token is not accepted; set slack.bot_token to the app's Bot User OAuth Token",
    "account_inactive": "the app was removed from the workspace; install it again and set its new bot token",
    "token_revoked": "the bot token was revoked; install the app again and set its new bot token",
    "token_expired": "the bot token has expired; turn token rotation off, or set a new bot token",
    "not_allowed_token_type": "this is no bot token; it begins with xoxb-",
    "missing_scope": "the app lacks a scope; compare with deploy/slack-manifest.yaml, and install it again",
    "no_permission": "the app lacks a permission; compare with deploy/slack-manifest.yaml",
    "access_denied": "the workspace denies the app access; ask its administrators",
    "org_login_required": "the workspace is being moved to an organisation; ask its administrators",
    "ekm_access_denied": "administrators have suspended posting (EKM); ask them",
    "team_access_not_granted": "the app has no access to this workspace; install it there",
    "not_in_channel": "the app is not in the channel; invite it there",
}


class RefusedBySlackError(Exception):
    """Slack did not do it: its own error word, or the status where it said no word."""

    def __init__(self, word: str, status: int = 200, wait: str | None = None) -> None:
        super().__init__(word or f"HTTP {status}")
        self.word = word
        self.status = status
        self.wait = wait


class _Quiet(logging.Logger):
    """slack-sdk would write requests and answers into the log."""

    def __init__(self) -> None:
        super().__init__("slack-sdk", logging.CRITICAL + 1)
        self.propagate = False
        self.addHandler(logging.NullHandler())


_QUIET = _Quiet()


class _Client(WebClient):
    """slack-sdk words the requests, `Outbound` carries them.

    The transport of its own follows proxies and redirects, and its timeout counts anew from each byte.
    """

    def __init__(self, config: SlackConfig, outbound: Outbound, deadline: float) -> None:
        super().__init__(
            token=config.bot_token, base_url=config.api_url, logger=_QUIET, retry_handlers=[], headers={}
        )
        self._outbound = outbound
        self._deadline = deadline

    def left(self) -> float:
        """Seconds until the deadline; raises UnreachableError where there are none."""
        seconds = self._deadline - monotonic()
        if seconds <= 0:
            raise UnreachableError("no answer in time")
        return seconds

    def _perform_urllib_http_request_internal(self, url: str, req: Request) -> dict[str, Any]:
        body = req.data if isinstance(req.data, bytes) else b""
        headers = {name: str(value) for name, value in req.header_items() if name.lower() not in _OURS}
        answer = self._outbound.post(url, body, headers, seconds=self.left())
        return {"status": answer.status, "headers": answer.headers, "body": _text(answer)}

    def _upload_file(self, *, url: str, data: bytes, **_options: Any) -> FileUploadV2Result:
        headers = {"content-type": "application/octet-stream"}
        answer = self._outbound.post(url, data, headers, seconds=self.left())
        return FileUploadV2Result(answer.status, _text(answer))


class Slack:
    """The methods of the Web API that are used; make one for each message, for `seconds` in all.

    They raise RefusedBySlackError, or RefusedError and UnreachableError of `alerts.outbound`.
    """

    def __init__(self, config: SlackConfig, outbound: Outbound, seconds: float | None = None) -> None:
        allowed = config.deadline_seconds if seconds is None else min(seconds, config.deadline_seconds)
        self._client = _Client(config, outbound, monotonic() + allowed)
        self._make: Callable[[float], Slack] = lambda fewer: Slack(config, outbound, fewer)

    def hurried(self, part: float) -> "Slack":
        """The same for a part of the time that is left."""
        return self._make(self._client.left() * part)

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return self._client.left()

    def post(self, channel: str, **message: Any) -> tuple[str, str]:
        """Post a message; returns its conversation's id and its timestamp."""
        answer = _asked(self._client.chat_postMessage, channel=channel, **message)
        return _word(answer, "channel"), _word(answer, "ts")

    def update(self, channel: str, ts: str, **message: Any) -> None:
        """Edit a message."""
        _asked(self._client.chat_update, channel=channel, ts=ts, **message)

    def member_by_email(self, email: str) -> Mapping[str, Any]:
        """The member with this address."""
        answer = _asked(self._client.users_lookupByEmail, email=email)
        user = answer.get("user")
        return user if isinstance(user, dict) else {}

    def direct(self, member: str) -> str:
        """The conversation with one member."""
        answer = _asked(self._client.conversations_open, users=[member])
        found = answer.get("channel")
        return _word(found if isinstance(found, dict) else {}, "id")

    def page(self, channel: str, thread: str | None, **options: Any) -> tuple[list[Any], str]:
        """A page of a conversation, newest first, or of a thread, oldest first; and the next one's cursor."""
        options = {"limit": 100, "include_all_metadata": True, **options}
        if thread is None:
            answer = _asked(self._client.conversations_history, channel=channel, **options)
        else:
            answer = _asked(self._client.conversations_replies, channel=channel, ts=thread, **options)
        return _listed(answer, "messages"), _cursor(answer)

    def channels(self, cursor: str = "") -> tuple[list[Any], str]:
        """A page of the channels."""
        options: dict[str, Any] = {
            "exclude_archived": True,
            "limit": 200,
            "types": "public_channel,private_channel",
        }
        answer = _asked(self._client.conversations_list, cursor=cursor or None, **options)
        return _listed(answer, "channels"), _cursor(answer)

    def upload(self, png: bytes, name: str, alt: str) -> str:
        """Upload a picture for a message to show; returns its id."""
        answer = _asked(self._client.files_upload_v2, content=png, filename=name, title=name, alt_txt=alt)
        file = answer.get("file")
        return _word(file if isinstance(file, dict) else {}, "id")

    def open_view(self, trigger: str, view: Mapping[str, Any]) -> None:
        """Open a modal for whoever has pressed something within the last three seconds."""
        _asked(self._client.views_open, trigger_id=trigger, view=dict(view))

    def workspace(self) -> str:
        """The id of the workspace that the token is of."""
        return _word(_asked(self._client.auth_test), "team_id")


def outcome_of(error: RefusedBySlackError | RefusedError | UnreachableError, now: datetime) -> Outcome:
    """What a failure means for the message."""
    if isinstance(error, RefusedError):
        return Permanent(f"refused to post: {error}")
    if isinstance(error, UnreachableError):
        return RetryAt(str(error))
    word, status = error.word, error.status
    if word in _TO_REPAIR:
        return RetryAt(f"Slack: {word}: {_TO_REPAIR[word]}")
    if not word and 200 <= status < 300:  # noqa: PLR2004
        return RetryAt("Slack: the answer cannot be read")
    reason = f"Slack: {word or f'HTTP {status}'}"
    if word in _PASSING or status in _PASSING_STATUS or status >= 500:  # noqa: PLR2004
        return RetryAt(reason, retry_after(error.wait, now))
    return Permanent(reason)


def _asked(method: Callable[..., Any], **options: Any) -> dict[str, Any]:
    try:
        answer = method(**options).data
    except SlackApiError as error:
        raise _refusal(error) from None
    except (RefusedError, UnreachableError):
        raise
    except (SlackClientError, AttributeError, TypeError, ValueError, RecursionError):
        raise RefusedBySlackError("") from None  # no JSON, or another than Slack's
    return answer if isinstance(answer, dict) else {}


def _refusal(error: SlackApiError) -> RefusedBySlackError:
    """Without slack-sdk's words, which quote the answer."""
    response = error.response
    data = response.data if isinstance(response.data, dict) else {}
    said = data.get("error")
    word = said if isinstance(said, str) and said.isascii() and said.replace("_", "").isalnum() else ""
    headers = {str(name).lower(): str(value) for name, value in response.headers.items()}
    return RefusedBySlackError(word[:60], response.status_code, headers.get("retry-after"))


def _word(answer: Mapping[str, Any], name: str) -> str:
    found = answer.get(name)
    if not isinstance(found, str) or not found:
        raise RefusedBySlackError("")
    return found


def _listed(answer: Mapping[str, Any], name: str) -> list[Any]:
    found = answer.get(name)
    return found if isinstance(found, list) else []


def _cursor(answer: Mapping[str, Any]) -> str:
    said = answer.get("response_metadata")
    cursor = said.get("next_cursor") if isinstance(said, dict) else None
    return cursor if isinstance(cursor, str) else ""


def _text(answer: Response) -> str:
    return answer.body.decode("utf-8", "replace")
