"""States hold more than earlier versions can read, or wrote: all are folded anew from the events.

An alert that is found again keeps its identity, and its readers are not called again. One whose onset the new
numbers move is a new alert; one that they do not raise any more stays as it was last told.
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
