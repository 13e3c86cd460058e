"""In which of a sender's regions the rows of a file lie, by village codes or the regency's name.

A batch belongs to one region. A person who sees the batch also sees its held rows and findings
(row-level security), so it must not hold rows of a region outside that person's scope. A sender
with several regions therefore chooses one of them, unless the rows name it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from apps.accounts.access import Scope
from apps.common.errors import DomainError
from apps.common.text.headings import plain
from apps.regions.models import CodeSystem, ForeignCode, Level, Region

MOST_NAMED: Final = 5
_KIND = re.compile(
    r"^(?:provinsi|prov\.?|kabupaten|kab\.?|kota(?:madya)?|kecamatan|kec\.?|kelurahan|kel\.?|desa)"
    r"(?:\s+(?:administrasi|adm\.?))?\s+",
    re.IGNORECASE,
)
_NAME_COLUMN: Final = {
    Level.PROVINCE: "province_name",
    Level.REGENCY: "regency_name",
    Level.DISTRICT: "district_name",
    Level.VILLAGE: "village_name",
}


def count_regions(
    rows: Sequence[Sequence[str]],
    mapping: Mapping[str, int],
    scope: Scope,
    code_system: str = CodeSystem.KEMENDAGRI,
) -> Counter[str]:
    """The number of rows in each region of a scope. Queries: at most two."""
    codes = [_cell(row, mapping, "village_code") for row in rows]
    if any(codes):
        return _by_codes(codes, scope, code_system)
    regions = Region.objects.filter(code__in=[prefix for prefix in scope.prefixes if prefix])
    names: dict[tuple[str, str], str] = {}
    for region in regions:
        if column := _NAME_COLUMN.get(Level(region.level)):
            names[column, _bare(region.name)] = region.code
    return Counter(
        names[column, name]
        for row in rows
        for column in mapping.keys() & set(_NAME_COLUMN.values())
        if (name := _bare(_cell(row, mapping, column))) and (column, name) in names
    )


def the_one(
    rows: Sequence[Sequence[str]],
    mapping: Mapping[str, int],
    scope: Scope,
    *,
    code_system: str,
    file_name: str,
) -> str:
    """The region of a scope in which all these rows lie. Raises: `region_unclear`."""
    found = count_regions(rows, mapping, scope, code_system)
    if len(found) == 1:
        return next(iter(found))
    counted = found.most_common() or [(prefix, 0) for prefix in scope.prefixes]
    raise DomainError(
        "region_unclear", filename=file_name, count=len(counted), regions=named(dict(counted))
    )


def named(counts: Mapping[str, int]) -> str:
    """`72.01 Banggai (12), 72.02 Poso (3)`: a few regions with their rows. Queries: one."""
    names = dict(Region.objects.filter(code__in=counts).values_list("code", "name"))
    some = list(counts.items())[:MOST_NAMED]
    words = [f"{code} {names.get(code, '')}" + (f" ({n})" if n else "") for code, n in some]
    return ", ".join(words) + (" …" if len(counts) > MOST_NAMED else "")


def _by_codes(codes: Sequence[str], scope: Scope, code_system: str) -> Counter[str]:
    digits = [re.sub(r"\D", "", re.sub(r"[.,]0+$", "", code)) for code in codes]
    dotted = {ten: f"{ten[:2]}.{ten[2:4]}.{ten[4:6]}.{ten[6:]}" for ten in digits if len(ten) == 10}
    if code_system == CodeSystem.BPS:
        known = ForeignCode.objects.filter(system=CodeSystem.BPS, code__in=dotted)
        dotted = dict(known.values_list("code", "region_id"))
    places = [dotted[ten] for ten in digits if ten in dotted]
    return Counter(
        prefix
        for place in places
        for prefix in scope.prefixes
        if prefix and place.startswith(prefix)
    )


def _cell(row: Sequence[str], mapping: Mapping[str, int], column: str) -> str:
    at = mapping.get(column)
    return row[at].strip() if at is not None and at < len(row) else ""


def _bare(name: str) -> str:
    return plain(_KIND.sub("", name.strip()))
