"""Reads a publication: its rows become releases that are in force, all at once, or it waits.

Nothing is stored of a publication that has open rows or is odd as a whole, until a planner has
answered; it is then read again. So a release is complete when it appears.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import By
from apps.common import sql, tabular
from apps.common.commands import for_others
from apps.common.errors import DomainError
from apps.common.files import stored_files
from apps.imports import layouts
from apps.imports.blocks import FEW, REFUSED_ABOVE
from apps.imports.copy_rows import copy_block
from apps.imports.layouts import OfficeFile
from apps.indicators.figures import figure_columns, intake, known_names, releases
from apps.indicators.figures.rows import Rows, read_rows
from apps.indicators.models import Indicator, OpenRow, Publication, Release, RowFinding
from apps.jobs import kinds
from apps.jobs.models import Job
from apps.jobs.work import Lease
from apps.regions.models import LEVEL_BY_LENGTH, Level

Status = Publication.Status
# A file with so many codes that mean another region than the name beside them has other codes.
OTHER_CODES: Final = 0.1
FEW_CODES: Final = 3
# Names that no region of their code has, without a region above that would tell which one is meant:
# spellings differ in some rows, not in most. From a tenth on a planner confirms the file.
UNLIKE: Final = 0.5
# A release with a smaller share of the former one's regions is confirmed by a planner, and one
# whose figures are in the middle so many times the former ones.
FEWER: Final = 0.9
TIMES: Final = (0.2, 5.0)
MOST_NOTES: Final = 20_000
COPIED: Final = ("release_id", "region_id", "value")


@dataclass(frozen=True)
class ReadingOutcome:
    """What a reading did. `unchanged` are indicators whose figures are in force already."""

    status: str
    rows: int
    taken: int
    open: int
    refused: int
    releases: list[Release] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    held: list[dict[str, Any]] = field(default_factory=list)


def _begin_again(*, job: Job, by: Any, now: datetime) -> Job:
    return intake.enqueue_reading(Publication.objects.get(pk=job.subject_pk), by=by)


def _fail(job: Job) -> None:
    """The job failed or was cancelled: nothing was stored, other columns may be chosen."""
    waiting = Publication.objects.filter(pk=job.subject_pk, status=Status.RECEIVED)
    waiting.update(status=Status.FAILED)


@kinds.job(
    intake.READ_PUBLICATION,
    label=_("Reading of published figures"),
    resume=_begin_again,
    on_failed=_fail,
    remedy=_("A planner reads it again on the page of the publication (job %(job)s)."),
)
def read_as_job(lease: Lease) -> None:
    """Read the publication of a job. Raises: DomainError, FileRefused, LeaseLost."""
    publication = Publication.objects.get(pk=lease.job.subject_pk)
    lease.progress(stage="reading")
    with transaction.atomic():
        outcome = read_publication(publication, by=lease.job, now=timezone.now())
        lease.finish(taken=outcome.taken, open=outcome.open, refused=outcome.refused)


def read_at_once(publication: Publication, *, by: By, now: datetime) -> ReadingOutcome:
    """The same without a job, for commands; a refusal leaves the publication as failed.

    Raises: DomainError, FileRefused.
    """
    try:
        return read_publication(publication, by=by, now=now)
    except DomainError:
        Publication.objects.filter(pk=publication.pk, status=Status.RECEIVED).update(
            status=Status.FAILED
        )
        raise


@transaction.atomic
def read_publication(publication: Publication, *, by: By, now: datetime) -> ReadingOutcome:
    """Read the file, store releases or leave the publication for a planner.

    Cost: all rows are in memory at once (`figure_columns.LIMITS`).
    Raises: DomainError, FileRefused.
    """
    publication = Publication.objects.select_for_update().get(pk=publication.pk)
    if publication.status in (Status.STORED, Status.DISCARDED):
        raise DomainError("figures_not_open")
    indicators = Indicator.objects.in_bulk(list(publication.values))
    file = _open(publication)
    given = list(layouts.rows(file, scratch=stored_files.folder("scratch")))
    rows = read_rows(publication, file, given, indicators, timezone.localdate(now))
    _refuse_implausible(publication, rows)
    made = _store(publication, rows, indicators, now)
    confirmed = {one["code"] for one in publication.held}
    # how many regions there are is known once no row is open
    publication.held = [] if rows.open else _held(publication, made, rows, indicators)
    # what was confirmed is what was said; something that came meanwhile was not
    publication.is_accepted &= {one["code"] for one in publication.held} <= confirmed
    is_waiting = bool(rows.open) or (bool(publication.held) and not publication.is_accepted)
    unchanged: list[str] = []
    if is_waiting:
        Release.objects.filter(pk__in=[release.pk for release in made]).delete()
        made = []
    else:
        unchanged = _put_in_force(made, by, now)
        known_names.keep_names(publication, now=now)
        made = [release for release in made if release.indicator_id not in unchanged]
    refused = len({note.row for note in rows.notes if note.is_refusal})
    outcome = ReadingOutcome(
        Status.REVIEW if is_waiting else Status.STORED,
        len(given),
        len(rows.taken),
        len(rows.open),
        refused,
        made,
        unchanged,
        publication.held,
    )
    _note(publication, rows, outcome, now)
    record.entry(
        Action.RUN,
        about=publication,
        by=by,
        rows=outcome.rows,
        refused=refused,
        counts={"taken": outcome.taken, "open": outcome.open, "releases": len(made)},
    )
    return outcome


def _open(publication: Publication) -> OfficeFile:
    """The stored file with its columns. Raises: FileRefused, DomainError."""
    if lack := intake.lacking(publication):
        raise lack
    path = stored_files.kept(publication.file, publication.file_size)
    layout = figure_columns.layout_of(publication.code_system, publication.values)
    kind, first = tabular.inspect_file(
        path,
        publication.file_name,
        formats=layout.formats,
        limits=layout.limits,
        scratch=stored_files.folder("scratch"),
    )
    mapping = figure_columns.positions(publication.mapping, publication.values)
    return OfficeFile(
        path,
        publication.file_name,
        kind,
        layout,
        first.header,
        first.header_line,
        first.row_count,
        mapping,
    )


def _refuse_implausible(publication: Publication, rows: Rows) -> None:
    """Raises: DomainError for a file whose rows or codes are probably something else."""
    told = {"filename": publication.file_name, "rows": rows.considered}
    if _are_many(rows.other_names, OTHER_CODES, rows):
        system = publication.code_system.upper()
        raise DomainError("figures_codes_other", refused=rows.other_names, system=system, **told)
    if _are_many(rows.unlike_names, UNLIKE, rows):
        system = publication.code_system.upper()
        raise DomainError("figures_codes_other", refused=rows.unlike_names, system=system, **told)
    if not rows.taken and not rows.open:
        raise DomainError("figures_empty", filename=publication.file_name)
    lost = rows.considered - len(rows.taken)
    if rows.considered >= FEW and lost > REFUSED_ABOVE * rows.considered:
        raise DomainError("figures_mostly_refused", refused=lost, **told)


def _are_many(count: int, share: float, rows: Rows) -> bool:
    return count >= FEW_CODES and count > share * rows.considered


def _store(
    publication: Publication, rows: Rows, indicators: Mapping[str, Indicator], now: datetime
) -> list[Release]:
    """One release for each indicator that has figures, none of them in force."""
    made = list[Release]()
    for code in sorted(indicators):
        values = [(row.region, row.values[code]) for row in rows.taken if code in row.values]
        if not values:
            continue
        lengths = sorted({len(region) for region, _value in values})
        release = Release.objects.create(
            indicator=indicators[code],
            publication=publication,
            period=publication.period,
            period_start=publication.period_start,
            level=LEVEL_BY_LENGTH[lengths[-1]],
            levels=[LEVEL_BY_LENGTH[length] for length in lengths],
            source=publication.source,
            file_name=publication.file_name,
            code_system=publication.code_system if publication.by_code else "names",
            vintage=publication.vintage,
            published_date=publication.published_date,
            stored_at=now,
        )
        lines = ((release.pk, region, value) for region, value in sorted(values))
        sql.copy_in(("indicators_value",), COPIED, [copy_block(lines)])
        [(digest, count)] = sql.run("indicators/figures/hash_values", {"release": release.pk})
        release.sha256, release.values_count = digest, count
        release.save(update_fields=["sha256", "values_count"])
        made.append(release)
    return made


def _held(
    publication: Publication,
    made: list[Release],
    rows: Rows,
    indicators: Mapping[str, Indicator],
) -> list[dict[str, Any]]:
    """Why the whole publication waits, as codes with parameters."""
    held = list[dict[str, Any]]()
    if _are_many(rows.unlike_names, OTHER_CODES, rows):
        told: dict[str, Any] = {"count": rows.unlike_names, "rows": rows.considered}
        held.append({"code": "figures_names_unlike", "params": told})
    for release in made:
        name = indicators[release.indicator_id].name
        current = releases.current_of(release)
        if current is not None and _levels_of(current) != _levels_of(release):
            told = {
                "indicator": name,
                "found": _levels_in_words(release),
                "known": _levels_in_words(current),
            }
            held.append({"code": "figures_other_level", "params": told})
        # a publication that waited may be older than what came meanwhile
        if current is not None and current.stored_at > publication.received_at:
            told = {"indicator": name, "file": current.file_name[:100]}
            held.append({"code": "figures_overtaken", "params": told})
        if former := releases.former_of(release):
            pair = {"release": release.pk, "former": former.pk}
            [(found, known, ratio)] = sql.run("indicators/figures/compare_former", pair)
            if found < FEWER * known:
                told = {"indicator": name, "found": found, "known": known}
                held.append({"code": "figures_fewer", "params": told})
            if ratio is not None and not TIMES[0] <= ratio <= TIMES[1]:
                told = {"indicator": name, "ratio": float(f"{ratio:.2g}")}
                held.append({"code": "figures_other_unit", "params": told})
    for code, indicator in indicators.items():
        figures = [row.values[code] for row in rows.taken if code in row.values]
        if indicator.kind == Indicator.Kind.COUNT and any(one % 1 for one in figures):
            held.append({"code": "figures_decimals", "params": {"indicator": indicator.name}})
    return held


def _levels_in_words(release: Release) -> str:
    with for_others():
        return ", ".join(str(level.label) for level in Level if level in _levels_of(release))


def _levels_of(release: Release) -> set[str]:
    return set(release.levels) or {release.level}


def _put_in_force(made: list[Release], by: By, now: datetime) -> list[str]:
    """Put releases in force; returns the indicators whose figures are in force already."""
    unchanged = list[str]()
    for release in made:
        if releases.is_in_force(release):
            unchanged.append(release.indicator_id)
            release.delete()
        else:
            releases.put_in_force(release, by=by, now=now)
    return unchanged


def _note(publication: Publication, rows: Rows, outcome: ReadingOutcome, now: datetime) -> None:
    """Store what was found and what is open, in place of what an earlier reading said."""
    publication.findings.all().delete()
    notes = [
        RowFinding(
            publication=publication,
            row_number=note.row,
            code=note.code,
            params=note.params,
            is_refusal=note.is_refusal,
        )
        for note in rows.notes[:MOST_NOTES]
    ]
    notes += [
        RowFinding(
            publication=publication,
            row_number=0,
            code="figures_mixed",
            params={"column": column},
            is_refusal=False,
        )
        for column in rows.mixed
    ]
    RowFinding.objects.bulk_create(notes, batch_size=1_000)
    # answered rows stay as their answers; those that are open get new candidates
    publication.open_rows.filter(row_number__in=[one.row.number for one in rows.open]).delete()
    publication.open_rows.filter(region=None, is_left_out=False).delete()
    OpenRow.objects.bulk_create(
        [
            OpenRow(
                publication=publication,
                row_number=one.row.number,
                line=one.row.line,
                code=one.code,
                params=one.params,
                written={name: text for name, text in one.row.texts.items() if text},
                name_key=one.row.key,
                level=one.row.level,
                candidates=list(one.candidates),
            )
            for one in rows.open
        ],
        batch_size=1_000,
    )
    publication.status = outcome.status
    publication.counts = {
        "rows": outcome.rows,
        "taken": outcome.taken,
        "open": outcome.open,
        "refused": outcome.refused,
        "unchanged": outcome.unchanged,
    }
    publication.stored_at = now if outcome.status == Status.STORED else None
    publication.save()
