"""The ready mappings on records of the vendors' own shapes: what comes in, and all that comes out."""

import random

import pytest

from consumers.mapping.files import ready_names
from tests.unit.consumers.mapping.reading import Made, all_rules, case, cases, mappings_of, records_of

ALL = [(name, stem) for name in ready_names() for stem in cases(name)]


@pytest.mark.parametrize(("name", "stem"), ALL, ids=[f"{name}-{stem}" for name, stem in ALL])
def test_records_become_these_events(name: str, stem: str) -> None:
    """Whole canonical events, in whatever order the records arrive, and nothing else but what is said."""
    said = case(name, stem)
    records = records_of(said)
    for seed in range(4):
        made = Made(mappings_of(name, said.mapping))
        made.read(records)
        events = made.events()
        assert events == said.events, said.says
        problems = sorted(set(made.problems))
        assert len(problems) == len(said.problems), problems
        assert all(map(str.startswith, problems, sorted(said.problems))), problems
        random.Random(seed).shuffle(records)


@pytest.mark.parametrize("name", ready_names())
def test_every_rule_has_a_sample(name: str) -> None:
    """A rule that no record reaches may be wrong without anybody seeing it."""
    covered: set[str] = set()
    for stem in cases(name):
        said = case(name, stem)
        made = Made(mappings_of(name, said.mapping))
        made.read(records_of(said))
        made.events()
        covered |= made.rules
    assert all_rules(name) <= covered, sorted(all_rules(name) - covered)
