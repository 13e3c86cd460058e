"""Every page of every role speaks to people: no name of the code, one language, one day writing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import pytest

from tests.access.addresses import addresses
from tests.access.conftest import Objects
from tests.access.crowd import crowd
from tests.access.table import TABLE
from tests.access.visitors import OFFICERS, OPEN, is_allowed, path_of, reaches
from tests.conftest import as_role
from tests.personas import OWN
from tests.privacy import words

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

LANGUAGES = {"id": "id", "en": "en"}
# Not for people, or in words of another's: files, machines, the specification of the API.
OTHERS = ("api/", "livez", "readyz", "commandcentre:report-cap")


def pages(objects: Objects) -> Iterator[tuple[str, str, str]]:
    """(role, name, path) of each page for every role that may open it."""
    for address in addresses():
        line = TABLE[address.name]
        if address.route.startswith("api/") or address.name in OTHERS:
            continue
        path = path_of(address, line, objects[OWN].get(line.target))
        for role in OFFICERS:
            if not (is_allowed(line.ask, role) and is_allowed(line.sees, role)):
                continue
            if reaches(line, role, OWN):
                yield str(role), address.name, path


@pytest.mark.parametrize("language", ["id", pytest.param("en", marks=pytest.mark.scale)])
@pytest.mark.long
def test_no_page_shows_what_only_a_programmer_reads(objects, visitor, language):
    with as_role("owner"):
        crowd(objects[OWN], range(2))
    known = words.names()
    visitors = {str(role): visitor(role) for role in OFFICERS}
    for one in visitors.values():
        one.browser.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    wrong = defaultdict(set)
    seen = set()
    for role, name, path in pages(objects):
        got = visitors[role].ask("GET", path)
        if got.kind != OPEN or not got.body.lstrip().startswith(b"<") or got.body in seen:
            continue
        seen.add(got.body)
        text = got.body.decode()
        found = words.raw(text, known) | words.other_days(text, known)
        if language == "id":
            found |= words.english(text, known)
        for one in found:
            wrong[one].add(f"{name} ({role})")
    assert len(seen) > 100
    lines = [f"{one} – {', '.join(sorted(at)[:3])}" for one, at in sorted(wrong.items())]
    assert not lines, f"{len(lines)}\n" + "\n".join(lines)
