"""The coverage of villages: list, file, and computing it again."""

from __future__ import annotations

from django.contrib import messages as flash
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.roles import Permission
from apps.commandcentre import readers
from apps.commandcentre.coverage import basis, coverage_list, village_coverage
from apps.commandcentre.coverage.coverage_list import WORST_FIRST, CoverageFilter
from apps.commandcentre.coverage.forms import CoverageForm
from apps.commandcentre.models import CoverageState
from apps.commandcentre.readers import reader_of
from apps.indicators.pockets.activation import editions_in_force
from apps.jobs import messages
from apps.jobs.models import Job
from apps.ui.paging import read_page
from apps.ui.permissions import requires
from apps.ui.requests import user_of


@require_safe
@requires(Permission.VIEW_HAZARD)
def listing(request: HttpRequest) -> HttpResponse:
    """Villages by hazard class, then by the distance to stock, worst first."""
    reader = reader_of(user_of(request))
    chosen = CoverageFilter.from_params(request.GET)
    rows = coverage_list.rows_of(chosen, reader)
    page = read_page(
        rows.select_related("village", "facility"),
        WORST_FIRST,
        request.GET,
        query=chosen.params(),
        known=coverage_list.known_rows(reader),
    )
    state = CoverageState.objects.first()
    last = Job.objects.filter(kind=village_coverage.REFRESH_COVERAGE).order_by("-pk").first()
    context = {
        "page": page,
        "lines": [
            (
                row,
                readers.facility_name(row.facility, reader) if row.facility else "",
                coverage_list.pocket_words(row),
            )
            for row in page.rows
        ],
        "chosen": chosen,
        "form": CoverageForm(initial=chosen.params()),
        "explanation": readers.explanation_for(reader),
        "state": state,
        "pockets": editions_in_force(),
        "rests_on": basis.describe_basis(state) if state is not None else None,
        "is_computing": last is not None and not last.is_finished,
        "stopped": messages.ending(last) if last is not None else "",
    }
    return render(request, "commandcentre/coverage/coverage.html", context)


@require_safe
@requires(Permission.VIEW_HAZARD)
def as_file(request: HttpRequest) -> HttpResponseBase:
    """The selected villages as CSV."""
    user = user_of(request)
    chosen = CoverageFilter.from_params(request.GET)
    return coverage_list.export(chosen, reader_of(user), by=user)


@require_POST
@requires(Permission.VIEW_HAZARD, to_send=(Permission.MANAGE_HAZARD,))
def compute(request: HttpRequest) -> HttpResponse:
    """Compute the coverage again."""
    village_coverage.enqueue_refresh(by=user_of(request))
    flash.success(request, _("The coverage is being computed; load this page again in a moment."))
    return redirect("commandcentre:coverage")


urlpatterns = [
    path("coverage/", listing, name="coverage"),
    path("coverage/villages.csv", as_file, name="coverage-file"),
    path("coverage/compute/", compute, name="coverage-compute"),
]
