"""What people have said of an alert so far, for the messages that tell of it."""

from dataclasses import dataclass

from accounts.feedback import Feedback
from storage import answers, feedback
from storage.answers import NONE, Answers
from storage.engine import Connection


@dataclass(frozen=True, slots=True)
class Said:
    """Who is on it, until when it rests, and the last verdict."""

    answers: Answers = NONE
    feedback: Feedback | None = None


def said_of(connection: Connection, alert_id: str) -> Said:
    """All of it as it is stored now."""
    known = answers.of(connection, [alert_id]).get(alert_id, NONE)
    given = feedback.find(connection, alert_id=alert_id)
    return Said(known, given[-1] if given else None)
