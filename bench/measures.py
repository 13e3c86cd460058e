"""Counts of a register of millions by 83,402 villages: all of them, after a change, and the join.

Makes a database of its own beside the portal's and drops it at the end. The villages are those of
the national list of codes; the persons are made up, evenly over the villages. 10,000 persons change
in 2,000 villages, then in as many villages as persons. The join is what a map's script asks for
(`/maps/values.json`): cold from the database, warm from the cache; districts of the country or of
a province (below zoom 8) and villages of a regency. The bars: see MUST. The peer is the same count
by the ORM, one grouped query for each measure.
"""

import json
import os
import random
import statistics
import sys
import time
from datetime import timedelta
from pathlib import Path

PERSONS = int(os.environ.get("PERSONS", "5000000"))
CHANGED = int(os.environ.get("CHANGED", "10000"))
JOINS = int(os.environ.get("JOINS", "100"))
MUST = {
    "whole_s": 60,
    "changed_s": 2,
    "villages_cold_ms": 30,
    "above_cold_ms": 150,
    "warm_ms": 5,
}

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
os.environ["PORTAL_DATABASE_ROLE"] = "owner"
os.environ["TEST_DATABASE"] = "bench_measures"
os.environ.setdefault("LOG_LEVEL", "WARNING")

import django  # noqa: E402 (after the environment)

django.setup()

from django.core.cache import cache  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.models import Count, Q  # noqa: E402
from django.test import RequestFactory  # noqa: E402
from django.utils import timezone  # noqa: E402

from apps.accounts.models import Grant, User  # noqa: E402
from apps.indicators.measures import counting  # noqa: E402
from apps.indicators.models import SuppressedRegion  # noqa: E402
from apps.maps.thematic import views  # noqa: E402
from apps.regions.models import Region  # noqa: E402
from apps.registry.models import Family, Person  # noqa: E402

TABLES = ("family", "person", "enrolment")
# Three persons in a family, 95 % of the families with a point, two in five persons in a programme.
REGISTER = """
ALTER TABLE registry_family DISABLE TRIGGER USER;
ALTER TABLE registry_person DISABLE TRIGGER USER;
ALTER TABLE registry_enrolment DISABLE TRIGGER USER;
INSERT INTO registry_family (id, kk, village_id, address, rt, rw, location, location_verdict,
                             is_active, change_id)
SELECT v.nth * %(each)s + n, NULL, v.code, '', '', '',
       CASE WHEN n %% 20 > 0 THEN ST_SetSRID(ST_MakePoint(110, -7), 4326) END,
       CASE n %% 7 WHEN 0 THEN 'near_border' WHEN 1 THEN 'neighbour' ELSE 'inside' END, true,
       %(change)s
  FROM (SELECT code, row_number() OVER (ORDER BY code) AS nth FROM regions_region
         WHERE level = 'village' AND valid_until IS NULL) AS v,
       generate_series(1, %(each)s) AS n;
INSERT INTO registry_person (id, family_id, village_id, is_nik_disputed, name, title, birth_place,
    birth_date, sex, mother_name, relation, occupation, marital_status, disability_kind, ppks,
    status, source, source_ref, origins, change_id)
SELECT f.id * 3 + n, f.id, f.village_id, false, 'WARGA', '', '',
       '2026-01-01'::date - ((f.id * 3 + n) %% 30000)::int, 'L', '', '', '', '',
       CASE WHEN (f.id + n) %% 50 = 0 THEN 'FISIK' ELSE '' END, '{}', 'active', 'bench', '', '{}',
       %(change)s
  FROM registry_family AS f, generate_series(1, 3) AS n;
INSERT INTO registry_enrolment (person_id, village_id, programme_id, active_from, change_id)
SELECT id, village_id, %(programme)s, '2026-01-01', %(change)s
  FROM registry_person WHERE id %% 5 < 2;
"""
CHANGE = """
UPDATE registry_person SET change_id = %(change)s,
       disability_kind = CASE disability_kind WHEN '' THEN 'FISIK' ELSE '' END WHERE id IN (
    SELECT p.id FROM (SELECT code FROM regions_region WHERE level = 'village'
                         AND valid_until IS NULL ORDER BY md5(code) LIMIT %(villages)s) AS v
    CROSS JOIN LATERAL (SELECT id FROM registry_person WHERE village_id = v.code
                         LIMIT %(each)s) AS p)
"""


def execute(statement, params=None):
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall() if cursor.description else []


def a_change():
    return execute(
        "INSERT INTO registry_change (kind, reference, reason, source, actor, actor_name, at, rows)"
        " VALUES ('load', gen_random_uuid()::text, '', 'bench', 'bench', '', now(), '{}')"
        " RETURNING id"
    )[0][0]


