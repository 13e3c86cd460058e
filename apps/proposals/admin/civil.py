"""Asking the civil register about all rows of a filter, and the progress of that job."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.jobs import polling
from apps.jobs.models import Job
from apps.proposals.civil import civil_check
from apps.proposals.review import presentation
from apps.proposals.selection import Selection
from apps.ui.forms import Choice, SentForm
from apps.ui.fragments import is_fragment
from apps.ui.permissions import requires
from apps.ui.requests import user_of

# The pages with the button; after the request they are shown again.
BACK = {
    "bulk": "admin:proposals_proposal_bulk",
    "determine": "admin:proposals_decree_determine",
    "list": "admin:proposals_proposal_changelist",
}


class BackForm(SentForm):
    back = Choice(BACK)


class CivilPages:
    """The civil register's pages of the proposals' admin."""

    page: Any
    render: Any
    selected: Any
    _name: Any

    def civil_urls(self) -> list[URLPattern]:
        return [
            self.page("civil/", self.civil_view, "civil"),
            self.page("civil/<int:job_id>/", self.civil_job_view, "civil_job"),
        ]

    @method_decorator([require_POST, requires(*presentation.MAY_REQUEST_CIVIL_CHECK)])
    def civil_view(self, request: HttpRequest) -> HttpResponse:
        """Enqueue the requests for all rows of the filter; `back` names the page with the
        button.
        """
        job = civil_check.enqueue_check(
            selection=Selection.from_params(request.GET), by=user_of(request), now=timezone.now()
        )
        address = reverse(f"admin:{self._name('civil_job')}", args=[job.pk])
        back = BackForm(request.POST).sent["back"]
        return redirect(f"{address}?back={back}" if back else address)

    @method_decorator(require_safe)
    def civil_job_view(self, request: HttpRequest, job_id: int) -> HttpResponse:
        """The progress of one's own question; for the polling page only the fragment."""
        job = Job.objects.filter(
            pk=job_id, kind=civil_check.CHECK_CIVIL, parameters__user=user_of(request).pk
        ).first()
        if job is None:
            raise Http404
        selection = Selection.from_params(job.parameters["selection"])
        rows = selection.apply(presentation.visible(user_of(request))).filter(
            status__in=civil_check.CHECKED
        )
        is_part = is_fragment(request)
        back = request.GET.get("back", "list")
        return self.render(
            request,
            "proposals/admin/_civil_job.html" if is_part else "proposals/admin/civil_job.html",
            title=_("Check against the civil register"),
            **polling.watched(job, timezone.now()),
            poll=request.get_full_path(),
            counts=civil_check.counts(rows).items(),
            back=_address_of(back, selection),
        )


def _address_of(back: str, selection: Selection) -> str:
    """The address of the page with the button, with the same filter."""
    query = selection.params()
    if back == "bulk":
        query |= {"step": "accept"}
    elif back == "determine":
        query = {"region": selection.region} if selection.region else {}
    address = reverse(BACK.get(back, BACK["list"]))
    return f"{address}?{urlencode(query)}" if query else address
