"""The home page and each of its cards with a million proposals over all villages of the country.

    make bench ONLY=dashboard           ROWS=1000000 RUNS=5

Rows lie in every village; one regency has 50,000 of them. Each page is asked by the web role with
row-level security, with nothing kept from the request before. `worst` is the slowest of the runs.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
os.environ.setdefault("LOG_LEVEL", "WARNING")
os.environ["SECOND_FACTOR_REQUIRED"] = "false"  # as in the demo

import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import (  # noqa: E402
    BACKEND_SESSION_KEY,
    HASH_SESSION_KEY,
    SESSION_KEY,
)
from django.core.cache import cache  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from apps.accounts.authentication.session_store import SessionStore  # noqa: E402
from apps.accounts.models import Grant, User  # noqa: E402
from apps.accounts.roles import Role  # noqa: E402
from apps.casework.models import Cycle  # noqa: E402
from apps.proposals.models import Proposal  # noqa: E402
from apps.regions.models import Region  # noqa: E402

ROWS = int(os.environ.get("ROWS", "1000000"))
RUNS = int(os.environ.get("RUNS", "5"))
REGENCY, LARGE = "34.04", 50_000
FIRST_VIEW_S = 0.6
KEYS = Path(settings.STATE_DIR) / "bench-sessions.json"
PEOPLE = {
    Role.PUSDATIN_VERIFIER: "ID",
    Role.PROVINCE_MONITOR: REGENCY[:2],
    Role.VERIFIER: REGENCY,
    Role.REGENCY_OFFICER: REGENCY,
    Role.VILLAGE_OFFICER: f"{REGENCY}.01.2001",
}
PAGES = ("/", "/progress/", "/progress/?view=map", "/progress/trend/", "/progress/findings/")
FILL = """
TRUNCATE proposals_registeredmatch, proposals_civilmatch, proposals_proposal, proposals_finding,
    proposals_heldrow, proposals_decision CASCADE;
CREATE TEMPORARY TABLE places ON COMMIT DROP AS
SELECT code, false AS is_own, row_number() OVER (ORDER BY code) AS n, count(*) OVER () AS of
  FROM regions_region WHERE level = 'village' AND valid_until IS NULL
 UNION ALL
SELECT code, true, row_number() OVER (ORDER BY code), count(*) OVER ()
  FROM regions_region
 WHERE level = 'village' AND valid_until IS NULL AND code LIKE %(regency)s || '.%%';
ANALYZE places;
INSERT INTO proposals_proposal (id, batch_id, row_number, kind, status, nik, kk, name, title,
    birth_place, birth_date, sex, mother_name, relation, occupation, marital_status, address, rt,
    rw, village_id, programme_id, disability_kind, is_pregnant, ppks, location, verdict, distance_m,
    flags, severity, step_at)
SELECT i, %(batch)s, i, 'new',
       (ARRAY['submitted','submitted','verified','endorsed','accepted','determined','returned',
              'rejected','draft','submitted'])[1 + i %% 10],
       lpad((3404010101800000 + i)::text, 16, '0'), lpad((3404019901800000 + i / 3)::text, 16, '0'),
       'CONTOH WARGA NOMOR ' || i, '', 'CONTOH', date '1980-01-01', 'L', 'CONTOH IBU', '', 'BURUH',
       'KAWIN', 'JALAN CONTOH NOMOR ' || i, '001', '002', v.code, 'PKH', '', false, '{}', NULL,
       'inside', 0, '{}', CASE WHEN i %% 4 = 0 THEN 2 ELSE 0 END,
       now() - (i %% 27) * interval '1 day'
  FROM (SELECT i, i <= %(large)s AS is_own,
               1 + i %% CASE WHEN i <= %(large)s THEN (SELECT max(of) FROM places WHERE is_own)
                        ELSE (SELECT max(of) FROM places WHERE NOT is_own) END AS n
          FROM generate_series(1, %(rows)s) AS i) AS rows
  JOIN places v USING (is_own, n);
INSERT INTO proposals_finding (batch_id, row_number, code, severity, field, params)
SELECT batch_id, row_number,
       (ARRAY['near_border','kk_two_villages','nik_prefix_unknown'])[1 + id %% 3], 2, '', '{}'
  FROM proposals_proposal WHERE severity > 0;
