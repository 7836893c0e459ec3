"""Every table, once. Migrations create them; a test compares the two."""

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class Utc(TypeDecorator[datetime]):
    """An aware moment in UTC, on databases with and without time zones."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Refuse naive moments: they would mean another time on another machine."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment without a time zone: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """SQLite gives the moment back without its zone, which is always UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


_BigKey = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # SQLite numbers rows by INTEGER keys only

metadata = sa.MetaData(
    naming_convention={
        "ix": "%(table_name)s_by_%(column_0_N_name)s",
        "uq": "%(table_name)s_one_%(column_0_N_name)s",
        "ck": "%(table_name)s_check_%(constraint_name)s",
        "fk": "%(table_name)s_of_%(referred_table_name)s",
        "pk": "%(table_name)s_key",
    }
)

# --- detection plane ---------------------------------------------------------------------------------

partitions = sa.Table(
    "partitions",
    metadata,
    sa.Column("cluster", sa.Text, primary_key=True, server_default=""),  # by its name in the settings
    sa.Column("topic", sa.Text, primary_key=True),
    sa.Column("partition", sa.Integer, primary_key=True),
    sa.Column("next_offset", sa.BigInteger, nullable=False),
    sa.Column("record_time", Utc),  # the newest record timestamp committed
    sa.Column("caught_up_at", Utc),  # when a consumer last stood at the partition's end
    sa.Column("records_lost", sa.BigInteger, nullable=False, server_default="0"),  # not acknowledged yet
    sa.Column("lost_at", Utc),
    comment="Where consumption stands; the truth that consumers seek to.",
)

