"""Pages about the evidence of a file's villages: the list, the upload, the download."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.access import actor_of, scope_of, scoped
from apps.accounts.roles import Permission
from apps.casework import documents
from apps.casework.models import Document
from apps.common.days import DayField
from apps.common.errors import DomainError
from apps.proposals.access.batch_access import batch_of, batch_to_change, may_change
from apps.proposals.models import Batch
from apps.proposals.submitting import village_evidence
from apps.ui.permissions import requires
from apps.ui.requests import user_of

KINDS = [(kind.value, kind.label) for kind in Document.VILLAGE_KINDS]


class EvidenceForm(forms.Form):
    """The data printed on the document, and the document itself."""

    village = forms.CharField(max_length=13)
    kind = forms.ChoiceField(choices=KINDS)
    number = forms.CharField(
        max_length=80,
        error_messages={
            "required": gettext_lazy(
                "The number is missing. Write the number that stands on the document."
            )
        },
    )
    date = DayField(
        error_messages={
            "required": gettext_lazy("The date is missing. Write day-month-year: 31-10-2026.")
        },
    )
    file = forms.FileField(
        error_messages={
            "required": gettext_lazy("No file was chosen. Choose a PDF or a picture."),
            "empty": gettext_lazy("The file is empty (0 bytes). Save it again and choose it."),
        }
    )


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.VIEW_BATCH, to_send=(Permission.UPLOAD_BATCH,))
@transaction.non_atomic_requests  # a picture is re-encoded between two transactions
def evidence(request: HttpRequest, batch_id: int) -> HttpResponse:
    """The villages with ready rows, and the form for one of them (`?village=`)."""
    user = user_of(request)
    with scoped(user):
        batch = (batch_to_change if request.method == "POST" else batch_of)(request, batch_id)
    form = EvidenceForm(request.POST, request.FILES) if request.method == "POST" else EvidenceForm()
    wrong: dict[str, str] = {}
    if request.method == "POST":
        form.is_valid()
        wrong = {name: str(errors[0]) for name, errors in form.errors.items()}
        if not wrong:
            try:
                return _keep(request, batch.pk, form.cleaned_data)
            except DomainError as refused:
                wrong = {_field_of(refused): refused.text}
    with scoped(user):
        return _page(request, batch, form, wrong)


def _page(
    request: HttpRequest, batch: Batch, form: EvidenceForm, wrong: dict[str, str]
) -> HttpResponse:
    user = user_of(request)
    villages = village_evidence.villages(batch, user, timezone.now())
    asked = form.data.get("village") or request.GET.get("village", "")
    return render(
        request,
        "proposals/submitting/evidence.html",
        {
            "batch": batch,
            "villages": villages,
            "sentence": village_evidence.sentence(villages),
            "cycle": documents.cycle_at(timezone.localdate()),
            "chosen": next((one for one in villages if one.code == asked), None),
            "kinds": KINDS,
            "given": form.data,
            "wrong": wrong,
            "may": may_change(request, batch),
        },
    )


def _keep(request: HttpRequest, batch_id: int, given: dict[str, Any]) -> HttpResponse:
    user = user_of(request)
    file, name = given["file"], given["file"].name
    prepared = documents.prepare(file, name, who=actor_of(user))
    with scoped(user):
        document = documents.receive(
            region_code=given["village"],
            kind=given["kind"],
            number=given["number"],
            date=given["date"],
            file=prepared,
            file_name=name,
            by=user,
            now=timezone.now(),
        )
        messages.info(
            request,
            _("{document} of {village} is stored; it counts for every file of this cycle.").format(
                document=document, village=document.region.name
            ),
        )
    return redirect("proposals:batch-evidence", batch_id)


def _field_of(refused: DomainError) -> str:
    return {"document_date": "date", "document_number": "number"}.get(refused.code, "file")


@require_safe
@requires(Permission.VIEW_BATCH)
def document(request: HttpRequest, batch_id: int, document_id: int) -> HttpResponseBase:
    """The stored document, as a download; with `?show=1` a picture is shown in its page.

    The access is recorded in the audit trail.
    """
    batch_of(request, batch_id)
    user = user_of(request)
    seen = Document.objects.of_villages().within(scope_of(user, Permission.VIEW_BATCH))
    found = get_object_or_404(seen, pk=document_id)
    path_ = documents.open_document(found, user)
    answer = FileResponse(
        path_.open("rb"),
        as_attachment=not (request.GET.get("show") == "1" and found.is_picture),
        filename=f"{found.region_id}-{found.kind}{path_.suffix}",
        content_type=found.media_type,
    )
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


urlpatterns = [
    path("batches/<int:batch_id>/evidence/", evidence, name="batch-evidence"),
    path("batches/<int:batch_id>/evidence/<int:document_id>/", document, name="batch-document"),
]
