"""The pages of pockets: differences, editions, work-lists, coverage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib import messages as flash
from django.db import transaction
from django.db.models import Case, IntegerField, When
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    JsonResponse,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.access import actor_of, may, scope_of, scoped
from apps.accounts.roles import Permission
from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import Subject
from apps.common import deadline, errors, tabular
from apps.common.errors import DomainError
from apps.common.files import inspection
from apps.common.files.attachments import as_attachment
from apps.indicators.models import PocketDifference, PocketEdition
from apps.indicators.pockets import (
    activation,
    asked_pairs,
    boundary_notes,
    coverage,
    coverage_sums,
    difference_map,
    differences,
    picture_files,
    reception,
    worklists,
)
from apps.indicators.pockets.forms import (
    AnswerForm,
    DueForm,
    EditionForm,
    MethodForm,
    PublishedForm,
)
from apps.jobs import polling
from apps.regions.models import Region
from apps.ui import filters
from apps.ui.fragments import is_fragment
from apps.ui.paging import BY_ID, NEWEST_FIRST, Order, read_page
from apps.ui.permissions import requires
from apps.ui.requests import user_of

VIEW = Permission.VIEW_INDICATOR
MANAGE = requires(Permission.MANAGE_INDICATOR)
ENDINGS = ("csv", "geojson")
# Open lists before the closed ones, those that are due first before others.
OPEN_FIRST = Order.by("is_closed", "due_date", "pk")


# --- differences ---


@require_safe
@requires(VIEW)
def difference_page(request: HttpRequest) -> HttpResponse:
    """Where BIG's pockets and ours differ, as map, sums and table."""
    in_force = activation.editions_in_force()
    context: dict[str, Any] = {
        "in_force": in_force,
        "may_manage": _may_manage(request),
        "boundary_notes": boundary_notes.boundary_notes(in_force),
    }
    if in_force.pair is not None:
        context |= _differences(request, in_force.pair)
    return render(request, "indicators/pockets/differences.html", context)


def _differences(request: HttpRequest, pair: tuple[PocketEdition, PocketEdition]) -> dict[str, Any]:
    seen = differences.differences_of(pair, scope_of(user_of(request), VIEW))
    selection = differences.Selection.from_params(request.GET)
    rows = selection.apply(seen)
    sort = differences.sort_of(request.GET)
    page = read_page(
        rows.select_related("village__parent__parent"),
        differences.SORTS[sort],
        request.GET,
        query=selection.params() | {"sort": sort},
        known=seen,
    )
    tallies = differences.tally_kinds(selection.without("kind").apply(seen))
    return {
        "selection": selection,
        "tallies": [
            (one, one.kind in selection.kind, selection.toggled("kind", one.kind).query)
            for one in tallies
        ],
        "villages": sum(one.villages for one in tallies),
        "page": page,
        "lines": [differences.line_of(row) for row in page.rows],
        "regions": _regions_above(selection.region),
        **_kept(selection, sort, differences.SORTS),
    }


def _kept(selection: filters.Filter, sort: str, sorts: Mapping[str, Order]) -> dict[str, Any]:
    """The order of a list, and what its links keep: parameters that follow those of a link."""
    order = {"sort": sort} if sort != next(iter(sorts)) else {}
    beside_region = selection.without("region").params() | order
    return {
        "sort": sort,
        "order": order,
        "sorts": {name: urlencode(selection.params() | {"sort": name}) for name in sorts},
        "and_sort": _and(order),
        "and_all_but_region": _and(beside_region),
    }


def _and(params: Mapping[str, str]) -> str:
    return f"&{urlencode(params)}" if params else ""


def _regions_above(code: str) -> list[Region]:
    """The chosen region with those above it, the widest first."""
    above = [code[:length] for length in (2, 5, 8, 13)] if code else []
    return list(Region.objects.filter(code__in=above).order_by("code"))


@require_safe
@requires(VIEW)
def difference_shapes(request: HttpRequest) -> JsonResponse:
    """The map of the differences as GeoJSON."""
    pair = activation.editions_in_force().pair
    drawn: dict[str, Any] = {"features": []}
    count = 0
    if pair is not None:
        scope = scope_of(user_of(request), VIEW)
        selection = differences.Selection.from_params(request.GET)
        count = selection.apply(differences.differences_of(pair, scope)).count()
        drawn = difference_map.drawn(pair, selection, scope, villages=count)
    return JsonResponse({"type": "FeatureCollection", "villages": count, **drawn})


