"""What is known of one topic from its samples."""

from typing import NamedTuple

from msgspec.structs import replace

from consumers.inspection.guesses import Guess
from consumers.inspection.ready import Fit
from consumers.inspection.tables import Table, tables_of


class Sample(NamedTuple):
    """A topic, what it seems to be, and its documents by kind."""

    topic: str
    guess: Guess
    fit: Fit | None
    tables: list[Table]


def sample_of(topic: str, guess: Guess, fit: Fit | None) -> Sample:
    """A sample; of a ready mapping for a table of its own, the table is what the documents are."""
    messages = list(guess.messages)
    if fit is not None and (entity := fit.options.get("entity")):
        messages = [replace(said, entity=entity) for said in messages]
    return Sample(topic, guess, fit, tables_of(topic, messages))
