"""A plan as files: every shipment, and every need with what is sent of it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, Final

from django.http import HttpResponse

from apps.accounts.models import User
from apps.audit import record
from apps.audit.models import Action
from apps.commandcentre.models import Plan
from apps.commandcentre.planning import shipment_lists
from apps.commandcentre.planning.shipment_lists import ShipmentFilter
from apps.common import tabular
from apps.common.files import stored_files
from apps.common.files.attachments import as_attachment

SHIPMENTS: Final = "shipments"
NEEDS: Final = "needs"
M_PER_KM: Final = 1_000
HEADERS: Final = {
    SHIPMENTS: (
        *("nomor", "fasilitas", "jenis_fasilitas", "telepon", "kode_desa", "desa", "barang"),
        *("satuan", "jumlah", "jumlah_dikunci", "jarak_km", "menyeberang_laut", "status"),
        *("berangkat", "diterima", "jumlah_diterima", "keterangan"),
    ),
    NEEDS: ("kode_desa", "desa", "barang", "satuan", "urgensi", "dibutuhkan", "dikirim", "kurang"),
}
NAMES: Final = {SHIPMENTS: "pengiriman", NEEDS: "kebutuhan"}
TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def export_plan(
    plan: Plan, part: str, ending: str, chosen: ShipmentFilter, *, by: User
) -> HttpResponse:
    """The shipments that a filter selects, or all needs, as `csv` or `xlsx`. The export is
    recorded. Needs tell how many people are registered: for those who act.
    """
    rows = _shipments(plan, chosen) if part == SHIPMENTS else _needs(plan)
    lines = list(rows)
    record.entry(
        Action.EXPORT,
        about=plan,
        by=by,
        part=part,
        format=ending,
        rows=len(lines),
        selection=chosen.query,
    )
    out = io.BytesIO()
    if ending == "csv":
        tabular.write_csv(lines, HEADERS[part], out)
    else:
        scratch = stored_files.folder("scratch")
        tabular.write_xlsx(lines, HEADERS[part], out, scratch=scratch)
    answer = HttpResponse(out.getvalue(), content_type=TYPES[ending])
    return as_attachment(answer, f"rencana-{plan.pk}-{NAMES[part]}.{ending}")


def _shipments(plan: Plan, chosen: ShipmentFilter) -> Iterator[list[Any]]:
    rows = shipment_lists.rows_of(plan, chosen)
    ordered = rows.order_by(*shipment_lists.NEAREST_FIRST.expressions())
    for line in ordered.iterator(chunk_size=2_000):
        facility, good = line.facility, line.good
        yield [
            *(line.pk, facility.name, facility.get_kind_display(), facility.phone),
            *(line.village_id, line.village.name, good.name, good.get_unit_display()),
            *(line.quantity, line.locked_quantity, round(line.distance_m / M_PER_KM, 1)),
            *(line.crossings, line.get_status_display(), line.dispatched_at, line.received_at),
            *(line.received_quantity, line.remark),
        ]


def _needs(plan: Plan) -> Iterator[list[Any]]:
    rows = plan.needs.select_related("village", "good").order_by("-urgency", "village", "good")
    for need in rows.iterator(chunk_size=2_000):
        yield [
            *(need.village_id, need.village.name, need.good.name, need.good.get_unit_display()),
            *(need.urgency, need.quantity, need.sent, need.quantity - need.sent),
        ]
