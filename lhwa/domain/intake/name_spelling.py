"""How Indonesian names sound: one code for all spellings of a name, and what counts as a slip of the keyboard.

The orthography changed in 1947 and 1972 and people kept their old spellings, so Soeharto and Suharto, Djoko and Joko,
Sjarif and Syarif are the same name. Arabic names are written in many ways besides. A code is only ever compared.
"""

from __future__ import annotations

import re
import unicodedata

NAME_CHARS_MAX = 200
"""Longer names are cut before they are compared."""
SLIP_LETTERS_MIN = 6
"""One wrong letter in a shorter word makes another name."""
_VOWELS = frozenset("aeiou")
_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_ACCENTS = re.compile("[\u0300-\u036f]")
_LOOKALIKES = str.maketrans("аеорсухіјѕԁһкмтвнαορνικτ", "aeopcyxijsdhkmtbhaopvikt")
"""Cyrillic and Greek letters that look Latin; put right only in a word that also has Latin letters."""
_LATIN = re.compile("[a-z]")
_WORD = re.compile(r"[^\W_]+")

OLD = (("oe", "u"), ("dj", "j"), ("tj", "c"), ("sj", "sy"), ("nj", "ny"), ("ch", "kh"))
"""The orthographies before 1972; j for today's y is among the other spellings, for it is also today's j."""
_ALIKE = (
    ("sy", "s"), ("sh", "s"), ("dz", "z"), ("dh", "d"), ("th", "t"), ("gh", "g"), ("bh", "b"),
    ("ph", "p"), ("kh", "h"), ("ck", "k"), ("q", "k"), ("x", "ks"), ("f", "p"), ("v", "p"), ("ae", "ai"), ("ie", "i"),
    ("rohm", "rahm"), ("rohim", "rahim"), ("hoir", "hair"), ("holid", "halid"), ("soleh", "saleh"), ("solih", "saleh"),
    ("salih", "saleh"), ("uw", "u"),
)  # fmt: skip
_ABDUL = re.compile("abdul(?=[rnsztd])")
"""Abdul Rahman is spoken, and often written, Abdurrahman."""
_ARABIC_TS = re.compile("(?<![^aeiou])ts")
_HARD_C = re.compile("c(?=[tklrsn])|(?<=.)c$")
_VOWEL_Y = re.compile("(?<=[^aeiouy])y(?![aeiouy])")
_GLIDE = re.compile("(?<=[^aeiouy])y(?=[aeou])")
_DOUBLED = re.compile(r"(.)\1+")


def plain(text: str) -> str:
    """Lower case, without accents, invisible characters and apostrophes; at most `NAME_CHARS_MAX` characters."""
    folded = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text[: 2 * NAME_CHARS_MAX])).casefold()
    apart = _ACCENTS.sub("", unicodedata.normalize("NFD", folded[:NAME_CHARS_MAX]))
    composed = re.sub("['\u2018\u2019\u02bb\u02bc`\u00b4]", "", unicodedata.normalize("NFKC", apart))[:NAME_CHARS_MAX]
    return _WORD.sub(_latin, composed) if not composed.isascii() else composed


def _latin(word: re.Match[str]) -> str:
    return word[0].translate(_LOOKALIKES) if _LATIN.search(word[0]) else word[0]


def sound(word: str) -> str:
    """The code of a plain word: equal for all spellings of one name."""
    code = modern("kr" + word[3:] if word.startswith("chr") else word)
    for old, new in _ALIKE:
        code = code.replace(old, new)
    if code.startswith("moh"):
        code = "muh" + code[3:]
    if code.endswith("loh"):
        code = code[:-2] + "ah"
    code = _ARABIC_TS.sub("s", code)
    code = _HARD_C.sub("k", _ABDUL.sub("abdu", code))
    code = _VOWEL_Y.sub("i", code).replace("z", "y").replace("j", "y")
    code = _GLIDE.sub("i", code.replace("iy", "i"))
    return _DOUBLED.sub(r"\1", code[:1] + code[1:].replace("h", ""))


def modern(word: str) -> str:
    """A plain word in today's orthography."""
    for old, new in OLD:
        word = word.replace(old, new)
    return word


def is_slip(one: str, other: str, *, letters_min: int = SLIP_LETTERS_MIN) -> bool:
    """Whether two codes differ by one letter typed wrong, left out, added, or swapped with its neighbour.

    The first letter and a last vowel must be right: Hartono and Martono, Dewi and Dewa, Hidayat and Hidayati are
    different people.
    """
    short, long = sorted((one, other), key=len)
    if len(long) < letters_min or len(long) - len(short) > 1 or short == long or short[:1] != long[:1]:
        return False
    if short[-1] != long[-1] and (short[-1] in _VOWELS or long[-1] in _VOWELS):
        return False
    at = next((index for index, letter in enumerate(short) if letter != long[index]), len(short))
    if len(short) < len(long):
        return short[at:] == long[at + 1 :]
    return short[at + 1 :] == long[at + 1 :] or is_swap(short, long)


def is_swap(one: str, other: str) -> bool:
    """Whether two codes of the same length differ by two neighbours that changed places."""
    at = next((index for index, letter in enumerate(one) if letter != other[index]), len(one))
    return one[at : at + 2] == other[at : at + 2][::-1] and one[at + 2 :] == other[at + 2 :]
