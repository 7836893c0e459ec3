"""What people say of alerts."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "feedback",
        sa.Column("id", number, autoincrement=True, nullable=False),
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("onset_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applies_from", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.alert_id"], name=op.f("feedback_of_alerts")),
        sa.PrimaryKeyConstraint("id", name=op.f("feedback_key")),
        sa.UniqueConstraint(
            "alert_id", "verdict", "author", name=op.f("feedback_one_alert_id_verdict_author")
        ),
        comment="What people said of alerts, never changed; with the events, what states are folded from.",
    )
    op.create_index(op.f("feedback_by_account_id"), "feedback", ["account_id"])


def downgrade() -> None:
    op.drop_table("feedback")
