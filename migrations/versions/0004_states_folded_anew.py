"""States hold more: product lines' worth of signs, the champion, evidence that ages. All are folded anew.

They are a function of the events, so nothing is lost; alerts keep their identity, and nobody is told twice.
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _fold_anew()


def downgrade() -> None:
    _fold_anew()


def _fold_anew() -> None:
    op.execute("DELETE FROM transitions")
    op.execute(
        "UPDATE accounts SET state = NULL, due_week = "
        "(SELECT MIN(week) FROM events WHERE events.account_id = accounts.account_id) "
        "WHERE EXISTS (SELECT 1 FROM events WHERE events.account_id = accounts.account_id)"
    )
