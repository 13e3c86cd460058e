"""The register's own pockets over the national layer and a register of millions.

Makes a database of its own beside the portal's and drops it at the end; layer and register are
those of bench/exposure.py (LAYER, PORTAL_REAL_DATA, PERSONS).

The bar: villages and cells of the whole country within 60 s. Also said: the import of 2,000
polygons as BIG's edition, and putting both in force.
"""

import json
import os
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

os.environ["TEST_DATABASE"] = "bench_pockets"
sys.path.insert(0, str(Path(__file__).resolve().parent))

import exposure  # noqa: E402 (sets Django up)
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from apps.audit.subjects import command  # noqa: E402
from apps.indicators.models import PocketDifference  # noqa: E402
from apps.indicators.pockets import activation, reception  # noqa: E402
from apps.indicators.pockets.reception import Method  # noqa: E402
from apps.jobs import work  # noqa: E402
from apps.registry.models import Programme  # noqa: E402

MUST_S = 60.0
POLYGONS = 2_000
BY = command("bench")


def timed(act):
    started = time.perf_counter()
    result = act()
    return time.perf_counter() - started, result


def finish(edition, job):
    work.run(job.pk, job.kind)
    edition.refresh_from_db()
    job.refresh_from_db()
    assert edition.status == "ready", (job.status, job.message_code, job.message_params)
    return job


def published(folder):
    """Every so many villages' rectangle as a polygon of BIG's."""
    every = max(exposure.Boundary.objects.count() // POLYGONS, 1)
    features = [
        {"type": "Feature", "properties": {}, "geometry": json.loads(row.boundary.envelope.json)}
        for row in exposure.Boundary.objects.filter(is_current=True).order_by("pk")[::every]
    ]
    path = Path(folder) / "kantong.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    with path.open("rb") as file:
        kept = reception.keep(file, path.name)
    return reception.receive_edition(
        kept=kept, name="BIG", published_date=date(2026, 7, 1), by=BY, now=timezone.now()
    )


def measure():
    exposure.load_boundaries()
    # the layer is loaded without areas
    exposure.execute("UPDATE regions_boundary SET area_m2 = ST_Area(boundary::geography)")
    exposure.load_register()
    code = Programme.objects.order_by("code").first().code
    method = Method(programmes=(code,), per_km2=1.0, percent=50.0)
    ours, job = reception.enqueue_computation(
        name="Register", method=method, by=BY, now=timezone.now()
    )
    seconds, job = timed(lambda: finish(ours, job))
    print(f"- computed in {seconds:.1f} s (must {MUST_S:.0f}): {ours.summary}, {job.seconds}")
    with tempfile.TemporaryDirectory() as folder:
        theirs, job = published(folder)
        took, _job = timed(lambda: finish(theirs, job))
    told = theirs.summary
    print(f"- imported in {took:.1f} s: {told['areas']} areas, {told['villages']} villages")
    for edition in (ours, theirs):
        took, _edition = timed(
            lambda edition=edition: activation.activate_edition(
                edition=edition, by=BY, now=timezone.now()
            )
        )
    print(f"- compared in {took:.1f} s: {PocketDifference.objects.count()} villages")
    return seconds


def main():
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        seconds = measure()
    finally:
        connection.creation.destroy_test_db("portal", verbosity=0)
    return int(seconds > MUST_S)


if __name__ == "__main__":
    sys.exit(main())
