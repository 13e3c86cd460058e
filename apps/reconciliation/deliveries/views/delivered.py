"""Pages of deliveries: upload, progress, profile, matching the columns."""

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

from apps.accounts.access import actor_of, may, scope_of, scoped
from apps.accounts.roles import Permission
from apps.audit import record
from apps.audit.models import Action
from apps.common import tabular
from apps.common.errors import DomainError
from apps.common.files import inspection
from apps.imports import column_choice
from apps.jobs import polling, work
from apps.reconciliation.deliveries import columns, dataset_pages, datasets, loading, reverting
from apps.reconciliation.deliveries.forms import ColumnsForm
from apps.reconciliation.deliveries.source_forms import DatasetForm
from apps.reconciliation.models import OWN_SOURCES, Dataset, Source
from apps.reconciliation.states import DatasetStatus
from apps.regions.models import CodeSystem
from apps.ui.permissions import requires
from apps.ui.requests import user_of


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.MANAGE_SOURCE)
@transaction.non_atomic_requests  # a foreign file is looked at between two transactions
def dataset_upload(request: HttpRequest, code: str) -> HttpResponse:
    """Upload a delivery of a source."""
    with scoped(user_of(request)):
        source = get_object_or_404(Source.objects.exclude(pk__in=OWN_SOURCES), pk=code)
    is_sent = request.method == "POST"
    form = DatasetForm(
        request.POST if is_sent else None,
        request.FILES if is_sent else None,
        initial={"code_system": source.code_system},
    )
    if is_sent and form.is_valid():
        given = dict(form.cleaned_data)
        file = given.pop("file")
        user = user_of(request)
        try:
            with inspection.slot(actor_of(user)):
                kept = datasets.keep(file, file.name, tabular.DATASET_FILE.look())
            with scoped(user):
                now = timezone.now()
                received = datasets.enqueue_loading(
                    kept=kept, source=source, by=user, now=now, **given
                )
                return _received(request, received)
        except DomainError as refused:
            form.add_error("file", refused.text)
    with scoped(user_of(request)):
        shown = {"source": source, "form": form}
        return render(request, "reconciliation/deliveries/dataset_upload.html", shown)


def _received(request: HttpRequest, received: datasets.Received) -> HttpResponse:
    dataset = received.dataset
    if not received.is_new:
        messages.info(request, dataset_pages.known_already(dataset))
    if (
        dataset.must_match
        or columns.missing(dataset.mapping)
        or dataset.status == DatasetStatus.TAKEN_BACK
    ):
        return redirect("reconciliation:dataset-columns", dataset.pk)
    return redirect("reconciliation:dataset", dataset.pk)


@require_safe
@requires(Permission.VIEW_RUN)
def dataset_page(request: HttpRequest, dataset_id: int) -> HttpResponse:
    """The delivery's progress while it is loaded; after that its profile."""
    dataset = dataset_of(request, dataset_id)
    context = _watched(request, dataset)
    if dataset.status == DatasetStatus.LOADED and not context["is_undoing"]:
        context |= {"told": dataset_pages.describe_dataset(dataset)}
        if context["may_manage"] and dataset.file_name:
            context |= dataset_pages.taking_back_of(dataset)
    return render(request, "reconciliation/deliveries/dataset.html", context)


@require_safe
@requires(Permission.VIEW_RUN)
def dataset_progress(request: HttpRequest, dataset_id: int) -> HttpResponse:
    """The fragment that the page polls; at the end it makes the page reload."""
    context = _watched(request, dataset_of(request, dataset_id))
    answer = render(request, "reconciliation/deliveries/_dataset_progress.html", context)
    return polling.reloading(answer, context["job"])


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.MANAGE_SOURCE)
@transaction.non_atomic_requests  # a foreign file is looked at between two transactions
def dataset_columns(request: HttpRequest, dataset_id: int) -> HttpResponse:
    """Our columns beside those of the file, with their first values; POST loads it again."""
    wrong, given, form = "", None, ColumnsForm(request.POST)
    with scoped(user_of(request)):
        dataset = dataset_of(request, dataset_id, Permission.MANAGE_SOURCE)
        if request.method == "POST":
            given = form.chosen(len(dataset.header))
            lacking = columns.missing(name for name, where in given.items() if where != "")
            if lacking:
                labels = ", ".join(dataset_pages.label(name) for name in lacking)
                wrong = _("Still without a column: {names}.").format(names=labels)
            elif twice := dataset_pages.taken_twice(given, dataset):
                wrong = twice
            else:
                try:
                    return _load_again(request, dataset, given, form)
                except DomainError as refused:
                    wrong = refused.text
    try:
        with inspection.slot(actor_of(user_of(request))):
            seen = loading.peek(dataset, tabular.DATASET_FILE.look())
    except DomainError as refused:
        messages.warning(request, refused.text)
        return redirect("reconciliation:dataset", dataset.pk)
    with scoped(user_of(request)):
        return _columns_page(request, dataset, seen, given, wrong)


