"""The check of a batch alone, statement by statement, in this process: where its time goes.

    make bench ONLY=checks_core         REGISTER=1000000 ROWS=10000,100000 WORKERS=2

Wall time, and the processor time of the database session that runs the statements (without that of
parallel workers, unless WORKERS=0 keeps everything in the one session).
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import contextmanager
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
os.environ.setdefault("PORTAL_DATABASE_ROLE", "worker")
os.environ.setdefault("LOG_LEVEL", "WARNING")

import django  # noqa: E402

django.setup()

import _registered  # noqa: E402
import _stage  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from apps.accounts.roles import Role  # noqa: E402
from apps.common import sql  # noqa: E402
from apps.demo import batches, stage  # noqa: E402
from apps.jobs import work  # noqa: E402
from apps.jobs.models import Job  # noqa: E402
from apps.proposals.checks import batch_check  # noqa: E402
from apps.proposals.upload import intake  # noqa: E402

SIZES = [int(size) for size in os.environ.get("ROWS", "10000,100000").split(",")]
REGISTER = int(os.environ.get("REGISTER", "1000000"))
WORKERS = os.environ.get("WORKERS", "2")
TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    here = _stage.prepare(REGISTER)
    batch_check.TUNING["max_parallel_workers_per_gather"] = WORKERS
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    lines = [measure(here, rows) for rows in SIZES]
    for line in lines:
        print(json.dumps(line))


def measure(here: stage.Stage, rows: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"checks_{rows}.csv"
        batches.write_batch(
            file,
            here.villages,
            rows,
            int(time.time()) % 100_000,
            regions=here.regions,
            offices=here.offices,
            scope=here.regency.code,
        )
        _registered.put(file, here)
        started = time.perf_counter()
        with file.open("rb") as opened:
            received = intake.receive_file(
                file=opened,
                file_name=file.name,
                by=here.people[Role.REGENCY_OFFICER],
                region_code=here.regency.code,
                now=timezone.now(),
            )
        receive_s = time.perf_counter() - started
    with watched() as spent:
        work.run(received.job.pk, received.job.kind)
    job = Job.objects.get(pk=received.job.pk)
    for name, (wall, processor) in spent.items():
        print(f"{rows:>7} {name:32} {wall:7.3f} s, session {processor:5.2f} s")
    total = job.seconds["total"]
    return {
        "name": "checks_core",
        "rows": rows,
        "seconds": total,
        "rows_per_s": round(rows / total),
        "stages": job.seconds | {"receive": round(receive_s, 3)},
        "session_s": round(sum(processor for _, processor in spent.values()), 2),
        "register": REGISTER,
        "workers": int(WORKERS),
        "date": date.today().isoformat(),
    }


@contextmanager
def watched():
    """(wall, processor) seconds of each named statement while inside."""
    spent: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    plain = sql.run

    def run(name, params=None, *, tables=None):
        wall, processor = time.perf_counter(), session_s()
        rows = plain(name, params, tables=tables)
        spent[name][0] += time.perf_counter() - wall
        spent[name][1] += session_s() - processor
        return rows

    sql.run = run
    try:
        yield spent
    finally:
        sql.run = plain


def session_s() -> float:
    """Processor time of our session's server process, where its /proc is readable."""
    connection.ensure_connection()
    try:
        path = Path(f"/proc/{connection.connection.info.backend_pid}/stat")
        fields = path.read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


if __name__ == "__main__":
    main()
