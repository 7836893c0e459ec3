"""Known failures in words."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


class Failure(Exception):  # noqa: N818  (it is what a command ends with)
    """A command cannot do its work: the message says why and what to do."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code


@contextmanager
def explained() -> Iterator[None]:
    """Turn known failures into a message on standard error and an exit code."""
    try:
        yield
    except BrokenPipeError:  # whoever read our output has seen enough
        sys.stderr.close()
        sys.exit(141)
    except Failure as failure:
        sys.stderr.write(f"turnsignal: {failure}\n")
        sys.exit(failure.code)
