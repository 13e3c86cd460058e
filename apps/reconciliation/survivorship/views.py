"""Pages of survivorship: the sources' ranks by field; locks of a person's fields."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.access import scope_of
from apps.accounts.roles import Permission
from apps.common.errors import DomainError
from apps.jobs.models import Job
from apps.reconciliation.models import Authority, Source
from apps.reconciliation.survivorship import field_rules, person_sources
from apps.reconciliation.survivorship.forms import ChoiceForm, LockForm
from apps.registry.models import Person
from apps.ui.permissions import requires
from apps.ui.requests import user_of


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.RESOLVE_CONFLICT)
def page(request: HttpRequest) -> HttpResponse:
    """Priorities by field, the switches, and values to be taken over without a question."""
    if request.method == "POST":
        try:
            _apply_choice(request)
        except DomainError as refused:
            messages.error(request, refused.text)
        return redirect("reconciliation:survivorship")
    rows = Authority.objects.select_related("source").order_by("field", "rank", "source")
    found = list(rows)
    first = {row.field: row.rank for row in reversed(found)}
    switched = {row.source for row in found if row.is_automatic}
    return render(
        request,
        "reconciliation/survivorship/survivorship.html",
        {
            "authorities": [
                (
                    row,
                    person_sources.label_of(row.field),
                    row.field in field_rules.AUTOMATIC and row.rank == first[row.field],
                )
                for row in found
            ],
            "proposed": [_proposed(source) for source in sorted(switched, key=str)],
        },
    )


def _proposed(source: Source) -> tuple[Source, list[tuple[str, int]], int, Job | None]:
    found = field_rules.propose(source)
    fields = [(person_sources.label_of(one.field), one.count) for one in found]
    return source, fields, sum(one.count for one in found), field_rules.last_job(source)


def _apply_choice(request: HttpRequest) -> None:
    """Switch a field, or take over the proposed values; any other input does nothing."""
    given, user = ChoiceForm(request.POST).sent, user_of(request)
    step = given["step"]
    if step in ("on", "off"):
        authority = get_object_or_404(Authority, pk=given["authority"])
        field_rules.switch(authority=authority, is_on=step == "on", by=user)
    elif step == "take":
        source = get_object_or_404(Source, pk=given["source"])
        with transaction.atomic():
            field_rules.enqueue_take_over(
                source=source,
                expected=given["expected"],
                by=user,
            )
        messages.success(request, _("The values are being written; this page may be closed."))


@require_POST
@requires(Permission.RESOLVE_CONFLICT)
def lock(request: HttpRequest, person_id: int) -> HttpResponse:
    """Lock a field: no source changes it."""
    return _locked(request, person_id, field_rules.lock, _("The field is locked."))


@require_POST
@requires(Permission.RESOLVE_CONFLICT)
def unlock(request: HttpRequest, person_id: int) -> HttpResponse:
    """Unlock a field: sources may change it again."""
    return _locked(request, person_id, field_rules.unlock, _("The lock is lifted."))


def _locked(request: HttpRequest, person_id: int, act: Any, said: str) -> HttpResponse:
    scope = scope_of(user_of(request), Permission.RESOLVE_CONFLICT)
    person = get_object_or_404(Person.objects.within(scope), pk=person_id)
    try:
        act(
            person=person,
            **LockForm(request.POST).sent,
            by=user_of(request),
            now=timezone.now(),
        )
    except DomainError as refused:
        messages.error(request, refused.text)
    else:
        messages.success(request, said)
    return redirect("admin:registry_person_change", person.pk)


urlpatterns = [
    path("survivorship/", page, name="survivorship"),
    path("persons/<int:person_id>/lock/", lock, name="person-lock"),
    path("persons/<int:person_id>/unlock/", unlock, name="person-unlock"),
]
