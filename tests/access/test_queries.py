"""Every page asks few questions, and no more of them when it has many rows to show."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.access.addresses import addresses
from tests.access.conftest import Objects
from tests.access.crowd import crowd
from tests.access.table import TABLE
from tests.access.visitors import OFFICERS, OPEN, Visitor, is_allowed, path_of, reaches
from tests.conftest import as_role
from tests.personas import OWN

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

MOST = 30
MANY = 15
# The frame of the tests, not questions of a page.
FRAME = ("SAVEPOINT", "RELEASE", "ROLLBACK")
SEARCHES = [
    {"name": f"ORANG {OWN}", "birth_date": "12-01-1988"},
    {"nik": "9701011201889001"},
]
Page = tuple[str, str, str, dict[str, str] | None]


def pages(objects: Objects) -> Iterator[Page]:
    """(role, method, path, form) of each page, for the first and the last role that may open it."""
    for address in addresses():
        line = TABLE[address.name]
        if address.route.startswith("api/") or address.name in ("livez", "readyz"):
            continue
        path = path_of(address, line, objects[OWN].get(line.target))
        allowed = [
            str(role)
            for role in OFFICERS
            if is_allowed(line.ask, role) and is_allowed(line.sees, role)
            if reaches(line, role, OWN) and not line.asks_sender(line.ask, role)
        ]
        for role in sorted({*allowed[:1], *allowed[-1:]}):
            yield role, "GET", path, None
    for form in SEARCHES:
        yield "determiner", "POST", "/admin/registry/person/", form
        yield "verifier", "POST", "/register/", form
    person = objects[OWN]["person"]
    yield "verifier", "POST", f"/register/{person}/print/", None
    batch = objects[OWN]["batch"]
    yield "verifier", "GET", f"/admin/proposals/proposal/?batch={batch}", None
    yield "verifier", "GET", f"/admin/proposals/proposal/bulk/?step=verify&batch={batch}", None
    for role in OFFICERS:
        yield str(role), "GET", "/", None


@pytest.mark.long
def test_no_page_asks_more_than_thirty_questions_nor_more_for_more_rows(objects, visitor):
    visitors = {str(role): visitor(role) for role in OFFICERS}
    asked = list(pages(objects))
    with as_role("owner"):
        crowd(objects[OWN], range(1))
    few = [_questions(visitors, page) for page in asked]
    with as_role("owner"):
        crowd(objects[OWN], range(1, MANY))
    wrong = []
    for page, before in zip(asked, few, strict=True):
        after = _questions(visitors, page)
        if max(len(before), len(after)) > MOST:
            wrong.append(f"{page}: {len(after)} questions")
        if len(after) > len(before):
            more = Counter(after) - Counter(before)
            wrong.append(f"{page}: {len(before)}, then {len(after)}: {more.most_common(2)}")
    assert not wrong, "\n".join(wrong)


def _questions(visitors: dict[str, Visitor], page: Page) -> list[str]:
    role, method, path, form = page
    cache.clear()  # the dashboard's cards keep their counts for a while; here they ask each time
    connection.queries_log.clear()  # it keeps 9,000 of them, for all pages together
    with CaptureQueriesContext(connection) as asked:
        got = visitors[role].ask(method, path, form)
    assert got.kind == OPEN, f"{page}: {got.status}"
    sentences = [query["sql"] for query in asked]
    return [re.sub(r"\d+", "0", sql) for sql in sentences if not sql.startswith(FRAME)]
