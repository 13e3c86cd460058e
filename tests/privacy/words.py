"""What a person reads on a page, and what of it only a programmer can read."""

from __future__ import annotations

import re
from functools import cache
from html.parser import HTMLParser

from django.utils.translation import trans_real

from apps.accounts.models import Agency, Client, User
from apps.indicators.models import Indicator
from apps.proposals.models import Batch
from apps.reconciliation.models import Source
from tests.conftest import as_role

# A name of the code: marital_status, accounts.User:13, proposals.check, merge/84, "region ID".
RAW = {
    "snake_case": re.compile(r"(?<![\w./@-])[a-z][a-z0-9]*(?:_[a-z0-9]+)+(?![\w/@-]|\.\w)"),
    "dotted name": re.compile(r"\b(?:[a-z_]+\.)+[A-Z]\w*(?::\d+)?\b|\bapps\.[a-z_.]+"),
    "kind/number": re.compile(r"(?<![\w./])[a-z][a-z_]{2,}/\d+\b"),
    "kind:number": re.compile(r"\b[A-Za-z_]{3,}:\d+(?![\d.:]|\s*[AP]M)\b"),
    "region ID": re.compile(r"\b(?:region|wilayah):?\s+ID\b", re.IGNORECASE),
    "placeholder": re.compile(r"%\(\w+\)[sd]|\{\{?\s*\w+\s*\}?\}"),
    "Python": re.compile(
        r"^(?:None|True|False)$|\b(?:None|True|False)[,)\]}]|<\w+ object|\bdict\(|\[\]|\{\}"
    ),
}
# A day as no page writes it: 2026-11-24, 11/24/2026.
OTHER_DAYS = re.compile(r"(?<![\w/-])(?:\d{4}-\d\d-\d\d|\d{1,2}/\d{1,2}/(?:19|20)\d\d)(?![\w/-])")
# Words that no Indonesian sentence has.
ENGLISH = re.compile(
    r"\b(?:the|of|and|is|are|was|were|with|this|from|by|not|has|have|been|who|which|for|to|at|"
    r"what|when|nothing|nobody|yes)\b",
    re.IGNORECASE,
)
SAID_IN_ATTRIBUTES = ("title", "aria-label", "alt", "placeholder")
UNREAD = {"script", "style", "template", "code", "svg"}


def names() -> set[str]:
    """What people called themselves and theirs."""
    with as_role("owner"):
        people = User.objects.values_list("username", "full_name")
        found = {name for pair in people for name in pair}
        found |= set(Agency.objects.values_list("name", flat=True))
        found |= set(Agency.objects.values_list("code", flat=True))
        found |= set(Client.objects.values_list("client_id", flat=True))
        found |= set(Client.objects.values_list("name", flat=True))
        found |= set(Batch.objects.exclude(file_name="").values_list("file_name", flat=True))
        found |= set(Source.objects.values_list("name", flat=True))
        # a planner chooses it, and the columns of files are named by it
        found |= set(Indicator.objects.values_list("code", flat=True))
        return found - {""}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.chunks: list[str] = []
        self._open: list[str] = []
        self._foreign = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in UNREAD:
            self._open.append(tag)
        if "lang" in given and tag != "html":
            return
        said = [given.get(name) for name in SAID_IN_ATTRIBUTES]
        if tag == "input" and given.get("type") in ("submit", "button"):
            said.append(given.get("value"))
        self.chunks += [text for text in said if text]

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1] == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if not self._open and data.strip():
            self.chunks.append(data)


def chunks(page: str) -> list[str]:
    """The texts of a page as they stand together, attributes that are read out among them."""
    reader = _Reader()
    reader.feed(page)
    return [" ".join(chunk.split()) for chunk in reader.chunks]


def raw(page: str, known: set[str]) -> set[str]:
    """What only a programmer reads; `known` are names that people chose themselves."""
    found = set()
    for chunk in chunks(page):
        bare = _without(chunk, known)
        for kind, pattern in RAW.items():
            found |= {f"{kind}: “{one}” in “{chunk[:90]}”" for one in pattern.findall(bare)}
    return found


def other_days(page: str, known: set[str]) -> set[str]:
    return {
        f"“{one}” in “{chunk[:90]}”"
        for chunk in chunks(page)
        for one in OTHER_DAYS.findall(_without(chunk, known))
    }


def english(page: str, known: set[str]) -> set[str]:
    """Texts of an Indonesian page that are English: a msgid, or a sentence with English words."""
    ids, said = catalogue()
    found = set()
    for chunk in chunks(page):
        bare = _without(chunk, known)
        if bare in said:
            continue
        if bare in ids or ENGLISH.search(bare):
            found.add(f"“{chunk[:110]}”")
    return found


@cache
def catalogue() -> tuple[set[str], set[str]]:
    """The msgids that Indonesian says otherwise, and everything that Indonesian says."""
    texts = {
        (key[0] if isinstance(key, tuple) else key).split("\x04")[-1]: value
        for key, value in trans_real.translation("id")._catalog.items()
        if value
    }
    said = set(texts.values())
    ids = {text for text, value in texts.items() if text != value and text not in said}
    return ids | {text[:1].upper() + text[1:] for text in ids} - said, said


def _without(chunk: str, known: set[str]) -> str:
    for name in sorted(known, key=len, reverse=True):
        chunk = chunk.replace(name, "…")
    return chunk
