"""Some documents of a topic, as `topics --samples` shows them."""

import json
from collections import Counter
from typing import Any

from service.commands.processes import plain
from service.topic_overview import Overview, Shown

_DOCUMENTS = 2  # of each kind
_LONG = 100_000
_MOST_CODES = 12  # in a line


def show_samples(console: Any, each: Overview, *, masked: bool) -> None:
    """Documents, and below them what the fields of codes hold in all that were looked at."""
    for number, shown in enumerate(each.shown(_DOCUMENTS, masked=masked)):
        if number == 0:
            console.print()
            console.rule(plain(each.surveyed.topic), align="left", characters="-")
        for operation, document in shown.documents:
            happened = f" ({operation})" if shown.operations else ""
            console.print(f"{plain(shown.kind)}{happened}:", style="bold")
            text = json.dumps(document, ensure_ascii=False, indent=2)
            console.print("\n".join(plain(line, _LONG) for line in text.split("\n")), soft_wrap=True)
        for line in _lines(shown):
            console.print(plain(line, _LONG), soft_wrap=True)


def samples_told(each: Overview, *, masked: bool) -> dict[str, Any]:
    """The same, of an object of JSON."""
    shown = list(each.shown(_DOCUMENTS, masked=masked))
    return {
        "samples": [
            {"entity": one.kind, "operation": operation, "document": document}
            for one in shown
            for operation, document in one.documents
        ],
        "codes": [
            {"entity": one.kind, "field": field, "values": dict(counted.most_common())}
            for one in shown
            for field, counted in one.codes.items()
        ],
    }


def _lines(shown: Shown) -> list[str]:
    """Of each field that has several: a document shows one already."""
    several = {name: counted for name, counted in shown.codes.items() if len(counted) > 1}
    found = [f"{name}: {_shares(counted)}" for name, counted in several.items()]
    return [*found, f"(operations: {_shares(shown.operations)})"] if len(shown.operations) > 1 else found


def _shares(counted: Counter[str]) -> str:
    total = counted.total()
    told = [f"{value} {_share(count / total)}" for value, count in counted.most_common(_MOST_CODES)]
    return ", ".join(told) + (", …" if len(counted) > _MOST_CODES else "")


def _share(share: float) -> str:
    return f"{share * 100:.0f} %" if share >= 0.005 else "under 1 %"  # noqa: PLR2004  (what rounds to 1)
