"""From a claimed message to the parcel that a sender is handed: words, language, picture and links."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import cast

import msgspec

from accounts.alert import Alert
from alerts import destinations
from alerts.config import NotifierConfig
from alerts.digest import Digest, digest_of
from alerts.endpoint_health import ENDPOINT_DISABLED
from alerts.endpoint_notice import disabled_notice
from alerts.endpoints import event_type
from alerts.envelope import Envelope, Item
from alerts.language import Language, language
from alerts.message import Message, Notice, alert_id_shown, message_of
from alerts.parcel import Event, Links, Parcel, Picture
from storage import follow_ups
from storage.engine import Engine, reading

Pictures = Callable[[str, Language], Picture | None]  # of an account, in a language
# Of an alert, or of none: for a channel's receiver, in a locale, now.
LinkMaker = Callable[[Alert | None, str, str, str, datetime], Links | None]

NONE: Mapping[str, Links] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Renderer:
    """Makes parcels; `pictures` and `links` may be missing, as where there is no public address."""

    engine: Engine
    config: NotifierConfig
    pictures: Pictures | None = None
    links: LinkMaker | None = None

    def parcel(self, envelope: Envelope, now: datetime) -> Parcel:
        """All that one attempt to send needs; the same at each attempt, as far as the database is."""
        known = next((item.alert for item in envelope.items if item.alert), None)
        spoken = language(destinations.locale(envelope.role, known, self.config))
        if envelope.channel == "webhook":
            return self._event(envelope, spoken)
        if envelope.items[0].row.notice == ENDPOINT_DISABLED:
            told = disabled_notice(envelope.items[0].row.body, self.config.public_url, spoken)
            return self._parcel(envelope, told)
        alone = envelope.alone
        if alone is None or alone.alert is None:
            return self._of_several(envelope, spoken, now)
        alert = alone.alert
        notice = cast("Notice", alone.row.notice)
        draw = None if notice == "retracted" else self.pictures
        return self._parcel(
            envelope,
            message_of(alert, notice, self.config.public_url, spoken),
            alone,
            picture=(lambda: draw(alert.account_id, spoken)) if draw else None,
            links=self._links(envelope, alert, spoken, now),
        )

    def _event(self, envelope: Envelope, spoken: Language) -> Parcel:
        """For a program: the alert as it was when this was decided, as it is stored."""
        row = envelope.items[0].row
        event = Event(event_type(row.notice), row.created_at, row.body)
        return replace(self._parcel(envelope, digest_of([], [], None, spoken)), event=event)

    def _of_several(self, envelope: Envelope, spoken: Language, now: datetime) -> Parcel:
        new = [(item.alert, cast("Notice", item.row.notice)) for item in envelope.items if item.alert]
        standing = self._standing(envelope)
        digest = digest_of(new, standing, self.config.public_url, spoken)
        told = {entry.message.alert_id for entry in digest.entries}
        alerts = [
            alert for alert in (*(alert for alert, _ in new), *standing) if alert_id_shown(alert) in told
        ]
        each = {alert_id_shown(alert): self._links(envelope, alert, spoken, now) for alert in alerts}
        return self._parcel(
            envelope,
            digest,
            links=self._links(envelope, None, spoken, now),
            links_of_each={alert_id: links for alert_id, links in each.items() if links},
        )

    def _links(
        self, envelope: Envelope, alert: Alert | None, spoken: Language, now: datetime
    ) -> Links | None:
        if self.links is None:
            return None
        return self.links(alert, envelope.channel, envelope.receiver, spoken.locale, now)

    def _parcel(
        self,
        envelope: Envelope,
        content: Message | Digest,
        alone: Item | None = None,
        *,
        picture: Callable[[], Picture | None] | None = None,
        links: Links | None = None,
        links_of_each: Mapping[str, Links] = NONE,
    ) -> Parcel:
        return Parcel(
            message_id=envelope.message_id,
            receiver=envelope.receiver,
            role=envelope.role,
            content=content,
            created_at=envelope.created_at,
            maybe_sent=envelope.maybe_sent,
            alert=alone.alert if alone else None,
            quiet=alone.row.quiet if alone else False,
            earlier=alone.told.reference if alone and alone.told else None,
            picture=picture or (lambda: None),
            links=links,
            links_of_each=links_of_each,
        )

    def _standing(self, envelope: Envelope) -> list[Alert]:
        """What a digest tells besides what is new."""
        known = [alert for item in envelope.items if not item.alert for alert in item.row.body["alerts"]]
        with reading(self.engine) as connection:
            bodies = follow_ups.still_open(connection, known) if known else []
        return [msgspec.convert(body, Alert) for body in bodies]
