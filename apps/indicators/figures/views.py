"""Pages of published figures: indicators, their releases, and the publications behind them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.access import actor_of, may, scoped
from apps.accounts.roles import Permission
from apps.common.errors import DomainError
from apps.common.files import inspection
from apps.common.tabular import InspectedFile
from apps.imports import column_choice
from apps.indicators.figures import (
    figure_columns,
    figure_pages,
    indicators,
    intake,
    releases,
    review,
)
from apps.indicators.figures.forms import (
    AnswersForm,
    ColumnsForm,
    IndicatorChangeForm,
    IndicatorForm,
    UploadForm,
)
from apps.indicators.models import Indicator, Publication, Release, Value
from apps.jobs import polling
from apps.regions.models import CodeSystem
from apps.ui.paging import NEWEST_FIRST, Order, read_page
from apps.ui.permissions import requires
from apps.ui.requests import user_of

BY_REGION = Order.by("region_id", "pk")
VALUES = 100
VIEW, MANAGE = Permission.VIEW_INDICATOR, Permission.MANAGE_INDICATOR


@require_safe
@requires(VIEW)
def indicator_list(request: HttpRequest) -> HttpResponse:
    """Every indicator, with what is in force; planners also see what waits for them."""
    may_manage = may(user_of(request), MANAGE)
    waiting = Publication.objects.exclude(
        status__in=[Publication.Status.STORED, Publication.Status.DISCARDED]
    )
    listed = figure_pages.listed_indicators()
    context = {
        "rows": [(one, figure_pages.name_of(one)) for one in listed],
        "waiting": waiting.order_by("-pk")[:20] if may_manage else [],
        "may_manage": may_manage,
    }
    return render(request, "indicators/figures/indicators.html", context)


@require_safe
@requires(VIEW)
def indicator_page(request: HttpRequest, code: str) -> HttpResponse:
    """One indicator with the history of its releases."""
    indicator = get_object_or_404(Indicator, pk=code)
    context = {
        "indicator": indicator,
        "name": figure_pages.name_of(indicator),
        "releases": figure_pages.history_of(indicator),
        "may_manage": may(user_of(request), MANAGE),
    }
    return render(request, "indicators/figures/indicator.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(MANAGE)
def indicator_new(request: HttpRequest) -> HttpResponse:
    """Add an indicator that the catalogue does not have."""
    form = IndicatorForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        try:
            made = indicators.add_indicator(by=user_of(request), code=given.pop("code"), **given)
            return redirect("indicators:indicator", made.pk)
        except DomainError as refused:
            form.add_error("code", refused.text)
    return render(request, "indicators/figures/indicator_form.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(MANAGE)
def indicator_edit(request: HttpRequest, code: str) -> HttpResponse:
    """Change what is said of a published indicator."""
    indicator = get_object_or_404(Indicator, pk=code, origin=Indicator.Origin.PUBLISHED)
    form = IndicatorChangeForm(
        request.POST if request.method == "POST" else None,
        instance=Indicator.objects.get(pk=code),
        is_locked=indicators.has_releases(indicator),
    )
    if request.method == "POST" and form.is_valid():
        try:
            indicators.change_indicator(indicator, by=user_of(request), **form.cleaned_data)
            messages.success(request, _("Stored."))
            return redirect("indicators:indicator", code)
        except DomainError as refused:
            form.add_error("unit", refused.text)
    context = {"form": form, "indicator": indicator, "name": figure_pages.name_of(indicator)}
    return render(request, "indicators/figures/indicator_form.html", context)


@require_safe
@requires(VIEW)
def release_page(request: HttpRequest, release_id: int) -> HttpResponse:
    """One release with its values."""
    found = Release.objects.select_related("indicator", "publication")
    release = get_object_or_404(found, pk=release_id)
    values = Value.objects.filter(release=release).select_related("region")
    page = read_page(values, BY_REGION, request.GET, size=VALUES)
    context = {
        "release": release,
        "name": figure_pages.name_of(release.indicator),
        "page": page,
        "current": releases.current_of(release),
        "may_manage": may(user_of(request), MANAGE),
    }
    return render(request, "indicators/figures/release.html", context)


@require_POST
@requires(MANAGE)
def release_in_force(request: HttpRequest, release_id: int) -> HttpResponse:
    """Put a former release back in force."""
    release = get_object_or_404(Release, pk=release_id)
    try:
        releases.put_in_force(release, by=user_of(request), now=timezone.now())
        messages.success(request, _("This release is in force now."))
    except DomainError as refused:
        messages.warning(request, refused.text)
    return redirect("indicators:release", release.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(MANAGE)
@transaction.non_atomic_requests  # a foreign file is looked at between two transactions
def upload(request: HttpRequest) -> HttpResponse:
    """Upload a file of figures."""
    is_sent = request.method == "POST"
    form = UploadForm(request.POST if is_sent else None, request.FILES if is_sent else None)
    if is_sent and form.is_valid():
        given = dict(form.cleaned_data)
        file = given.pop("file")
        user = user_of(request)
        try:
            with inspection.slot(actor_of(user)):
                kept = intake.keep(file, file.name, figure_columns.LIMITS.look())
            with scoped(user):
                return _received(request, kept, intake.Told(**given))
        except DomainError as refused:
            form.add_error("file", refused.text)
    with scoped(user_of(request)):
        return render(request, "indicators/figures/upload.html", {"form": form})


def _received(request: HttpRequest, kept: InspectedFile, told: intake.Told) -> HttpResponse:
    user = user_of(request)
    received = intake.receive_publication(kept, told, by=user, now=timezone.now())
    publication = received.publication
    if not received.is_new:
        messages.info(request, _("This file was received before. This is its page."))
    if received.lacks is not None:
        return redirect("indicators:publication-columns", publication.pk)
    if received.is_to_be_read:
        intake.enqueue_reading(publication, by=user)
    return redirect("indicators:publication", publication.pk)


@require_safe
@requires(MANAGE)
def publication_list(request: HttpRequest) -> HttpResponse:
    """Every publication, the latest first."""
    page = read_page(Publication.objects.all(), NEWEST_FIRST, request.GET)
    return render(request, "indicators/figures/publications.html", {"page": page})


@require_safe
@requires(MANAGE)
def publication_page(request: HttpRequest, publication_id: int) -> HttpResponse:
    """A publication: its progress, then what became of its rows and what a planner answers."""
    publication = get_object_or_404(Publication, pk=publication_id)
    context = _watched(publication)
    if not context["is_being_read"]:
        context |= figure_pages.watch_context(publication)
    return render(request, "indicators/figures/publication.html", context)


@require_safe
@requires(MANAGE)
def publication_progress(request: HttpRequest, publication_id: int) -> HttpResponse:
    """The fragment that the page polls; at the end it makes the page reload."""
    context = _watched(get_object_or_404(Publication, pk=publication_id))
    answer = render(request, "indicators/figures/_progress.html", context)
    return polling.reloading(answer, context["job"])


def _watched(publication: Publication) -> dict[str, Any]:
    job = intake.job_of(publication)
    return {
        "publication": publication,
        "is_being_read": job is not None and not job.is_finished,
        "lacks": intake.lacking(publication),
        "poll": reverse("indicators:publication-progress", args=[publication.pk]),
        **polling.watched(job, timezone.now()),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@requires(MANAGE)
@transaction.non_atomic_requests  # a foreign file is looked at between two transactions
def publication_columns(request: HttpRequest, publication_id: int) -> HttpResponse:
    """Our columns beside those of the file, and the indicator of each column of figures."""
    with scoped(user_of(request)):
        publication = get_object_or_404(Publication, pk=publication_id)
    wrong, places, figures = "", None, None
    if request.method == "POST":
        form = ColumnsForm(request.POST)
        width = len(publication.header)
        places, figures = form.places(width), form.figures(width)
        wrong = figure_pages.taken_twice(places, figures, publication.header)
        if not wrong:
            try:
                with scoped(user_of(request)):
                    user = user_of(request)
                    publication = intake.choose_columns(
                        publication,
                        places,
                        dict(figures),
                        code_system=form.sent["code_system"],
                        by=user,
                    )
                    intake.enqueue_reading(publication, by=user)
                    return redirect("indicators:publication", publication.pk)
            except DomainError as refused:
                wrong = refused.text
    try:
        with inspection.slot(actor_of(user_of(request))):
            seen = figure_pages.peek_of(publication)
    except DomainError as refused:
        messages.warning(request, refused.text)
        return redirect("indicators:publication", publication.pk)
    with scoped(user_of(request)):
        context = {
            "publication": publication,
            "wrong": wrong,
            "found": column_choice.file_columns(seen.header, seen.samples),
            "ours": figure_pages.our_columns(publication, places),
            "figures": figure_pages.figure_columns_of(
                publication, seen.header, seen.samples, figures
            ),
            "indicators": [
                (one.pk, figure_pages.name_of(one))
                for one in Indicator.objects.filter(origin=Indicator.Origin.PUBLISHED)
            ],
            "code_systems": CodeSystem.choices,
        }
        return render(request, "indicators/figures/columns.html", context)


@require_POST
@requires(MANAGE)
def publication_answers(request: HttpRequest, publication_id: int) -> HttpResponse:
    """Store which regions the open rows mean, that they are left out, or are asked again."""
    publication = get_object_or_404(Publication, pk=publication_id)
    answers = AnswersForm(request.POST).answers()
    try:
        done = review.answer_rows(publication, answers, by=user_of(request), now=timezone.now())
    except DomainError as refused:
        messages.warning(request, refused.text)
    else:
        if done.count:
            messages.success(request, _("Answers stored: {n}.").format(n=done.count))
        for one in done.refused:
            messages.warning(request, one.text)
    return redirect("indicators:publication", publication.pk)


@require_POST
@requires(MANAGE)
def publication_accept(request: HttpRequest, publication_id: int) -> HttpResponse:
    """Confirm what is odd about the whole publication."""
    publication = get_object_or_404(Publication, pk=publication_id)
    return _acted(request, publication, lambda user: review.accept_whole(publication, by=user))


@require_POST
@requires(MANAGE)
def publication_finish(request: HttpRequest, publication_id: int) -> HttpResponse:
    """Read it again with all answers, which puts it in force."""
    publication = get_object_or_404(Publication, pk=publication_id)
    return _acted(request, publication, lambda user: review.finish_review(publication, by=user))


@require_POST
@requires(MANAGE)
def publication_again(request: HttpRequest, publication_id: int) -> HttpResponse:
    """Read a publication again whose reading failed."""
    publication = get_object_or_404(Publication, pk=publication_id)
    return _acted(request, publication, lambda user: intake.enqueue_reading(publication, by=user))


@require_POST
@requires(MANAGE)
def publication_discard(request: HttpRequest, publication_id: int) -> HttpResponse:
    """Set a publication aside."""
    publication = get_object_or_404(Publication, pk=publication_id)
    return _acted(request, publication, lambda user: review.discard(publication, by=user))


def _acted(request: HttpRequest, publication: Publication, act: Any) -> HttpResponse:
    try:
        act(user_of(request))
    except DomainError as refused:
        messages.warning(request, refused.text)
    return redirect("indicators:publication", publication.pk)


_ONE = "publications/<int:publication_id>/"
urlpatterns = [
    path("", indicator_list, name="indicators"),
    path("new/", indicator_new, name="indicator-new"),
    path("of/<slug:code>/", indicator_page, name="indicator"),
    path("of/<slug:code>/edit/", indicator_edit, name="indicator-edit"),
    path("releases/<int:release_id>/", release_page, name="release"),
    path("releases/<int:release_id>/in-force/", release_in_force, name="release-in-force"),
    path("upload/", upload, name="upload"),
    path("publications/", publication_list, name="publications"),
    path(_ONE, publication_page, name="publication"),
    path(f"{_ONE}progress/", publication_progress, name="publication-progress"),
    path(f"{_ONE}columns/", publication_columns, name="publication-columns"),
    path(f"{_ONE}answers/", publication_answers, name="publication-answers"),
    path(f"{_ONE}accept/", publication_accept, name="publication-accept"),
    path(f"{_ONE}finish/", publication_finish, name="publication-finish"),
    path(f"{_ONE}again/", publication_again, name="publication-again"),
    path(f"{_ONE}discard/", publication_discard, name="publication-discard"),
]
