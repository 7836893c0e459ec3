"""What tells systems, components and services apart: a column of the products, by name or content."""

from collections.abc import Mapping

from consumers.inspection.identifiers import holds_address
from consumers.inspection.kinds import Kind, Known
from consumers.inspection.roles_of_columns import Found
from consumers.inspection.tables import Column, said, text_of
from consumers.inspection.toml_text import bare
from consumers.inspection.vocabulary import flat, names

_FEWEST, _MOST = 2, 40  # values that a list of kinds or groups has
_FAR_FEWER = 2  # times as many products as values
_EXAMPLES = 3


def with_product_kinds(known: Mapping[Kind, Known]) -> dict[Kind, Known]:
    """The tables, with what may tell the kind of a product where no better column does."""
    products = known.get("products")
    if products is None:
        return dict(known)
    kind = products.columns.get("kind")
    if kind is None or len(kind.column.counted) < _FEWEST:  # the same for all tells nothing
        kind = _group(products) or _by_content(products) or kind
    columns = dict(products.columns) | ({} if kind is None else {"kind": kind})
    return {**known, "products": products._replace(columns=columns)}


def _group(products: Known) -> Found | None:
    """The group of a product; where there is but one grouping, it is the product line as well."""
    line = products.columns.get("product_line")
    found = products.columns.get("kind_group")
    if found is None and line is not None and flat(line.path) in names("products", "kind_group"):
        found = line
    return found if found is not None and len(found.column.counted) >= _FEWEST else None


def _by_content(products: Known) -> Found | None:
    taken = {found.path for found in products.columns.values()}
    columns = [
        column
        for column in products.table.columns.values()
        if column.path not in taken and _may_be(column, len(products.columns["sku"].column.counted))
    ]
    columns.sort(key=lambda column: (-round(column.filled, 1), len(column.counted)))
    if not columns:
        return None
    others = ", ".join(said(column.path) for column in columns[1:4])
    found = columns[0]
    why = f"not by its name, but it has {len(found.counted)} values only; check"
    return Found(found, f"{why} (or is it {others}?)" if others else why)


def _may_be(column: Column, products: int) -> bool:
    name = flat(column.path)
    return (
        not column.is_flag
        and not column.is_moment()
        and not column.is_currency()
        and not any(isinstance(value, float) and not value.is_integer() for value in column.values)
        and column.is_code()
        and _FEWEST <= len(column.counted) <= min(_MOST, products // _FAR_FEWER)
        and not any(stem in name for stem in names("products", "no_kind"))
    )


def examples(known: Known, key: Column, column: Column) -> dict[str, str]:
    """By value, some of the products that have it."""
    found: dict[str, list[str]] = {}
    for document in known.table.documents:
        value, product = document.get(column.path), document.get(key.path)
        if isinstance(value, str | int | float) and isinstance(product, str | int | float):
            several, shown = found.setdefault(text_of(value), []), bare(text_of(product).strip())
            if len(several) < _EXAMPLES and shown not in several and not holds_address(shown):
                several.append(shown)
    return {value: ", ".join(several) for value, several in found.items()}
