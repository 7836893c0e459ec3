"""How well `accounts.roles` reads real job titles: the occupations of ESCO, in English, German and Spanish.

Truth is an occupation's place in ISCO-08, for its preferred and all its alternative titles alike. ISCO sorts
by the work done and its training, not by who decides, so no choice is beyond doubt; four are measured:

- `makers`: whom a vendor of technical products means. Purchasing: buyers (3323), heads of procurement
  departments, purchasing managers, specialists in procurement categories and public procurement, and
  procurement officers. Development: engineers of machines, electricity, electronics and telecommunications
  (2144, 2151-2153), software (2512-2514) and managers of research and development (1223).
- `engineers`: the same, and every other engineer (2141-2143, 2145, 2146, 2149) with those who analyse and
  test software (2511, 2519). Recyclers, cider masters and search engine optimisers are among them.
- `groups`: whole ISCO groups without a look inside: 3323 against 1223, 214, 2151-2153 and 251.
- `technicians`: the widest. Those groups with 252, 1330 and all of 311, against 3323 and the buyers above.

Two precisions are told. Against the other function: of the titles of both functions that are read as this
one, the share that is. Against all: the same among all of ESCO, but for the kin of engineers (sub-major
groups 21, 25 and 31, and managers of ICT, 1330), traders who buy to sell (3324), and in `makers` and
`engineers` a few occupations named in the code: there either answer would do. What is left as wrong are
mostly titles that say engineer, developer or designer in occupations that ISCO files elsewhere, from
heating engineers to sound designers. Strict counts the kin as wrong too.

The titles of one occupation are alike, so the number of occupations, not of titles, says how far a row can
be trusted. An occupation's address and two seeds say who has read its titles. `held-out` is a quarter that
nobody who wrote words ever read (seed UNREAD). `fresh` is a third of the others (SEED): read when the first
words were written, left unread when they were made general. `read` is the rest, a half, and the only part
whose errors can be listed. The row `half` is held-out and fresh together.
"""

import argparse
import csv
import hashlib
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal, NamedTuple

from accounts.roles import Function, function_of

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "esco_titles"
LANGUAGES = ("en", "de", "es")
MEASURED: tuple[Function, ...] = ("purchasing", "development")
UNREAD = 20261
SEED = 20262

Part = Literal["read", "fresh", "held-out"]
Truth = Literal["purchasing", "development", "neither", "not graded"]


class Choice(NamedTuple):
    """Which codes of ISCO and ESCO are which function; the longest that fits an occupation decides."""

    purchasing: tuple[str, ...]
    development: tuple[str, ...]
    not_graded: tuple[str, ...]


BUYERS = ("3323", "1213.3", "1324.8.2", "2422.14", "2422.15", "3343.1.5")
MACHINES = ("2144", "2151", "2152", "2153")
OTHER_ENGINEERS = ("2141", "2142", "2143", "2145", "2146", "2149")
SOFTWARE = ("2512", "2513.1", "2513.3", "2513.5", "2514")
KIN = ("21", "25", "31", "1330", "3324")
# Theatre and timber buyers, retail's category manager, gem valuers; the insurance product manager; those who
# set up numerically controlled machines and manage identities.
NEITHER_NOR = (
    *("3323.1", "3323.3", "3323.5", "1221.3.2.1.1", "3315"),
    *("1223.1.1", "2514.4", "2514.5"),
)
CHOICES: Mapping[str, Choice] = {
    "makers": Choice(BUYERS, (*MACHINES, *SOFTWARE, "1223"), KIN + NEITHER_NOR),
    "engineers": Choice(
        BUYERS, (*MACHINES, *OTHER_ENGINEERS, *SOFTWARE, "2511", "2519", "1223"), KIN + NEITHER_NOR
    ),
    "groups": Choice(("3323",), (*MACHINES, *OTHER_ENGINEERS, "251", "1223"), KIN),
    "technicians": Choice(
        (*BUYERS, "3323"), (*MACHINES, *OTHER_ENGINEERS, "251", "252", "1223", "1330", "311"), KIN
    ),
}


class Title(NamedTuple):
    """One title of an occupation."""

    language: str
    part: Part
    title: str
    isco: str
    code: str
    occupation: str
    said: Function