def load_register():
    villages = Region.objects.filter(level="village", valid_until__isnull=True).count()
    programme = execute("SELECT code FROM registry_programme ORDER BY 1 LIMIT 1")[0][0]
    each = max(1, PERSONS // 3 // villages)
    execute(REGISTER, {"each": each, "change": a_change(), "programme": programme})
    for table in TABLES:
        execute(f"ALTER TABLE registry_{table} ENABLE TRIGGER USER")
        execute(f"VACUUM ANALYZE registry_{table}")


def refreshed(name):
    started = time.perf_counter()
    done = counting.refresh(now=timezone.now())
    seconds = time.perf_counter() - started
    print(
        f"- {name}: {seconds:.2f} s, {done.villages} villages, {done.written} rows changed,"
        f" {done.hidden} regions with other suppression",
        flush=True,
    )
    return seconds


def change(villages):
    execute(CHANGE, {"change": a_change(), "villages": villages, "each": CHANGED // villages})
    execute("ANALYZE registry_personevent")


def joined(user, query):
    request = RequestFactory().get(f"/maps/values.json?{query}", HTTP_ACCEPT_ENCODING="gzip")
    request.user = user
    started = time.perf_counter()
    answer = views.values(request)
    assert answer.status_code == 200
    return (time.perf_counter() - started) * 1000, len(answer.content)


def percentile(values):
    return sorted(values)[int(len(values) * 0.95)]


def measure_joins():
    """p95 of milliseconds: villages and districts cold, both warm."""
    user = User.objects.create_user("bench", "bench")
    now = timezone.now()
    Grant.objects.create(
        user=user,
        role="planner",
        region_id="ID",
        active_from=now - timedelta(days=1),
        active_until=now + timedelta(days=1),
        granted_by="bench",
        granted_at=now,
    )
    picked = random.Random(7)
    regencies = list(Region.objects.filter(level="regency").values_list("code", flat=True))
    provinces = list(Region.objects.filter(level="province").values_list("code", flat=True))
    found = {"villages": [], "above": [], "warm": []}
    joined(user, "within=ID&level=province")  # the first request of a process
    for _ in range(JOINS):
        queries = {
            "villages": f"within={picked.choice(regencies)}&level=village",
            "above": picked.choice(
                [
                    f"within={picked.choice(provinces)}&level=district",
                    "within=ID&level=regency",
                    "within=ID&level=district",
                ]
            ),
        }
        for kind, query in queries.items():
            cache.clear()
            found[kind].append(joined(user, query)[0])
            found["warm"].append(joined(user, query)[0])
    return {kind: round(percentile(values), 1) for kind, values in found.items()}


def measure_peer():
    started = time.perf_counter()
    families = Family.objects.filter(is_active=True).order_by().values("village")
    list(families.annotate(n=Count("pk")))
    list(families.annotate(n=Count("pk", filter=Q(location__isnull=False))))
    persons = Person.objects.filter(status="active").order_by().values("village")
    list(persons.annotate(n=Count("pk")))
    list(persons.annotate(n=Count("pk", filter=~Q(disability_kind=""))))
    list(
        persons.annotate(
            n=Count("family", filter=Q(enrolments__active_until__isnull=True), distinct=True)
        )
    )
    return time.perf_counter() - started


def main():
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        Region.objects.get_or_create(code="ID", defaults={"name": "Indonesia", "level": "country"})
        call_command("import_regions", verbosity=0)
        execute("ANALYZE regions_region")
        load_register()
        persons = Person.objects.count()
        print(f"- {persons} persons", flush=True)
        whole = refreshed("everything")
        execute("VACUUM ANALYZE indicators_regioncount")
        some, many = [], []
        for _ in range(3):
            change(CHANGED // 5)
            some.append(refreshed(f"{CHANGED} persons in {CHANGED // 5} villages"))
        change(CHANGED)
        many.append(refreshed(f"{CHANGED} persons in {CHANGED} villages"))
        hidden = SuppressedRegion.objects.count()
        joins = measure_joins()
        print(f"- join, p95 in ms: {joins}; {hidden} regions have something suppressed")
        peer = measure_peer()
    finally:
        connection.creation.destroy_test_db("portal", verbosity=0)
    print(
        json.dumps(
            {
                "name": "measures",
                "rows": persons,
                "seconds": round(whole, 2),
                "rows_per_s": round(persons / whole),
                "changed_s": round(statistics.median(some), 2),
                "scattered_s": round(statistics.median(many), 2),
                "join_p95_ms": joins,
                "suppressed_regions": hidden,
                "peer_s": round(peer, 1),
                "must": MUST,
            }
        )
    )
    if (
        whole > MUST["whole_s"]
        or statistics.median(some) > MUST["changed_s"]
        or joins["villages"] > MUST["villages_cold_ms"]
        or joins["above"] > MUST["above_cold_ms"]
        or joins["warm"] > MUST["warm_ms"]
    ):
        sys.exit("slower than it must be")


if __name__ == "__main__":
    main()
