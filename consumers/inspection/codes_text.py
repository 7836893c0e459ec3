"""Lists of codes as a draft has them: each value that the samples have, how often, and what it may mean."""

from collections import Counter
from collections.abc import Iterable

from consumers.inspection.ready import CodesSeen, meaning_of
from consumers.inspection.toml_text import Text, bare, quoted

_MOST = 60


def ready_codes(text: Text, seen: CodesSeen) -> None:
    """A list of a ready mapping of which the samples have values that it does not name."""
    text.add()
    text.comment(f"{bare(seen.of)} of the samples; allowed: {', '.join(seen.allowed)}.")
    text.add(f"[codes.{seen.name}]")
    for value, count in seen.counted.most_common(_MOST):
        known = seen.meanings.get(value.strip().casefold())
        meaning = known or meaning_of(seen.name, value)
        if meaning not in seen.allowed and seen.default is None:
            text.add(f'# {quoted(value)} = ""', f"seen {times(count)}, and in no list: say what it means")
        elif known is not None:
            text.add(f"{quoted(value)} = {quoted(str(known))}", f"seen {times(count)}")
        else:
            how = "guessed from its words, check" if meaning in seen.allowed else "check: as any other code"
            chosen = meaning if meaning in seen.allowed else str(seen.default)
            text.add(f"{quoted(value)} = {quoted(str(chosen))}", f"seen {times(count)}; {how}")


def own_codes(text: Text, name: str, counted: Counter[str], other: str, allowed: Iterable[str]) -> None:
    """A list of the draft's own; `other` is what any other code means."""
    if f"[codes.{name}]" in text.lines:
        return  # a ready mapping has it
    text.add()
    text.comment(f"Allowed: {', '.join(allowed)}.")
    text.add(f"[codes.{name}]")
    for value, count in counted.most_common(_MOST):
        meaning = meaning_of(name, value)
        how = (
            "guessed from its words, check"
            if meaning
            else f"TODO: check, {other} is taken for any other code"
        )
        text.add(f"{quoted(value)} = {quoted(meaning or other)}", f"seen {times(count)}; {how}")
    text.add(f'"*" = {quoted(other)}', "any other")


def times(count: int) -> str:
    """How often, in words."""
    return "once" if count == 1 else f"{count} times"
