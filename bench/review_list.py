"""The list of proposals with its counts: how long a filtered page takes, first and deep ones, and
the counts of the opened form of the filter.

    make bench ONLY=review_list         ROWS=50000 COUNTRY_ROWS=950000 ASKS=15

`ROWS` proposals are in one regency, `COUNTRY_ROWS` more in the rest of the country. Every request
goes through the whole page: middleware, queries under row-level security, template, audit entry.
Deep pages begin behind four fifths of the rows of their filter, in its order. Of the
regency's rows each twentieth has a flag, each eighth a finding, each tenth a comparison with the
register, each third an answer of the civil register. Ends with 1 above the bar.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
os.environ.setdefault("LOG_LEVEL", "WARNING")
os.environ["SECOND_FACTOR_REQUIRED"] = "false"  # as in the demo, whose accounts these are
FILL = "fill"
if FILL in sys.argv:
    os.environ["PORTAL_DATABASE_ROLE"] = "owner"  # who may analyse the table

import django  # noqa: E402

django.setup()

import _proposals  # noqa: E402
import _stage  # noqa: E402
from django.db import connection  # noqa: E402
from django.http import QueryDict  # noqa: E402
from django.test import Client  # noqa: E402

from apps.accounts.roles import Role  # noqa: E402
from apps.proposals.models import Proposal, ProposalQuerySet  # noqa: E402
from apps.proposals.review.display import Display  # noqa: E402
from apps.proposals.selection import Selection  # noqa: E402

ROWS = int(os.environ.get("ROWS", "50000"))
COUNTRY_ROWS = int(os.environ.get("COUNTRY_ROWS", "950000"))
ASKS = int(os.environ.get("ASKS", "15"))
MUST_MS = 300
PLACE = "/proposals/review/"
FACETS = f"{PLACE}facets/"
# Filters as a verifier uses them: a queue, doubtful points, one district, ages, a sorting.
FILTERS = {
    "everything": "",
    "queue": "status=submitted",
    "doubtful": "status=submitted&verdict=neighbour,elsewhere,unmapped",
    "farthest": "status=submitted&sort=farthest",
    "old": "age_from=60&sort=oldest",
    "finding": "severity=2&programme=BST",
    "by name": "sort=name",
    # answered by other tables, so that no count is kept
    "finding of a code": "finding=shared_point",
    "register": "register=differs",
    "civil register": "civil=not_matched",
    "question": "question=open",
}
# The form of the filter is opened over these lists; what it counts is kept nowhere.
OPENED = ("everything", "queue", "doubtful", "finding of a code", "civil register")
# What the flags, findings, comparisons and answers of the made-up rows are.
ANSWERS = (
    "UPDATE proposals_proposal SET flags = '{shared_point}'"
    " WHERE id % 20 = 0 AND batch_id = %(batch)s",
    "INSERT INTO proposals_finding (batch_id, row_number, code, severity, field, params)"
    " SELECT batch_id, row_number, (ARRAY['shared_point', 'near_border'])[1 + id % 2], 2, '', '{}'"
    " FROM proposals_proposal WHERE batch_id = %(batch)s AND id % 8 = 0",
    "INSERT INTO proposals_registeredmatch (proposal_id, village_id, person_id, likely, differs,"
    " registered, move, move_by_name, checked_at)"
    " SELECT id, village_id, id, (ARRAY['same', 'other'])[1 + id % 2],"
    " (ARRAY['{}', '{name}', '{village,address}'])[1 + id % 3]::text[], '{}', '', '', now()"
    " FROM proposals_proposal WHERE batch_id = %(batch)s AND id % 10 = 0",
    "INSERT INTO proposals_civilmatch (proposal_id, village_id, status, differs, source, fault,"
    " attempts, checked_at)"
    " SELECT id, village_id, (ARRAY['matched', 'not_matched'])[1 + id % 2], '{}', 'bench', '', 0,"
    " now() FROM proposals_proposal WHERE batch_id = %(batch)s AND id % 3 = 0",
    "ANALYZE proposals_proposal, proposals_finding",
    "ANALYZE proposals_registeredmatch, proposals_civilmatch",
)


def main() -> int:
    if FILL in sys.argv:
        fill()
        return 0
    filled = subprocess.run(
        [sys.executable, __file__, FILL], check=True, stdout=subprocess.PIPE, text=True
    )
    known = json.loads(filled.stdout.splitlines()[-1])
    browser = Client(HTTP_HOST="127.0.0.1")
    browser.post("/accounts/login/", {name: known[name] for name in ("username", "password")})
    took = {name: measure(browser, query) for name, query in FILTERS.items()}
    deep = {
        name: measure(browser, f"{query}&after={known['edges'][name]}&p=800")
        for name, query in FILTERS.items()
    }
    opened = {name: measure(browser, FILTERS[name], f"{PLACE}facets/") for name in OPENED}
    first_figures, deep_figures, opened_figures = figures(took), figures(deep), figures(opened)
    print(
        json.dumps(
            {
                "name": "review_list",
                "rows": ROWS,
                "country_rows": COUNTRY_ROWS,
                "must_p95_ms": MUST_MS,
                **{f"first_{name}": value for name, value in first_figures.items()},
                **{f"deep_{name}": value for name, value in deep_figures.items()},
                **{f"opened_{name}": value for name, value in opened_figures.items()},
                "machine": f"{platform.machine()}, {os.cpu_count()} cores",
                "date": date.today().isoformat(),
            }
        )
    )
    worst = max(one["p95_ms"] for one in (first_figures, deep_figures, opened_figures))
    return 0 if worst <= MUST_MS else 1


def figures(took: dict[str, list[float]]) -> dict[str, Any]:
    """Median and 95th percentile over all filters, and the median of each."""
    every = sorted(ms for series in took.values() for ms in series)
    return {
        "p50_ms": round(statistics.median(every)),
        "p95_ms": round(every[int(len(every) * 0.95)]),
        "by_filter_ms": {name: round(statistics.median(series)) for name, series in took.items()},
    }


def fill() -> None:
    """One regency's proposals and, if asked for, many more elsewhere."""
    here = _stage.prepare(1_000)
    sender = here.people[Role.REGENCY_OFFICER]
    own = sorted(here.own)
    others = sorted(set(here.villages) - set(own)) or own
    for villages, rows in ((own, ROWS), (others, COUNTRY_ROWS)):
        # those of a former run stay
        if rows and Proposal.objects.filter(village__in=villages).count() < rows:
            batch = _proposals.insert(
                sender=sender, region=here.regency, villages=villages, rows=rows, mixed=True
            )
            if villages is own:
                answer(batch.pk)
    seen = Proposal.objects.filter(village__in=own)
    print(
        json.dumps(
            {
                "username": here.people[Role.VERIFIER].username,
                "national": here.people[Role.PUSDATIN_VERIFIER].username,
                "password": here.secrets["password"],
                "edges": {name: edge_of(seen, query) for name, query in FILTERS.items()},
            }
        )
    )


def answer(batch: int) -> None:
    """What other tables say about the rows of a batch."""
    with connection.cursor() as cursor:
        for statement in ANSWERS:
            cursor.execute(statement.replace(" % ", " %% "), {"batch": batch})


def edge_of(seen: ProposalQuerySet, query: str) -> int:
    """The key of the row at four fifths of a filter, in its order."""
    params = QueryDict(query)
    rows = Selection.from_params(params).apply(seen)
    ordered = rows.order_by(*Display.of(params).sorting.order.expressions())
    return int(next(iter(ordered.values_list("pk", flat=True)[rows.count() * 4 // 5 :]), 0))


def measure(browser: Client, query: str, place: str = PLACE) -> list[float]:
    """Milliseconds of each request of one filter; the first one warms up and does not count."""
    return [ask(browser, query, place) for _ in range(ASKS + 1)][1:]


def ask(browser: Client, query: str, place: str) -> float:
    started = time.perf_counter()
    page = browser.get(f"{place}?{query}")
    took = (time.perf_counter() - started) * 1000
    if page.status_code != 200:
        raise SystemExit(f"{query}: {page.status_code}")
    return took


if __name__ == "__main__":
    sys.exit(main())
