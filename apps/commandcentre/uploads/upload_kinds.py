"""The kinds of uploaded files: who may upload them, what reads them, what their counts mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import may
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.commandcentre.hazards import area_files, event_files
from apps.commandcentre.models import UploadKind
from apps.commandcentre.resources import (
    facility_files,
    minimum_levels,
    responder_files,
    stock_files,
)
from apps.common.tabular import Limits
from apps.imports.layouts import Layout
from apps.imports.office_imports import Import, Imported


@dataclass(frozen=True)
class RowFile:
    """A kind of file with rows: its columns, and what applies it. `accepts` is for the browser."""

    layout: Layout
    apply: Callable[[Import], Imported]
    accepts: str = ".csv,.txt,.xlsx"

    def layout_for(self, options: Mapping[str, str]) -> Layout:
        """The columns of a file, of which the kind of its rows may be known."""
        return self.layout.without("kind") if options.get("kind") else self.layout


SPATIAL: Final = ".csv,.txt,.xlsx,.geojson,.json,.gpkg,.zip"
AREAS: Final = ".geojson,.json,.gpkg,.zip,.asc,.gz,.tif,.tiff"
ROWS: Final[Mapping[str, RowFile]] = {
    UploadKind.FACILITIES: RowFile(facility_files.LAYOUT, facility_files.FILE.apply, SPATIAL),
    UploadKind.STOCK: RowFile(stock_files.LAYOUT, stock_files.import_stock),
    UploadKind.MINIMUMS: RowFile(minimum_levels.LAYOUT, minimum_levels.import_minimums),
    UploadKind.RESPONDERS: RowFile(responder_files.LAYOUT, responder_files.FILE.apply, SPATIAL),
    UploadKind.EVENTS: RowFile(event_files.LAYOUT, event_files.import_events),
}
PERMISSIONS: Final[Mapping[str, Permission]] = {
    UploadKind.FACILITIES: Permission.MANAGE_FACILITY,
    UploadKind.STOCK: Permission.MANAGE_FACILITY,
    UploadKind.MINIMUMS: Permission.MANAGE_FACILITY,
    UploadKind.RESPONDERS: Permission.MANAGE_RESPONDER,
    UploadKind.HAZARD: Permission.MANAGE_HAZARD,
    UploadKind.EVENTS: Permission.MANAGE_HAZARD,
    UploadKind.ZONES: Permission.MANAGE_HAZARD,
}
EXPLAINED: Final[Mapping[str, Promise]] = {
    UploadKind.FACILITIES: _(
        "Lumbung sosial, warehouses, centres, health facilities: name, kind, and a point or a"
        " village. A facility is known again by its code, else by kind, name and village."
    ),
    UploadKind.STOCK: _(
        "What was counted: facility, good, quantity; batch and expiry where there are any. The"
        " ledger gets the difference to what is on hand; a batch that moved after the count is"
        " refused."
    ),
    UploadKind.MINIMUMS: _("Facility, good, and the least quantity; 0 removes the level."),
    UploadKind.RESPONDERS: _(
        "Tagana, TKSK, PKH companions, Pelopor Perdamaian: name, kind, phone, and a village or a"
        " point. The file is deleted as soon as it is imported."
    ),
    UploadKind.HAZARD: _(
        "Polygons (GeoJSON, GeoPackage, zipped shapefile), a grid (ESRI ASCII, GeoTIFF), or a"
        " rupture. The next file of the same event is its next version."
    ),
    UploadKind.EVENTS: _(
        "BNPB's table Data bencana (CSV, XLSX): each event becomes a hazard, a later file its next"
        " version. Events older than 30 days are stored closed."
    ),
    UploadKind.ZONES: _(
        "Polygons or a grid of an index, as InaRISK publishes them. Each village gets its class;"
        " the next file of the same name replaces the zones."
    ),
}
COUNTED: Final[Mapping[str, Promise]] = {
    "new": _("new"),
    "changed": _("changed"),
    "removed": _("removed"),
    "unchanged": _("as before"),
    "more": _("batches with more than before"),
    "less": _("batches with less than before"),
    "bands": _("bands"),
    "villages": _("villages in the zones"),
    "left_out": _("features left out"),
    "late": _("state, older than the present version: nothing was changed"),
    "known": _("state that is known already: nothing was changed"),
}


def limits_of(kind: str) -> Limits:
    """The limits of a file."""
    return ROWS[kind].layout.limits if kind in ROWS else area_files.LIMITS


def kinds_of(user: User) -> list[UploadKind]:
    """The kinds that a user may upload and look at."""
    return [kind for kind in UploadKind if may(user, PERMISSIONS[kind])]
