"""The words of job titles, a language a file: what `accounts.role_reading` looks for.

To add a language, write one more table and name it in `LANGUAGES`. Nothing else is needed.

An entry is a word or several, with commas between entries. A star leaves an end open: `purchas*` begins a
word, `*einkauf*` stands anywhere in one; Chinese and Japanese entries stand anywhere without a star. Case,
accents, umlauts and their spellings as ae, oe, ue do not matter, nor do small words such as "and", "of",
"de". The longest entry wins its place, so an exception is a longer entry: `business develop*` is `other`
beside `develop*`. An open entry is read in every language: keep it long enough to stand in no other
language's words.

`firm` entries name a function; `loose` ones only lean to it and yield to a department; `faint` ones depend on
their field (a designer of circuits, of jewellery), whose words stand beside them; `rank` names none;
`aide` entries are whoever assists a head and is none; `engineer` entries are who is called one.
"""

from collections.abc import Mapping

from accounts.role_words import de, en, es, fr, it, ja, nl, pl, pt, zh
from accounts.role_words.table import Words

LANGUAGES: Mapping[str, Words] = {
    "en": en.WORDS,
    "de": de.WORDS,
    "es": es.WORDS,
    "zh": zh.WORDS,
    "fr": fr.WORDS,
    "it": it.WORDS,
    "pt": pt.WORDS,
    "nl": nl.WORDS,
    "pl": pl.WORDS,
    "ja": ja.WORDS,
}
