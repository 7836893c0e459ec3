"""Expressions as Python do what the library jmespath does."""

from typing import Any

import jmespath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.mapping.expressions import ExpressionError, compiled
from consumers.mapping.program import Program

NAMES = st.sampled_from(["a", "b", "c", "_", "op"])
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 2), st.sampled_from(["", "a", "x"]), st.floats(-2, 2)
)
DOCUMENTS = st.recursive(
    VALUES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
LITERALS = st.sampled_from(["'a'", "'x'", "''", "`0`", "`1`", "`null`", "`true`", "`false`", "`[]`", "`[1]`"])
SIMPLE = st.one_of(NAMES, LITERALS, st.just("@"))


def _more(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pair = st.tuples(inner, inner)
    return st.one_of(
        st.tuples(inner, NAMES).map(".".join),
        st.tuples(inner, st.integers(-2, 2)).map(lambda made: f"{made[0]}[{made[1]}]"),
        inner.map(lambda made: f"{made}[]"),
        inner.map(lambda made: f"{made}[*]"),
        inner.map(lambda made: f"{made}.*"),
        inner.map(lambda made: f"{made}[:2]"),
        st.tuples(inner, inner, NAMES).map(lambda made: f"{made[0]}[?{made[1]}].{made[2]}"),
        st.tuples(pair, st.sampled_from(["==", "!=", "<", ">=", "||", "&&"])).map(
            lambda made: f"({made[0][0]} {made[1]} {made[0][1]})"
        ),
        inner.map(lambda made: f"!{made}"),
        pair.map(lambda made: f"[{made[0]}, {made[1]}]"),
        pair.map(lambda made: f"{{a: {made[0]}, b: {made[1]}}}"),
        pair.map(lambda made: f"{made[0]} | {made[1]}"),
        inner.map(lambda made: f"type({made})"),
        inner.map(lambda made: f"length({made})"),
        inner.map(lambda made: f"sort_by({made}, &a)"),
    )


EXPRESSIONS = st.recursive(SIMPLE, _more, max_leaves=6)


def outcome(call: Any, *arguments: Any) -> Any:
    """What a call gives, or the class of what it raises."""
    try:
        return "gives", call(*arguments)
    except (TypeError, ValueError) as error:
        return "raises", type(error)


@settings(max_examples=1500)
@given(EXPRESSIONS, DOCUMENTS)
def test_both_agree(text: str, document: Any) -> None:
    """On every document that JSON can hold, also in what they refuse."""
    try:
        expected = jmespath.compile(text)
    except jmespath.exceptions.JMESPathError:
        with pytest.raises(ExpressionError):
            compiled(text, Program({}))
        return
    program = Program({})
    call = program.function([f"return {compiled(text, program).code}"])
    assert outcome(call, document) == outcome(expected.search, document)
    assert _kinds(outcome(call, document)) == _kinds(outcome(expected.search, document))


def _kinds(value: Any) -> Any:
    """The types of values within, for True equals 1."""
    if isinstance(value, list | tuple):
        return [_kinds(each) for each in value]
    if isinstance(value, dict):
        return {name: _kinds(each) for name, each in value.items()}
    return type(value)


@pytest.mark.parametrize(
    ("text", "names", "meta", "everything"),
    [
        ("Account.Name", {"Account"}, set(), False),
        ("_.op != 'deleted' && Stage == 'Won'", {"Stage"}, {"op"}, False),
        ("Lines[?qty > `0`].{sku: Sku, order: Order}", {"Lines"}, set(), False),
        ("join(', ', [First, Last])", {"First", "Last"}, set(), False),
        ("[0] | a", set(), set(), True),
        ("_.before.Stage", set(), {"before"}, False),
        ("keys(@)", set(), set(), True),
        ("*.a", set(), set(), True),
        ("sort_by(Lines, &pos)[0].sku", {"Lines"}, set(), False),
    ],
)
def test_what_is_read_of_a_root_is_known(
    text: str,
    names: set[str],
    meta: set[str],
    everything: bool,  # noqa: FBT001
) -> None:
    """A draft keeps just that of its record."""
    uses = compiled(text, Program({})).uses
    assert (set(uses.names), set(uses.meta), uses.everything) == (names, meta, everything)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a.", "not a JMESPath expression"),
        ("lenght(a)", "there is no function lenght(); did you mean length?"),
        ("sort_by(a, &own(b))", "cannot stand within"),
    ],
)
def test_what_cannot_be_read_is_told(text: str, said: str) -> None:
    """In words, with what is allowed."""
    with pytest.raises(ExpressionError) as error:
        compiled(text, Program({"own": str}))
    assert said in str(error.value)


def test_own_functions_are_called_with_values() -> None:
    """Within projections too."""
    program = Program({"twice": lambda value: 2 * value})
    call = program.function([f"return {compiled('a[].twice(b)', program).code}"])
    assert call({"a": [{"b": 1}, {"b": 4}]}) == [2, 8]
