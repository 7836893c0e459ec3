"""Rows of Dataverse's tables, which name their table by their key alone."""

import re
from collections.abc import Mapping
from typing import Any

from consumers.inspection.vocabulary import vocabulary

_LOOKUP = re.compile(r"_\w+_value")
_MARKS = ("@odata.etag", "versionnumber", "statecode", "modifiedon")


def table_of_row(fields: Mapping[str, Any]) -> str | None:
    """The table that a row is of; None for what is no row of a table that is known here."""
    if not any(name in fields for name in _MARKS) and not any(_LOOKUP.match(name) for name in fields):
        return None
    for key, table in vocabulary()["dynamics"].items():
        if key in fields:
            return str(table or fields.get("activitytypecode") or "") or None
    return None
