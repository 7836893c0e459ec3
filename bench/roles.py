"""How well `accounts.roles` reads real job titles: the occupations of ESCO, in English, German and Spanish.

Truth is an occupation's ISCO-08 group, for its preferred and all its alternative titles alike:

- purchasing: buyers (3323) and, from groups that hold other work too, the heads of procurement
  departments, purchasing managers, and specialists in procurement categories and in public procurement.
- development: managers of research and development (1223), engineers (2141-2146, 2149, 2151-2153),
  software (2511-2514, 2519) and draughtspersons (3118).
- not graded, where the group holds both or the answer is a matter of taste: managers of ICT (1330),
  scientists (211x, 213x), designers of products and garments (2163), administrators of databases and
  networks (252x), technicians of science and engineering (311x but for 3118), trade brokers, who buy to
  sell (3324); and single occupations: the category manager, who is one of retail here and of procurement
  in industry, the timber trader, and the theatre's buyers of costumes and sets, whose German and Spanish
  titles are those of other work.
- every other occupation is neither.

The titles of one occupation are alike, so the number of occupations, not of titles, says how far a row
can be trusted: purchasing is a handful of them.

`strict` is the precision when a title that is not graded counts as an error. The rules were written
looking at the train half of the occupations only; which half an occupation is in follows from its address
and the seed.
"""

import argparse
import csv
import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from accounts.roles import Function, function_of

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "esco_titles"
LANGUAGES = ("en", "de", "es")
MEASURED: tuple[Function, ...] = ("purchasing", "development")
SEED = 20261

PURCHASING_CODES = ("3323", "1324.8.2", "1213.3", "2422.14", "2422.15")
NOT_GRADED_CODES = ("3323.1", "3323.3", "3323.5", "1221.3.2.1.1")
DEVELOPMENT = ("1223", "2141", "2142", "2143", "2144", "2145", "2146", "2149", "2151", "2152", "2153")
SOFTWARE = ("2511", "2512", "2513", "2514", "2519")
DRAUGHTING = ("3118",)
NOT_GRADED = ("1330", "211", "213", "2163", "252", "311", "3324")

Truth = Literal["purchasing", "development", "neither", "not graded"]
Half = Literal["train", "held-out"]


class Title(NamedTuple):
    """One title of an occupation, and what the occupation says it is."""

    language: str
    half: Half
    truth: Truth
    title: str
    isco: str
    occupation: str


class Counts(NamedTuple):
    """What came of one function: found, not found, found where it is not, found where nothing is graded."""

    hits: int
    misses: int
    wrong: int
    ungraded: int
    occupations: int

    def row(self) -> str:
        """Precision, strict precision, recall, and the titles and occupations that should be found."""
        n = self.hits + self.misses
        precision = self.hits / max(1, self.hits + self.wrong)
        strict = self.hits / max(1, self.hits + self.wrong + self.ungraded)
        return (
            f"{precision:9.3f}  {strict:6.3f}  {self.hits / max(1, n):6.3f}  {n:6d}  {self.occupations:11d}"
        )


def truth_of(isco: str, code: str) -> Truth:
    if within(code, NOT_GRADED_CODES):
        return "not graded"
    if within(code, PURCHASING_CODES):
        return "purchasing"
    if isco in DEVELOPMENT + SOFTWARE + DRAUGHTING:
        return "development"
    return "not graded" if isco.startswith(NOT_GRADED) else "neither"


def within(code: str, parents: tuple[str, ...]) -> bool:
    return any(code == parent or code.startswith(f"{parent}.") for parent in parents)


def half_of(uri: str, seed: int) -> Half:
    digest = hashlib.sha256(f"{seed}:{uri}".encode()).digest()
    return "held-out" if digest[0] % 2 else "train"


def titles(folder: Path, language: str, seed: int) -> Iterator[Title]:
    """Every distinct title of every occupation; forms for men and women joined by a slash come apart."""
    with (folder / f"occupations_{language}.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            half = half_of(row["conceptUri"], seed)
            truth = truth_of(row["iscoGroup"], row["code"])
            names = row["preferredLabel"].split("/") + row["altLabels"].split("\n")
            for name in sorted({name.strip() for name in names} - {""}):
                yield Title(language, half, truth, name, row["iscoGroup"], row["conceptUri"])


def count(found: list[Title], function: Function) -> Counts:
    said = [function_of(title.title) == function for title in found]
    truths = [title.truth for title in found]
    pairs = list(zip(said, truths, strict=True))
    return Counts(
        hits=sum(s and t == function for s, t in pairs),
        misses=sum(not s and t == function for s, t in pairs),
        wrong=sum(s and t not in {function, "not graded"} for s, t in pairs),
        ungraded=sum(s and t == "not graded" for s, t in pairs),
        occupations=len({title.occupation for title in found if title.truth == function}),
    )


def print_errors(found: list[Title]) -> None:
    """The errors of the half that rules may be written from."""
    for title in found:
        said = function_of(title.title)
        if title.half != "train" or title.truth == "not graded":
            continue
        if (said in MEASURED or title.truth in MEASURED) and said != title.truth:
            print(title.language, title.isco, f"{title.truth} read as {said}", title.title, sep="\t")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("data", nargs="?", type=Path, default=DATA, help="folder of occupations_*.csv")
    parser.add_argument("--seed", type=int, default=SEED, help="which occupations are held out")
    parser.add_argument("--errors", action="store_true", help="list the errors of the train half instead")
    arguments = parser.parse_args()
    if not arguments.data.is_dir():
        print(f"No ESCO titles in {arguments.data}: nothing was measured.", file=sys.stderr)
        return 2
    found = [title for language in LANGUAGES for title in titles(arguments.data, language, arguments.seed)]
    if arguments.errors:
        print_errors(found)
        return 0
    print("language  function     half      precision  strict  recall       n  occupations")
    for language in LANGUAGES:
        for function in MEASURED:
            for half in ("train", "held-out"):
                part = [title for title in found if (title.language, title.half) == (language, half)]
                print(f"{language:8}  {function:11}  {half:8}  {count(part, function).row()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