@require_safe
@requires(VIEW)
def difference_file(request: HttpRequest, ending: str) -> HttpResponseBase:
    """The differences as a file, within the scope; the export is recorded."""
    pair = activation.editions_in_force().pair
    if pair is None or ending not in ENDINGS:
        raise Http404
    deadline.extend(deadline.FILE_WITHIN_S)
    user = user_of(request)
    scope = scope_of(user, VIEW)
    selection = differences.Selection.from_params(request.GET)
    rows = selection.apply(differences.differences_of(pair, scope))
    count = rows.count()
    record.entry(Action.EXPORT, about=pair[1], by=user, rows=count, format=ending)
    if ending == "csv":
        ordered = rows.select_related("village__parent__parent").order_by("village_id")
        lines = differences.file_lines(ordered.iterator(chunk_size=2_000), pair)
        return _file(tabular.csv_blocks(lines, differences.HEADER), "beda-kantong", ending)
    drawn = difference_map.features(pair, selection, scope, villages=count, is_file=True)
    return _file(tabular.geojson_blocks(drawn), "beda-kantong", ending)


@require_safe
@requires(VIEW)
def picture_file(request: HttpRequest) -> HttpResponse:
    """Our pockets in force as a GeoPackage for BIG, as they are open; the export is recorded."""
    edition = activation.editions_in_force().computed
    if edition is None:
        raise Http404
    deadline.extend(deadline.FILE_WITHIN_S)
    content = picture_files.write_geopackage(edition)
    record.entry(Action.EXPORT, about=edition, by=user_of(request), format="gpkg")
    answer = HttpResponse(content, content_type="application/geopackage+sqlite3")
    return as_attachment(answer, "kantong.gpkg")


def _file(blocks: Iterable[bytes], name: str, ending: str) -> StreamingHttpResponse:
    kind = "text/csv" if ending == "csv" else "application/geo+json"
    answer = StreamingHttpResponse(list(blocks), content_type=f"{kind}; charset=utf-8")
    return as_attachment(answer, f"{name}.{ending}")


# --- editions ---


@require_safe
@requires(VIEW)
def edition_list(request: HttpRequest) -> HttpResponse:
    """Every edition, the newest first."""
    page = read_page(PocketEdition.objects.all(), NEWEST_FIRST, request.GET)
    context = {"page": page, "editions": page.rows, "may_manage": _may_manage(request)}
    return render(request, "indicators/pockets/editions.html", context)


@require_safe
@requires(VIEW)
def edition_page(request: HttpRequest, edition_id: int) -> HttpResponse:
    """One edition: how it was made, what was stored, what was found in its file."""
    edition = get_object_or_404(PocketEdition, pk=edition_id)
    job = reception.last_jobs([edition]).get(edition.pk)
    is_awaited = edition.status == PocketEdition.Status.WAITING
    watched = polling.watched(job, timezone.now(), is_awaited=is_awaited)
    context = {**watched, "poll": request.path, "edition": edition}
    if is_fragment(request):
        answer = render(request, "indicators/pockets/_edition_progress.html", context)
        return polling.reloading(answer, job)
    context |= {
        "may_manage": _may_manage(request),
        "form": PublishedForm(initial={"published_date": edition.published_date}),
        "can_activate": edition.status in ("ready", "superseded"),
        "findings": [
            errors.text(one["code"], one["params"]) for one in edition.summary.get("listed", ())
        ],
    }
    return render(request, "indicators/pockets/edition.html", context)


