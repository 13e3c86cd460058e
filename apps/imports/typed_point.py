"""Splits a typed or pasted point into the texts of its latitude and longitude. No I/O.

Accepts two numbers, degrees-minutes-seconds, or a map's link. The SQL function regions_degrees,
which also reads files, converts the two texts to degrees.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

_NUMBER = r"[-−]?\s?\d{1,3}(?:\.\d+)?"
_PAIR = re.compile(rf"({_NUMBER})\s*(?:,|%2C|\s)\s*\+?({_NUMBER})")
# The place itself is preferred to the middle of the window, which is only near it.
_IN_PATH: Final = (
    re.compile(rf"!3d({_NUMBER})!4d({_NUMBER})"),
    re.compile(rf"/(?:place|search|dir//?)/({_NUMBER}),\+?({_NUMBER})"),
    re.compile(rf"#map=\d+(?:\.\d+)?/({_NUMBER})/({_NUMBER})"),
    re.compile(rf"@({_NUMBER}),({_NUMBER})"),
)
_IN_QUERY: Final = ("q", "query", "ll", "sll", "center", "destination", "daddr", "cp", "pin")
_SHORT: Final = ("goo.gl", "maps.app.goo.gl", "g.co", "bit.ly", "osm.org/go")
# Abbreviations of the cardinal directions, the longer ones first.
_SIDE = re.compile(r"(?<![A-Z])(LINTANG|BUJUR|LS|LU|BT|BB|S|N|U|E|T|W|B)(?![A-Z])")
_EAST_WEST: Final = frozenset({"BT", "BB", "E", "T", "W", "B"})
_COMMAS = re.compile(r"^([-−]?\s?\d{1,3}),(\d+)\s*[,;/\s]\s*([-−]?\s?\d{1,3}),(\d+)$")
_POINTS = re.compile(rf"^\(?({_NUMBER})°?\s*[,;/\s]\s*({_NUMBER})°?\)?$")


class NotAPoint(ValueError):
    """The text is not a point. `reason`: empty, short_link, link, unreadable."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def split(text: str) -> tuple[str, str]:
    """(latitude, longitude), as two texts as they were written.

    Raises: NotAPoint.
    """
    text = " ".join(text.split())
    if not text:
        raise NotAPoint("empty")
    if is_link(text):
        return _of_link(text)
    pair = _of_sides(text.upper()) or _of_numbers(text)
    if pair is None:
        raise NotAPoint("unreadable")
    return pair


def is_link(text: str) -> bool:
    """Whether a text is a link to a place on a map, not the coordinates."""
    return "://" in text or text.strip().startswith(("geo:", "www.", "maps.", "goo.gl"))


def _of_link(text: str) -> tuple[str, str]:
    link = next((word for word in text.split() if "://" in word or word[:4] == "geo:"), text)
    if any(short in link for short in _SHORT):
        raise NotAPoint("short_link")
    found = _PAIR.search(link[4:]) if link.startswith("geo:") else _in_link(link)
    if found is None:
        raise NotAPoint("link")
    return _plain(found[1]), _plain(found[2])


def _in_link(link: str) -> re.Match[str] | None:
    parts = urlsplit(link)
    asked = parse_qs(parts.query)
    if "mlat" in asked and "mlon" in asked:
        return _PAIR.search(f"{asked['mlat'][0]},{asked['mlon'][0]}")
    whole = unquote(link).replace(" ", "")
    for pattern in _IN_PATH[:2]:
        if found := pattern.search(whole):
            return found
    for name in _IN_QUERY:
        for value in asked.get(name, ()):
            if found := _PAIR.search(value):
                return found
    return next((found for pattern in _IN_PATH[2:] if (found := pattern.search(whole))), None)


def _of_sides(text: str) -> tuple[str, str] | None:
    """Both halves, each with its cardinal direction before or after the number."""
    sides = list(_SIDE.finditer(text))
    if len(sides) != 2:
        return None
    at = sides[1].start() if not re.search(r"\d", text[: sides[0].start()]) else sides[0].end()
    halves = [text[:at].strip(" ,;/"), text[at:].strip(" ,;/")]
    if any(not re.search(r"\d", half) for half in halves):
        return None
    if sides[0][1] in _EAST_WEST:
        halves.reverse()
    return halves[0], halves[1]


def _of_numbers(text: str) -> tuple[str, str] | None:
    if found := _COMMAS.match(text):
        return _plain(f"{found[1]}.{found[2]}"), _plain(f"{found[3]}.{found[4]}")
    if found := _POINTS.match(text):
        return _plain(found[1]), _plain(found[2])
    halves = [half.strip() for half in re.split(r"[;\t|]", text)]
    if len(halves) == 2 and all(re.search(r"\d", half) for half in halves):
        return halves[0], halves[1]
    return None


def _plain(number: str) -> str:
    return number.replace("−", "-").replace(" ", "")
