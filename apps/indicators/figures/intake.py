"""Receives a file of figures: stores it, finds its columns, and asks for its reading.

The same file about the same period, read in the same way and of the same source and day, is one
publication, however often it is sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from django.db import transaction

from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import By, describe_actor
from apps.common import tabular
from apps.common.errors import DomainError
from apps.common.files import stored_files
from apps.common.tabular import InspectedFile
from apps.common.text.headings import plain
from apps.indicators.figures import figure_columns, vintages
from apps.indicators.models import Indicator, Publication
from apps.jobs import work
from apps.jobs.models import Job
from apps.regions.models import COUNTRY, CodeSystem

READ_PUBLICATION: Final = "indicators.read_publication"
FOLDER: Final = "figures"
Chosen = Mapping[str, str | int]


@dataclass(frozen=True)
class Told:
    """What is known beside the file. `columns` and `values` name headings or positions: our column,
    or the code of an indicator, → column of the file; None: they are recognised. `address` is that
    of the service whose answer the file holds. `is_anew`: the file makes a new publication also if
    it was received before.
    """

    source: str
    period: str
    code_system: str = CodeSystem.KEMENDAGRI
    vintage: str = ""
    published_date: date | None = None
    by_code: bool = True
    columns: Chosen | None = None
    values: Chosen | None = None
    indicators: tuple[str, ...] = field(default_factory=tuple)
    address: str = ""
    is_anew: bool = False


@dataclass(frozen=True)
class Received:
    """A publication, and whether it is new. `lacks` is why its columns have to be chosen first."""

    publication: Publication
    is_new: bool
    lacks: DomainError | None = None

    @property
    def is_to_be_read(self) -> bool:
        """Whether it waits to be read: a new one, or one whose reading failed before."""
        return self.lacks is None and self.publication.status == Publication.Status.RECEIVED


def keep(
    file: Any, file_name: str, limits: tabular.Limits = figure_columns.LIMITS
) -> InspectedFile:
    """Store a file, opened for reading bytes, and look at it. Makes no query.

    Raises: NoRoom, FileRefused.
    """
    stored = stored_files.keep(file, file_name, under=FOLDER, limits=limits)
    with stored_files.deleted_if_refused(stored):
        kind, first = tabular.inspect_file(
            stored.path,
            file_name,
            formats=figure_columns.FORMATS,
            limits=limits,
            scratch=stored_files.folder("scratch"),
        )
    return InspectedFile(stored, file_name, kind, first)


def receive_publication(kept: InspectedFile, told: Told, *, by: By, now: datetime) -> Received:
    """Make a publication of a stored file; the file is removed if it is known or refused.

    Nothing is read yet. Raises: DomainError.
    """
    with stored_files.deleted_if_refused(kept.stored):
        received = _receive(kept, told, by, now)
    if not received.is_new:
        kept.stored.path.unlink(missing_ok=True)
    return received


@transaction.atomic
def _receive(kept: InspectedFile, told: Told, by: By, now: datetime) -> Received:
    period, start = vintages.start_of(told.period)
    columns = figure_columns.match(kept.first.header, told.code_system, by_code=told.by_code)
    columns |= _positions(told.columns or {}, kept)
    values = _values(kept, told, set(columns.values()))
    known = Publication.objects.filter(
        sha256=kept.stored.sha256,
        period=period,
        mapping=columns,
        values=values,
        by_code=told.by_code,
        code_system=told.code_system,
        vintage=told.vintage[:20],
        source=told.source[:200],
        published_date=told.published_date,
    ).exclude(status=Publication.Status.DISCARDED)
    if (found := known.order_by("-pk").first()) and not (told.is_anew and found.is_over):
        if found.status == Publication.Status.FAILED:
            found.status = Publication.Status.RECEIVED
            found.save(update_fields=["status"])
        return Received(found, False, lacking(found))
    actor = describe_actor(by)
    publication = Publication.objects.create(
        source=told.source[:200],
        period=period,
        period_start=start,
        published_date=told.published_date,
        file=kept.stored.name,
        file_name=(told.address or Path(kept.file_name).name)[:300],
        file_size=kept.stored.size,
        sha256=kept.stored.sha256,
        header=kept.first.header,
        mapping=columns,
        values=values,
        by_code=told.by_code,
        code_system=told.code_system,
        vintage=told.vintage[:20],
        received_at=now,
        received_by=actor.key or record.origin().actor,
        received_by_name=actor.name[:200],
    )
    record.entry(Action.CREATE, about=publication, by=by, sha256=publication.sha256)
    return Received(publication, True, lacking(publication))


def lacking(publication: Publication) -> DomainError | None:
    """Why a publication cannot be read yet: no column of a region, or none of figures."""
    told = {
        "filename": publication.file_name,
        "found": ", ".join(name for name in publication.header if name)[:300],
    }
    places = (figure_columns.CODE, *figure_columns.NAME_COLUMNS)
    if not any(name in publication.mapping for name in places):
        return DomainError("figures_no_region", **told)
    if not publication.values:
        return DomainError("figures_no_values", **told)
    return None


@transaction.atomic
def choose_columns(
    publication: Publication,
    columns: Mapping[str, int],
    values: Mapping[str, int],
    *,
    code_system: str,
    by: By,
) -> Publication:
    """Take other columns for a publication that made no release. Raises: DomainError."""
    publication = Publication.objects.select_for_update().get(pk=publication.pk)
    if publication.status in (Publication.Status.STORED, Publication.Status.DISCARDED):
        raise DomainError("figures_not_open")
    _need_published(values)
    publication.mapping, publication.values = dict(columns), dict(values)
    publication.code_system = code_system or publication.code_system
    publication.by_code = figure_columns.CODE in columns
    publication.is_accepted, publication.held = False, []
    publication.save()
    publication.open_rows.all().update(region=None, is_left_out=False)
    record.entry(Action.CHANGE, about=publication, by=by, step="columns")
    if lack := lacking(publication):
        raise lack
    return publication


@transaction.atomic
def enqueue_reading(publication: Publication, *, by: By) -> Job:
    """Ask for the reading of a publication; its latest job if that has not ended.

    Raises: DomainError.
    """
    publication = Publication.objects.select_for_update().get(pk=publication.pk)
    if publication.status in (Publication.Status.STORED, Publication.Status.DISCARDED):
        raise DomainError("figures_not_open")
    last = job_of(publication)
    if last is not None and not last.is_finished:
        return last
    publication.status = Publication.Status.RECEIVED
    publication.save(update_fields=["status"])
    actor = describe_actor(by)
    return work.enqueue(
        READ_PUBLICATION,
        publication.subject,
        subject_name=str(publication)[:200],
        region_code=COUNTRY,
        by=actor.key or record.origin().actor,
        by_name=actor.name,
    )


def job_of(publication: Publication) -> Job | None:
    """The latest job that reads a publication."""
    known = Job.objects.filter(subject=publication.subject, kind=READ_PUBLICATION)
    return known.order_by("-pk").first()


def _values(kept: InspectedFile, told: Told, used: set[int]) -> dict[str, int]:
    """The code of each indicator with its position. Raises: DomainError."""
    if told.values:
        found = _positions(told.values, kept)
    else:
        found = figure_columns.match_values(kept.first.header, kept.first.samples, used)
        if told.indicators:
            found = {code: at for code, at in found.items() if code in told.indicators}
    _need_published({*found, *told.indicators})
    missing = [code for code in told.indicators if code not in found]
    if len(missing) == 1 and not found:
        # one indicator is asked for, and one column is left that holds figures
        width = range(len(kept.first.header))
        left = [
            at
            for at in width
            if at not in used and figure_columns.is_figures(kept.first.samples, at)
        ]
        if len(left) == 1:
            return {missing[0]: left[0]}
    return found


def _need_published(codes: Iterable[str]) -> None:
    """Raises: `figures_indicator_unknown` for a code that is no published indicator."""
    wanted = set(codes)
    published = Indicator.objects.filter(origin=Indicator.Origin.PUBLISHED, pk__in=wanted)
    if unknown := wanted - set(published.values_list("pk", flat=True)):
        raise DomainError("figures_indicator_unknown", indicator=min(unknown))


def _positions(chosen: Chosen, kept: InspectedFile) -> dict[str, int]:
    """Headings or positions, as positions. Raises: `figures_column_unknown`."""
    header = kept.first.header
    known = {plain(name): at for at, name in enumerate(header)}
    known |= {name: at for at, name in enumerate(header)}
    found = dict[str, int]()
    for name, where in chosen.items():
        at = where if isinstance(where, int) else known.get(where, known.get(plain(where), -1))
        if not 0 <= at < len(header):
            raise DomainError("figures_column_unknown", column=where, filename=kept.file_name)
        found[name] = at
    return found
