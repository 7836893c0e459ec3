"""Which columns name the same things: by the values that they share."""

from collections.abc import Iterable
from typing import NamedTuple

from consumers.inspection.tables import Column, Table, said


def of_samples(shared: int, of: int) -> str:
    """That what is missing may be there, and no sample has it."""
    return "" if shared == of else " (of the samples)"


class Join(NamedTuple):
    """Values of one column that are ids of another."""

    column: Column
    shared: int
    of: int  # distinct values of the column
    padded: bool = False  # only once leading zeros are left out

    @property
    def share(self) -> float:
        """The share of the column's values that are ids of the other."""
        return self.shared / max(self.of, 1)

    def told(self, other: str) -> str:
        """In words."""
        zeros = ", leading zeros left out" if self.padded else ""
        told = f"{self.shared} of {self.of} values of {said(self.column.path)} are in {said(other)}"
        return f"{told}{zeros}{of_samples(self.shared, self.of)}"


def joined(left: Column, right: Column, *, loosely: bool = False) -> Join:
    """How many values of a column are values of another; `loosely`: leading zeros do not count."""
    mine, theirs = set(left.counted), set(right.counted)
    if loosely:
        mine, theirs = _numbers(mine), _numbers(theirs)
    return Join(left, len(mine & theirs), len(mine), loosely)


def _numbers(values: Iterable[str]) -> set[str]:
    return {value.lstrip("0") for value in values if value.isascii() and value.isdigit() and value.strip("0")}


def ids_of(table: Table) -> list[Column]:
    """The columns of a table that may be its id."""
    return [
        column for column in table.columns.values() if column.values and column.is_id() and column.is_unique()
    ]
