"""An import whose worker is killed goes on where it stopped, and ends in the same rows."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection

from apps.jobs.models import Job
from apps.regions.models import Boundary, BoundaryEdition
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.regions.editions import read, receive, square, toy, write

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
ROOT = Path(__file__).resolve().parents[2]
WORK = """
import sys, django
django.setup()
from django.db import connection
connection.cursor().execute("SET ROLE portal_worker")
from apps.jobs import work
work.run(int(sys.argv[1]), "regions.import_edition")
"""


def worker(job: Job) -> subprocess.Popen[bytes]:
    """Another process that does the job, on this test's database and files."""
    settings = connection.settings_dict
    known = {
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "PORTAL_DATABASE_ROLE": "owner",
        "MEDIA_ROOT": str(Path(BoundaryEdition.objects.first().file.storage.location)),
        "DATABASE_OWNER_URL": "postgresql://{USER}@{host}/{NAME}".format(
            host=settings["HOST"].replace("/", "%2F"), **settings
        ),
    }
    return subprocess.Popen(
        [sys.executable, "-c", WORK, str(job.pk)], cwd=ROOT, env={**os.environ, **known}
    )


def steps_of(edition: BoundaryEdition) -> int:
    with as_role("worker"), connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [f"staging.edition_{edition.pk}_done"])
        if cursor.fetchone()[0] is None:
            return -1
        cursor.execute(f"SELECT count(*) FROM staging.edition_{edition.pk}_done")
        return cursor.fetchone()[0]


def rows_of(edition: BoundaryEdition) -> set[tuple[str, float, bool]]:
    boundaries = Boundary.objects.filter(edition=edition)
    return set(boundaries.values_list("region_id", "area_m2", "is_repaired"))


def remarks_of(edition: BoundaryEdition) -> list[tuple[str, str, str]]:
    return sorted(edition.issues.values_list("kind", "region_code", "other_code"))


def wait_until(condition, seconds: float = 60) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.005)


@pytest.mark.parametrize(
    "steps",
    [-1, 1, *(pytest.param(steps, marks=pytest.mark.scale) for steps in (0, 3, 8))],
)
@pytest.mark.long
def test_a_killed_import_ends_in_the_same_rows(tmp_path, role, steps):
    path = write(tmp_path / "batas.geojson", toy(A=square("A", 0, 0, 0.9, 1)))
    with role("worker"):
        undisturbed = read(path, "Tidak terganggu")
        edition, job = receive(path, "Terganggu")
    process = worker(job)
    wait_until(lambda: steps_of(edition) >= steps or process.poll() is not None)
    process.kill()  # nothing, where it was faster
    process.wait()
    with role("worker"):
        wait_until(lambda: _done(job))
    edition.refresh_from_db()
    assert edition.status == BoundaryEdition.Status.READY
    assert rows_of(edition) == rows_of(undisturbed)
    assert remarks_of(edition) == remarks_of(undisturbed)
    assert steps_of(edition) == -1


def _done(job: Job) -> bool:
    """Try as the sweeper does: while the killed session still holds the lock nothing happens."""
    do(job)
    job.refresh_from_db()
    return job.status == Job.Status.DONE
