"""The import of BIG's pockets: polygons, or a list of villages, as one edition.

All of it is stored in one transaction, or nothing; the edition in force stays until another one is
put in force.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.common import sql, tabular
from apps.common.errors import DomainError
from apps.common.files import stored_files
from apps.common.geo import COUNTRY_BOX
from apps.common.staging import Staging
from apps.common.text import column_likeness as likeness
from apps.common.text.column_likeness import Holds
from apps.common.text.headings import PLACES, Vocabulary
from apps.imports import layouts, villages
from apps.imports.findings import Findings
from apps.imports.layouts import Layout
from apps.indicators.models import PocketEdition
from apps.indicators.pockets.reception import IMPORT_POCKETS, LIMITS
from apps.jobs import kinds, work
from apps.jobs.models import Job

Status = PocketEdition.Status
LAYOUT: Final = Layout(
    words=Vocabulary(
        {
            "village_code": (
                "KODE DESA", "Kode Kelurahan", "Kode Desa/Kelurahan", "Kode Kel", "Kode Wilayah",
                "Kode Kemendagri", "Kode", "KDEPUM", "KDEBPS", "Kode BPS", "Village code", "Code",
            ),
            **PLACES,
        }
    ),
    holds={
        "village_code": Holds(likeness.is_village_code, is_telling=True, is_loose=True),
        "village_name": Holds(likeness.is_name, is_loose=True),
    },
    needed=(("village_code", "village_name"),),
    formats=frozenset({tabular.Format.CSV, tabular.Format.XLSX}),
    limits=LIMITS,
    joined={},
)  # fmt: skip
NAMES: Final = ("namobj", "nama", "name", "nama_kantong", "keterangan", "wadmkd", "remark")
COLUMNS: Final = {
    "row_number": "bigint",
    "name": "text",
    "shape": "geometry(MultiPolygon, 4326)",
    "flag": "text",
}
# What `store_areas` says of a feature, as a finding.
AREA_FAULTS: Final = {
    "missing": "pocket_area_missing",
    "not_polygon": "pocket_area_not_polygon",
    "unreadable": "pocket_area_unreadable",
    "beyond_world": "pocket_area_beyond_world",
    "outside": "pocket_area_outside",
    "nothing_left": "pocket_area_nothing_left",
    "repaired": "pocket_area_repaired",
}
# Findings that the page of an edition lists; all are counted.
LISTED: Final = 200
# The share of rows without a village above which a list is another file; fewer rows prove nothing.
REFUSED_ABOVE: Final = 0.5
FEW: Final = 20
_Found = list[tuple[str, dict[str, Any]]]


def mark_failed(job: Job) -> None:
    """Mark the edition of a job that failed or was cancelled; its name can be used again."""
    PocketEdition.objects.filter(pk=job.subject_pk, status=Status.WAITING).update(
        status=Status.FAILED
    )


@kinds.job(
    IMPORT_POCKETS,
    label=_("Import of pockets"),
    queue="interactive",
    is_resumable=False,
    on_failed=mark_failed,
    remedy=_("Send the file again under the same name."),
)
def import_pockets(lease: work.Lease) -> None:
    """Read and store the file of an edition. Raises: FileRefused, DomainError, LeaseLost."""
    edition = PocketEdition.objects.get(pk=lease.job.subject_pk)
    scratch = stored_files.folder("scratch") / f"pockets-{edition.pk}"
    shutil.rmtree(scratch, ignore_errors=True)  # left by a killed attempt
    scratch.mkdir(parents=True)
    try:
        path = Path(edition.file.path)
        kind = tabular.sniff(path, edition.file_name, formats=tabular.ROW_FORMATS, limits=LIMITS)
        with transaction.atomic():
            edition.villages.all().delete()
            edition.areas.all().delete()
            if kind.format in tabular.BOUNDARY_FORMATS:
                summary = _store_areas(edition, path, kind, scratch, lease)
            else:
                summary = _store_list(edition, path, scratch, lease)
            lease.timed("store")
            PocketEdition.objects.filter(pk=edition.pk, status=Status.WAITING).update(
                status=Status.READY,
                summary=summary,
                boundaries=summary.pop("boundaries"),
                stored_at=timezone.now(),
            )
            lease.finish(edition=edition.name, villages=summary["villages"])
    except DomainError as refused:
        refused.params["filename"] = edition.file_name
        raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _store_areas(
    edition: PocketEdition, path: Path, kind: tabular.FileKind, scratch: Path, lease: work.Lease
) -> dict[str, Any]:
    """The polygons, and the villages that they cover. Raises: DomainError, FileRefused."""
    with Staging(f"pockets_{edition.pk}", ["shapes"]) as staging:
        staging.create("shapes", COLUMNS)
        layer = _layer_of(tabular.peek_layers(path, kind, limits=LIMITS, scratch=scratch))
        named = [field for field in layer.fields if field.lower() in NAMES][:1]
        columns = ["row_number", *(["name"] if named else []), "shape", "flag"]
        stream = tabular.stream_features(
            path, kind, layer.name, named, limits=LIMITS, scratch=scratch
        )
        sql.copy_in(staging["shapes"], columns, stream)
        lease.still_wanted()
        west, south, east, north = COUNTRY_BOX
        box = {"west": west, "south": south, "east": east, "north": north}
        faults = staging.run("indicators/pockets/store_areas", {"edition": edition.pk, **box})
    found: _Found = [(AREA_FAULTS[why], {"row": row}) for row, why in faults if why]
    refused = sum(why not in ("", "repaired") for _row, why in faults)
    if refused == len(faults):
        raise DomainError("pocket_no_areas", filename=edition.file_name)
    share = edition.parameters["least_share"]
    [(stored, left_out, boundaries, nowhere)] = sql.run(
        "indicators/pockets/meet_villages", {"edition": edition.pk, "least_share": share}
    )
    if not stored:
        raise DomainError(
            "pocket_no_village_met", filename=edition.file_name, percent=round(100 * share, 1)
        )
    place_areas(edition)
    found += [("pocket_area_nowhere", {"row": int(number)}) for number in nowhere]
    return {
        "read": len(faults),
        "refused": refused,
        "areas": len(faults) - refused,
        "villages": stored,
        "left_out": left_out,
        "boundaries": boundaries,
        **_listed(found),
    }


def place_areas(edition: PocketEdition) -> None:
    """Store in which village the middle of each area lies, for the maps of regencies.

    Cost: see `place_areas.sql`.
    """
    sql.run("indicators/pockets/place_areas", {"edition": edition.pk})


def _layer_of(layers: Iterable[tabular.Layer]) -> tabular.Layer:
    """The first layer of polygons, else the first one."""
    known = list(layers)
    areas = [layer for layer in known if "Polygon" in str(layer.geometry_type)]
    return (areas or known)[0]


def _store_list(
    edition: PocketEdition, path: Path, scratch: Path, lease: work.Lease
) -> dict[str, Any]:
    """The villages of a list. Raises: DomainError, FileRefused."""
    file = layouts.open_file(path, LAYOUT, scratch=scratch)
    rows = list(layouts.rows(file, scratch=scratch))
    lease.still_wanted()
    findings = Findings(file)
    places = villages.resolve(
        [row for _number, row in rows],
        system=edition.parameters["code_system"],
        today=timezone.localdate(),
    )
    first: dict[str, int] = {}
    for (number, row), (village, doubt) in zip(rows, places, strict=True):
        if not village:
            column = villages.column_of(doubt) if doubt else "village_code"
            findings.refuse(number, doubt or "pocket_no_village", column, row[column])
        elif village in first:
            other = file.line_of(first[village])
            findings.warn(number, "pocket_village_twice", "village_code", other_line=other)
        else:
            first[village] = number
            if doubt:
                column = villages.column_of(doubt)
                findings.warn(number, doubt, column, row[column])
    refused = len(findings.refused_rows)
    if not first:
        raise DomainError("pocket_no_villages", filename=edition.file_name)
    if len(rows) >= FEW and refused > len(rows) * REFUSED_ABOVE:
        raise DomainError(
            "pocket_mostly_refused", filename=edition.file_name, rows=len(rows), refused=refused
        )
    stored = sql.scalar(
        "indicators/pockets/store_listed",
        {"edition": edition.pk, "villages": sorted(first)},
        rows=len(first),
    )
    found: _Found = [
        (
            one.code,
            {
                "line": findings.line_of(one.row),
                "column": findings.label(one.column),
                "value": one.value[:60],
                **one.params,
            },
        )
        for one in findings
    ]
    return {
        "read": len(rows),
        "refused": refused,
        "villages": stored,
        "boundaries": [],
        **_listed(found),
    }


def _listed(found: _Found) -> dict[str, Any]:
    """The findings as an edition stores them: their number, and the first of them."""
    return {
        "findings": len(found),
        "listed": [{"code": code, "params": params} for code, params in found[:LISTED]],
    }
