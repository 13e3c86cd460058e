"""The peer of the main job: django-import-export with `use_bulk`, and the same point check per row.

It writes the same columns to a plain table and asks PostGIS for every row whether the claimed
village covers the point, which is how such an import is written by the book.
"""

from __future__ import annotations

import csv
import time
from datetime import datetime
from pathlib import Path

import tablib
from django.contrib.gis.db import models
from django.contrib.gis.geos import Point
from django.db import connection
from import_export import fields, resources

from apps.regions.models import Boundary


class PeerRow(models.Model):
    """The table that the peer fills, with as many indexes as our own."""

    nik = models.CharField(max_length=16, db_index=True)
    kk = models.CharField(max_length=16, db_index=True)
    name = models.CharField(max_length=200)
    birth_date = models.DateField(null=True)
    village_code = models.CharField(max_length=13, db_index=True)
    programme = models.CharField(max_length=20)
    location = models.PointField(srid=4326, null=True, spatial_index=False)
    is_inside = models.BooleanField(default=False)

    class Meta:
        app_label = "demo"
        managed = False
        db_table = '"staging"."bench_peer"'


class PeerResource(resources.ModelResource):
    nik = fields.Field("nik", "NIK")
    kk = fields.Field("kk", "NOKK")
    name = fields.Field("name", "NAMA")
    village_code = fields.Field("village_code", "KODE DESA")
    programme = fields.Field("programme", "PROGRAM BANSOS")

    class Meta:
        model = PeerRow
        fields = ("nik", "kk", "name", "village_code", "programme")
        import_id_fields = ()
        force_init_instance = True
        use_bulk = True
        batch_size = 1000
        skip_diff = True
        skip_html_diff = True
        use_transactions = True

    def before_save_instance(self, instance, row, **kwargs):
        instance.birth_date = _date(row.get("TANGGAL LAHIR"))
        point = _point(row.get("LINTANG"), row.get("BUJUR"))
        if point is not None:
            instance.location = point
            instance.is_inside = Boundary.objects.filter(
                region_id=instance.village_code, is_current=True, boundary__covers=point
            ).exists()


def rows_per_s(path: Path, at_most: int) -> tuple[int, float]:
    """Import the first rows of a CSV of ours; returns how many and the rows per second."""
    with connection.schema_editor() as editor:
        editor.execute('DROP TABLE IF EXISTS "staging"."bench_peer"')
        editor.create_model(PeerRow)
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        data = tablib.Dataset(headers=next(reader))
        for _, row in zip(range(at_most), reader, strict=False):
            row[0] = row[0][:16]
            data.append([cell[:200] for cell in row])
    started = time.perf_counter()
    result = PeerResource().import_data(data, raise_errors=False)
    seconds = time.perf_counter() - started
    with connection.cursor() as cursor:
        cursor.execute('SELECT count(*) FROM "staging"."bench_peer"')
        stored = cursor.fetchone()[0]
        cursor.execute('DROP TABLE "staging"."bench_peer"')
    if not stored:
        raise SystemExit(f"the peer stored nothing: {result.row_errors()[:1]}")
    return len(data), len(data) / seconds


def _date(text):
    try:
        return datetime.strptime(text or "", "%d/%m/%Y").date()
    except ValueError:
        return None


def _point(latitude, longitude):
    try:
        return Point(float(longitude), float(latitude), srid=4326)
    except (TypeError, ValueError):
        return None
