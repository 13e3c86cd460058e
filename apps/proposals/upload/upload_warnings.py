"""Warnings before a file is checked: another month, an old template, another code system.

A warning never refuses a file: its sender confirms that the file is the right one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.dates import MONTHS
from django.utils.translation import gettext as _

from apps.accounts.access import NOTHING, Scope
from apps.casework.models import Cycle
from apps.proposals import columns
from apps.proposals.upload import column_mapping, regions_of_rows, template
from apps.regions.models import CodeSystem

type_month = tuple[int | None, int]  # (year, month); a name often leaves out the year

# Names of months as officers write them in file names, Indonesian and English.
_NAMES = {
    1: "jan januari january", 2: "feb februari february peb pebruari", 3: "mar maret march mrt",
    4: "apr april", 5: "mei may", 6: "jun juni june", 7: "jul juli july",
    8: "agu agt ags agst agust agustus aug august", 9: "sep sept september",
    10: "okt oktober oct october", 11: "nov november nop nopember",
    12: "des desember dec december",
}  # fmt: skip
_MONTH = {name: month for month, names in _NAMES.items() for name in names.split()}
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+")
_YEAR_FIRST = re.compile(r"(?<!\d)(20\d\d)[-_. ]?(0[1-9]|1[0-2])(?!\d)")
_YEAR_LAST = re.compile(r"(?<!\d)(0[1-9]|1[0-2])[-_. ](20\d\d)(?!\d)")


@dataclass(frozen=True)
class UploadWarning:
    """One warning: what was noticed, and what to do if it is true."""

    code: str
    title: str
    detail: str


def month_of(file_name: str) -> type_month | None:
    """The month in a file's name (`usulan_okt_2026.xlsx`, `2026-10 desa.csv`), or None."""
    stem = file_name.rpartition(".")[0] or file_name
    words = [word.casefold() for word in _WORDS.findall(stem)]
    named = [_MONTH[word] for word in words if word in _MONTH]
    if named:
        years = [int(word) for word in words if re.fullmatch(r"20\d\d", word)]
        return (years[0] if years else None), named[0]
    if found := _YEAR_FIRST.search(stem):
        return int(found[1]), int(found[2])
    if found := _YEAR_LAST.search(stem):
        return int(found[2]), int(found[1])
    return None


def find_warnings(
    *,
    file_name: str,
    header: Sequence[str],
    mapping: dict[str, int],
    samples: Sequence[Sequence[str]],
    region_code: str,
    code_system: str,
    today: date,
    scope: Scope = NOTHING,
) -> list[UploadWarning]:
    """The warnings about a complete file that was sent from `scope`. Queries: at most five."""
    mark = template.mark_of(header)
    found = [
        _other_month(file_name, mark, today),
        _old_template(header, mark, mapping),
        _bps(samples, mapping, region_code) if code_system == CodeSystem.KEMENDAGRI else None,
        _elsewhere(samples, mapping, region_code, code_system, scope),
    ]
    return [warning for warning in found if warning is not None]


def _other_month(
    file_name: str, mark: template.TemplateMark | None, today: date
) -> UploadWarning | None:
    cycle = Cycle.objects.open_on(today).order_by("cutoff_date", "pk").first()
    if cycle is None:
        return None
    named, marked = month_of(file_name), mark.month if mark else None
    if named and not _is_of(named, cycle):
        return UploadWarning(
            "other_month",
            _("The name speaks of %(month)s, but the open cycle is %(cycle)s.")
            % {"month": _month_text(named), "cycle": cycle.name},
            _("%(filename)s. If this is the right file, go on; else choose the file of this month.")
            % {"filename": file_name},
        )
    if marked and not named and not _is_of(marked, cycle):
        return UploadWarning(
            "other_month",
            _("The template was made for %(month)s, but the open cycle is %(cycle)s.")
            % {"month": _month_text(marked), "cycle": cycle.name},
            _("%(filename)s. If its rows are of this month, go on; else choose another file.")
            % {"filename": file_name},
        )
    return None


def _old_template(
    header: Sequence[str], mark: template.TemplateMark | None, mapping: dict[str, int]
) -> UploadWarning | None:
    if mark is None or mark.version == template.VERSION:
        return None
    added = [title for name, title in columns.TEMPLATE.items() if name not in mapping]
    known = set(mapping.values())
    gone = [name for at, name in enumerate(header) if at not in known and name]
    gone = [name for name in gone if template.mark_of([name]) is None]
    changes = []
    if added:
        changes.append(_("New since then: %(names)s.") % {"names": ", ".join(added)})
    if gone:
        changes.append(_("No longer read: %(names)s.") % {"names": ", ".join(gone[:10])})
    return UploadWarning(
        "old_template",
        _("This is the template %(version)s; the present one is %(now)s.")
        % {"version": mark.version, "now": template.VERSION},
        " ".join(
            [*changes, _("Its rows are read as far as their columns are known; nothing is lost.")]
        ),
    )


def _bps(
    samples: Sequence[Sequence[str]], mapping: dict[str, int], region_code: str
) -> UploadWarning | None:
    codes = column_mapping.bps_codes(samples, mapping, region_code)
    if not codes:
        return None
    heading = columns.TEMPLATE["village_code"]
    return UploadWarning(
        "bps_codes",
        _("Code %(code)s is not in Kemendagri's list of your region, but in that of BPS.")
        % {"code": codes[0]},
        _("Column %(column)s, %(count)s of the first rows. “BPS” is chosen below; change it back if"
          " that is wrong.") % {"column": heading, "count": len(codes)},
    )  # fmt: skip


def _elsewhere(
    samples: Sequence[Sequence[str]],
    mapping: dict[str, int],
    region_code: str,
    code_system: str,
    scope: Scope,
) -> UploadWarning | None:
    if len(scope.prefixes) < 2:
        return None
    here = Scope.of_codes([region_code])
    found = regions_of_rows.count_regions(samples, mapping, scope, code_system)
    others = {code: count for code, count in found.items() if not here.contains(code)}
    if not others or sum(others.values()) * 2 < found.total():
        return None
    return UploadWarning(
        "other_region",
        _("Most of the first rows are of another region of yours: %(regions)s.")
        % {"regions": regions_of_rows.named(others)},
        _("You chose %(region)s; rows of other regions are held. If that is wrong, choose the file"
          " once more, with its region.") % {"region": regions_of_rows.named({region_code: 0})},
    )  # fmt: skip


def _is_of(month: type_month, cycle: Cycle) -> bool:
    """Whether the cycle has a day in this month."""
    year, number = month
    touched = {
        (day.year if year else None, day.month) for day in (cycle.opens_date, cycle.cutoff_date)
    }
    return (year, number) in touched


def _month_text(month: type_month) -> str:
    year, number = month
    return f"{MONTHS[number]} {year}" if year else str(MONTHS[number])
