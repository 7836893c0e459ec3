"""The schema's migrations on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

import migrations
from storage import partitions
from storage.engine import create_engine
from storage.tables import metadata
from tests.integration.serving import migrated, put_account, put_alert, put_dead_letter, put_delivery
from tests.unit.alerts.samples import SHIFT


def test_up_gives_the_tables_that_the_code_knows(database_url: str) -> None:
    """A change of storage/tables.py without a migration is told here."""
    migrations.upgrade(database_url)
    engine = create_engine(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, metadata)
    assert migrations.is_current(engine)
    engine.dispose()
    assert differences == []


def test_down_leaves_nothing_and_up_again_works(database_url: str) -> None:
    """A migration that cannot be undone, or not be repeated, would be found in production first."""
    engine = create_engine(database_url)
    migrations.upgrade(database_url)
    migrations.downgrade(database_url, "base")
    assert set(sa.inspect(engine).get_table_names()) <= {"alembic_version"}
    assert migrations.current(engine) is None
    migrations.upgrade(database_url)
    assert migrations.is_current(engine)
    engine.dispose()


def test_down_and_up_again_keep_what_both_versions_know(database_url: str) -> None:
    """Who goes back to the first version, and forward again, has the same accounts, alerts and letters."""

    def rows() -> list[tuple[Any, ...]]:
        queries = (
            "SELECT account_id, due_week, stage, annual_value, value_at_risk, currency FROM accounts",
            "SELECT alert_id, status FROM alerts",
            "SELECT delivery_id, status, due_at FROM deliveries",
            "SELECT topic, value, reason FROM dead_letters",
        )
        with engine.connect() as connection:
            return [tuple(connection.execute(sa.text(query)).one()) for query in queries]

    with migrated(database_url) as engine:
        put_account(engine, "acme", "250.75", base_at_risk=250, base_currency="EUR", not_converted=[])
        put_alert(engine, SHIFT)
        put_delivery(engine, SHIFT.id)
        put_dead_letter(engine, 1)
        before = rows()
        migrations.downgrade(database_url, "0001")
        assert rows() == before
        migrations.upgrade(database_url)
        assert rows() == before
        assert migrations.is_current(engine)


def test_offsets_outlive_a_change_of_version_and_clusters_go_with_theirs(database_url: str) -> None:
    """Who upgrades goes on where consumption stood; who goes back keeps what the earlier version knows."""

    def offsets() -> list[tuple[Any, ...]]:
        query = "SELECT topic, partition, next_offset FROM partitions ORDER BY topic, partition"
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(sa.text(query))]

    migrations.upgrade(database_url, "0005")
    engine = create_engine(database_url)
    with engine.begin() as connection:
        for number in range(2):
            row = {"partition": number, "next": 7 + number}
            insert = "INSERT INTO partitions (topic, partition, next_offset, record_time) VALUES "
            values = "('crm.events', :partition, :next, '2026-05-01 00:00:00')"
            connection.execute(sa.text(insert + values), row)
    before = [("crm.events", 0, 7), ("crm.events", 1, 8)]
    migrations.upgrade(database_url)
    assert offsets() == before
    with engine.connect() as connection:
        kept = partitions.progress(connection)[0]
    assert (kept.cluster, kept.records_lost, kept.record_time) == ("", 0, datetime(2026, 5, 1, tzinfo=UTC))
    with engine.begin() as connection:
        partitions.begin(connection, "eu", {("crm.events", 0): 3})
    put_dead_letter(engine, 1)
    put_dead_letter(engine, 1, cluster="eu")
    assert len(offsets()) == 3
    migrations.downgrade(database_url, "0005")
    assert offsets() == before
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM dead_letters")).scalar_one() == 1
    migrations.upgrade(database_url)
    assert offsets() == before
    engine.dispose()


def test_replicas_may_migrate_at_once(database_url: str) -> None:
    """Several containers that start together must not break each other's migration."""
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(migrations.upgrade, database_url) for _ in range(4)]:
            done.result()
    engine = create_engine(database_url)
    assert migrations.is_current(engine)
    engine.dispose()


def test_an_empty_database_is_not_current(database_url: str) -> None:
    """The service must be able to tell that `turnsignal migrate` was forgotten."""
    engine = create_engine(database_url)
    assert not migrations.is_current(engine)
    engine.dispose()


def test_a_failed_migration_leaves_nothing(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a schema could be neither used nor migrated again."""
    engine = create_engine(database_url)

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the power went out")

    monkeypatch.setattr("alembic.op.create_index", fail)
    with pytest.raises(RuntimeError, match="power"):
        migrations.upgrade(database_url)
    assert sa.inspect(engine).get_table_names() == []
    engine.dispose()
