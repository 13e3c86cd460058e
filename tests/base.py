"""What every test finds in its database: the toy country with boundaries, a cycle, evidence."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from django.db import connection
from django.utils import timezone

from apps.casework.models import Cycle, Document
from apps.demo import country
from apps.regions.models import COUNTRY, Boundary, BoundaryEdition, Level, Region

EDITION = "Toy 2026-01"
NOW = datetime(2026, 11, 10, 3, 0, tzinfo=UTC)


def load() -> None:
    """Fill an empty test database; one that is filled already stays as it is."""
    if Region.objects.exists():
        return
    offices = country.offices()
    Region.objects.create(code=COUNTRY, name="Indonesia", level=Level.COUNTRY)
    Region.objects.bulk_create(
        Region(
            code=region.code,
            name=region.name,
            level=region.level,
            parent_id=region.parent or COUNTRY,
            office=GEOSGeometry(offices[region.code].wkb_hex, srid=4326)
            if region.code in offices
            else None,
        )
        for region in country.regions()
    )
    edition = BoundaryEdition.objects.create(
        name=EDITION,
        published_date=date(2026, 1, 31),
        status=BoundaryEdition.Status.ACTIVE,
        file_name="toy.gpkg",
        sha256="0" * 64,
        received_at=NOW,
        received_by="tests",
        activated_at=NOW,
        activated_by="tests",
    )
    Boundary.objects.bulk_create(
        Boundary(
            edition=edition,
            region_id=code,
            boundary=MultiPolygon(GEOSGeometry(polygon.wkb_hex, srid=4326), srid=4326),
            area_m2=1.2e6,
            is_current=True,
        )
        for code, polygon in country.villages().items()
    )
    # open on NOW and on the day of the run, whichever that is
    today = timezone.localdate()
    closes = max(date(2026, 11, 30), today + timedelta(days=20))
    Cycle.objects.create(
        name="November 2026",
        opens_date=min(date(2026, 11, 1), today),
        cutoff_date=closes,
        draw_date=closes + timedelta(days=1),
    )
    evidence(list(country.CODES.values()))
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(connection.introspection.django_table_names())}")


def evidence(villages: list[str]) -> None:
    """Minutes of these villages for every cycle (or none is set), so that their rows can go."""
    Document.objects.bulk_create(
        Document(
            kind=Document.Kind.MINUTES,
            number=f"{number}/BA/2026",
            date=date(2026, 11, 2),
            region_id=village,
            cycle=cycle,
            file=f"documents/{village}.pdf",
            file_name="berita-acara.pdf",
            media_type="application/pdf",
            size=1,
            sha256="0" * 64,
            sent_sha256=f"{cycle.pk if cycle else 0:032d}{number:032d}",
            by_name="tests",
            at=NOW,
        )
        for cycle in Cycle.objects.all() or [None]
        for number, village in enumerate(villages, 1)
    )


def forget_cycles() -> None:
    """No cycle was ever set: evidence goes with them."""
    Document.objects.all().delete()
    Cycle.objects.all().delete()
