"""Brings names to one form, so that different spellings of one name match. Pure.

Source: the variants that formats of registers and name frequencies show (Muhammad, Mohamad, Moch.;
Ahmad, Achmad; Yusuf, Jusup; Noer, Nur; Djoko, Joko; Abdul Rahman, Abdulrahman). Two different names
may get the same key. That costs a little weight and never causes a match, because every comparison
checks more than the name.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words before a name, in the form that `_letters` returns.
TITLES: Final = _words(
    "H HJ HAJI HAJAH DR DRG DRH DRS DRA IR PROF KH KYAI USTAD USTADZ USTADZAH GUS HABIB"
    " ALM ALMH ALMARHUM ALMARHUMAH BAPAK BPK IBU SDR SDRI NY TN"
)
# Degrees, with or without dots. Any text after a comma is treated as a degree.
DEGREES: Final = _words(
    "SPD SPDI MPD MPDI SSOS SAG MAG SE MSI MM SH MH SKOM MKOM ST MT SKM MKES AMD AMDKEB AMDKEP"
    " SKEP NERS SIP SIK SPT SPI SHUT SFARM SSI SST STP SSN MSC MA LC BA BSC"
)
PARTICLES: Final = _words("BIN BINTI BTE BT")
# Abbreviations, anywhere or as a first word only.
SHORT: Final = {"MUH": "MUHAMAD", "MOH": "MUHAMAD", "MHD": "MUHAMAD", "MUHD": "MUHAMAD"} | {
    "MOHD": "MUHAMAD",
    "MOHAMAD": "MUHAMAD",
    "MUHAMAT": "MUHAMAD",
    "MUHMAD": "MUHAMAD",
    "MOHMAD": "MUHAMAD",
    "MOHAMED": "MUHAMAD",
    "ABD": "ABDUL",
    "ABDL": "ABDUL",
    "ABDURAHMAN": "ABDULRAHMAN",
    "AHMAT": "AHMAD",
}
FIRST_SHORT: Final = {"M": "MUHAMAD", "MO": "MUHAMAD", "MOC": "MUHAMAD", "ST": "SITI", "NR": "NUR"}

# In this order, until nothing changes any more. Old spelling first, then sounds that are confused.
_SOUNDS: Final = (
    ("OE", "U"),
    ("OO", "U"),
    ("TJ", "C"),
    ("DJ", "J"),
    ("SJ", "S"),
    ("SY", "S"),
    ("SH", "S"),
    ("KH", "H"),
    ("CH", "H"),
    ("DH", "D"),
    ("TH", "T"),
    ("GH", "G"),
    ("PH", "P"),
    ("F", "P"),
    ("V", "P"),
    ("Z", "J"),
    ("Q", "K"),
    ("X", "KS"),
    ("Y", "J"),
    ("IJA", "IA"),
)
_NO_LETTER: Final = re.compile(r"[^A-Z]+")
_DOUBLED: Final = re.compile(r"(.)\1+")


class _Tokens(dict[str, str]):
    """The form of each word met so far; a register has some ten thousand different words."""

    def __missing__(self, word: str) -> str:
        form = _form(word)
        if len(self) < MAX_KNOWN:
            self[word] = form
        return form


MAX_KNOWN: Final = 500_000


def name_key(name: str) -> str:
    """The normal form of a name: capital letters without marks, titles, degrees and particles;
    words in their order. Applying it twice changes nothing. A name of titles alone keeps its last
    word.
    """
    before, _comma, _degrees = name.partition(",")
    words = [form for form in map(_FORMS.__getitem__, before.upper().split()) if form]
    while len(words) > 1 and words[0] in TITLES:
        del words[0]
    while len(words) > 1 and words[-1] in DEGREES:
        del words[-1]
    if len(words) > 1:
        if words[0] in FIRST_SHORT:
            words[0] = FIRST_SHORT[words[0]]
        kept = [word for word in words if word not in PARTICLES]
        words = kept or words[-1:]
    return " ".join(words)


def _form(word: str) -> str:
    letters = _plain_letters(word)
    if letters in TITLES or letters in DEGREES or letters in PARTICLES or letters in FIRST_SHORT:
        return letters
    return SHORT.get(sound := _sound(letters), sound)


def _plain_letters(word: str) -> str:
    marked = unicodedata.normalize("NFKD", word)
    return _NO_LETTER.sub("", marked.upper())


def _sound(letters: str) -> str:
    while True:
        changed = letters
        for spelling, sound in _SOUNDS:
            changed = changed.replace(spelling, sound)
        changed = _DOUBLED.sub(r"\1", changed)
        if changed == letters:
            return letters
        letters = changed


_FORMS: Final = _Tokens()
