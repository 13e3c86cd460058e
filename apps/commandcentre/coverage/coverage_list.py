"""The list of the coverage: its filter, its order, its file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import StreamingHttpResponse
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import Subject
from apps.commandcentre.models import CoverageState, VillageCoverage, ZoneClass
from apps.commandcentre.readers import (
    SUPPRESSED,
    Reader,
    facility_name,
    shown,
    shown_columns,
)
from apps.commandcentre.states import HazardKind
from apps.common import tabular
from apps.common.files.attachments import as_attachment
from apps.indicators.models import PocketEdition, PocketVillage
from apps.regions.region_filter import region
from apps.ui import filters
from apps.ui.paging import Order

WORST_FIRST: Final = Order.by(
    *("-hazard_class", "-effective_m", "-shown_families", "pk"),
    nullable=("hazard_class", "effective_m", "shown_families"),
)
HEADER: Final = (
    *("kode_desa", "desa", "bahaya", "kelas", "bagian_luas", "keluarga_terdaftar"),
    *("keterangan", "fasilitas_terdekat", "jarak_km", "menyeberang_laut", "dihitung"),
    "kantong_kemiskinan",
)
M_PER_KM: Final = 1_000
# The beginning of the annotated columns of pockets.
POCKET: Final = "pocket_"
# What the column of pockets says, by origin.
POCKETS: Final = {
    PocketEdition.Origin.PUBLISHED: _("BIG's pockets"),
    PocketEdition.Origin.COMPUTED: _("the register's pockets"),
}


def _in_force(origin: str) -> QuerySet[PocketVillage]:
    """The villages that the edition in force of an origin says to be pockets of poverty."""
    return PocketVillage.objects.filter(
        edition__status=PocketEdition.Status.ACTIVE, edition__origin=origin, is_pocket=True
    )


@dataclass(frozen=True)
class CoverageFilter(filters.Filter):
    """Which villages. Without a kind: the highest class of all kinds."""

    kind: str = filters.choice(HazardKind, label=_("hazard"))
    level: tuple[str, ...] = filters.choices(ZoneClass, label=_("class"), column="hazard_class")
    region: str = region(label=_("region"), column="village__code")
    farther_km: float | None = filters.measure(
        label=_("farther than km"),
        query=lambda km: Q(effective_m__gte=km * M_PER_KM) | Q(effective_m__isnull=True),
        most=20_000,
    )
    families: int | None = filters.number(
        label=_("families at least"), query=lambda count: Q(shown_families__gte=count)
    )
    pocket: str = filters.choice(
        POCKETS,
        label=_("pocket of poverty"),
        query=lambda origin: Q(village__in=_in_force(origin).values("village")),
    )


def known_rows(reader: Reader) -> Any:
    """All rows of a reader's scope, with `shown_families`: null where the count is hidden; and
    whether the village is a pocket of poverty, by origin of the edition in force.
    """
    rows = VillageCoverage.objects.within(reader.scope)
    pockets = {
        f"{POCKET}{origin.value}": Exists(_in_force(origin).filter(village=OuterRef("village")))
        for origin in POCKETS
    }
    return rows.annotate(**shown_columns(reader, ["families"]), **pockets)


def pocket_words(row: Any) -> str:
    """Whose pocket of poverty the village of a row is; "" if nobody's."""
    return ", ".join(
        str(words) for origin, words in POCKETS.items() if getattr(row, f"{POCKET}{origin.value}")
    )


def rows_of(chosen: CoverageFilter, reader: Reader) -> Any:
    """The rows that a filter selects. A hidden count is not filtered by: the answer would tell."""
    return chosen.apply(known_rows(reader).filter(kind=chosen.kind))


def export(chosen: CoverageFilter, reader: Reader, *, by: User) -> StreamingHttpResponse:
    """The selected villages as CSV. The export is recorded. No row is about a person; a count that
    the reader may not see is empty, and `keterangan` says so. Facilities that the reader may not
    open have their kind instead of their name.
    """
    rows = rows_of(chosen, reader)
    record.entry(
        Action.EXPORT,
        about=Subject("commandcentre.VillageCoverage"),
        by=by,
        rows=rows.count(),
        selection=chosen.query,
    )
    blocks = list(tabular.csv_blocks(_lines(rows, reader), HEADER))
    answer = StreamingHttpResponse(blocks, content_type="text/csv; charset=utf-8")
    return as_attachment(answer, "cakupan-desa.csv")


def _lines(rows: Any, reader: Reader) -> Iterator[list[Any]]:
    state = CoverageState.objects.first()
    at = state.computed_at if state is not None else None
    ordered = rows.select_related("village", "facility").order_by(*WORST_FIRST.expressions())
    for row in ordered.iterator(chunk_size=2_000):
        share, metres, families = row.share_any, row.distance_m, shown(row, "families")
        yield [
            *(
                row.village_id,
                row.village.name,
                row.get_kind_display(),
                row.get_hazard_class_display(),
            ),
            *(None if share is None else round(share, 4), families),
            SUPPRESSED if families is None else "",
            facility_name(row.facility, reader) if row.facility else None,
            None if metres is None else round(metres / M_PER_KM, 1),
            *(row.crossings, at, pocket_words(row)),
        ]
