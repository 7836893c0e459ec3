"""The naive peer: kafka-python, one SQLAlchemy session and one transaction an event."""

import json
from datetime import datetime
from time import perf_counter
from typing import Any

import sqlalchemy as sa
from kafka import KafkaConsumer
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from bench.measuring import pin, subject_arguments, tell


class Base(DeclarativeBase):
    """The naive peer's own tables."""


class Account(Base):
    """One row an account, with counters."""

    __tablename__ = "naive_accounts"
    account_id: Mapped[str] = mapped_column(primary_key=True)
    interactions: Mapped[int] = mapped_column(default=0)
    orders: Mapped[int] = mapped_column(default=0)
    last_event_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))


class StoredEvent(Base):
    """One row an event."""

    __tablename__ = "naive_events"
    source: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    data: Mapped[dict[str, Any]] = mapped_column(sa.JSON)


class Offset(Base):
    """One row a partition."""

    __tablename__ = "naive_offsets"
    partition: Mapped[int] = mapped_column(primary_key=True)
    next_offset: Mapped[int]


def main() -> None:
    options = subject_arguments(__doc__).parse_args()
    pin(options.core)
    engine = sa.create_engine(options.database)
    Base.metadata.create_all(engine)
    sessions = sessionmaker(engine)
    consumer = KafkaConsumer(
        options.topic,
        bootstrap_servers=options.bootstrap,
        group_id="bench-naive",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        metrics_enabled=False,
    )
    seen, begun = 0, 0.0
    for record in consumer:
        begun = begun or perf_counter()
        with sessions.begin() as session:
            take(session, record)
        seen += 1
        if seen >= options.events:
            break
    tell(events=seen, seconds=perf_counter() - begun)
    consumer.close()


def take(session: Session, record: Any) -> None:
    """Decode one record and write what it says."""
    event = json.loads(record.value)
    at = datetime.fromisoformat(event["time"])
    if session.get(StoredEvent, (event["source"], event["id"])) is None:
        account = session.get(Account, event["subject"])
        if account is None:
            account = Account(account_id=event["subject"], interactions=0, orders=0)
            session.add(account)
        if event["type"] == "order.placed":
            account.orders += 1
        else:
            account.interactions += 1
        account.last_event_at = at
        session.add(
            StoredEvent(
                source=event["source"],
                event_id=event["id"],
                account_id=event["subject"],
                kind=event["type"],
                at=at,
                data=event["data"],
            )
        )
    session.merge(Offset(partition=record.partition, next_offset=record.offset + 1))


if __name__ == "__main__":
    main()
