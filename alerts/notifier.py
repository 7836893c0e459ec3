"""Brings what was decided to its receivers: one worker a channel, so that none waits for another."""

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from random import Random, SystemRandom

import structlog

from alerts.apprise_sender import AppriseSender
from alerts.channel_worker import ChannelWorker
from alerts.config import Channel, NotifierConfig
from alerts.intake import forget_messages
from alerts.parcel import Sender
from alerts.pauses import Pauses
from alerts.rendering import LinkMaker, Pictures, Renderer
from alerts.slack import SlackSender
from alerts.smtp import EmailSender
from alerts.sweeper import Sweeper
from alerts.webhook_sender import WebhookSender
from storage.engine import UNAVAILABLE, Engine

log = structlog.get_logger()

_FORGET_SECONDS = 3600.0
# How many messages of a channel may be on their way at once: one that hangs must not hold up all others.
WORKERS: Mapping[Channel, int] = {"slack": 2, "email": 2, "apprise": 2, "webhook": 8}
# And how many of them to one receiver, where receivers have servers of their own.
MOST_TO_ONE: Mapping[Channel, int] = {"apprise": 1, "webhook": 2}


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


def senders_of(engine: Engine, config: NotifierConfig) -> list[Sender]:
    """A sender for each channel that is configured."""
    senders: list[Sender] = []
    if config.slack is not None:
        senders.append(SlackSender(config.slack))
    if config.email is not None:
        senders.append(EmailSender(config.email))
    if "apprise" in config.channels:
        senders.append(AppriseSender(config.receivers, config.apprise))
    if config.webhooks is not None:
        senders.append(WebhookSender(engine, config))
    return senders


def _wake(workers: Sequence[ChannelWorker]) -> None:
    for worker in workers:
        worker.wake()


class Notifier:
    """All channels' workers together; several notifiers may run on one database."""

    def __init__(
        self,
        engine: Engine,
        config: NotifierConfig,
        *,
        senders: Sequence[Sender] | None = None,
        pictures: Pictures | None = None,
        links: LinkMaker | None = None,
        now: Callable[[], datetime] = utc_now,
        random: Random | None = None,
    ) -> None:
        chosen = senders_of(engine, config) if senders is None else senders
        dice = random or SystemRandom()
        self._engine = engine
        self._now = now
        self.sweeper = Sweeper(engine, config, now, self.wake)
        renderer = Renderer(engine, config, pictures, links)
        self.workers: list[ChannelWorker] = []
        for sender in chosen:
            make = partial(
                ChannelWorker,
                engine,
                sender,
                config,
                renderer=renderer,
                pauses=Pauses(MOST_TO_ONE.get(sender.channel)),
                now=now,
                random=dice,
            )
            others = [make() for _ in range(WORKERS[sender.channel] - 1)]
            self.workers += [make(on_work=partial(_wake, others)), *others]

    def wake(self) -> None:
        """There may be something to send at once."""
        _wake(self.workers)

    def unready(self) -> str | None:
        """Which worker is not doing its work, and why; None when all are."""
        reasons = [f"{w.channel} {reason}" for w in self.workers if (reason := w.unready())]
        if reason := self.sweeper.unready():
            reasons.append(reason)
        return "; ".join(dict.fromkeys(reasons)) or None

    def run(self, stop: threading.Event) -> None:
        """Notify until `stop` is set; a message on its way is finished first, within its deadline."""
        log.info("notifying", action="notifier_started", channels=[w.channel for w in self.workers])
        with ExitStack() as stack:
            parts = [(f"notify-{worker.channel}", worker.run) for worker in self.workers]
            for name, run in [*parts, ("follow-ups", self.sweeper.run)]:
                thread = threading.Thread(target=run, args=(stop,), name=name)
                thread.start()
                stack.callback(thread.join)
            while not stop.is_set():
                self._forget()
                stop.wait(_FORGET_SECONDS)
            self.wake()
        log.info("stopped notifying", action="notifier_stopped")

    def _forget(self) -> None:
        """Drop what the webhook need not remember any longer; whatever is in the way can wait an hour."""
        try:
            count = forget_messages(self._engine, self._now())
        except UNAVAILABLE as error:
            log.warning("the database is away", action="database_unavailable", detail=str(error.orig))
        except Exception as error:  # noqa: BLE001  # the workers would wait for a stop that nobody sets
            log.error("old messages stay", action="notifier_error", at=type(error).__name__)  # noqa: TRY400
        else:
            if count:
                log.info("old messages forgotten", action="messages_forgotten", count=count)