@transaction.non_atomic_requests  # a foreign file is looked at between two transactions
@require_http_methods(["GET", "HEAD", "POST"])
@MANAGE
def edition_upload(request: HttpRequest) -> HttpResponse:
    """A file of BIG's as a new edition."""
    is_sent = request.method == "POST"
    form = EditionForm(request.POST if is_sent else None, request.FILES if is_sent else None)
    if is_sent and form.is_valid():
        given, user = form.cleaned_data, user_of(request)
        try:
            with inspection.slot(actor_of(user)):
                kept = reception.keep(given["file"], given["file"].name, reception.LIMITS.look())
            with scoped(user):
                edition, _job = reception.receive_edition(
                    kept=kept,
                    name=given["name"],
                    published_date=given["published_date"],
                    code_system=given["code_system"],
                    least_share=given["least_share"] / 100,
                    by=user,
                    now=timezone.now(),
                )
            return redirect("pockets:edition", edition.pk)
        except DomainError as refused:
            fields = {"pocket_name_taken": "name", "pocket_day_differs": "published_date"}
            fields["pocket_day_to_come"] = "published_date"
            form.add_error(fields.get(refused.code, "file"), refused.text)
    with scoped(user_of(request)):
        return render(request, "indicators/pockets/edition_upload.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@MANAGE
def edition_compute(request: HttpRequest) -> HttpResponse:
    """The method of a new edition of ours; `again` proposes that of the edition in force."""
    former = activation.editions_in_force().computed if request.GET.get("again") else None
    form = MethodForm(
        request.POST if request.method == "POST" else None,
        initial=MethodForm.initial_of(former.parameters) if former is not None else None,
    )
    if request.method == "POST" and form.is_valid():
        try:
            edition, _job = reception.enqueue_computation(
                name=form.cleaned_data["name"],
                method=form.method,
                by=user_of(request),
                now=timezone.now(),
            )
            return redirect("pockets:edition", edition.pk)
        except DomainError as refused:
            field = {"pocket_name_taken": "name", "pocket_programme_unknown": "programmes"}
            form.add_error(field.get(refused.code, "per_km2"), refused.text)
    return render(request, "indicators/pockets/edition_compute.html", {"form": form})


@require_POST
@MANAGE
def edition_activate(request: HttpRequest, edition_id: int) -> HttpResponse:
    """Put an edition in force."""
    edition = get_object_or_404(PocketEdition, pk=edition_id)
    try:
        activation.activate_edition(edition=edition, by=user_of(request), now=timezone.now())
        flash.success(request, _("“{name}” is in force.").format(name=edition.name))
    except DomainError as refused:
        flash.error(request, refused.text)
    return redirect("pockets:edition", edition.pk)


@require_POST
@MANAGE
def edition_day(request: HttpRequest, edition_id: int) -> HttpResponse:
    """Correct the day on which BIG published an edition."""
    edition = get_object_or_404(PocketEdition, pk=edition_id)
    form = PublishedForm(request.POST)
    if not form.is_valid():
        flash.error(request, " ".join(map(str, form.errors["published_date"])))
        return redirect("pockets:edition", edition.pk)
    try:
        day = form.cleaned_data["published_date"]
        reception.correct_day(
            edition=edition, published_date=day, by=user_of(request), now=timezone.now()
        )
        flash.success(request, _("The day is corrected."))
    except DomainError as refused:
        flash.error(request, refused.text)
    return redirect("pockets:edition", edition.pk)


# --- work-lists ---


@require_http_methods(["GET", "HEAD", "POST"])
@requires(VIEW, to_send=(Permission.MANAGE_INDICATOR,))
def worklist_list(request: HttpRequest) -> HttpResponse:
    """The work-lists of a scope; a planner asks the regencies here."""
    user = user_of(request)
    form = DueForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            asked = worklists.ask_regencies(
                due_date=form.cleaned_data["due_date"], by=user, now=timezone.now()
            )
            told = ngettext(
                "{n} village was put on a list.", "{n} villages were put on a list.", asked
            )
            flash.success(request, told.format(n=asked))
            return redirect("pockets:worklists")
        except DomainError as refused:
            form.add_error("due_date", refused.text)
    rows = asked_pairs.shown_lists().within(scope_of(user, VIEW))
    is_closed = Case(When(closed_at=None, then=0), default=1, output_field=IntegerField())
    rows = rows.select_related("region").annotate(is_closed=is_closed)
    page = read_page(rows, OPEN_FIRST, request.GET)
    names = asked_pairs.names_of_pairs(one.subject for one in page.rows)
    context = {
        "page": page,
        "lists": [(one, names[one.subject]) for one in page.rows],
        "form": form,
        "today": timezone.localdate(),
        "may_manage": _may_manage(request),
    }
    return render(request, "indicators/pockets/worklists.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(VIEW, to_send=(Permission.ANSWER_POCKET,))
def worklist_page(request: HttpRequest, list_id: int) -> HttpResponse:
    """The villages of one list; the regency says of each whether it is a pocket."""
    user = user_of(request)
    is_sent = request.method == "POST"
    scope = scope_of(user, Permission.ANSWER_POCKET if is_sent else VIEW)
    lists = asked_pairs.shown_lists().within(scope).select_related("region")
    worklist = get_object_or_404(lists, pk=list_id)
    rows = PocketDifference.objects.within(scope).filter(worklist=worklist)
    if is_sent:
        form = AnswerForm(request.POST)
        if not form.is_valid():
            flash.error(request, _("Choose an answer."))
            return redirect("pockets:worklist", worklist.pk)
        row = get_object_or_404(rows, pk=form.cleaned_data["row"])
        try:
            worklists.answer_difference(
                row=row,
                answer=PocketDifference.Answer(form.cleaned_data["answer"]),
                remark=form.cleaned_data["remark"],
                by=user,
                now=timezone.now(),
            )
            flash.success(request, _("The answer is stored."))
        except DomainError as refused:
            flash.error(request, refused.text)
        return redirect("pockets:worklist", worklist.pk)
    page = read_page(rows.select_related("village__parent"), BY_ID, request.GET, known=rows)
    is_asked = worklists.is_asked(worklist)
    context = {
        "worklist": worklist,
        "label": worklists.LABEL,
        "page": page,
        "lines": [differences.line_of(row) for row in page.rows],
        "answers": PocketDifference.Answer.choices,
        "is_asked": is_asked,
        "editions": asked_pairs.names_of_pairs([worklist.subject])[worklist.subject],
        "may_answer": is_asked and may(user, Permission.ANSWER_POCKET, worklist.region_id),
    }
    return render(request, "indicators/pockets/worklist.html", context)


# --- coverage ---


@require_safe
@requires(VIEW)
def coverage_page(request: HttpRequest) -> HttpResponse:
    """Whom programmes and proposals reach, in pockets and outside."""
    in_force = activation.editions_in_force()
    scope = scope_of(user_of(request), VIEW)
    selection = coverage.Selection.from_params(request.GET).resolved(in_force)
    sort = coverage.sort_of(request.GET)
    rows = coverage.coverage_of(in_force, selection, scope, sort=sort)
    context: dict[str, Any] = {
        "in_force": in_force,
        "selection": selection,
        "may_manage": _may_manage(request),
        "boundary_notes": boundary_notes.boundary_notes(in_force),
    }
    if rows is not None:
        page = read_page(
            rows.select_related("village__parent__parent"),
            coverage.SORTS[sort],
            request.GET,
            query=selection.params() | {"sort": sort},
        )
        sums = coverage_sums.sums_of(in_force, selection, scope)
        kept = _kept(selection, sort, coverage.SORTS)
        context |= {
            "sides": [
                (side, name in selection.where, selection.toggled("where", name).query)
                for side in sums.sides
                for name in [coverage.name_of_side(side.is_in)]
            ],
            "programmes": sums.programmes,
            "page": page,
            "lines": [coverage.line_of(row) for row in page.rows],
            "regions": _regions_above(selection.region),
            "and_all_but_by": _and(selection.without("by").params() | kept["order"]),
            **kept,
        }
    return render(request, "indicators/pockets/coverage.html", context)


@require_safe
@requires(VIEW)
def coverage_file(request: HttpRequest) -> HttpResponseBase:
    """The coverage of a scope as CSV; the export is recorded."""
    in_force = activation.editions_in_force()
    user = user_of(request)
    selection = coverage.Selection.from_params(request.GET).resolved(in_force)
    rows = coverage.coverage_of(in_force, selection, scope_of(user, VIEW))
    if rows is None or in_force.computed is None:
        raise Http404
    deadline.extend(deadline.FILE_WITHIN_S)
    about = Subject("indicators.PocketVillage", in_force.computed.name, selection.region)
    record.entry(Action.EXPORT, about=about, by=user, rows=rows.count(), format="csv")
    ordered = rows.select_related("village__parent__parent").order_by("village_id")
    lines = coverage.file_lines(
        ordered.iterator(chunk_size=2_000), selection, in_force.computed.name
    )
    return _file(tabular.csv_blocks(lines, coverage.HEADER), "cakupan-kantong", "csv")


def _may_manage(request: HttpRequest) -> bool:
    return may(user_of(request), Permission.MANAGE_INDICATOR)
