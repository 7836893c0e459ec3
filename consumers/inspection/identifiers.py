"""What texts are by their form alone: ids, moments, addresses, numbers of telephones and accounts."""

import re
from datetime import datetime
from typing import Any

_SALESFORCE = re.compile(r"[0-9a-zA-Z]{15}(?:[A-Z0-5]{3})?")
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_UUID = re.compile(r"\{?[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\}?")
_HEX = re.compile(r"(?=.*\d)(?:[0-9a-f]{16,64}|[0-9A-F]{16,64})")
_CODED = re.compile(
    r"(?=.*\d)[A-Z0-9]{1,4}(?:[-_/.]?[A-Z0-9]{1,4}){0,9}"
)  # SO-2024-0012, no name in capitals
_WORDS = re.compile(r"[A-Za-z]{5,}")
_DAY = re.compile(r"(?:19|20)\d\d-?(?:0\d|1[0-2])-?(?:[0-2]\d|3[01])")
_OLD_MASK = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
_PLAIN_DIGITS, _LONGEST_DIGITS = 9, 20

EMAIL = re.compile(r"[^\s@<>,;:\"'()\[\]]+@[^\s@<>,;:\"'()\[\]]+")
PHONE = re.compile(r"(?<![\w.])(?:\+|00|\(?0)?[\d(][\d\s()./-]{5,20}\d(?!\w)")
IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:\s?[A-Za-z0-9]){11,30}(?![A-Za-z0-9])")
_ANNOTATION = re.compile(r"@(?:odata|OData|Microsoft)\.[\w.]+")  # a name of Dataverse's, no address


def is_salesforce_id(value: Any) -> bool:
    """Whether it is an id of Salesforce: of 18 characters, the last three are a check of the first."""
    if not isinstance(value, str) or _SALESFORCE.fullmatch(value) is None:
        return False
    if not (value[0].isdigit() or (value[0] == "a" and value[1].isdigit())):
        return False
    return len(value) == 15 or value[15:] == _check(value[:15])  # noqa: PLR2004  (the short form has no check)


def _check(id_: str) -> str:
    """Which letters are capitals, five bits a character."""
    found = ""
    for start in (0, 5, 10):
        bits = sum(1 << place for place, letter in enumerate(id_[start : start + 5]) if letter.isupper())
        found += _ALPHABET[bits]
    return found


def is_moment(text: str) -> bool:
    """Whether it is a day or a moment as systems write them."""
    if _DAY.fullmatch(text):
        return True
    if _OLD_MASK.match(text) is None:
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def is_telephone(text: str) -> bool:
    """Whether nothing but a telephone's number may be meant: digits in groups, or as they are dialled."""
    digits = sum(letter.isdigit() for letter in text)
    if not 6 <= digits <= 15 or re.fullmatch(r"\+?[\d\s()./-]+", text) is None:  # noqa: PLR2004  (E.164)
        return False
    if text.isdigit():
        return re.fullmatch(r"0[1-9]\d{7,12}|00[1-9]\d{8,12}", text) is not None
    return not is_moment(text)


def holds_address(text: str) -> bool:
    """Whether somewhere in a text stands an email address, a telephone's number or an account's."""
    text = _ANNOTATION.sub("", text)
    return bool(EMAIL.search(text) or holds_iban(text) or any(map(is_telephone, _numbers(text))))


def holds_iban(text: str) -> bool:
    """Whether an account's number stands in it: one whose own check is right."""
    for found in IBAN.findall(text):
        number = "".join(found.split()).upper()
        for end in range(15, len(number) + 1):  # what follows may be of another word
            digits = "".join(str(int(letter, 36)) for letter in number[4:end] + number[:4])
            if int(digits) % 97 == 1:
                return True
    return False


def _numbers(text: str) -> list[str]:
    return [found.strip() for found in PHONE.findall(text)]


def is_opaque_id(text: str) -> bool:
    """Whether a program made it up: nothing but an id looks so."""
    if holds_iban(text) or text.isdigit():
        return False
    return bool(_UUID.fullmatch(text) or is_salesforce_id(text) or _HEX.fullmatch(text))


def has_record_ids_form(text: str) -> bool:
    """Whether it is made as ids of Salesforce are, whatever its check says: only for fields of ids."""
    if re.fullmatch(r"(?=a?\d)[0-9a-zA-Z]{15}(?:[0-9a-zA-Z]{3})?", text) is None:
        return False
    return any(map(str.isalpha, text[1:])) and any(map(str.isdigit, text[3:]))


def is_plain_id(text: str) -> bool:
    """Whether it is an id that cannot be a person's name, address or number."""
    if EMAIL.search(text) or is_telephone(text) or holds_iban(text):
        return False
    if is_opaque_id(text):
        return True
    if text.isdigit():
        return len(text) <= _PLAIN_DIGITS or (text.startswith("000") and len(text) <= _LONGEST_DIGITS)
    return _CODED.fullmatch(text) is not None and not _WORDS.search(text)


def is_token(text: str) -> bool:
    """Whether it is one word of letters, digits and the marks that ids have; with a digit somewhere."""
    return re.fullmatch(r"(?=.*\d)[\w.:/+-]{1,64}", text) is not None and not holds_address(text)
