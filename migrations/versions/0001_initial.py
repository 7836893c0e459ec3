"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("due_week", sa.Integer(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=True),
        sa.Column("stage", sa.Text(), server_default="learning", nullable=False),
        sa.Column("led_by", sa.Text(), server_default="development", nullable=False),
        sa.Column("reviewed_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("annual_value", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("value_at_risk", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("card", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("account_id", name=op.f("accounts_key")),
        comment="One row an account: its state, and the columns that lists are made from.",
    )
    op.create_index(op.f("accounts_by_due_week"), "accounts", ["due_week"])
    op.create_index(op.f("accounts_by_stage"), "accounts", ["stage"])
    op.create_table(
        "alerts",
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("alert_id", name=op.f("alerts_key")),
        comment="Each alert once, as last received.",
    )
    op.create_index(op.f("alerts_by_account_id"), "alerts", ["account_id"])
    op.create_index(op.f("alerts_by_raised_at"), "alerts", ["raised_at"])
    op.create_table(
        "dead_letters",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=True),
        sa.Column("value", sa.LargeBinary(), nullable=True),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replayed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("dead_letters_key")),
        sa.UniqueConstraint(
            "topic", "partition", "offset", name=op.f("dead_letters_one_topic_partition_offset")
        ),
        comment="Records that could not be read, whole, with the reason.",
    )
    op.create_table(
        "events",
        sa.Column("event_key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("week", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("event_key", name=op.f("events_key")),
        comment="Each accepted event once: the set that every state is folded from.",
    )
    op.create_index(
        op.f("events_by_account_id_document"),
        "events",
        ["account_id", "document"],
        postgresql_where=sa.text("document IS NOT NULL"),
        sqlite_where=sa.text("document IS NOT NULL"),
    )
    op.create_index(op.f("events_by_account_id_week"), "events", ["account_id", "week"])
    op.create_table(
        "outbox",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("outbox_key")),
        sa.UniqueConstraint("message_id", name=op.f("outbox_one_message_id")),
        comment="Alerts decided but not yet accepted by POST /webhooks/alerts; "
        "a row leaves when it is accepted.",
    )
    op.create_index(op.f("outbox_by_alert_id"), "outbox", ["alert_id"])
    op.create_table(
        "partitions",
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("next_offset", sa.BigInteger(), nullable=False),
        sa.Column("record_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("caught_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("topic", "partition", name=op.f("partitions_key")),
        comment="Where consumption stands; the truth that consumers seek to.",
    )
    op.create_table(
        "transitions",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("from_stage", sa.Text(), nullable=False),
        sa.Column("to_stage", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "at", name=op.f("transitions_key")),
        comment="The history of each account's stages, as its evidence now tells it.",
    )
    op.create_table(
        "webhook_messages",
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("body_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("message_id", name=op.f("webhook_messages_key")),
        comment="Webhook messages acted on of late: a repeated one is acknowledged and does nothing.",
    )
    op.create_index(op.f("webhook_messages_by_received_at"), "webhook_messages", ["received_at"])
    op.create_table(
        "deliveries",
        sa.Column("delivery_id", sa.Text(), nullable=False),
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("notice", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.alert_id"], name=op.f("deliveries_of_alerts")),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("deliveries_key")),
        comment="What goes to whom by which channel, and how it went.",
    )
    op.create_index(op.f("deliveries_by_alert_id"), "deliveries", ["alert_id"])
    op.create_index(op.f("deliveries_by_channel_due_at"), "deliveries", ["channel", "due_at"])


def downgrade() -> None:
    op.drop_table("deliveries")
    op.drop_table("webhook_messages")
    op.drop_table("transitions")
    op.drop_table("partitions")
    op.drop_table("outbox")
    op.drop_table("events")
    op.drop_table("dead_letters")
    op.drop_table("alerts")
    op.drop_table("accounts")
