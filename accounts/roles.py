"""From a job title and a department to the function a person decides for.

A title is folded (see `fold`) and then read from left to right: at each place the longest entry of
`accounts.role_words` wins and uses up its letters. So "business development" is read whole and its
"development" counts no more, and neither "Einkaufsleiter" nor 采购总监 must be split into words first. What
was read is decided by three rules, in this order:

1. Strength: `firm` entries before `loose`, `faint` and `rank` ones ("Buyer" before "Engineer" before
   "Researcher" before "Director").
2. At each strength the title before the department. So a loose title yields to a firm department
   ("Engineer" in Procurement purchases), and a firm title never does.
3. Within one text, the order of `PRECEDENCE`: the head of a company is one whatever else is said; who
   purchases engineering purchases; who sells or teaches engineering does neither.

`aide` entries name no function: a secretary or assistant works for whom the title names, and is not that
person. They only take `executive` out of the reading ("Assistant to the CEO" is `other`, a purchasing
assistant purchases); in a title, out of the department's reading too.

`engineer` entries, the word itself, lean to development and take `operations` out of the reading of the same
text: an engineer of logistics, quality or maintenance is one (an Instandhaltungsingenieur, for example).

Decisions that a reader may wonder about:

- Chief officers (CEO, CTO, CFO, COO, CIO …) and managing directors are `executive`: they decide as the
  company. The chief procurement officer is `purchasing`: with this person purchasing itself has come to
  the table, and that is what is watched. A bare CPO is read so too, as in the industries that buy
  components, unless the department says product management.
- `development` is whoever specifies and is convinced by technique: research, design, software, product
  managers, architects, and engineers of every kind. Sales engineers are `other`; in English, where it often
  means a mechanic, a maintenance or service engineer is `operations`, and so is who runs a ship's engine.
  Who is no engineer by name counts if a field of engineering is named ("Corrosion Specialist", "IT
  Auditor"): fields are `faint`, so words for production, selling or teaching go before them.
- Technicians are `operations`, but for those of laboratories, tests, engineering and, in German, of a
  discipline ("Verfahrenstechniker"). The Spanish técnico is anybody with training: the field decides.
- Quality is `operations`; so is supplier quality, which audits suppliers and does not choose them. A
  quality engineer is an engineer. Supplier development and supplier management choose suppliers:
  `purchasing`.
- Supply chain and materials management are `operations`; category and commodity managers, and who plans what
  is bought (materials, supplies; not demand or production), `purchasing`, all loosely: a department
  (Procurement; Retail, Marketing) decides otherwise. Who buys advertising is `other`.
- Controllers and accountants are `finance`. A director or vice president of nothing named is `executive`.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import lru_cache
from html import unescape
from typing import get_args

from accounts.role_words import LANGUAGES
from accounts.role_words.table import Function, Strength

__all__ = ["LONGEST", "Function", "entries", "fold", "function_of", "says_nothing", "use_own"]

Reading = frozenset[tuple[Strength, Function]]

STRENGTHS: tuple[Strength, ...] = get_args(Strength)
PRECEDENCE: tuple[Function, ...] = (
    "executive",
    "purchasing",
    "other",
    "finance",
    "development",
    "operations",
)

_AIDE: tuple[Strength, Function] = ("aide", "other")
_ENGINEER: tuple[Strength, Function] = ("engineer", "development")
_LEANING: Reading = frozenset({("loose", "development")})

# Real titles are shorter; what follows would only cost time and memory.
LONGEST = 200
_CACHED = 32_768

# Letters that Unicode does not take apart into a base and a mark.
_BASES = str.maketrans({"ł": "l", "ø": "o", "æ": "a", "œ": "o", "đ": "d", "ı": "i"})
# Accents, and characters that are not seen: soft hyphens, joiners, direction marks.
_UNSEEN = re.compile("[\u00ad\u0300-\u036f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_UMLAUT = re.compile("([aou])e")
# Chinese and Japanese set no spaces; a run of them is a word of its own beside Latin letters.
_CJK = "\u3005\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_WORD = re.compile(rf"[{_CJK}]+|[^\W_{_CJK}]+")
_IS_CJK = re.compile(f"[{_CJK}]")
_CONNECTORS = frozenset(
    """
    and of the for to in und im am an der die das dem den des fur von vom zur zum van voor het et du le les
    aux y de del la las los el al en para di della delle dei do da dos
    """.split()  # noqa: SIM905 - a column of quotes would hide the words
)
# How many first letters of an entry the index looks at: the shortest entries are two Chinese characters.
_START = 2


def function_of(title: str | None, department: str | None = None) -> Function:
    """The function of a person, `other` where nothing can be said. Never raises, whatever the text."""
    return _function_of((title or "").strip()[:LONGEST], (department or "").strip()[:LONGEST])


def says_nothing(title: str | None, department: str | None = None) -> bool:
    """Whether no word of the two is known, so that `other` is no more than a guess."""
    texts = [fold(text.strip()) for text in (title or "", department or "")]
    return not any(_read(text) for text in texts) and _own_function(*texts) is None


def use_own(titles: Mapping[str, Function]) -> None:
    """From now on these titles mean this, before any word of the tables; once, at the start of a process.

    A whole title counts, or the department of somebody without one; case and accents do not matter. It holds
    for the process, as the tables do: everything from a record to its evidence asks for functions.
    """
    _own.clear()
    _own.update({fold(title.strip()): function for title, function in titles.items()})
    _function_of.cache_clear()


_own: dict[str, Function] = {}


def _own_function(title: str, department: str) -> Function | None:
    return _own.get(title if title.strip() else department)


@lru_cache(maxsize=_CACHED)
def _function_of(title: str, department: str) -> Function:
    title, department = fold(title), fold(department)
    if (own := _own_function(title, department)) is not None:
        return own
    said, about = _read(title), _read(department)
    readings = (_settled(said, said), _settled(about, said | about))
    for strength in STRENGTHS:
        for reading in readings:
            for function in PRECEDENCE:
                if (strength, function) in reading:
                    return function
    return "other"


def _settled(reading: Reading, context: Reading) -> Reading:
    """Without what an assistant is not, and without what an engineer only attends to."""
    if _AIDE in context:
        reading = frozenset(found for found in reading if found[1] != "executive")
    if _ENGINEER in reading:
        reading = frozenset(found for found in reading if found[1] != "operations") | _LEANING
    return reading


def fold(text: str) -> str:
    """The text as entries are compared: words in lower case without accents, one space around each.

    Umlauts and their spellings as two letters become the bare vowel (Einkäufer, Einkaeufer and Einkaufer are
    one), small words that only connect are left out (research and development, Director de Compras), and
    `R&amp;D`, as a web form left it, is R&D.
    """
    text = unicodedata.normalize("NFKC", unescape(text)).casefold()[:LONGEST]
    text = _UNSEEN.sub("", unicodedata.normalize("NFKD", text)).translate(_BASES)
    text = _UMLAUT.sub(r"\1", unicodedata.normalize("NFC", text))
    words = [word for word in _WORD.findall(text) if word not in _CONNECTORS]
    return f" {' '.join(words)} "


def _read(text: str) -> Reading:
    """All entries in a folded text, the longest at each place, none overlapping."""
    found: set[tuple[Strength, Function]] = set()
    place = 0
    while place < len(text):
        for length in _LENGTHS.get(text[place : place + _START], ()):
            entry = text[place : place + length]
            if entry in _ENTRIES:
                found.add(_ENTRIES[entry])
                # The space that ends one word begins the next.
                place += length - entry.endswith(" ")
                break
        else:
            place += 1
    return frozenset(found)


def entries() -> Iterator[tuple[str, Strength, Function]]:
    """Every entry of the word tables as it is compared, with its strength and function."""
    for language in LANGUAGES.values():
        for strength in STRENGTHS:
            for function, words in language.get(strength, {}).items():
                for word in words.split(","):
                    yield _compared(word.strip()), strength, function


def _compared(entry: str) -> str:
    """An entry as it is compared: a space stands where a word must begin or end, nothing where it is open."""
    folded = fold(entry).strip()
    begins = "" if entry.startswith("*") or _IS_CJK.match(folded[0]) else " "
    ends = "" if entry.endswith("*") or _IS_CJK.match(folded[-1]) else " "
    return begins + folded + ends


_ENTRIES: dict[str, tuple[Strength, Function]] = {
    entry: (strength, function) for entry, strength, function in entries()
}


def _lengths() -> dict[str, tuple[int, ...]]:
    lengths: defaultdict[str, set[int]] = defaultdict(set)
    for entry in _ENTRIES:
        lengths[entry[:_START]].add(len(entry))
    return {start: tuple(sorted(of, reverse=True)) for start, of in lengths.items()}


_LENGTHS = _lengths()  # the longest first, by an entry's first letters
