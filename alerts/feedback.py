"""An answer to an alert: checked, stored once, counted."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import msgspec

from accounts.alert import Alert, alert_id
from accounts.feedback import VERDICTS, Feedback, Verdict
from accounts.weeks import week_of
from alerts import metrics
from storage import feedback as store
from storage import queries
from storage.engine import Connection, Engine, transaction

LONGEST_REASON = 2000
LONGEST_AUTHOR = 200


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody says."""

    verdict: Verdict
    author: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_AUTHOR)] = "api"
    reason: Annotated[str, msgspec.Meta(max_length=LONGEST_REASON)] = ""


class UnknownAlertError(Exception):
    """There is no alert of this id."""


class MalformedAnswerError(Exception):
    """The body is not JSON."""


class InvalidAnswerError(Exception):
    """The answer does not fit; the message names the field and what is allowed."""


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as stored, and whether it is new."""

    feedback: Feedback
    new: bool


def answer_of(verdict: str, author: str, reason: str) -> Answer:
    """An answer from its parts; raises InvalidAnswerError."""
    return _checked({"verdict": verdict, "author": author, "reason": reason})


def read_answer(body: bytes) -> Answer:
    """An answer from JSON; raises MalformedAnswerError or InvalidAnswerError."""
    try:
        said = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedAnswerError(str(error)) from None
    return _checked(said)


def _checked(said: object) -> Answer:
    try:
        answer = msgspec.convert(said, Answer)
    except msgspec.ValidationError as error:
        verdicts = f"; a verdict is {', '.join(VERDICTS)}" if "verdict" in str(error) else ""
        raise InvalidAnswerError(f"{error}{verdicts}") from None
    for name in ("author", "reason"):
        text: str = getattr(answer, name)
        if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
            raise InvalidAnswerError(f"no NUL and no half characters - at `$.{name}`")
    return answer


def give(engine: Engine, alert: str, answer: Answer, now: datetime) -> Given:
    """Store an answer; the same verdict of the same author on the same alert is stored once.

    Raises UnknownAlertError.
    """
    with transaction(engine) as connection:
        body = queries.alert(connection, alert)
        if body is None:
            raise UnknownAlertError
        told = msgspec.convert(body, Alert)
        said = Feedback(
            alert_id=told.id,
            account_id=told.account_id,
            kind=told.kind,
            verdict=answer.verdict,
            author=answer.author,
            reason=answer.reason,
            at=now,
            onset_at=told.onset_at,
            raised_at=told.raised_at,
            applies_from=_applies_from(connection, told),
        )
        stored, new = store.add(connection, said)
    if new:
        metrics.feedback.labels(verdict=stored.verdict).inc()
    return Given(stored, new)


def _applies_from(connection: Connection, alert: Alert) -> datetime | None:
    """The start of the first week that no review has folded; None for an alert of another detector.

    Kept with the answer: whoever folds the account again, from its first week on, heeds it in the same week.
    """
    if alert.id != alert_id(alert.account_id, alert.kind, week_of(alert.onset_at)):
        return None
    reviewed = store.reviewed_to(connection, alert.account_id)
    if reviewed is None:
        return None
    return max(alert.raised_at, reviewed[0] or alert.raised_at)
