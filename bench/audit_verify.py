"""The audit trail at a million entries: writing, sealing and verifying them.

Makes a database of its own beside the portal's and drops it at the end. The bar: verified in 60 s.
"""

import atexit
import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

ROWS = int(os.environ.get("ROWS", "1000000"))
MUST_S = 60

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
os.environ["PORTAL_DATABASE_ROLE"] = "owner"
os.environ["TEST_DATABASE"] = "bench_audit"
os.environ["ANCHOR_DIR"] = tempfile.mkdtemp(prefix="portal-bench-")
atexit.register(shutil.rmtree, os.environ["ANCHOR_DIR"], ignore_errors=True)

import django  # noqa: E402 (after the environment)

django.setup()

from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from apps.audit import anchors, verify  # noqa: E402
from apps.audit.seal import SHORT_LOOK, seal_entries  # noqa: E402

WRITE = """
INSERT INTO audit_entry (at, action, actor, actor_name, subject, subject_name, region_code, reason,
                         address, request_id, details)
SELECT now() - make_interval(secs => %(rows)s - n), 'read', 'user:' || n %% 500,
       'Petugas ' || n %% 500, 'registry.Person:' || n, '970101••••••0001', '97.01', 'cocokkan',
       '10.0.0.1', md5(n::text), jsonb_build_object('fields', 'name', 'n', n)
  FROM generate_series(1, %(rows)s) AS n
"""


def timed(name, work):
    started = time.perf_counter()
    result = work()
    seconds = time.perf_counter() - started
    print(f"{name}: {seconds:.1f} s", flush=True)
    return result, seconds


def as_worker(statement="SET ROLE portal_worker"):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def write():
    with connection.cursor() as cursor:
        cursor.execute(WRITE, {"rows": ROWS})


def main():
    write_s = timed(f"write {ROWS} entries (one statement)", write)[1]
    as_worker("ANALYZE")
    as_worker()
    sealed, seal_s = timed("seal", seal_entries)
    idle_s = timed("seal again, nothing new", lambda: seal_entries(look_back=SHORT_LOOK))[1]
    anchors.write(now=timezone.now())
    report, verify_s = timed("verify", lambda: verify.verify(now=timezone.now()))
    as_worker("RESET ROLE")
    if sealed != ROWS or not report.is_sound:
        sys.exit(f"not sound: {sealed} sealed, {report.first_bad}")
    result = {
        "name": "audit_verify",
        "rows": ROWS,
        "seconds": round(verify_s, 2),
        "rows_per_s": round(ROWS / verify_s),
        "must_s": MUST_S,
        "write_s": round(write_s, 2),
        "seal_s": round(seal_s, 2),
        "sealed_per_s": round(ROWS / seal_s),
        "seal_idle_s": round(idle_s, 3),
    }
    print(json.dumps(result))
    return 0 if verify_s <= MUST_S * ROWS / 1_000_000 or ROWS < 1_000_000 else 1


if __name__ == "__main__":
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        code = main()
    finally:
        connection.creation.destroy_test_db("portal", verbosity=0)
    sys.exit(code)
