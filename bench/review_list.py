"""The list of proposals with its counts: how long a filtered page takes, first and deep ones.

    make bench ONLY=review_list         ROWS=50000 COUNTRY_ROWS=0 ASKS=15

`ROWS` proposals are in one regency, `COUNTRY_ROWS` more in the rest of the country. Every request
goes through the whole page: middleware, queries under row-level security, template, audit entry.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
os.environ.setdefault("LOG_LEVEL", "WARNING")
FILL = "fill"
if FILL in sys.argv:
    os.environ["PORTAL_DATABASE_ROLE"] = "worker"

import django  # noqa: E402

django.setup()

import _stage  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from apps.accounts.models import User  # noqa: E402
from apps.accounts.roles import Role  # noqa: E402
from apps.proposals.models import Batch, Proposal  # noqa: E402

ROWS = int(os.environ.get("ROWS", "50000"))
COUNTRY_ROWS = int(os.environ.get("COUNTRY_ROWS", "0"))
ASKS = int(os.environ.get("ASKS", "15"))
MUST_MS = 300
PLACE = "/proposals/review/"
# Filters as a verifier uses them: a queue, doubtful points, one district, ages, a sorting.
FILTERS = {
    "everything": "",
    "queue": "status=submitted",
    "doubtful": "status=submitted&verdict=neighbour,elsewhere,unmapped",
    "farthest": "status=submitted&sort=farthest",
    "old": "age_from=60&sort=oldest",
    "finding": "severity=2&programme=PKH",
    "by name": "sort=name",
}
INSERT = """
INSERT INTO proposals_proposal (id, batch_id, row_number, kind, status, nik, kk, name, title,
    birth_place, birth_date, sex, mother_name, relation, occupation, marital_status, address,
    rt, rw, village_id, programme_id, disability_kind, is_pregnant, ppks, location, verdict,
    distance_m, flags, severity, step_at)
SELECT nextval('proposals_proposal_id_seq'), %(batch)s, n, 'new',
       (ARRAY['submitted','submitted','submitted','verified','endorsed','returned'])[1 + n %% 6],
       lpad(n::text, 16, '1'), lpad((n / 3)::text, 16, '2'), 'CONTOH ' || md5(n::text), '', '',
       date '1940-01-01' + (n * 7919 %% 29000), 'L', 'IBU', '', '', '', 'JL. CONTOH', '001', '002',
       (%(villages)s::text[])[1 + n %% array_length(%(villages)s::text[], 1)],
       (ARRAY['PKH','SEMBAKO','BST'])[1 + n %% 3], '', false, '{}',
       ST_SetSRID(ST_MakePoint(110 + (n %% 997) / 1000.0, -7 + (n %% 991) / 1000.0), 4326),
       (ARRAY['inside','inside','inside','inside','inside','inside','near_border','neighbour',
              'elsewhere','unmapped'])[1 + n %% 10],
       CASE WHEN n %% 10 < 6 THEN 0 ELSE n %% 9000 END, '{}', n %% 3,
       now() - n * interval '1 minute'
  FROM generate_series(1, %(rows)s) AS n
"""


def main() -> None:
    if FILL in sys.argv:
        fill()
        return
    subprocess.run([sys.executable, __file__, FILL], check=True)
    browser = Client(HTTP_HOST="127.0.0.1")
    browser.force_login(User.objects.get(username="demo-verifier"))
    took = {name: measure(browser, query) for name, query in FILTERS.items()}
    deep = measure_deep(browser)
    every = sorted(ms for series in took.values() for ms in series)
    print(
        json.dumps(
            {
                "rows": ROWS,
                "country_rows": COUNTRY_ROWS,
                "p50_ms": round(statistics.median(every)),
                "p95_ms": round(every[int(len(every) * 0.95)]),
                "must_p95_ms": MUST_MS,
                "by_filter_ms": {
                    name: round(statistics.median(series)) for name, series in took.items()
                },
                "first_page_ms": round(statistics.median(took["everything"])),
                "deep_page_ms": round(statistics.median(deep)),
            }
        )
    )


def fill() -> None:
    """One regency's proposals and, if asked for, many more elsewhere."""
    here = _stage.prepare(1_000)
    sender = here.people[Role.REGENCY_OFFICER]
    own = sorted(here.own)
    others = sorted(set(here.villages) - set(own)) or own
    for villages, rows, name in ((own, ROWS, "own"), (others, COUNTRY_ROWS, "others")):
        if not rows:
            continue
        batch = Batch.objects.create(
            region=here.regency, user=sender, file_name=f"{name}.csv", received_at=timezone.now()
        )
        with connection.cursor() as cursor:
            cursor.execute(INSERT, {"batch": batch.pk, "villages": villages, "rows": rows})
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE proposals_proposal")
    print(f"- {Proposal.objects.count()} proposals")


def measure(browser: Client, query: str) -> list[float]:
    """Milliseconds of each request of one filter; the first one warms up and does not count."""
    return [ask(browser, query) for _ in range(ASKS + 1)][1:]


def measure_deep(browser: Client) -> list[float]:
    """Pages far behind the first."""
    keys = list(Proposal.objects.order_by("pk").values_list("pk", flat=True)[ROWS - 200 : ROWS])
    edges = keys or [0]
    return [ask(browser, f"after={edges[n % len(edges)]}&p=900") for n in range(ASKS)]


def ask(browser: Client, query: str) -> float:
    started = time.perf_counter()
    answer = browser.get(f"{PLACE}?{query}")
    took = (time.perf_counter() - started) * 1000
    if answer.status_code != 200:
        raise SystemExit(f"{query}: {answer.status_code}")
    return took


if __name__ == "__main__":
    main()