INSERT INTO proposals_decision (proposal_id, village_id, from_status, to_status, by_name, at,
    reason, note, is_undo)
SELECT p.id, p.village_id, s.old, s.new, 'contoh', p.step_at - s.hours * interval '1 hour', '', '',
       false
  FROM proposals_proposal p
  JOIN LATERAL (VALUES ('draft', 'submitted', 30), ('submitted', 'verified', 20),
                       ('verified', 'endorsed', 10)) AS s (old, new, hours)
    ON s.new = 'submitted' OR p.status IN ('endorsed', 'accepted', 'determined')
       OR (s.new = 'verified' AND p.status = 'verified')
 WHERE p.status <> 'draft'
 ORDER BY p.step_at;
"""


def main() -> None:
    if "PORTAL_DATABASE_ROLE" in os.environ:
        fill()
        return
    owner = os.environ | {"PORTAL_DATABASE_ROLE": "owner"}
    subprocess.run([sys.executable, __file__], check=True, env=owner)
    for role in PEOPLE:
        measure(role)


def fill() -> None:
    """Rows, steps and findings, written by statements as the owner."""
    call_command("import_regions")
    today = timezone.localdate()
    Cycle.objects.update_or_create(
        name="bench",
        defaults={
            "opens_date": today - timedelta(days=26),
            "cutoff_date": today + timedelta(days=3),
            "draw_date": today + timedelta(days=4),
        },
    )
    people = [_person(role, region) for role, region in PEOPLE.items()]
    KEYS.write_text(
        json.dumps({role: _session(user) for role, user in zip(PEOPLE, people, strict=True)})
    )
    own = Proposal.objects.filter(village__code__startswith=f"{REGENCY}.")
    if Proposal.objects.count() == ROWS and own.count() == LARGE:
        return  # those of a former run
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO proposals_batch (origin, status, region_id, user_id, file, file_name,"
            " file_size, file_kind, sha256, header, header_line, mapping, code_system, row_values,"
            " partition, rows_read, counts, known_rows, submit_when_checked, submit_note,"
            " submit_outcome, received_at) VALUES ('form', 'submitted', %s, %s, '', '', 0, '', '',"
            " '[]', 1, '{}', 'kemendagri', '[]', 0, %s, '{}', '{}', '', '', '{}', now())"
            " RETURNING id",
            [REGENCY, people[-2].pk, ROWS],
        )
        batch = cursor.fetchone()[0]
        started = time.perf_counter()
        cursor.execute("BEGIN")
        cursor.execute(FILL, {"rows": ROWS, "large": LARGE, "regency": REGENCY, "batch": batch})
        cursor.execute("COMMIT")
        print(f"{ROWS} rows in {time.perf_counter() - started:.0f} s", flush=True)
        cursor.execute("VACUUM ANALYZE proposals_proposal, proposals_decision, proposals_finding")


def _person(role: Role, region: str) -> User:
    user = User.objects.filter(username=f"bench-{role.value}").first()
    if user is None:
        user = User.objects.create_user(f"bench-{role.value}", "kata-sandi-uji-coba", full_name="B")
        now = timezone.now()
        user.nik = f"970101010166{9000 + user.pk}"
        user.save(update_fields=["nik"])
        Grant.objects.create(
            user=user,
            role=role,
            region=Region.objects.get(pk=region),
            active_from=now - timedelta(days=1),
            active_until=now + timedelta(days=300),
            granted_by="bench",
            granted_at=now,
        )
    return user


def _session(user: User) -> str:
    """The key of a session in which this person is signed in."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


def measure(role: Role) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    for page in PAGES:
        browser = Client()
        browser.cookies[settings.SESSION_COOKIE_NAME] = json.loads(KEYS.read_text())[role]
        seconds = []
        for _run in range(RUNS):
            cache.clear()
            started = time.perf_counter()
            answer = browser.get(page, secure=True)
            seconds.append(time.perf_counter() - started)
            if answer.status_code != 200:
                raise SystemExit(f"{page}: {answer.status_code}")
        line = {
            "name": "dashboard",
            "rows": ROWS,
            "role": role.value,
            "page": page,
            "seconds": round(statistics.median(seconds), 3),
            "worst": round(max(seconds), 3),
            "must_seconds": FIRST_VIEW_S,
            "machine": f"{platform.machine()}, {os.cpu_count()} cores",
            "date": date.today().isoformat(),
        }
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
