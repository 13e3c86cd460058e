"""The list of proposals with its counts: how long a filtered page takes, first and deep ones.

    make bench ONLY=review_list         ROWS=50000 COUNTRY_ROWS=950000 ASKS=15

`ROWS` proposals are in one regency, `COUNTRY_ROWS` more in 500 others of twenty provinces. Every
request goes through the whole page: middleware, queries under row-level security, template, audit
entry. Deep pages begin behind four fifths of the rows of their filter, in its order. Searches by
name ask as a verifier of the regency and as one of the country, who also asks for the list of one
regency, of a province, of a drawn area and of a status. Where other tables answer a filter, of
searches, of the opened form, which counts the other fields, and of the lists of the country, each
page counts anew, by another age from which on. Ends with 1 above the bar, which the searches of the
country do not have. PART=national asks for the lists of the country alone.
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
from django.http import QueryDict  # noqa: E402
from django.test import Client  # noqa: E402

from apps.accounts.roles import Role  # noqa: E402
from apps.demo import regency  # noqa: E402
from apps.proposals.models import Proposal, ProposalQuerySet  # noqa: E402
from apps.proposals.review import facet_counts, listing  # noqa: E402
from apps.proposals.review.display import Display  # noqa: E402
from apps.proposals.selection import Selection  # noqa: E402
from apps.regions.models import Level, Region  # noqa: E402

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
}
# Filters that other tables answer, and an area. Their counts are kept until something changes, so
# that each page has another age from which on and counts anew, as those of the opened form.
OTHERS = {
    "finding code": "finding=near_border",
    "question": "question=open",
    "register": "register=differs",
    "civil": "civil=not_matched",
    "area": "area=110.2,-6.8,110.6,-6.8,110.6,-6.3,110.2,-6.3",
}
OPENED = {"everything": "", "register": "register=differs", "finding": "finding=near_border"}
# Filters of who sees the whole country.
NATIONAL = {
    "everything": "",
    "regency": f"region={regency.REGENCY}",
    "other regency": "region=21.07",
    "province": "region=21",
    "area": "area=113.2,-6.8,113.9,-6.8,113.9,-6.3,113.2,-6.3",
    "wide area": "area=105,-6.9,114.5,-6.9,114.5,-6.4,105,-6.4",
    "status": "status=endorsed",
}
PROVINCES, REGENCIES, VILLAGES = 20, 25, 4
# Parts of names: of a few rows in ten thousand, of some in a hundred, of nobody.
WORDS = {"rare": "YOHANES MARKUS", "common": "SITI", "nobody": "QWERTZ"}


def main() -> int:
    if FILL in sys.argv:
        fill()
        return 0
    filled = subprocess.run(
        [sys.executable, __file__, FILL], check=True, stdout=subprocess.PIPE, text=True
    )
    known = json.loads(filled.stdout.splitlines()[-1])
    national = measure_country(known)
    if os.environ.get("PART") == "national":
        print(json.dumps(national))
        return 0 if max(one["p95_ms"] for one in national.values()) <= MUST_MS else 1
    browser = signed_in(known["username"], known["password"])
    took = {name: measure(browser, query) for name, query in FILTERS.items()}
    deep = {
        name: measure(browser, f"{query}&after={known['edges'][name]}&p=800")
        for name, query in FILTERS.items()
    }
    first_figures, deep_figures = figures(took), figures(deep)
    others = figures({name: measure_anew(browser, query) for name, query in OTHERS.items()})
    opened = figures({name: measure_opened(browser, query) for name, query in OPENED.items()})
    searched = {
        f"{place}_{part}": figures(series)
        for place, name in (("regency", "username"), ("country", "national"))
        for part, series in searches(known[name], known["password"]).items()
    }
    print(
        json.dumps(
            {
                "name": "review_list",
                "rows": ROWS,
                "country_rows": COUNTRY_ROWS,
                "must_p95_ms": MUST_MS,
                **{f"first_{name}": value for name, value in first_figures.items()},
                **{f"deep_{name}": value for name, value in deep_figures.items()},
                "others": others,
                "opened_form": opened,
                "searched": searched,
                "national": national,
                "machine": f"{platform.machine()}, {os.cpu_count()} cores",
                "date": date.today().isoformat(),
            }
        )
    )
    barred = (first_figures, deep_figures, others, opened, searched["regency_list"])
    barred += tuple(national.values())
    return 0 if max(one["p95_ms"] for one in barred) <= MUST_MS else 1


def signed_in(username: str, password: str) -> Client:
    browser = Client(HTTP_HOST="127.0.0.1")
    browser.post("/accounts/login/", {"username": username, "password": password})
    return browser


def measure_country(known: dict[str, Any]) -> dict[str, Any]:
    """First and deep pages of the lists of who sees the country, and the form of their filter."""
    browser = signed_in(known["national"], known["password"])
    first = {name: measure_anew(browser, query) for name, query in NATIONAL.items()}
    deep = {
        name: measure_anew(browser, f"{query}&after={known['far'][name]}&p=800")
        for name, query in NATIONAL.items()
    }
    # of the whole country, as the schedule counted it
    form = {name: measure(browser, NATIONAL[name], FACETS) for name in ("everything", "status")}
    return {"first": figures(first), "deep": figures(deep), "opened_form": figures(form)}


def searches(username: str, password: str) -> dict[str, dict[str, list[float]]]:
    """Milliseconds of the list, and of the counts of its opened form, by words."""
    browser = signed_in(username, password)
    took: dict[str, dict[str, list[float]]] = {"list": {}, "facets": {}}
    for name, words in WORDS.items():
        answer = browser.post(f"{PLACE}search/", {"words": words})
        query = answer["Location"].partition("?")[2]
        for part, place in (("list", PLACE), ("facets", FACETS)):
            took[part][name] = measure_anew(browser, query, place)
    return took


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
    for villages, rows, places in ((own, ROWS, (110, 1)), (elsewhere(), COUNTRY_ROWS, (95, 46))):
        # those of a former run stay
        if rows and Proposal.objects.filter(village__in=villages).count() < rows:
            batch = _proposals.insert(
                sender=sender,
                region=here.regency,
                villages=villages,
                rows=rows,
                mixed=True,
                places=places,
            )
            _proposals.add_beside(batch, sender)
    listing.refresh_country()
    facet_counts.refresh_country()
    seen = Proposal.objects.filter(village__in=own)
    print(
        json.dumps(
            {
                "username": here.people[Role.VERIFIER].username,
                "national": here.people[Role.PUSDATIN_VERIFIER].username,
                "password": here.secrets["password"],
                "edges": {name: edge_of(seen, query) for name, query in FILTERS.items()},
                "far": {
                    name: edge_of(Proposal.objects.all(), query) for name, query in NATIONAL.items()
                },
            }
        )
    )


def elsewhere() -> list[str]:
    """The codes of the villages of the rest of the country, whose regions are made."""
    made = []
    for province in range(11, 11 + PROVINCES):
        above = [f"{province}", *(f"{province}.{n:02}" for n in range(1, 1 + REGENCIES))]
        below = [f"{code}.01" for code in above[1:]]
        villages = [f"{code}.{2001 + n}" for code in below for n in range(VILLAGES)]
        made += [*above, *below, *villages]
    Region.objects.bulk_create(
        (Region(code=code, name=f"Contoh {code}", level=Level.of(code)) for code in made),
        ignore_conflicts=True,
    )
    return [code for code in made if Level.of(code) == Level.VILLAGE]


def edge_of(seen: ProposalQuerySet, query: str) -> int:
    """The key of the row at four fifths of a filter, in its order."""
    params = QueryDict(query)
    rows = Selection.from_params(params).apply(seen)
    ordered = rows.order_by(*Display.of(params).sorting.order.expressions())
    keys = ordered.values_list("pk", flat=True)[rows.count() * 4 // 5 :][:1]
    return int(next(iter(keys), 0))


def measure(browser: Client, query: str, place: str = PLACE) -> list[float]:
    """Milliseconds of each request of one filter; the first one warms up and does not count."""
    return [ask(browser, query, place) for _ in range(ASKS + 1)][1:]


def measure_anew(browser: Client, query: str, place: str = PLACE) -> list[float]:
    """The same of requests that count all rows each time: each has another age from which on."""
    asked = [f"{query}&age_from={1 + age / 100}" for age in range(ASKS + 1)]
    return [ask(browser, one, place) for one in asked][1:]


def measure_opened(browser: Client, query: str) -> list[float]:
    """The counts of the opened form of lists that are there already."""
    measure_anew(browser, query)
    return measure_anew(browser, query, FACETS)


def ask(browser: Client, query: str, place: str = PLACE) -> float:
    started = time.perf_counter()
    answer = browser.get(f"{place}?{query}")
    took = (time.perf_counter() - started) * 1000
    if answer.status_code != 200:
        raise SystemExit(f"{query}: {answer.status_code}")
    return took


if __name__ == "__main__":
    sys.exit(main())
