"""Lists of codes as a draft has them: each value that the samples have, how often, and what it may mean."""

from collections import Counter
from collections.abc import Iterable, Mapping

from consumers.inspection.own_fields import OwnCodes
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
            text.add(f'# {quoted(value)} = ""', f"TODO: seen {times(count)}; say what it means")
        elif known is not None:
            text.add(f"{quoted(value)} = {quoted(str(known))}", f"seen {times(count)}")
        else:
            how = "guessed from its words, check" if meaning in seen.allowed else "check: as any other code"
            chosen = meaning if meaning in seen.allowed else str(seen.default)
            text.add(f"{quoted(value)} = {quoted(str(chosen))}", f"seen {times(count)}; {how}")


def guessed_codes(text: Text, codes: OwnCodes) -> None:
    """A list for a field of one's own, of which the words of most values tell what they mean."""
    if f"[codes.{codes.name}]" in text.lines:
        _more_codes(text, codes)
        return
    text.add()
    text.comment(f"{bare(codes.of)} of the samples; allowed: {', '.join(codes.allowed)}.")
    text.add(f"[codes.{codes.name}]")
    text.lines += _guessed_lines(codes)
    if codes.other is not None:
        text.add(f'"*" = {quoted(codes.other)}', "any other")


def _more_codes(text: Text, codes: OwnCodes) -> None:
    """Values that a field of another object has besides."""
    start = text.lines.index(f"[codes.{codes.name}]") + 1
    end = next((place for place in range(start, len(text.lines)) if not text.lines[place]), len(text.lines))
    there = {line.removeprefix("# ").partition(" = ")[0] for line in text.lines[start:end]}
    more = [
        line for line in _guessed_lines(codes) if line.removeprefix("# ").partition(" = ")[0] not in there
    ]
    text.lines[start:start] = more


def _guessed_lines(codes: OwnCodes) -> list[str]:
    text = Text()
    for value, count in codes.counted.most_common(_MOST):
        meaning = codes.guessed.get(value)
        if meaning is not None:
            text.add(
                f"{quoted(value)} = {quoted(meaning)}", f"seen {times(count)}; guessed from its words, check"
            )
        elif codes.other is not None:
            text.add(f"{quoted(value)} = {quoted(codes.other)}", f"seen {times(count)}; check")
        else:
            text.add(f'# {quoted(value)} = ""', f"TODO: seen {times(count)}; say what it means")
    return text.lines


def own_codes(
    text: Text,
    name: str,
    counted: Counter[str],
    other: str,
    allowed: Iterable[str],
    more: Mapping[str, str] | None = None,
) -> None:
    """A list of the draft's own; `other` is what any other code means, `more` what else is known."""
    if f"[codes.{name}]" in text.lines:
        return  # a ready mapping has it
    text.add()
    text.comment(f"Allowed: {', '.join(allowed)}.")
    text.add(f"[codes.{name}]")
    for value, count in counted.most_common(_MOST):
        meaning = meaning_of(name, value)
        how = "guessed from its words, check" if meaning else "TODO: check"
        text.add(
            f"{quoted(value)} = {quoted(meaning or other)}",
            f"seen {times(count)}; {how}{(more or {}).get(value, '')}",
        )
    text.add(f'"*" = {quoted(other)}', "any other")


def times(count: int) -> str:
    """How often, in words."""
    return "once" if count == 1 else f"{count} times"
