"""From a claimed message to the parcel that a sender is handed: words, language, picture and links."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import cast

from accounts.alert import Alert
from alerts import destinations
from alerts.config import NotifierConfig
from alerts.digest import Digest, digest_of
from alerts.endpoint_health import ENDPOINT_DISABLED
from alerts.endpoint_notice import disabled_notice
from alerts.endpoints import event_type
from alerts.envelope import Envelope, Item
from alerts.language import ENGLISH, Language, language
from alerts.message import Message, Notice, alert_id_shown, message_of
from alerts.parcel import Event, Links, Parcel, Picture
from alerts.said import Said, said_of
from alerts.standing import speaking
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
        if envelope.channel == "webhook":
            return self._event(envelope)
        if envelope.items[0].row.notice == ENDPOINT_DISABLED:
            return self._of_operations(envelope)
        alone = envelope.alone
        if alone is None or alone.alert is None:
            return self._of_several(envelope, now)
        alert = alone.alert
        spoken = self._spoken(envelope, alert)
        notice = cast("Notice", alone.row.notice)
        draw = None if notice == "retracted" else self.pictures
        with reading(self.engine) as connection:
            said = said_of(connection, alert.id)
        return self._parcel(
            envelope,
            message_of(alert, notice, self.config.public_url, spoken),
            alone,
            picture=(lambda: draw(alert.account_id, spoken)) if draw else None,
            links=self._links(envelope, alert, spoken, now),
            said=said,
        )

    def _event(self, envelope: Envelope) -> Parcel:
        """For a program: the alert as it was when this was decided, as it is stored."""
        row = envelope.items[0].row
        event = Event(event_type(row.notice), row.created_at, row.body)
        return replace(self._parcel(envelope, digest_of([], [], None, ENGLISH)), event=event)

    def _of_operations(self, envelope: Envelope) -> Parcel:
        told = envelope.items[0].row.body
        return self._parcel(
            envelope, disabled_notice(told, self.config.public_url, self._spoken(envelope, None))
        )

    def _of_several(self, envelope: Envelope, now: datetime) -> Parcel:
        new = [(item.alert, cast("Notice", item.row.notice)) for item in envelope.items if item.alert]
        standing = self._standing(envelope, now)
        alerts = [*(alert for alert, _ in new), *standing]
        spoken = self._spoken(envelope, next(iter(alerts), None))
        digest = digest_of(new, standing, self.config.public_url, spoken)
        told = {entry.message.alert_id for entry in digest.entries}
        shown = [alert for alert in alerts if alert_id_shown(alert) in told]
        each = {alert_id_shown(alert): self._links(envelope, alert, spoken, now) for alert in shown}
        return self._parcel(
            envelope,
            digest,
            links=self._links(envelope, None, spoken, now),
            links_of_each={alert_id: links for alert_id, links in each.items() if links},
        )

    def _spoken(self, envelope: Envelope, known: Alert | None) -> Language:
        return language(destinations.locale(envelope.role, known, self.config))

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
        said: Said | None = None,
        links_of_each: Mapping[str, Links] = NONE,
    ) -> Parcel:
        return Parcel(
            message_id=envelope.message_id,
            receiver=envelope.receiver,
            role=envelope.role,
            content=content,
            created_at=envelope.created_at,
            # An attempt that ended without an answer may have arrived as well as one whose worker died.
            maybe_sent=envelope.attempts > 0,
            alert=alone.alert if alone else None,
            quiet=alone.row.quiet if alone else False,
            earlier=alone.told.reference if alone and alone.told else None,
            picture=picture or (lambda: None),
            links=links,
            said=said,
            links_of_each=links_of_each,
        )

    def _standing(self, envelope: Envelope, now: datetime) -> list[Alert]:
        """What a digest tells besides what is new."""
        known = [alert for item in envelope.items if not item.alert for alert in item.row.body["alerts"]]
        with reading(self.engine) as connection:
            return speaking(connection, known, now) if known else []
