"""Several Kafka clusters, topics that stand still, records that retention took."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_OLD = ("topic", "partition", "next_offset", "record_time", "caught_up_at")


def upgrade() -> None:
    rows = _without_partitions()
    _create_partitions(
        ["cluster", "topic", "partition"],
        sa.Column("cluster", sa.Text(), server_default="", nullable=False),
        sa.Column("records_lost", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("lost_at", sa.DateTime(timezone=True), nullable=True),
    )
    _put(rows)
    op.create_table(
        "paused_topics",
        sa.Column("cluster", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("cluster", "topic", name=op.f("paused_topics_key")),
        comment="Which topics are not to be consumed for now.",
    )
    place = ["topic", "partition", "offset"]
    with op.batch_alter_table("dead_letters") as table:
        table.add_column(sa.Column("cluster", sa.Text(), server_default="", nullable=False))
        table.drop_constraint(op.f("dead_letters_one_topic_partition_offset"), type_="unique")
        table.create_unique_constraint(
            op.f("dead_letters_one_cluster_topic_partition_offset"), ["cluster", *place]
        )


def downgrade() -> None:
    op.execute("DELETE FROM dead_letters WHERE cluster <> ''")
    with op.batch_alter_table("dead_letters") as table:
        table.drop_constraint(op.f("dead_letters_one_cluster_topic_partition_offset"), type_="unique")
        table.create_unique_constraint(
            op.f("dead_letters_one_topic_partition_offset"), ["topic", "partition", "offset"]
        )
        table.drop_column("cluster")
    op.drop_table("paused_topics")
    op.execute("DELETE FROM partitions WHERE cluster <> ''")
    rows = _without_partitions()
    _create_partitions(["topic", "partition"])
    _put(rows)


def _without_partitions() -> list[dict[str, Any]]:
    """Take the table away, and give what stood in it: its key changes, and its rows are few."""
    table = sa.table("partitions", *map(sa.column, _OLD))
    rows = [dict(row) for row in op.get_bind().execute(sa.select(table)).mappings()]
    op.drop_table("partitions")
    return rows


def _create_partitions(key: list[str], *more: sa.Column[Any]) -> None:
    op.create_table(
        "partitions",
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("next_offset", sa.BigInteger(), nullable=False),
        sa.Column("record_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("caught_up_at", sa.DateTime(timezone=True), nullable=True),
        *more,
        sa.PrimaryKeyConstraint(*key, name=op.f("partitions_key")),
        comment="Where consumption stands; the truth that consumers seek to.",
    )


def _put(rows: list[dict[str, Any]]) -> None:
    if rows:
        op.bulk_insert(sa.table("partitions", *map(sa.column, _OLD)), rows)
