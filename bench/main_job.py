"""The main job, measured as a person meets it: from the first byte of the upload until the findings
page shows the final counts, over HTTP, through the real queue, with a register of a million. One
row in twenty is about somebody registered.

    make bench ONLY=main_job            REGISTER=1000000 RUNS=3 ROWS=10000,100000

Beside it in the same run: django-import-export with `use_bulk` and the same point check (the peer),
and COPY of the same file into an UNLOGGED table (the limit).
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
os.environ.setdefault("PORTAL_DATABASE_ROLE", "worker")
os.environ.setdefault("LOG_LEVEL", "WARNING")

import django  # noqa: E402

django.setup()

import _peer  # noqa: E402
import _registered  # noqa: E402
import _stage  # noqa: E402
from _site import Site  # noqa: E402
from django.db import connection  # noqa: E402

from apps.accounts.roles import Role  # noqa: E402
from apps.demo import batches, stage  # noqa: E402
from apps.jobs.models import Job  # noqa: E402
from apps.proposals.models import Batch  # noqa: E402

PORT = int(os.environ.get("BENCH_PORT", "8190"))
REGISTER = int(os.environ.get("REGISTER", "1000000"))
RUNS = int(os.environ.get("RUNS", "3"))
SIZES = [int(size) for size in os.environ.get("ROWS", "10000,100000").split(",")]
LIMITS = {10_000: (2.0, 5.0), 100_000: (5.0, 20.0)}
PEER_ROWS = 10_000
POLL_S = 0.25  # as often as the page asks by itself in its first seconds


def main() -> None:
    here = _stage.prepare(REGISTER)
    forget_former_runs()
    environment = os.environ | {"PORT": str(PORT), "LOG_LEVEL": "WARNING"}
    environment["SECOND_FACTOR_REQUIRED"] = "false"  # as in the demo, whose accounts these are
    environment.pop("PORTAL_DATABASE_ROLE")
    subprocess.run([ROOT / "bin/run", "start"], check=True, env=environment)
    try:
        site = Site(PORT)
        officer = here.people[Role.REGENCY_OFFICER].username
        site.sign_in(officer, here.secrets["password"])
        lines = [measure(site, here, rows) for rows in SIZES]
    finally:
        subprocess.run([ROOT / "bin/run", "stop"], check=True, env=environment)
    for line in lines:
        print(json.dumps(line))


def forget_former_runs() -> None:
    """Every run meets the same database: the rows of former ones go, their partitions, too."""
    statement = """
        DO $$ DECLARE partition text; BEGIN
          FOR partition IN SELECT inhrelid::regclass::text FROM pg_inherits
                        WHERE inhparent = 'proposals_proposal'::regclass
                          AND inhrelid <> 'proposals_proposal_0'::regclass
          LOOP EXECUTE 'DROP TABLE ' || partition; END LOOP;
          FOR partition IN SELECT inhrelid::regclass::text FROM pg_inherits
                        WHERE inhparent = 'proposals_proposalname'::regclass
                          AND inhrelid <> 'proposals_proposalname_0'::regclass
          LOOP EXECUTE 'DROP TABLE ' || partition; END LOOP;
        END $$;
        TRUNCATE proposals_registeredmatch, proposals_proposal, proposals_proposalname,
            proposals_finding, proposals_heldrow, proposals_decision;
        ANALYZE;
    """
    code = f"from django.db import connection; connection.cursor().execute({statement!r})"
    owner = os.environ | {"PORTAL_DATABASE_ROLE": "owner"}
    subprocess.run(
        [sys.executable, "manage.py", "shell", "-c", code], check=True, env=owner, cwd=ROOT
    )


def measure(site: Site, here: stage.Stage, rows: int) -> dict[str, object]:
    seconds, stages, file = [], [], Path()
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    for run in range(RUNS):
        seed = int(time.time()) % 100_000 + run
        file = folder / f"batch_{rows}_{run}.csv"
        batches.write_batch(
            file,
            here.villages,
            rows,
            seed,
            regions=here.regions,
            offices=here.offices,
            scope=here.regency.code,
            as_of=date.today(),
        )
        known = _registered.put(file, here)
        total, parts = once(site, here, file, rows)
        seconds.append(total)
        stages.append(parts)
        print(f"{rows} rows ({known} registered): {total:.2f} s {parts}", flush=True)
    peer_rows, peer = _peer.rows_per_s(file, PEER_ROWS)
    copied = copy_seconds(file)
    total = statistics.median(seconds)
    limit_s, limit_ratio = LIMITS.get(rows, (0, 0))
    return {
        "name": "main_job",
        "rows": rows,
        "seconds": round(total, 2),
        "all_seconds": [round(value, 2) for value in seconds],
        "rows_per_s": round(rows / total),
        "stages": stages[seconds.index(total)] if total in seconds else stages[0],
        "peer_rows": peer_rows,
        "peer_rows_per_s": round(peer),
        "ratio": round(rows / total / peer, 1),
        "copy_ratio": round(total / copied, 1),
        "must_seconds": limit_s,
        "must_ratio": limit_ratio,
        "register": REGISTER,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "date": date.today().isoformat(),
    }


def once(site: Site, here: stage.Stage, file: Path, rows: int) -> tuple[float, dict[str, float]]:
    """One upload; the clock runs from its first byte to the page with the final counts."""
    started = time.perf_counter()
    page = site.send_file(
        "/proposals/batches/upload/",
        file,
        region=here.regency.code,
        region_text="",
        code_system="kemendagri",
    )
    uploaded = time.perf_counter() - started
    batch_id = int(page.rstrip("/").split("/")[-1])
    site.get(page)
    waits = 1
    # as the page does: its fragment again and again, until that asks for the page anew
    while "hx-get" in site.get(page + "progress/"):
        waits += 1
        if time.perf_counter() - started > 120:
            raise SystemExit("no counts after 120 s")
        time.sleep(POLL_S)
    if 'id="progress"' in site.get(page):
        raise SystemExit("the page shows no counts")
    total = time.perf_counter() - started
    batch = Batch.objects.get(pk=batch_id)
    if batch.counts["rows"] != rows:
        raise SystemExit(f"{batch.counts['rows']} rows counted, {rows} sent")
    job = Job.objects.get(subject=batch.subject)
    return total, {"upload": round(uploaded, 2), "polls": waits} | job.seconds


def copy_seconds(file: Path) -> float:
    """COPY of the same bytes into an UNLOGGED table of text columns."""
    header = file.open(encoding="utf-8").readline().strip().split(",")
    columns = ", ".join(f"c{number} text" for number in range(len(header)))
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS staging.bench_copy")
        cursor.execute(f"CREATE UNLOGGED TABLE staging.bench_copy ({columns})")
        started = time.perf_counter()
        with (
            cursor.copy("COPY staging.bench_copy FROM STDIN (FORMAT csv, HEADER)") as copy,
            file.open("rb") as data,
        ):
            while block := data.read(1 << 20):
                copy.write(block)
        seconds = time.perf_counter() - started
        cursor.execute("DROP TABLE staging.bench_copy")
    return seconds


if __name__ == "__main__":
    main()
