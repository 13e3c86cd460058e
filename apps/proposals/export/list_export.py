"""The filtered list as a file: CSV, XLSX or GeoJSON, numbers masked unless they may be revealed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from django.conf import settings
from django.http import FileResponse
from django.utils.crypto import salted_hmac

from apps.accounts.access import scope_of
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.audit import record
from apps.audit.about import EVERYWHERE
from apps.audit.models import Action
from apps.common import deadline, tabular
from apps.common.errors import DomainError
from apps.proposals import lines
from apps.proposals.access import trail
from apps.proposals.export import list_columns, release
from apps.proposals.export.list_columns import FileColumn, Given
from apps.proposals.models import ProposalQuerySet
from apps.proposals.review.display import Display, query_of
from apps.proposals.review.searching import Search
from apps.proposals.selection import Selection
from apps.regions.models import COUNTRY
from apps.registry.reading import RevealReason

# A larger file takes too long for a page request; the filter can be narrowed.
MOST_ROWS: Final = 50_000
CHUNK: Final = 2_000


@dataclass(frozen=True)
class WantedExport:
    """The file that is asked for. `reason` is needed for whole numbers only.

    `columns` are those of the list (`display.COLUMNS`); without any, the file has all.
    """

    ending: str
    is_whole: bool = False
    reason: str = ""
    columns: tuple[str, ...] = ()


def export(
    *,
    selection: Selection,
    search: Search | None,
    display: Display,
    rows: ProposalQuerySet,
    wanted: WantedExport,
    by: User,
) -> FileResponse:
    """The rows as a file, in the order of the list; the export is on record.

    `rows` are those of the filter and the search within the scope. Whole numbers need the
    permission to reveal them for every village of the file, and a reason.
    Raises: `export_too_large`, `reason_missing`, `not_yours`, and what a large file needs before
    (`release.need`).
    """
    total = rows.count()
    if total > MOST_ROWS:
        raise DomainError("export_too_large", rows=total, most=MOST_ROWS)
    if wanted.is_whole:
        _need_numbers(rows, wanted, by)
    region = selection.region or _region_of(by)
    # an agreement is for this filter, these words and columns; it tells no word
    asked = f"{selection.query}|{search.text if search else ''}|{','.join(wanted.columns)}"
    digest = salted_hmac("proposals.list_export", asked, algorithm="sha256").hexdigest()[:16]
    part = f"{wanted.ending}-{'whole' if wanted.is_whole else 'masked'}"
    name = f"usulan-{region}.{wanted.ending}"
    known_as = query_of(selection, replace(display.unsearched(), columns=wanted.columns, view=""))
    parcel = release.Parcel(
        f"proposals.Selection:{digest}", part, name, region, total, known_as, search is not None
    )
    release.need(parcel, by)
    deadline.extend(deadline.FILE_WITHIN_S)
    _record(selection, rows, wanted, total, by)
    beside = ("village", "actual_village", "civil_match", "registered_match")
    ordered = rows.select_related(*beside).order_by(*display.sorting.order.expressions())
    folder = Path(settings.MEDIA_ROOT) / "returned"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder) as own:
        path = Path(own) / name
        _write(path, ordered, wanted)
        # the open file can be read after its name is deleted
        return FileResponse(path.open("rb"), as_attachment=True, filename=name)


def _need_numbers(rows: ProposalQuerySet, wanted: WantedExport, by: User) -> None:
    if wanted.reason not in RevealReason.values:
        raise DomainError("reason_missing")
    scope = scope_of(by, Permission.REVEAL_NIK)
    outside = rows.exclude(scope.query("village__code")) if scope else rows
    foreign = outside.values_list("village_id", flat=True).order_by().first()
    if foreign is not None:
        raise DomainError("not_yours", region=foreign)


def _region_of(by: User) -> str:
    """The region whose people may agree to a large file: the person's own if it is one."""
    prefixes = scope_of(by, Permission.VIEW_PROPOSAL).prefixes
    return prefixes[0] if len(prefixes) == 1 and prefixes[0] else COUNTRY


def _record(
    selection: Selection, rows: ProposalQuerySet, wanted: WantedExport, total: int, by: User
) -> None:
    """The entry of the export, with the key of each proposal up to a number, else its scope."""
    known: dict[str, Any] = {
        "box": list(EVERYWHERE),
        "scope": list(scope_of(by, Permission.VIEW_PROPOSAL).prefixes),
    }
    if total <= trail.MOST_KEYS:
        known = {"proposals": list(rows.order_by("pk").values_list("pk", flat=True))}
    record.entry(
        Action.EXPORT,
        about=selection,
        reason=wanted.reason if wanted.is_whole else "",
        selection=selection.params(),
        rows=total,
        format=wanted.ending,
        masked=not wanted.is_whole,
        columns=list(wanted.columns),
        **known,
    )


def _write(path: Path, rows: ProposalQuerySet, wanted: WantedExport) -> None:
    columns = list_columns.chosen(wanted.columns)
    header = [one.heading for one in columns]
    found = _lines(rows, wanted, columns)
    with path.open("wb") as out:
        if wanted.ending == "geojson":
            tabular.write_geojson(_features(found, header), out)
        elif wanted.ending == "csv":
            tabular.write_csv(found, header, out)
        else:
            tabular.write_xlsx(found, header, out, scratch=path.parent)


def _lines(
    rows: ProposalQuerySet, wanted: WantedExport, columns: Sequence[FileColumn]
) -> Iterator[list[Any]]:
    above = lines.above_of(rows.order_by().values_list("batch_id", flat=True).distinct())
    given = Given(wanted.is_whole, above)
    for row in rows.iterator(chunk_size=CHUNK):
        yield [one.value(row, given) for one in columns]


def _features(found: Iterator[list[Any]], header: Sequence[str]) -> Iterator[dict[str, Any]]:
    for line in found:
        known = {
            heading: value.isoformat() if isinstance(value, date) else value
            for heading, value in zip(header, line, strict=True)
        }
        latitude, longitude = (known.pop(heading) for heading in list_columns.PLACE)
        geometry = (
            {"type": "Point", "coordinates": [longitude, latitude]}
            if latitude is not None
            else None
        )
        yield {"id": known.pop(list_columns.KEY), "geometry": geometry, "properties": known}
