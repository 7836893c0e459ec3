"""A vendor's own reading of job titles: lines as `turnsignal roles classify` writes them, put right."""

from pathlib import Path
from typing import get_args

from accounts.roles import Function, fold, use_own
from service.failures import Failure

FUNCTIONS: tuple[Function, ...] = get_args(Function)
UNDECIDED = "?"  # as `roles unknown` writes it: somebody has yet to say
_SHOWN = 60


def use(file: str | Path | None) -> None:
    """Let a file's titles go before the built-in words, in this process; None: the words alone."""
    use_own({} if file is None else read(Path(file)))


def read(file: Path) -> dict[str, Function]:
    """Titles and their functions: `function<TAB>title` a line; raises Failure that names each that is wrong.

    What follows a second tab is for people. Lines that are blank, begin with # or are undecided say nothing.
    """
    try:
        text = file.read_text("utf-8-sig")
    except OSError as error:
        raise Failure(f"cannot read the titles of {file}: {error.strerror}", 2) from None
    except UnicodeDecodeError:
        raise Failure(f"{file}: not UTF-8; save it as UTF-8 text, with tabs between the columns", 2) from None
    found: dict[str, Function] = {}
    known: dict[str, Function] = {}
    problems = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        said, _, rest = line.partition("\t")
        title, function = rest.partition("\t")[0].strip(), _function(said)
        if said.strip() == UNDECIDED:
            continue
        if not fold(title).strip():
            problems.append(f"line {number}: no title; write function, tab, title")
        elif function is None:
            problems.append(f"line {number}: {said[:_SHOWN]!r} is none of {', '.join(FUNCTIONS)}")
        elif known.setdefault(fold(title), function) != function:
            problems.append(f"line {number}: {title[:_SHOWN]!r} stands above as {known[fold(title)]}")
        else:
            found[title] = function
    if problems:
        raise Failure("\n  ".join([f"{file} has titles that are wrong:", *problems]), 2)
    return found


def _function(said: str) -> Function | None:
    return next((function for function in FUNCTIONS if function == said.strip().casefold()), None)
