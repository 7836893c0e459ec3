"""Alembic's entry: runs the migrations on the connection that `migrations` hands over."""

from alembic import context

from storage.tables import metadata

if context.is_offline_mode():
    raise SystemExit("migrations run on a database, not on paper: use `turnsignal migrate`")

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    transactional_ddl=False,  # the transaction is the caller's, and holds the lock
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
)
context.run_migrations()
