"""Real invoices as order events: the UCI Online Retail data (Chen et al. 2012, CC BY 4.0)."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import polars as pl

FILE = Path(__file__).parents[3] / "shared" / "data" / "online_retail" / "online_retail.parquet"


class Truth(NamedTuple):
    """What the file itself says, computed without any of our code."""

    invoices: int
    customers: int
    pence: int


def lines(customers: int | None) -> pl.DataFrame:
    """The file's lines that name a customer; of the first `customers` customers, or of all."""
    table = pl.read_parquet(FILE).filter(pl.col("CustomerID").is_not_null())
    if customers is not None:
        first = table["CustomerID"].unique().sort().head(customers)
        table = table.filter(pl.col("CustomerID").is_in(first.implode()))
    return table.with_columns(pl.col("UnitPrice").cast(pl.Decimal(18, 4)).alias("price"))


def truth(table: pl.DataFrame) -> Truth:
    """Counts and total value, by polars."""
    money = table.select((pl.col("price") * pl.col("Quantity")).sum()).item()
    return Truth(table["InvoiceNo"].n_unique(), table["CustomerID"].n_unique(), round(money * 100))


def events(table: pl.DataFrame) -> Iterator[tuple[str, datetime, bytes]]:
    """(account, time, event) of each invoice, in order of time; cancellations are negative invoices."""
    invoices = table.group_by("InvoiceNo", "CustomerID").agg(
        pl.col("InvoiceDate").min(), pl.col("StockCode", "Quantity"), pl.col("price").cast(pl.String)
    )
    for row in invoices.sort("InvoiceDate", "InvoiceNo").iter_rows(named=True):
        account = f"customer-{int(row['CustomerID'])}"
        at = row["InvoiceDate"].replace(tzinfo=UTC)
        yield account, at, json.dumps(_event(account, at, row)).encode()


def _event(account: str, at: datetime, row: dict[str, object]) -> dict[str, object]:
    parts = zip(row["StockCode"], row["Quantity"], row["price"], strict=True)  # type: ignore[call-overload]
    return {
        "specversion": "1.0",
        "type": "order.placed",
        "source": "uci.example/online-retail",
        "id": str(row["InvoiceNo"]),
        "subject": account,
        "time": at.isoformat(),
        "data": {
            "order_id": str(row["InvoiceNo"]),
            "currency": "GBP",
            "lines": [
                {"sku": str(sku), "kind": "component", "quantity": int(quantity), "unit_price": price}
                for sku, quantity, price in parts
            ],
        },
    }
