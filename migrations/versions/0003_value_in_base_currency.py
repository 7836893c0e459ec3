"""Value at risk in the currency that accounts are compared in."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("base_at_risk", sa.Numeric(precision=20, scale=4), nullable=True))
    op.add_column("accounts", sa.Column("base_currency", sa.Text(), nullable=True))
    op.add_column("accounts", sa.Column("not_converted", sa.JSON(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("accounts") as table:
        for name in ("not_converted", "base_currency", "base_at_risk"):
            table.drop_column(name)