def _columns_page(
    request: HttpRequest,
    dataset: Dataset,
    seen: tabular.Peek,
    given: dict[str, str] | None,
    wrong: str,
) -> HttpResponse:
    record.entry(Action.READ, about=dataset, what="first_rows")
    return render(
        request,
        "reconciliation/deliveries/dataset_columns.html",
        {
            "dataset": dataset,
            "wrong": wrong,
            "found": column_choice.file_columns(seen.header, seen.samples),
            "ours": dataset_pages.our_columns(dataset, given, seen),
            "code_systems": CodeSystem.choices,
            "code_system": ColumnsForm(request.POST).sent["code_system"] or dataset.code_system,
            "is_loaded": dataset.status == DatasetStatus.LOADED,
        },
    )


def _load_again(
    request: HttpRequest, dataset: Dataset, given: dict[str, str], form: ColumnsForm
) -> HttpResponse:
    datasets.resume(
        dataset=dataset,
        by=user_of(request),
        now=timezone.now(),
        mapping=given,
        code_system=form.sent["code_system"],
    )
    return redirect("reconciliation:dataset", dataset.pk)


@require_POST
@requires(Permission.MANAGE_SOURCE)
def dataset_resume(request: HttpRequest, dataset_id: int) -> HttpResponse:
    dataset = dataset_of(request, dataset_id, Permission.MANAGE_SOURCE)
    try:
        datasets.resume(dataset=dataset, by=user_of(request), now=timezone.now())
    except DomainError as refused:
        messages.warning(request, refused.text)
    return redirect("reconciliation:dataset", dataset.pk)


@require_POST
@requires(Permission.MANAGE_SOURCE)
def dataset_cancel(request: HttpRequest, dataset_id: int) -> HttpResponse:
    dataset = dataset_of(request, dataset_id, Permission.MANAGE_SOURCE)
    job = dataset_pages.job_of(dataset)
    if job is None or not work.cancel(job):
        messages.info(request, _("There was nothing to cancel: the loading has ended."))
    else:
        messages.info(request, _("The loading stops. The file stays and can be loaded again."))
    return redirect("reconciliation:dataset", dataset.pk)


@require_POST
@requires(Permission.MANAGE_SOURCE)
def dataset_take_back(request: HttpRequest, dataset_id: int) -> HttpResponse:
    """Undo the loading of a delivery whose columns were matched wrongly."""
    dataset = dataset_of(request, dataset_id, Permission.MANAGE_SOURCE)
    try:
        reverting.enqueue_revert(dataset=dataset, by=user_of(request), now=timezone.now())
    except DomainError as refused:
        messages.warning(request, refused.text)
    return redirect("reconciliation:dataset", dataset.pk)


def dataset_of(
    request: HttpRequest, dataset_id: int, permission: Permission = Permission.VIEW_RUN
) -> Dataset:
    """The dataset, for users who see the whole country. Raises: Http404 for others."""
    seen = Dataset.objects.within(scope_of(user_of(request), permission))
    return get_object_or_404(seen.select_related("source", "user"), pk=dataset_id)


def _watched(request: HttpRequest, dataset: Dataset) -> dict[str, Any]:
    undoing = reverting.job_of(dataset, unfinished=True)
    job = undoing or dataset_pages.job_of(dataset)
    return {
        "is_undoing": undoing is not None,
        "dataset": dataset,
        "may_manage": may(user_of(request), Permission.MANAGE_SOURCE),
        "poll": reverse("reconciliation:dataset-progress", args=[dataset.pk]),
        "may_run": may(user_of(request), Permission.RUN_LINKAGE),
        **dataset_pages.watched(job, timezone.now()),
    }


urlpatterns = [
    path("sources/<str:code>/upload/", dataset_upload, name="dataset-upload"),
    path("datasets/<int:dataset_id>/", dataset_page, name="dataset"),
    path("datasets/<int:dataset_id>/progress/", dataset_progress, name="dataset-progress"),
    path("datasets/<int:dataset_id>/columns/", dataset_columns, name="dataset-columns"),
    path("datasets/<int:dataset_id>/resume/", dataset_resume, name="dataset-resume"),
    path("datasets/<int:dataset_id>/cancel/", dataset_cancel, name="dataset-cancel"),
    path("datasets/<int:dataset_id>/take-back/", dataset_take_back, name="dataset-take-back"),
]
