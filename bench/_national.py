"""A layer of villages as an edition in force, and its outlines: without the examination of an
import, which takes minutes and is measured elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyogrio
from django.db import connection, transaction
from django.utils import timezone

from apps.jobs import work
from apps.jobs.models import Job
from apps.regions.editions import shapes
from apps.regions.models import BoundaryEdition, Region

STAGE = "CREATE UNLOGGED TABLE bench_read (code text, names text[], shape geometry)"
# The region tree as the file names it.
REGIONS = """
INSERT INTO regions_region (code, name, level, decree, parent_id)
SELECT DISTINCT ON (r.code) r.code, r.name, r.level, '', CASE r.level WHEN 'province' THEN 'ID'
       WHEN 'regency' THEN left(r.code, 2) WHEN 'district' THEN left(r.code, 5)
       ELSE left(r.code, 8) END
  FROM bench_read AS b, LATERAL (VALUES
       (left(b.code, 2), b.names[1], 'province'), (left(b.code, 5), b.names[2], 'regency'),
       (left(b.code, 8), b.names[3], 'district'), (b.code, b.names[4], 'village')
       ) AS r (code, name, level)
 ORDER BY r.code, r.name
"""
STORE = """
INSERT INTO regions_boundary (edition_id, region_id, name, boundary, area_m2, is_repaired,
                              repair_change_m2, line_status, tolerance_m, is_current)
SELECT DISTINCT ON (code) %(edition)s, code, names[4],
       ST_Multi(ST_CollectionExtract(ST_MakeValid(ST_SetSRID(shape, 4326)), 3)),
       0, false, 0, '', 50, true
  FROM bench_read ORDER BY code;
DROP TABLE bench_read;
ANALYZE regions_boundary;
"""
NAMES = ["WADMPR", "WADMKK", "WADMKC", "NAMOBJ"]


def load_boundaries(path: Path, name: str, provinces: Sequence[str] = ()) -> BoundaryEdition:
    """The villages of a file with a column KDEPUM, zipped or not, and the regions above them: all,
    or those of some provinces (two digits).
    """
    Region.objects.get_or_create(code="ID", defaults={"name": "Indonesia", "level": "country"})
    edition = BoundaryEdition.objects.create(
        name=name,
        published_date="2026-01-31",
        status="active",
        received_at=timezone.now(),
        received_by="bench",
        activated_at=timezone.now(),
    )
    source = f"/vsizip/{path}" if path.suffix == ".zip" else path
    wanted = " OR ".join(f"KDEPUM LIKE '{code}.%'" for code in provinces)
    meta, _ids, wkb, fields = pyogrio.raw.read(source, where=wanted or None)
    column = dict(zip(meta["fields"].tolist(), fields, strict=True))
    names = [column.get(one, column["KDEPUM"]) for one in NAMES]
    with connection.cursor() as cursor:
        cursor.execute(STAGE)
        with cursor.copy("COPY bench_read FROM STDIN") as copy:
            for code, shape, *named in zip(column["KDEPUM"], wkb, *names, strict=True):
                if code:
                    copy.write_row((code, [str(one)[:120] for one in named], bytes(shape).hex()))
        cursor.execute(REGIONS)
        cursor.execute(STORE, {"edition": edition.pk})
    return edition


def build_outlines(edition: BoundaryEdition) -> Job:
    """The outlines of every zoom. The job, which is done or says why not."""
    with transaction.atomic():
        job = shapes.enqueue_shapes(edition=edition, codes=[], by="bench", now=timezone.now())
    work.run(job.pk, job.kind)
    return Job.objects.get(pk=job.pk)
