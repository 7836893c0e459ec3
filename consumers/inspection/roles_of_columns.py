"""Which column is the id, the customer, the time, the price: by its name, and by what it holds."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from consumers.inspection.tables import Column, Table
from consumers.inspection.vocabulary import flat, names

Check = Callable[[Column], bool]

_SHORTEST_END = 5  # letters of a known name that must be the end of another
_MOST_STATES = 25


class Found(NamedTuple):
    """A column and why it was taken."""

    column: Column
    why: str

    @property
    def path(self) -> str:
        """Where it stands in the documents."""
        return self.column.path


def _is_key(column: Column) -> bool:
    return column.is_id() and column.is_unique()


def _is_state(column: Column) -> bool:
    return column.is_code() and len(column.counted) <= _MOST_STATES


def _is_text(column: Column) -> bool:
    return not column.is_flag and not column.is_moment()


def _is_amount(column: Column) -> bool:
    return column.is_number() and not column.is_flag


_CHECKS: Mapping[str, Check] = {
    "id": _is_key,
    "account": Column.is_id,
    "order": Column.is_id,
    "sku": Column.is_id,
    "buyer": Column.is_id,
    "time": Column.is_moment,
    "updated": Column.is_always_moment,
    "currency": Column.is_currency,
    "status": _is_state,
    "document_type": _is_state,
    "kind": _is_state,
    "product_line": Column.is_code,
    "segment": Column.is_code,
    "quantity": _is_amount,
    "price": _is_amount,
    "per": lambda column: column.is_number() and "0" not in column.counted,
    "amount": _is_amount,
    "list_price": _is_amount,
    "total": _is_amount,
    "position": Column.is_id,
}


def column_of(table: Table, kind: str, role: str, *, taken: frozenset[str] = frozenset()) -> Found | None:
    """The column that plays a role in a table of a kind; None where no name and content fit."""
    check = _CHECKS.get(role, _is_text)
    best: tuple[float, Column] | None = None
    for column in table.columns.values():
        if column.path in taken or not column.values:
            continue
        rank = _rank(column.path, kind, role)
        if rank is not None and (best is None or rank < best[0]) and check(column):
            best = rank, column
    if best is None:
        return None
    how = "by name" if best[0] < _BY_END else "by the end of its name, check"
    filled, rows, different = len(best[1].values), best[1].rows, len(best[1].counted)
    return Found(
        best[1], f"{how}; in {filled} of {rows} documents, {different} value{'s' * (different != 1)}"
    )


_BY_END = 1000.0
_NESTED = 200.0


def _rank(path: str, kind: str, role: str) -> float | None:
    """How good a name is; the smaller the better."""
    known = names(kind, role)
    name = flat(path.rpartition("\0")[2])
    nested = _NESTED * path.count("\0")
    if name in known:
        return known.index(name) + nested
    whole = flat(path)
    if whole in known:
        return known.index(whole) + nested
    ends = [
        place for place, entry in enumerate(known) if len(entry) >= _SHORTEST_END and name.endswith(entry)
    ]
    return _BY_END + ends[0] + nested if ends else None