class Counts(NamedTuple):
    """What came of one function: found, not found, and found in the other, elsewhere and where not graded."""

    hits: int
    misses: int
    other: int
    elsewhere: int
    ungraded: int
    occupations: int

    def row(self) -> str:
        """Recall, the three precisions, and the titles and occupations that should be found."""
        n, hits = self.hits + self.misses, self.hits
        recall, other = hits / max(1, n), hits / max(1, hits + self.other)
        among = hits / max(1, hits + self.other + self.elsewhere)
        strict = hits / max(1, hits + self.other + self.elsewhere + self.ungraded)
        figures = f"{recall:6.3f}  {other:10.3f}  {among:6.3f}  {strict:6.3f}"
        return f"{figures}  {n:6d}  {self.occupations:11d}"


def truth_of(title: Title, choice: Choice) -> Truth:
    """What a choice says of the title's occupation."""
    named: list[tuple[int, Truth]] = [(-1, "neither")]
    sides: tuple[tuple[Truth, tuple[str, ...]], ...] = (
        ("purchasing", choice.purchasing),
        ("development", choice.development),
        ("not graded", choice.not_graded),
    )
    for truth, codes in sides:
        named += [(len(code), truth) for code in codes if within(title, code)]
    return max(named)[1]


def within(title: Title, code: str) -> bool:
    """ISCO groups are told by their first digits, ESCO's occupations below them by points."""
    if "." in code:
        return title.code == code or title.code.startswith(f"{code}.")
    return title.isco.startswith(code)


def part_of(uri: str, seed: int) -> Part:
    """Who has read an occupation's titles; see the head."""
    first, second, *_ = _digest(uri, UNREAD)
    if first % 2 and second % 2:
        return "held-out"
    return "fresh" if _digest(uri, seed)[0] % 3 == 0 else "read"


def _digest(uri: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed}:{uri}".encode()).digest()


def titles(folder: Path, language: str, seed: int) -> Iterator[Title]:
    """Every distinct title of every occupation; forms for men and women joined by a slash come apart."""
    with (folder / f"occupations_{language}.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            uri = row["conceptUri"]
            names = row["preferredLabel"].split("/") + row["altLabels"].split("\n")
            for name in sorted({name.strip() for name in names} - {""}):
                part, said = part_of(uri, seed), function_of(name)
                yield Title(language, part, name, row["iscoGroup"], row["code"], uri, said)


def count(found: list[Title], function: Function, choice: Choice) -> Counts:
    pairs = [(title.said == function, truth_of(title, choice), title) for title in found]
    return Counts(
        hits=sum(said and truth == function for said, truth, _ in pairs),
        misses=sum(not said and truth == function for said, truth, _ in pairs),
        other=sum(said and truth in MEASURED and truth != function for said, truth, _ in pairs),
        elsewhere=sum(said and truth == "neither" for said, truth, _ in pairs),
        ungraded=sum(said and truth == "not graded" for said, truth, _ in pairs),
        occupations=len({title.occupation for _, truth, title in pairs if truth == function}),
    )


def print_errors(found: list[Title], choice: Choice) -> None:
    """The errors of the part that rules may be written from."""
    for title in found:
        truth = truth_of(title, choice)
        if title.part != "read" or truth == "not graded":
            continue
        if (title.said in MEASURED or truth in MEASURED) and title.said != truth:
            print(title.language, title.isco, f"{truth} read as {title.said}", title.title, sep="\t")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("data", nargs="?", type=Path, default=DATA, help="folder of occupations_*.csv")
    parser.add_argument("--seed", type=int, default=SEED, help="which occupations are fresh")
    parser.add_argument("--errors", choices=CHOICES, help="list the errors of the read part instead")
    parser.add_argument("--read", action="store_true", help="leave what is held out unmeasured")
    arguments = parser.parse_args()
    if not arguments.data.is_dir():
        print(f"No ESCO titles in {arguments.data}: nothing was measured.", file=sys.stderr)
        return 2
    found = [title for language in LANGUAGES for title in titles(arguments.data, language, arguments.seed)]
    if arguments.errors:
        print_errors(found, CHOICES[arguments.errors])
        return 0
    rows: Mapping[str, tuple[Part, ...]] = {"read": ("read",)}
    if not arguments.read:
        rows = {**rows, "half": ("fresh", "held-out"), "held-out": ("held-out",)}
    print(
        "                                           recall       precision against        titles  occupations"
    )
    print("truth        language  function     part           the other  all     strict")
    for name, choice in CHOICES.items():
        for language in LANGUAGES:
            for function in MEASURED:
                for part, parts in rows.items():
                    own = [title for title in found if title.language == language and title.part in parts]
                    row = count(own, function, choice).row()
                    print(f"{name:11}  {language:8}  {function:11}  {part:8}  {row}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
