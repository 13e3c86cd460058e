"""The columns of the file of a list: those that are always there, and those that the list shows."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Final

from django.utils import timezone

from apps.civilregister.states import CivilStatus
from apps.proposals import chips, columns
from apps.proposals.models import Proposal, Severity

_T: Final = columns.TEMPLATE
# At the end of every file; a file of points has them as its geometry.
PLACE: Final = (_T["latitude"], _T["longitude"])
# At the beginning of every file; a file of points has it as the key of each.
KEY: Final = "USULAN"


@dataclass(frozen=True)
class Given:
    """What values depend on besides their row: whole numbers, the lines above each file's rows."""

    is_whole: bool
    above: dict[int, int]


@dataclass(frozen=True)
class FileColumn:
    """One column. `of` is the column of the list (`display.COLUMNS`) with which it is chosen; the
    others are always there.
    """

    heading: str
    value: Callable[[Proposal, Given], Any]
    of: str = ""


def _civil(row: Proposal, _given: Given) -> str:
    match = getattr(row, "civil_match", None)
    return str(CivilStatus(match.status if match else CivilStatus.NOT_CHECKED).label)


def _worst_finding(row: Proposal, _given: Given) -> str:
    return str(Severity(row.severity).label) if row.severity in Severity.values else ""


def _coordinate(nth: str) -> Callable[[Proposal, Given], float | None]:
    """One coordinate of a point that may be written."""

    def value(row: Proposal, _given: Given) -> float | None:
        at = None if row.is_protected else row.location
        return None if at is None else round(getattr(at, nth), 5)

    return value


EVERY: Final = (
    FileColumn(KEY, lambda row, _: row.pk),
    FileColumn("BERKAS", lambda row, _: row.batch_id),
    FileColumn("BARIS", lambda row, given: row.row_number + given.above[row.batch_id]),
    FileColumn("STATUS", lambda row, _: str(row.get_status_display()), "status"),
    FileColumn(_T["name"], lambda row, _: row.name),
    FileColumn(_T["nik"], lambda row, given: row.nik if given.is_whole else row.masked_nik, "nik"),
    FileColumn(_T["kk"], lambda row, given: row.kk if given.is_whole else row.masked_kk, "kk"),
    FileColumn(_T["birth_date"], lambda row, _: row.birth_date, "birth_date"),
    FileColumn(_T["village_code"], lambda row, _: row.village_id, "village"),
    FileColumn("DESA", lambda row, _: row.village.name, "village"),
    FileColumn(_T["rt"], lambda row, _: row.rt, "rt"),
    FileColumn(_T["rw"], lambda row, _: row.rw, "rt"),
    FileColumn(_T["programme"], lambda row, _: row.programme_id, "programme"),
    FileColumn(_T["kind"], lambda row, _: str(row.get_kind_display()), "kind"),
    FileColumn("LOKASI", lambda row, _: str(row.get_verdict_display())),
    FileColumn(
        "METER KE BATAS",
        lambda row, _: None if row.distance_m is None else round(row.distance_m),
    ),
    FileColumn(
        "DESA PADA TITIK", lambda row, _: row.actual_village.name if row.actual_village else ""
    ),
    FileColumn("TEMUAN TERBERAT", _worst_finding, "finding"),
    FileColumn("DIBANDING REGISTER", lambda row, _: chips.registered(row), "register"),
    FileColumn("DUKCAPIL", _civil, "civil"),
    FileColumn("LANGKAH TERAKHIR", lambda row, _: timezone.localdate(row.step_at), "since"),
    FileColumn(PLACE[0], _coordinate("y")),
    FileColumn(PLACE[1], _coordinate("x")),
)


def chosen(wanted: Collection[str]) -> list[FileColumn]:
    """The columns of a file: those always there and those of the list's columns; all without a
    choice.
    """
    return [one for one in EVERY if not one.of or not wanted or one.of in wanted]
