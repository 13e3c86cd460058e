"""Pages of sources: the list, one source with its deliveries, and its form."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.access import may, scope_of
from apps.accounts.roles import Permission
from apps.common.errors import DomainError
from apps.reconciliation.deliveries import sources
from apps.reconciliation.deliveries.source_forms import NewSourceForm, SourceForm
from apps.reconciliation.models import REGISTER, Dataset, Source
from apps.ui.permissions import requires
from apps.ui.requests import user_of

DELIVERIES = 20


@require_safe
@requires(Permission.VIEW_RUN, Permission.MANAGE_SOURCE)
def source_list(request: HttpRequest) -> HttpResponse:
    """Every source with its last delivery."""
    rows = Source.objects.order_by("is_draft", "name", "code")
    seen = Dataset.objects.within(scope_of(user_of(request), Permission.VIEW_RUN)).defer("profile")
    latest = seen.order_by("source_id", "-number").distinct("source_id")
    last = {dataset.source_id: dataset for dataset in latest}
    return render(
        request,
        "reconciliation/deliveries/sources.html",
        {
            "rows": [(source, last.get(source.pk)) for source in rows],
            "may_manage": may_manage(request),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@requires(*(Permission.VIEW_RUN, Permission.MANAGE_SOURCE), to_send=(Permission.MANAGE_SOURCE,))
def source_page(request: HttpRequest, code: str) -> HttpResponse:
    """One source; users who manage sources change it here."""
    source = get_object_or_404(Source, pk=code)
    may_change = may_manage(request)
    form = SourceForm(request.POST if request.method == "POST" else None, instance=source)
    if request.method == "POST" and form.is_valid():
        sources.edit(
            source=source, values=form.values, authorities=form.authorities, by=user_of(request)
        )
        messages.success(request, _("Saved."))
        return redirect("reconciliation:source", source.pk)
    known = Dataset.objects.within(scope_of(user_of(request), Permission.VIEW_RUN))
    return render(
        request,
        "reconciliation/deliveries/source.html",
        {
            "source": Source.objects.get(pk=code),
            "form": form,
            "may_manage": may_change,
            "is_register": source.pk == REGISTER,
            "ranks": sources.ranked_fields(source),
            "deliveries": known.filter(source=source)
            .defer("profile")
            .order_by("-number")[:DELIVERIES],
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.MANAGE_SOURCE)
def source_new(request: HttpRequest) -> HttpResponse:
    """Create a draft with code, name and kind; the rest is entered on its page."""
    form = NewSourceForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        try:
            source = sources.create(code=given.pop("code"), values=given, by=user_of(request))
            return redirect("reconciliation:source", source.pk)
        except DomainError as refused:
            form.add_error("code", refused.text)
    return render(request, "reconciliation/deliveries/source_new.html", {"form": form})


@require_POST
@requires(Permission.MANAGE_SOURCE)
def source_activate(request: HttpRequest, code: str) -> HttpResponse:
    source = get_object_or_404(Source, pk=code)
    try:
        sources.activate(source=source, by=user_of(request))
        messages.success(request, _("{name} counts from now on.").format(name=source))
    except DomainError as refused:
        messages.warning(request, refused.text)
    return redirect("reconciliation:source", source.pk)


def may_manage(request: HttpRequest) -> bool:
    return may(user_of(request), Permission.MANAGE_SOURCE)


urlpatterns = [
    path("sources/", source_list, name="sources"),
    path("sources/new/", source_new, name="source-new"),
    path("sources/<str:code>/", source_page, name="source"),
    path("sources/<str:code>/activate/", source_activate, name="source-activate"),
]
