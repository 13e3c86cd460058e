"""A decision on 100,000 proposals at once, as a verifier takes it, and its undoing as one act: over
HTTP, by a real worker.

    make bench ONLY=bulk_decision       ROWS=100000 RUNS=3

The clock runs from the press of the button until the page of the work says that it is done; the
page that counts beforehand is measured, too. Undoing is measured the same way, from its button.
After each run the history is complete: every proposal of the filter has exactly one decision, by
the right person, and after the undoing one more, and is where it was.
"""

from __future__ import annotations

import json
import os
import platform
import re
import statistics
import subprocess
import sys
import time
import urllib.parse
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
os.environ.setdefault("PORTAL_DATABASE_ROLE", "worker")
os.environ.setdefault("LOG_LEVEL", "WARNING")

import django  # noqa: E402

django.setup()

import _proposals  # noqa: E402
import _stage  # noqa: E402
from _site import Site  # noqa: E402

from apps.accounts.roles import Role  # noqa: E402
from apps.jobs.models import Job  # noqa: E402
from apps.proposals.models import Batch, Decision, Proposal  # noqa: E402

PORT = int(os.environ.get("BENCH_PORT", "8191"))
ROWS = int(os.environ.get("ROWS", "100000"))
RUNS = int(os.environ.get("RUNS", "3"))
MUST_S = 20
POLL_S = 0.25
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def main() -> int:
    here = _stage.prepare(1_000)
    environment = os.environ | {"PORT": str(PORT), "LOG_LEVEL": "WARNING"}
    environment["SECOND_FACTOR_REQUIRED"] = "false"  # as in the demo, whose accounts these are
    environment.pop("PORTAL_DATABASE_ROLE")
    subprocess.run([ROOT / "bin/run", "start"], check=True, env=environment)
    try:
        site = Site(PORT)
        verifier = here.people[Role.VERIFIER]
        site.sign_in(verifier.username, here.secrets["password"])
        previews, decisions, undone = [], [], []
        for _run in range(RUNS):
            batch = _proposals.insert(
                sender=here.people[Role.REGENCY_OFFICER],
                region=here.regency,
                villages=sorted(here.own),
                rows=ROWS,
                mixed=False,
            )
            preview_s, decision_s, work = once(site, batch)
            examine(batch, verifier.pk)
            undone.append(undo(site, work))
            examine_undone(batch, verifier.pk)
            previews.append(preview_s)
            decisions.append(decision_s)
            print(
                f"{ROWS} rows: counted {preview_s:.1f} s, decided {decision_s:.1f} s,"
                f" undone {undone[-1]:.1f} s",
                flush=True,
            )
    finally:
        subprocess.run([ROOT / "bin/run", "stop"], check=True, env=environment)
    seconds = statistics.median(decisions)
    print(
        json.dumps(
            {
                "name": "bulk_decision",
                "rows": ROWS,
                "seconds": round(seconds, 1),
                "all_seconds": [round(value, 1) for value in decisions],
                "preview_s": round(statistics.median(previews), 1),
                "undo_s": round(statistics.median(undone), 1),
                "all_undo_s": [round(value, 1) for value in undone],
                "must_seconds": MUST_S,
                "machine": f"{platform.machine()}, {os.cpu_count()} cores",
                "date": date.today().isoformat(),
            }
        )
    )
    return 0 if seconds <= MUST_S else 1


def once(site: Site, batch: Batch) -> tuple[float, float, str]:
    """Seconds until the page has counted, and from the button until the work is done; the address
    of the page of the work.
    """
    address = f"/proposals/review/bulk/?step=verify&batch={batch.pk}"
    site.connection.close()  # the server may have closed it; the next call opens it again
    started = time.perf_counter()
    page = site.get(address)
    preview_s = time.perf_counter() - started
    form = {name: hidden(page, name) for name in ("step", "expected", "seen")}
    if form["expected"] != str(ROWS):
        raise SystemExit(f"the page counts {form['expected']} of {ROWS}")
    decision_s, work = pressed(site, address, form | {"typed": str(ROWS)})
    return preview_s, decision_s, work


def undo(site: Site, work: str) -> float:
    """Seconds from the button on the page of a decision until it is undone."""
    page = site.get(work)
    return pressed(site, "/proposals/review/bulk/undo/", {"at": hidden(page, "at")})[0]


def pressed(site: Site, address: str, form: dict[str, str]) -> tuple[float, str]:
    """Seconds from a button until the page of its work says that it is done; that page."""
    started = time.perf_counter()
    status, text, location = site.request("POST", address, urllib.parse.urlencode(form), FORM)
    if status != 302 or "/bulk/" not in location:
        raise SystemExit(f"not accepted: {status} {re.sub('<[^>]+>', ' ', text)[:500]}")
    job = Job.objects.get(pk=int(re.findall(r"\d+", location)[-1]))
    while job.status not in (Job.Status.DONE, Job.Status.FAILED):
        time.sleep(POLL_S)
        site.get(location)
        job.refresh_from_db()
    if job.status == Job.Status.FAILED:
        raise SystemExit(f"failed: {job.message_code}")
    return time.perf_counter() - started, location


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"\s+value="([^"]*)"', page)
    return found[1] if found else ""


def examine_undone(batch: Batch, verifier: int) -> None:
    """Every row is back, with both of its steps in the history, or the benchmark ends."""
    steps = Decision.objects.filter(proposal__batch=batch)
    back = {"from_status": "verified", "to_status": "submitted", "by_id": verifier}
    told = {
        "submitted": Proposal.objects.filter(batch=batch, status="submitted").count(),
        "undone": steps.filter(is_undo=True, **back).count(),
        "decisions that stay": steps.filter(is_undo=False).count(),
    }
    if set(told.values()) != {ROWS}:
        raise SystemExit(f"not undone: {told}")


def examine(batch: Batch, verifier: int) -> None:
    """The history of a decided batch is complete, or the benchmark ends."""
    rows = Proposal.objects.filter(batch=batch)
    steps = Decision.objects.filter(proposal__batch=batch)
    wanted = {"from_status": "submitted", "to_status": "verified", "by_id": verifier}
    told = {
        "verified": rows.filter(status="verified", step_by=verifier).count(),
        "decisions": steps.filter(is_undo=False, **wanted).count(),
        "proposals with a decision": steps.values("proposal").distinct().count(),
        "all decisions": steps.count(),
    }
    if set(told.values()) != {ROWS}:
        raise SystemExit(f"the history is not complete: {told}")


if __name__ == "__main__":
    sys.exit(main())
