"""A run that is killed, at any of twenty moments, ends without help as if nothing had happened."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone
from shapely.geometry import box

from apps.audit import ownership
from apps.demo.population import ministries
from apps.demo.population.people import people
from apps.jobs.models import Job
from apps.reconciliation.linkage import runs
from apps.reconciliation.models import Conflict, Dataset, Pairing, RecordPair, Run
from apps.reconciliation.partitions import PARTITION_FROM_ROWS
from apps.registry.models import Change
from portal.operations import leftovers
from tests import workers
from tests.base import NOW
from tests.conftest import as_role
from tests.proposals.checks.test_reading import free_of_ghosts
from tests.reconciliation.sample_deliveries import a_source, load, receive

PERSONS, KILLS, SEED = 80_000, 20, 1
LATER_S = 120  # at most so much longer than undisturbed
CODE = (
    "import django; django.setup(); from apps.jobs import work;"
    "work.run({job}, 'reconciliation.reconcile')"
)


def _villages() -> dict[str, object]:
    return {
        f"97.{k:02d}.{c:02d}.{2000 + v}": box(
            110 + k * 0.1, -7 + c * 0.1, 110.05 + k * 0.1, -6.95 + c * 0.1
        )
        for k in range(1, 9)
        for c in range(1, 9)
        for v in range(1, 6)
    }


def _deliveries(folder: Path) -> list[Dataset]:
    villages = _villages()
    files = ministries.write_pair(
        folder, people(villages, 10**7, SEED), PERSONS, seed=SEED, villages=sorted(villages)
    )
    return [
        load(receive(path.read_bytes(), a_source(code), path.name))
        for path, code in zip(files[:2], ("P3KE", "DTSEN"), strict=True)
    ]


def _worker(job: Job) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", CODE.format(job=job.pk)],
        cwd=workers.ROOT,
        env=workers.environment(),
        stderr=subprocess.DEVNULL,
    )


def _ask(left: Dataset, right: Dataset) -> tuple[Run, Job]:
    with as_role("owner"):
        for model in (RecordPair, Conflict, Run, Pairing):
            rows = model.objects.all()
            rows._raw_delete(rows.db)
    with as_role("worker"):
        return runs.enqueue_run(left=left, right=right, by=None, by_name="tests", now=NOW)


def _result(run: Run) -> tuple[str, int, dict[str, object]]:
    """A fingerprint of everything that the run left, the number of pairs, and its counts."""
    with as_role("worker"), connection.cursor() as cursor:
        run.refresh_from_db()
        assert run.status == Run.Status.DONE
        cursor.execute(
            "SELECT l.source_ref, r.source_ref, c.basis, c.status, c.weight, c.levels::text,"
            "       c.rarity::text"
            "  FROM reconciliation_pair c JOIN reconciliation_record l ON l.id = c.left_id"
            "  JOIN reconciliation_record r ON r.id = c.right_id"
            " WHERE c.pairing_id = %s ORDER BY 1, 2",
            [run.pairing_id],
        )
        rows = cursor.fetchall()
    return sha256(repr(rows).encode()).hexdigest(), len(rows), run.counts


@pytest.mark.scale
@pytest.mark.django_db(transaction=True)
def test_twenty_kills_lose_and_double_nothing(tmp_path, figure):
    left, right = _deliveries(tmp_path)
    run, job = _ask(left, right)
    started = time.monotonic()
    assert _worker(job).wait() == 0
    undisturbed_s = time.monotonic() - started
    undisturbed = _result(run)
    assert undisturbed[1] >= PARTITION_FROM_ROWS, "the run is large enough for a partition"
    rng, longest_s, killed = random.Random(SEED), 0.0, 0
    for _kill in range(KILLS):
        run, job = _ask(left, right)
        process = _worker(job)
        time.sleep(rng.uniform(1.0, undisturbed_s))
        process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
        started = time.monotonic()
        free_of_ghosts(job.pk)
        if Run.objects.filter(pk=run.pk).exclude(status=Run.Status.DONE).exists():
            assert _worker(job).wait() == 0
        longest_s = max(longest_s, time.monotonic() - started)
        assert _result(run) == undisturbed
    assert killed >= KILLS * 0.8
    assert longest_s <= undisturbed_s + LATER_S
    # what a kill between the last commit and the end of the process leaves goes with the sweep
    ownership.path().unlink(missing_ok=True)  # of an earlier test, whose database is emptied
    with as_role("worker"):
        leftovers.files(now=timezone.now() + leftovers.KEPT + timedelta(hours=1), confirmed=True)
    assert not list((Path(settings.MEDIA_ROOT) / "runs").iterdir())
    assert not Change.objects.exists()
    with as_role("worker"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'staging'::regnamespace"
            " AND (relname LIKE 'reconciliation_%%' OR relname LIKE 'run_%%')"
        )
        assert cursor.fetchall() == []
    pairs = f"run of {undisturbed[1]:,} pairs"
    figure(f"{pairs}, undisturbed", undisturbed_s, "s")
    figure(f"{pairs}: kills that hit it, each with the same end", killed, f"of {KILLS}", "≥ 16")
    most_s = undisturbed_s + LATER_S
    figure(f"{pairs}: longest end after its kill", longest_s, "s", f"≤ {most_s:.0f}")
