"""What operations watch of the notification plane."""

from typing import get_args

from prometheus_client import Counter, Histogram

from accounts.alert import Severity
from accounts.feedback import VERDICTS
from accounts.stages import Kind
from alerts.config import CHANNELS

_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_LONG_SECONDS = (0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200, 36000, 86400)

MESSAGE_OUTCOMES = (
    "accepted",
    "repeated",
    "conflicting",
    "bad_signature",
    "malformed",
    "invalid",
    "too_large",
    "unavailable",
)
INTERACTION_OUTCOMES = ("accepted", "bad_signature", "malformed", "foreign", "too_large")
DELIVERY_OUTCOMES = ("delivered", "retried", "failed", "suppressed")

alerts_received = Counter(
    "turnsignal_alerts_received_total", "Alert messages acted on, updates included.", ["kind", "severity"]
)
webhook_messages = Counter(
    "turnsignal_webhook_messages_total", "Messages posted to /webhooks/alerts.", ["outcome"]
)
slack_interactions = Counter(
    "turnsignal_slack_interactions_total", "Interactions posted to /webhooks/slack.", ["outcome"]
)
deliveries = Counter(
    "turnsignal_deliveries_total", "Deliveries by how an attempt or a decision ended.", ["channel", "outcome"]
)
suppressed = Counter(
    "turnsignal_deliveries_suppressed_total", "Deliveries decided against, by reason.", ["channel", "reason"]
)
delayed = Counter(
    "turnsignal_deliveries_delayed_total",
    "Deliveries that were made to wait, by reason.",
    ["channel", "reason"],
)
delivery_seconds = Histogram(
    "turnsignal_delivery_seconds", "Seconds that one attempt to send took.", ["channel"], buckets=_SECONDS
)
event_to_delivery = Histogram(
    "turnsignal_event_to_delivery_seconds",
    "Seconds from an alert's receipt at /webhooks/alerts to its acceptance by the channel; the part before "
    "the receipt is turnsignal_event_to_commit_seconds and the outbox.",
    ["channel"],
    buckets=_LONG_SECONDS,
)
feedback = Counter(
    "turnsignal_feedback_total", "Answers to alerts, given over the API, in Slack or by a link.", ["verdict"]
)

actions = Counter("turnsignal_alert_actions_total", "What people did with alerts.", ["action"])


def count_drop(channel: str, reason: str) -> None:
    """A notice that is not sent."""
    deliveries.labels(channel=channel, outcome="suppressed").inc()
    suppressed.labels(channel=channel, reason=reason).inc()


def count_wait(channel: str, reason: str) -> None:
    """A notice that waits."""
    delayed.labels(channel=channel, reason=reason).inc()


for _kind in get_args(Kind):
    for _severity in get_args(Severity):
        alerts_received.labels(kind=_kind, severity=_severity)
for _outcome in MESSAGE_OUTCOMES:
    webhook_messages.labels(outcome=_outcome)
for _action in ("acknowledged", "snoozed", "escalated", "reminded"):
    actions.labels(action=_action)
for _verdict in VERDICTS:
    feedback.labels(verdict=_verdict)
for _channel in CHANNELS:
    delivery_seconds.labels(channel=_channel)
    event_to_delivery.labels(channel=_channel)
    for _outcome in DELIVERY_OUTCOMES:
        deliveries.labels(channel=_channel, outcome=_outcome)
for _outcome in INTERACTION_OUTCOMES:
    slack_interactions.labels(outcome=_outcome)
