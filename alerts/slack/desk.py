"""Does what people ask for in Slack: stores it, and lets the messages say so."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from time import sleep
from typing import Any

import msgspec
import structlog

from alerts import actions, feedback
from alerts.cleaning import clean
from alerts.config import SlackConfig
from alerts.feedback import Answer, answer_of, give
from alerts.outbound import Outbound, RefusedError, UnreachableError
from alerts.said import said_of
from alerts.slack.answers import ACKNOWLEDGE, FEEDBACK, SNOOZES, Row
from alerts.slack.api import RefusedBySlackError, Slack
from alerts.slack.blocks import LONGEST_HEADER
from alerts.slack.interactions import Known, Press, Spot, Submission, form
from alerts.slack.redrawing import Stored, as_answered, as_before, shows
from alerts.verdicts import LABELS
from storage import queries
from storage.engine import UNAVAILABLE, Engine, reading

log = structlog.get_logger()

_TRIGGER_SECONDS = 2.4  # of the three within which a modal may be opened
_TEAM_SECONDS = 1.0
_SHOW_SECONDS = 5.0  # for each of them: a process that ends waits for it
_WAITS = (0.0, 1.0, 3.0)  # before each attempt to say what came of it
_FAILED = (RefusedBySlackError, RefusedError, UnreachableError)


@dataclass(frozen=True, slots=True)
class Refused:
    """Why nothing was stored, for whoever asked."""

    words: str


class Desk:
    """Takes presses and forms; safe to use from several threads."""

    def __init__(
        self, engine: Engine, config: SlackConfig, outbound: Outbound, now: Callable[[], datetime]
    ) -> None:
        self._engine = engine
        self._config = config
        self._outbound = outbound
        self._now = now
        self._team: str | None = None

    def of_another_workspace(self, asked: Press | Submission) -> bool:
        """Whether it comes from where our bot is not, as far as that is known."""
        if self._team is None and self._config.bot_token:
            try:
                self._team = Slack(self._config, self._outbound, _TEAM_SECONDS).workspace()
            except _FAILED as error:
                log.info("the bot's workspace is not known", action="slack_workspace", detail=str(error))
        return self._team is not None and asked.team not in {"", self._team}

    def wants_a_reason(self, press: Press) -> bool:
        """Whether a form comes first: feedback, where there is a bot to open one."""
        return press.action == FEEDBACK and self._config.bot_token is not None

    def open_form(self, press: Press) -> Refused | None:
        """Ask for the reason; where that fails, why."""
        try:
            Slack(self._config, self._outbound, _TRIGGER_SECONDS).open_view(press.trigger, form_for(press))
        except _FAILED as error:
            log.warning("a form could not be opened", action="slack_form_failed", detail=str(error))
            return Refused(press.language.say("The form could not be opened. Please choose once more."))
        return None

    def store(self, asked: Press | Submission) -> Stored | Refused:
        """Do it, in one short transaction; never raises for what may be the matter."""
        say = asked.language.say
        try:
            self._act(asked)
            with reading(self._engine) as connection:
                alert = queries.alert(connection, asked.alert_id) or {}
                over = alert.get("status") != "firing" or alert.get("kind") == "recovered"
                return Stored(said_of(connection, asked.alert_id), over)
        except (actions.UnknownAlertError, feedback.UnknownAlertError):
            return Refused(say("Turnsignal does not know this alert any more."))
        except (actions.InvalidActionError, feedback.InvalidAnswerError) as error:
            log.info("an answer does not fit", action="slack_answer_refused", detail=str(error))
            return Refused(say("Turnsignal cannot take this answer as it is."))
        except UNAVAILABLE as error:
            log.warning("the database is away", action="database_unavailable", detail=str(error.orig))
        except Exception as error:  # noqa: BLE001  # whoever pressed must be told that nothing was done
            log.error("an answer failed", action="slack_answer_failed", at=type(error).__name__)  # noqa: TRY400
        return Refused(say("Turnsignal could not store this just now. Please try again in a few minutes."))

    def _act(self, asked: Press | Submission) -> None:
        now, alert_id, author = self._now(), asked.alert_id, asked.author
        if isinstance(asked, Submission):
            self._give(alert_id, answer_of(asked.verdict, author, asked.reason), now)
        elif asked.action == FEEDBACK:
            self._give(alert_id, answer_of(asked.choice, author, ""), now)
        elif asked.action == ACKNOWLEDGE:
            actions.acknowledge(self._engine, alert_id, author, "slack", now)
        else:
            actions.snooze(self._engine, alert_id, now + SNOOZES[asked.choice], author, "slack", now)

    def _give(self, alert_id: str, answer: Answer, now: datetime) -> None:
        given = give(self._engine, alert_id, answer, now)
        if given.new:
            said = given.feedback
            log.info(
                "feedback given",
                action="feedback_given",
                alert_id=said.alert_id,
                account_id=said.account_id,
                kind=said.kind,
                verdict=said.verdict,
            )

    def show(self, asked: Press | Submission, stored: Stored | Refused | None) -> None:
        """Let the message that was answered say so, and the one whose thread it stands in.

        Where nothing was stored, or only a form was opened, the same can be chosen again.
        """
        spot = asked.spot
        known = asked.message if isinstance(asked, Press) else Known("", [])
        if not isinstance(stored, Stored):
            if stored is not None:
                self._respond(spot, replace_original=False, response_type="ephemeral", text=stored.words)
            if known.blocks:
                self._respond(spot, replace_original=True, **as_before(known))
            return
        answered = known.blocks and self._respond(
            spot, replace_original=True, **self._as_answered(asked, stored, known)
        )
        if not answered:
            self._refresh(asked, stored, spot.ts, spot.thread)
        if spot.thread and spot.thread != spot.ts:
            self._refresh(asked, stored, spot.thread, "")

    def _as_answered(self, asked: Press | Submission, stored: Stored, known: Known) -> dict[str, Any]:
        return as_answered(known, Row(asked.alert_id, None, asked.language), stored, self._now())

    def _refresh(self, asked: Press | Submission, stored: Stored, ts: str, thread: str) -> None:
        """Read a message of the bot's, and edit it."""
        if not (self._config.bot_token and asked.spot.channel and ts):
            return
        try:
            slack = Slack(self._config, self._outbound)
            options = {"oldest": ts, "latest": ts, "inclusive": True, "limit": 10}
            page, _ = slack.page(asked.spot.channel, thread or None, **options)
            for message in page:
                if isinstance(message, dict) and message.get("ts") == ts and shows(message, asked.alert_id):
                    known = Known(str(message.get("text") or ""), message["blocks"])
                    slack.update(asked.spot.channel, ts, **self._as_answered(asked, stored, known))
        except _FAILED as error:
            log.warning("a message could not be edited", action="slack_edit_failed", detail=str(error))

    def _respond(self, spot: Spot, **body: Any) -> bool:
        if not spot.response_url:
            return False
        problem = ""
        for wait in _WAITS:
            sleep(wait)
            try:
                headers = {"content-type": "application/json; charset=utf-8"}
                answer = self._outbound.post(
                    spot.response_url, msgspec.json.encode(body), headers, seconds=_SHOW_SECONDS
                )
            except RefusedError as error:
                problem = str(error)
                break
            except UnreachableError as error:
                problem = str(error)
                continue
            problem = f"HTTP {answer.status}"
            if answer.status < 300:  # noqa: PLR2004
                return True
            if answer.status < 500 and answer.status != 429:  # noqa: PLR2004
                break
        log.warning("an answer could not be shown", action="slack_answer_not_shown", detail=problem)
        return False


def form_for(press: Press) -> dict[str, Any]:
    """The modal that asks why, in the reader's language."""
    say = press.language.say
    verdict = say(LABELS[press.choice])  # type: ignore[index]
    words = {
        "title": say("Feedback"),
        "submit": say("Send"),
        "close": say("Cancel"),
        "choice": "\n".join(filter(None, (_header_of(press.message.blocks), verdict))),
        "label": say("Why?"),
        "hint": say("What you know and Turnsignal does not. It is kept with the alert."),
    }
    return form(press, words)


def _header_of(blocks: list[Any]) -> str:
    """Which message it is about, in its own words."""
    first = blocks[0] if blocks and isinstance(blocks[0], dict) else {}
    text = first.get("text")
    words = text.get("text") if first.get("type") == "header" and isinstance(text, dict) else None
    return clean(words, LONGEST_HEADER) if isinstance(words, str) else ""
