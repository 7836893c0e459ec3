"""Routes, several alerts in one message, silences, acknowledgement, history, outbound webhooks."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("alerts", sa.Column("follow_up_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("alerts_by_follow_up_at"), "alerts", ["follow_up_at"])
    _extend_deliveries()
    _create_alert_tables()
    _create_other_tables()


def _extend_deliveries() -> None:
    texts = {"role": "owner", "route": "everything", "pace": "at_once"}
    flags = {"always": sa.true(), "quiet": sa.false()}
    with op.batch_alter_table("deliveries") as table:
        table.alter_column("alert_id", existing_type=sa.Text(), nullable=True)
        for name, value in texts.items():
            table.add_column(sa.Column(name, sa.Text(), nullable=False, server_default=value))
        for name, flag in flags.items():
            table.add_column(sa.Column(name, sa.Boolean(), nullable=False, server_default=flag))
        table.add_column(sa.Column("message_id", sa.Text(), nullable=True))
        table.add_column(sa.Column("reference", sa.JSON(), nullable=True))
    with op.batch_alter_table("deliveries") as table:
        for name in (*texts, *flags):
            table.alter_column(name, server_default=None)
    op.create_index(op.f("deliveries_by_channel_receiver"), "deliveries", ["channel", "receiver"])
    op.create_index(op.f("deliveries_by_message_id"), "deliveries", ["message_id"])
    op.execute("UPDATE deliveries SET role = reason, reason = NULL WHERE reason IN ('owner', 'default')")
    op.execute("UPDATE deliveries SET message_id = delivery_id WHERE attempts > 0")


def _create_alert_tables() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "alert_history",
        sa.Column("id", number, autoincrement=True, nullable=False),
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.alert_id"], name=op.f("alert_history_of_alerts")),
        sa.PrimaryKeyConstraint("id", name=op.f("alert_history_key")),
        comment="What was decided and done about each alert, by whom, in order; only added to.",
    )
    op.create_index(op.f("alert_history_by_alert_id"), "alert_history", ["alert_id"])
    op.create_table(
        "answers",
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("acknowledged_at", moment, nullable=True),
        sa.Column("acknowledged_by", sa.Text(), nullable=True),
        sa.Column("snoozed_until", moment, nullable=True),
        sa.Column("snoozed_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.alert_id"], name=op.f("answers_of_alerts")),
        sa.PrimaryKeyConstraint("alert_id", name=op.f("answers_key")),
        comment="Who is on an alert, and until when it is not to be said again.",
    )


def _create_other_tables() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "silences",
        sa.Column("silence_id", sa.Text(), nullable=False),
        sa.Column("matchers", sa.JSON(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("starts_at", moment, nullable=False),
        sa.Column("ends_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("silence_id", name=op.f("silences_key")),
        comment="Which alerts wait until when, because somebody said so.",
    )
    op.create_index(op.f("silences_by_ends_at"), "silences", ["ends_at"])
    op.create_table(
        "unsubscribed",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint("channel", "receiver", name=op.f("unsubscribed_key")),
        comment="Who wants nothing by a channel any more.",
    )
    op.create_table(
        "webhook_endpoints",
        sa.Column("endpoint_id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("event_types", sa.JSON(), nullable=False),
        sa.Column("secrets", sa.JSON(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("failing_since", moment, nullable=True),
        sa.Column("disabled_at", moment, nullable=True),
        sa.Column("disabled_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("endpoint_id", name=op.f("webhook_endpoints_key")),
        comment="Where alerts are posted to for other programs.",
    )


def downgrade() -> None:
    for name in ("webhook_endpoints", "unsubscribed", "silences", "answers", "alert_history"):
        op.drop_table(name)
    op.execute("DELETE FROM deliveries WHERE alert_id IS NULL OR channel NOT IN ('slack', 'email')")
    op.execute("UPDATE deliveries SET reason = role WHERE status IN ('pending', 'delivered')")
    for name in ("message_id", "channel_receiver"):
        op.drop_index(op.f(f"deliveries_by_{name}"), "deliveries")
    with op.batch_alter_table("deliveries") as table:
        for name in ("reference", "message_id", "quiet", "always", "pace", "route", "role"):
            table.drop_column(name)
        table.alter_column("alert_id", existing_type=sa.Text(), nullable=False)
    op.drop_index(op.f("alerts_by_follow_up_at"), "alerts")
    op.drop_column("alerts", "follow_up_at")  # in place: SQLite drops no table that others refer to
