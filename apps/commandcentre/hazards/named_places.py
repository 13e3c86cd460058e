"""The districts and villages that a text names line by line, as BNPB writes them. Pure.

Kec. Sanden
Ds. Srigading
Ds. Gadingsari, Ds. Gadingharjo
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

MOST: Final = 300
_KIND: Final = re.compile(
    r"\b(?P<district>kecamatan|kec|distrik|kapanewon|kemantren)\b\.?"
    r"|\b(?P<village>desa|ds|kelurahan|kel|kalurahan)\b\.?"
    # these are parts of names, too: Kelurahan Kampung Baru
    r"|^\s*(?P<other_village>nagari|gampong|pekon|kampung|kp)\b\.?",
    re.IGNORECASE | re.MULTILINE,
)
_SPLIT: Final = re.compile(r"[\n,;•]+")


@dataclass(frozen=True)
class NamedPlace:
    """A district, and one of its villages; "" where none is named. A village may be without one."""

    district: str
    village: str = ""

    def __str__(self) -> str:
        return self.village or self.district


def read(text: str) -> list[NamedPlace]:
    """The places of a text: each village, and each district of which no village is named."""
    found: dict[NamedPlace, None] = {}
    district, kind = "", ""
    for kind, name in _named(text):
        if kind == "district":
            district = name
            found[NamedPlace(district)] = None
        elif kind:
            found[NamedPlace(district, name)] = None
            found.pop(NamedPlace(district), None)
    return list(found)[:MOST]


def _named(text: str) -> list[tuple[str, str]]:
    """(kind, name) in the order of the text. A name without a kind has that of the one before: it
    is the next line of a list, or of a kind that stands alone on its line.
    """
    found: list[tuple[str, str]] = []
    kind, start = "", 0
    for mark in [*_KIND.finditer(text), None]:
        end = len(text) if mark is None else mark.start()
        for name in _SPLIT.split(text[start:end]):
            if plain := " ".join(name.split()).strip(" .:()-"):
                found.append((kind, plain))
                # a bare line under a district is one of its villages
                kind = "village" if kind == "district" else kind
        if mark is not None:
            kind = "district" if mark["district"] else "village"
            start = mark.end()
    return found
