"""Made-up minutes of village meetings: one page each, as evidence for the demo's villages."""

from __future__ import annotations

import io
from collections.abc import Collection

from django.utils import timezone
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from apps.accounts.models import User
from apps.casework import documents
from apps.casework.models import Document
from apps.proposals.models import Batch
from apps.regions.models import Region


def add_minutes(batch: Batch, *, by: User, without: Collection[str] = ()) -> int:
    """Add minutes for every village of a batch that has none in this cycle; returns the number.

    `without`: villages whose meeting was not held yet.
    """
    now = timezone.now()
    today = timezone.localdate(now)
    codes = list(batch.proposals.order_by().values_list("village_id", flat=True).distinct())
    cycle = documents.cycle_at(today)
    known = documents.latest_of(codes, cycle)
    wanted = Region.objects.filter(code__in=set(codes) - set(known) - set(without)).order_by("code")
    for number, village in enumerate(wanted, 1):
        documents.receive(
            region_code=village.code,
            kind=Document.Kind.MINUTES,
            number=f"{number}/BA/{today.year}",
            date=today.replace(day=1),
            cycle=cycle,
            file=io.BytesIO(_page(village, number)),
            file_name=f"berita-acara-{village.code.replace('.', '')}.pdf",
            by=by,
            now=now,
        )
    return len(wanted)


def _page(village: Region, number: int) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    canvas.drawString(72, 770, "CONTOH - BERITA ACARA MUSYAWARAH DESA")
    canvas.drawString(72, 746, f"Nomor {number}, {village.name} ({village.code})")
    canvas.save()
    return out.getvalue()
