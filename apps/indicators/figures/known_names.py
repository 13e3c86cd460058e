"""The names under which sources know a region: kept once figures are in force, and forgotten."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction

from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import By
from apps.indicators.figures.rows import OTHER_NAME, TWICE
from apps.indicators.models import KnownName, OpenRow, Publication

# Answers to these are about figures or codes, not about a name.
NO_NAMES: Final = (TWICE, OTHER_NAME)
PARTS: Final = ("province_name", "regency_name", "district_name", "village_name")


def keep_names(publication: Publication, *, now: datetime) -> None:
    """Keep the names that a planner answered in a publication that is in force now.

    Not before: until then an answer can be taken back, and the publication discarded.
    """
    answered = publication.open_rows.exclude(region=None).exclude(name_key="")
    for row in answered.exclude(code__in=NO_NAMES).order_by("row_number"):
        KnownName.objects.update_or_create(
            name_key=row.name_key,
            defaults={
                "written": _written(row),
                "region_id": str(row.region_id),
                "confirmed_by": row.answered_by,
                "confirmed_at": row.answered_at or now,
            },
        )


@transaction.atomic
def forget_name(known: KnownName, *, by: By) -> None:
    """Take a confirmed name back: in later files it is a planner's to answer again."""
    told = {"written": known.written, "region": known.region_id}
    record.entry(Action.CHANGE, about=known, by=by, step="forgotten", **told)
    known.delete()


def _written(row: OpenRow) -> str:
    return ", ".join(row.written[one] for one in PARTS if row.written.get(one))[:300]
