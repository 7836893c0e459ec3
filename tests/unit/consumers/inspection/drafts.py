"""Drafts of topics, and what they make of the same records."""

from collections import Counter
from collections.abc import Sequence

from consumers.formats import format_of
from consumers.inspection.guesses import guess
from consumers.inspection.ready import fit_of
from consumers.inspection.samples import sample_of
from consumers.inspection.sketch import Sketch, sketch
from consumers.mapping.files import parse
from service.trial import Trial, Verdict
from tests.unit.consumers.inspection.systems import Topics


def drafted(topics: Topics, cluster: str = "", wanted: Sequence[str] = ()) -> Sketch:
    samples = []
    for name, records in topics.items():
        found = guess(records, format_of)
        samples.append(sample_of(name, found, fit_of(found)))
    return sketch(samples, cluster, wanted=wanted)


def tried(topics: Topics, text: str) -> list[Verdict]:
    """What a draft makes of the same records."""
    trial = Trial(parse(text))
    trial.read(record for records in topics.values() for record in records)
    return list(trial.verdicts())


def became(verdicts: list[Verdict]) -> Counter[str]:
    return Counter(verdict.became for verdict in verdicts)
