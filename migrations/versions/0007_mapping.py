"""Mapped events: where they come from, what they refer to, and the drafts that are filled from it."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("events", sa.Column("topic", sa.Text(), nullable=True))
    op.add_column("events", sa.Column("partition", sa.Integer(), nullable=True))
    op.add_column("events", sa.Column("offset", sa.BigInteger(), nullable=True))
    op.add_column("events", sa.Column("cluster", sa.Text(), server_default="", nullable=False))
    op.add_column("dead_letters", sa.Column("timestamp", sa.BigInteger(), nullable=True))
    op.create_table(
        "drafts",
        sa.Column("event_key", sa.LargeBinary(16), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        *_place(),
        sa.Column("names", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("event_key", name=op.f("drafts_key")),
        comment="What a record says of an event that refers to reference data.",
    )
    op.create_table(
        "draft_references",
        sa.Column("reference", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("batch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("drafts", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("reference", "batch", name=op.f("draft_references_key")),
        sqlite_with_rowid=False,
        comment="Which drafts are filled anew when something more is said of a reference.",
    )
    op.create_table(
        "reference_data",
        sa.Column("reference", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.LargeBinary(16), nullable=False),
        sa.Column("parent", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("fields", sa.LargeBinary(), nullable=False),
        *_place(),
        sa.PrimaryKeyConstraint("reference", "version", name=op.f("reference_data_key")),
        sqlite_with_rowid=False,
        comment="Every version of the people, products and documents that events refer to by id.",
    )
    op.create_index(op.f("reference_data_by_parent"), "reference_data", ["parent"])
    op.create_table(
        "reference_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.LargeBinary(16), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("reference_state_key")),
        comment="One row: whether what a consumer remembers of reference_data still holds.",
    )


def _place() -> list[sa.Column[object]]:
    return [
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("cluster", sa.Text(), server_default="", nullable=False),
    ]


def downgrade() -> None:
    for name in ("reference_state", "reference_data", "draft_references", "drafts"):
        op.drop_table(name)
    op.drop_column("dead_letters", "timestamp")
    for name in ("cluster", "offset", "partition", "topic"):
        op.drop_column("events", name)