paused_topics = sa.Table(
    "paused_topics",
    metadata,
    sa.Column("cluster", sa.Text, primary_key=True),
    sa.Column("topic", sa.Text, primary_key=True),  # empty: all of the cluster
    sa.Column("paused_at", Utc, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    comment="Which topics are not to be consumed for now.",
)

events = sa.Table(
    "events",
    metadata,
    sa.Column("event_key", sa.LargeBinary(16), primary_key=True),  # digest of source and id
    sa.Column("account_id", sa.Text, nullable=False),
    sa.Column("week", sa.Integer, nullable=False),
    sa.Column("document", sa.Text),  # natural key, such as order:4711
    sa.Column("body", sa.LargeBinary, nullable=False),  # canonical CloudEvent, JSON
    # Of the record that a mapping has made it of, so that another mapping can take it back.
    sa.Column("topic", sa.Text),
    sa.Column("partition", sa.Integer),
    sa.Column("offset", sa.BigInteger),
    sa.Column("cluster", sa.Text, nullable=False, server_default=""),
    sa.Index(None, "account_id", "week"),
    sa.Index(
        None,
        "account_id",
        "document",
        postgresql_where=sa.text("document IS NOT NULL"),
        sqlite_where=sa.text("document IS NOT NULL"),
    ),
    comment="Each accepted event once: the set that every state is folded from.",
)

drafts = sa.Table(
    "drafts",
    metadata,
    sa.Column("event_key", sa.LargeBinary(16), primary_key=True),  # of the event that it makes
    sa.Column("rule", sa.Text, nullable=False),  # of the topic's mapping
    sa.Column("at", sa.BigInteger, nullable=False),  # microseconds since 1970: see draft_references
    sa.Column("body", sa.LargeBinary, nullable=False),  # what the rule reads of the record, JSON
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("partition", sa.Integer, nullable=False),
    sa.Column("offset", sa.BigInteger, nullable=False),
    sa.Column("cluster", sa.Text, nullable=False, server_default=""),
    sa.Column("names", sa.LargeBinary, nullable=False),  # the references, 8 bytes each
    comment="What a record says of an event that refers to reference data.",
)

draft_references = sa.Table(
    "draft_references",
    metadata,
    sa.Column("reference", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("batch", sa.BigInteger, primary_key=True, autoincrement=False),  # drawn
    sa.Column("at", sa.BigInteger, nullable=False),  # of the latest; later versions concern none of them
    sa.Column("drafts", sa.LargeBinary, nullable=False),  # their keys, 16 bytes each
    sqlite_with_rowid=False,
    comment="Which drafts are filled anew when something more is said of a reference.",
)

reference_data = sa.Table(
    "reference_data",
    metadata,
    sa.Column("reference", sa.BigInteger, primary_key=True, autoincrement=False),  # digest of kind and id
    sa.Column("version", sa.LargeBinary(16), primary_key=True),  # digest of the change's identity
    sa.Column("parent", sa.BigInteger),  # digest of kind and the id of what it is part of
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("time", sa.BigInteger, nullable=False),  # microseconds since 1970
    sa.Column("deleted", sa.Boolean, nullable=False),
    sa.Column("fields", sa.LargeBinary, nullable=False),  # JSON
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("partition", sa.Integer, nullable=False),
    sa.Column("offset", sa.BigInteger, nullable=False),
    sa.Column("cluster", sa.Text, nullable=False, server_default=""),
    sa.Index(None, "parent"),
    sqlite_with_rowid=False,
    comment="Every version of the people, products and documents that events refer to by id.",
)

reference_state = sa.Table(
    "reference_state",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("state", sa.LargeBinary(16), nullable=False),  # drawn anew with every change
    comment="One row: whether what a consumer remembers of reference_data still holds.",
)

accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("account_id", sa.Text, primary_key=True),
    sa.Column(
        "due_week", sa.Integer, nullable=False
    ),  # the first week whose evidence is not in the state yet
    sa.Column("state", sa.LargeBinary),  # accounts.state.AccountState, msgpack; empty before the first review
    sa.Column("stage", sa.Text, nullable=False, server_default="learning"),
    sa.Column("led_by", sa.Text, nullable=False, server_default="development"),
    sa.Column("reviewed_to", Utc),  # the moment up to which weeks have been closed
    sa.Column("annual_value", sa.Numeric(20, 4)),
    sa.Column("value_at_risk", sa.Numeric(20, 4)),
    sa.Column("currency", sa.Text),  # of the two sums before
    sa.Column("base_at_risk", sa.Numeric(20, 4)),  # in base_currency: what lists are ordered by
    sa.Column("base_currency", sa.Text),
    sa.Column("not_converted", sa.JSON),  # a list of accounts.alert.Amount: orders that no rate converts
    sa.Column("card", sa.JSON),  # accounts.alert.AccountCard: name, segment, owner and so on
    sa.Index(None, "due_week"),
    sa.Index(None, "stage"),
    comment="One row an account: its state, and the columns that lists are made from.",
)

transitions = sa.Table(
    "transitions",
    metadata,
    sa.Column("account_id", sa.Text, primary_key=True),
    sa.Column("at", Utc, primary_key=True),  # the end of the week that decided it
    sa.Column("from_stage", sa.Text, nullable=False),
    sa.Column("to_stage", sa.Text, nullable=False),
    comment="The history of each account's stages, as its evidence now tells it.",
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", _BigKey, primary_key=True, autoincrement=True),  # the order of decisions
    sa.Column("message_id", sa.Text, nullable=False),  # the webhook's idempotency key
    sa.Column("alert_id", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),  # the alert, JSON
    sa.Column("created_at", Utc, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("due_at", Utc),  # when to try (again); empty once given up
    sa.Column("last_error", sa.Text),
    sa.UniqueConstraint("message_id"),
    sa.Index(None, "alert_id"),
    comment="Alerts decided but not yet accepted by POST /webhooks/alerts; a row leaves when it is accepted.",
)

dead_letters = sa.Table(
    "dead_letters",
    metadata,
    sa.Column("id", _BigKey, primary_key=True, autoincrement=True),
    sa.Column("cluster", sa.Text, nullable=False, server_default=""),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("partition", sa.Integer, nullable=False),
    sa.Column("offset", sa.BigInteger, nullable=False),
    sa.Column("key", sa.LargeBinary),
    sa.Column("value", sa.LargeBinary),
    sa.Column("headers", sa.JSON, nullable=False),  # [[name, base64 value], …]
    sa.Column("reason", sa.Text, nullable=False),  # one of a bounded set
    sa.Column("detail", sa.Text, nullable=False),  # what a person can act on
    sa.Column("timestamp", sa.BigInteger),  # of the record, milliseconds
    sa.Column("recorded_at", Utc, nullable=False),
    sa.Column("replayed_at", Utc),
    sa.UniqueConstraint("cluster", "topic", "partition", "offset"),
    comment="Records that could not be read, whole, with the reason.",
)

# --- notification plane ------------------------------------------------------------------------------

alerts = sa.Table(
    "alerts",
    metadata,
    sa.Column("alert_id", sa.Text, primary_key=True),
    sa.Column("account_id", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("severity", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("raised_at", Utc, nullable=False),
    sa.Column("received_at", Utc, nullable=False),
    sa.Column("updated_at", Utc, nullable=False),
    sa.Column("follow_up_at", Utc),  # when to look whether it must be said again or escalated
    sa.Column("body", sa.JSON, nullable=False),
    sa.Index(None, "account_id"),
    sa.Index(None, "raised_at"),
    sa.Index(None, "follow_up_at"),
    comment="Each alert once, as last received.",
)

webhook_messages = sa.Table(
    "webhook_messages",
    metadata,
    sa.Column("message_id", sa.Text, primary_key=True),
    sa.Column("alert_id", sa.Text, nullable=False),
    sa.Column("body_digest", sa.LargeBinary(32), nullable=False),  # SHA-256 of the body, byte for byte
    sa.Column("received_at", Utc, nullable=False),
    sa.Index(None, "received_at"),
    comment="Webhook messages acted on of late: a repeated one is acknowledged and does nothing.",
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("delivery_id", sa.Text, primary_key=True),
    sa.Column("alert_id", sa.Text, sa.ForeignKey("alerts.alert_id")),  # empty for what tells of no single one
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("receiver", sa.Text, nullable=False),  # an address; never a secret
    sa.Column("role", sa.Text, nullable=False),  # why this receiver: owner, manager, default or a name
    sa.Column("route", sa.Text, nullable=False),  # the way through the tree of routes
    sa.Column("pace", sa.Text, nullable=False),  # at_once, daily or weekly
    sa.Column("always", sa.Boolean, nullable=False),  # also outside of the receiver's hours
    sa.Column("notice", sa.Text, nullable=False),  # alerts.message.Notice
    sa.Column("quiet", sa.Boolean, nullable=False),  # an edit of what was sent before, without a sound
    sa.Column("status", sa.Text, nullable=False),  # pending, delivered, failed or suppressed
    sa.Column("reason", sa.Text),  # why it waits, was suppressed or failed
    sa.Column("body", sa.JSON, nullable=False),  # the alert as it was when this was decided
    sa.Column("message_id", sa.Text),  # what it travels in; the idempotency key of every attempt
    sa.Column("reference", sa.JSON),  # where the channel keeps the message, to edit or answer it
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("created_at", Utc, nullable=False),
    sa.Column("due_at", Utc),
    sa.Column("finished_at", Utc),
    sa.Column("last_error", sa.Text),
    sa.Index(None, "channel", "due_at"),
    sa.Index(None, "channel", "receiver"),
    sa.Index(None, "alert_id"),
    sa.Index(None, "message_id"),
    comment="What goes to whom by which channel, and how it went.",
)

alert_history = sa.Table(
    "alert_history",
    metadata,
    sa.Column("id", _BigKey, primary_key=True, autoincrement=True),
    sa.Column("alert_id", sa.Text, sa.ForeignKey("alerts.alert_id"), nullable=False),
    sa.Column("at", Utc, nullable=False),
    sa.Column("what", sa.Text, nullable=False),  # received, decided, delivered, acknowledged and so on
    sa.Column("detail", sa.JSON, nullable=False),
    sa.Index(None, "alert_id"),
    comment="What was decided and done about each alert, by whom, in order; only added to.",
)

answers = sa.Table(
    "answers",
    metadata,
    sa.Column("alert_id", sa.Text, sa.ForeignKey("alerts.alert_id"), primary_key=True),
    sa.Column("acknowledged_at", Utc),
    sa.Column("acknowledged_by", sa.Text),
    sa.Column("snoozed_until", Utc),
    sa.Column("snoozed_by", sa.Text),
    comment="Who is on an alert, and until when it is not to be said again.",
)

silences = sa.Table(
    "silences",
    metadata,
    sa.Column("silence_id", sa.Text, primary_key=True),
    sa.Column("matchers", sa.JSON, nullable=False),  # alerts.matching.Matchers
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("created_at", Utc, nullable=False),
    sa.Column("starts_at", Utc, nullable=False),
    sa.Column("ends_at", Utc, nullable=False),  # brought forward when somebody ends it
    sa.Index(None, "ends_at"),
    comment="Which alerts wait until when, because somebody said so.",
)

unsubscribed = sa.Table(
    "unsubscribed",
    metadata,
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("receiver", sa.Text, primary_key=True),
    sa.Column("at", Utc, nullable=False),
    comment="Who wants nothing by a channel any more.",
)

webhook_endpoints = sa.Table(
    "webhook_endpoints",
    metadata,
    sa.Column("endpoint_id", sa.Text, primary_key=True),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("event_types", sa.JSON, nullable=False),  # patterns such as alert.raised; empty: all
    sa.Column("secrets", sa.JSON, nullable=False),  # [{secret, expires_at?}], the newest first
    sa.Column("created_at", Utc, nullable=False),
    sa.Column("failing_since", Utc),  # the first failure after the last success
    sa.Column("disabled_at", Utc),
    sa.Column("disabled_reason", sa.Text),
    comment="Where alerts are posted to for other programs.",
)

feedback = sa.Table(
    "feedback",
    metadata,
    sa.Column("id", _BigKey, primary_key=True, autoincrement=True),
    sa.Column("alert_id", sa.Text, sa.ForeignKey("alerts.alert_id"), nullable=False),
    sa.Column("account_id", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),  # of the alert, as its onset and raising below
    sa.Column("verdict", sa.Text, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("at", Utc, nullable=False),
    sa.Column("onset_at", Utc, nullable=False),
    sa.Column("raised_at", Utc, nullable=False),
    sa.Column("applies_from", Utc),  # the first week that a fold heeds it in; empty for a label alone
    sa.UniqueConstraint("alert_id", "verdict", "author"),
    sa.Index(None, "account_id"),
    comment="What people said of alerts, never changed; with the events, what states are folded from.",
)
