"""Which layer of a boundary file holds the villages, and which of its columns the codes. Pure.

Supports BIG's layout (KDEPUM, KDEBPS …; lower case in its services), its older one (KDBPUM),
Dukcapil's (`kode_desa_`) and plain ones (`kode`, `kode10`, `kode_bps`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from apps.common.errors import DomainError
from apps.common.tabular import Layer
from apps.regions.models import CodeSystem

KEMENDAGRI: Final = CodeSystem.KEMENDAGRI.value
BPS: Final = CodeSystem.BPS.value
VILLAGE_CODES = {
    KEMENDAGRI: (
        *("kdepum", "kode_desa_", "kode_desa", "kode_kemendagri", "kode_kemdagri"),
        *("kode_kel", "kode_desa_kel", "kode_keldesa", "kd_desa"),
    ),
    BPS: ("kdebps", "kode_bps", "kodebps", "bps_code", "iddesa", "id_desa"),
}
PLAIN_CODES = ("kode", "kode10", "code", "kode_wilayah", "kodewilayah")
UPPER_CODES = {
    KEMENDAGRI: ("kdcpum", "kode_kec_s", "kdpkab", "kdbpum", "kode_kab_s", "kdppum", "no_prop"),
    BPS: ("kdcbps", "idkec", "kdbbps", "idkab", "kdpbps", "idprov"),
}
NAMES = (
    *("namobj", "wadmkd", "nama_desa", "nama_kel", "nama_kelur", "desa_kelur", "village"),
    *("nama", "name", "wadmkc", "wadmkk", "wadmpr"),
)
LINE_STATUS = ("stsbts", "uupp")
_VILLAGE_LAYER = re.compile(r"desa|kel(?:urahan)?(?:_|\b)|village", re.IGNORECASE)
_NO_AREAS = ("Point", "Line")


@dataclass(frozen=True)
class Reading:
    """What to read from a file. `name_field` and `status_field` are empty where there is none."""

    layer: str
    code_field: str
    code_system: str
    name_field: str
    status_field: str
    count: int

    @property
    def fields(self) -> list[str]:
        """The fields in the order of the staging table's columns."""
        return [field for field in (self.code_field, self.name_field, self.status_field) if field]

    @property
    def columns(self) -> list[str]:
        """The staging columns of the fields."""
        named = zip(
            ("code", "name", "line_status"),
            (self.code_field, self.name_field, self.status_field),
            strict=True,
        )
        return [column for column, field in named if field]


def choose(
    layers: Sequence[Layer], *, layer: str = "", code_field: str = "", code_system: str = ""
) -> Reading:
    """The layer and columns to read; named ones are used, the others are recognised.

    Raises: DomainError when a name is not in the file, when no column of codes is recognised, or
    when several layers are possible.
    """
    areas = [each for each in layers if not _has_no_areas(each)]
    names = ", ".join(each.name for each in layers)[:300]
    if layer:
        areas = [each for each in layers if each.name == layer]
        if not areas:
            raise DomainError("layer_unknown", name=layer[:80], names=names)
    if not areas:
        raise DomainError("no_areas", names=names)
    readable = [each for each in areas if _code_field(each.fields, code_field, code_system)]
    if not readable:
        raise _no_codes(areas, code_field, code_system)
    villages = [each for each in readable if _holds_villages(each, code_system)]
    chosen = villages if len(villages) == 1 else readable
    if len(chosen) > 1:
        raise DomainError("layer_ambiguous", names=", ".join(each.name for each in chosen)[:300])
    return _reading(chosen[0], code_field, code_system)


def _has_no_areas(layer: Layer) -> bool:
    return any(word in str(layer.geometry_type) for word in _NO_AREAS)


def _holds_villages(layer: Layer, code_system: str) -> bool:
    known = {code for system in _systems(code_system) for code in VILLAGE_CODES[system]}
    has_code = bool(known & {field.lower() for field in layer.fields} - {"kode_bps"})
    return has_code or bool(_VILLAGE_LAYER.search(layer.name))


def _systems(code_system: str) -> Iterable[str]:
    return (code_system,) if code_system else (KEMENDAGRI, BPS)


def _code_field(fields: Sequence[str], code_field: str, code_system: str) -> tuple[str, str] | None:
    """(field, system). A named field holds Kemendagri codes unless its name is a known BPS one."""
    if code_field:
        found = _first(fields, (code_field.lower(),))
        is_bps = code_field.lower() in (*VILLAGE_CODES[BPS], *UPPER_CODES[BPS])
        return (found, code_system or (BPS if is_bps else KEMENDAGRI)) if found else None
    for system in _systems(code_system):
        plain = PLAIN_CODES if system == KEMENDAGRI or code_system else ()
        if found := _first(fields, (*VILLAGE_CODES[system], *plain, *UPPER_CODES[system])):
            return found, system
    return None


def _first(fields: Sequence[str], wanted: Iterable[str]) -> str:
    by_lower = {field.lower(): field for field in reversed(fields)}
    return next((by_lower[name] for name in wanted if name in by_lower), "")


def _reading(layer: Layer, code_field: str, code_system: str) -> Reading:
    found = _code_field(layer.fields, code_field, code_system)
    assert found is not None  # noqa: S101  only readable layers come here
    return Reading(
        layer=layer.name,
        code_field=found[0],
        code_system=found[1],
        name_field=_first(layer.fields, NAMES),
        status_field=_first(layer.fields, LINE_STATUS),
        count=layer.count,
    )


def _no_codes(areas: Sequence[Layer], code_field: str, code_system: str) -> DomainError:
    fields = ", ".join(dict.fromkeys(field for each in areas for field in each.fields))[:300]
    if code_field:
        return DomainError("code_field_unknown", name=code_field[:80], names=fields)
    if code_system == KEMENDAGRI and any(_code_field(each.fields, "", BPS) for each in areas):
        return DomainError("only_bps_codes", layer=areas[0].name[:80])
    return DomainError("no_code_field", layer=areas[0].name[:80], names=fields)
