"""Slack: by an app's bot or by an incoming webhook, and what people answer with its buttons."""

from alerts.slack.sender import SlackSender

__all__ = ["SlackSender"]
