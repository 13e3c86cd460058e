"""Pages about the evidence of a file's villages: the list, the upload, the download."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.access import actor_of, scope_of, scoped
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.casework import documents
from apps.casework.models import Document
from apps.common.errors import DomainError
from apps.common.text.days import DayField
from apps.proposals.access.batch_access import batch_of, batch_to_change, may_change
from apps.proposals.models import Batch
from apps.proposals.submitting import paper_files, village_evidence
from apps.ui.forms import Choice, Pressed, SentForm
from apps.ui.permissions import requires
from apps.ui.requests import user_of

MOST_NAMED = 5
# Documents that one request brings; its body is limited, too.
MOST_DOCUMENTS = 20
KINDS = [(kind.value, kind.label) for kind in Document.VILLAGE_KINDS]


class DocumentForm(forms.Form):
    """The data printed on one document, and the document itself."""

    number = forms.CharField(
        max_length=80,
        error_messages={
            "required": gettext_lazy("The number is missing. Write the number on the document.")
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


class SeveralForm(SentForm):
    """Whether one document for each of several villages is sent, and of which kind they are."""

    several = Pressed()
    kind = Choice((value for value, _label in KINDS), initial=Document.Kind.MINUTES.value)


class VillagesField(forms.MultipleChoiceField):
    """Codes of villages; whether they are the sender's is decided where documents are received."""

    def valid_value(self, value: str) -> bool:
        return True


class EvidenceForm(DocumentForm):
    """One document, and the villages that it is about."""

    kind = forms.ChoiceField(choices=KINDS)
    village = VillagesField(
        error_messages={"required": gettext_lazy("No village was chosen. Choose one or more.")}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.VIEW_BATCH, to_send=(Permission.UPLOAD_BATCH,))
@transaction.non_atomic_requests  # a picture is re-encoded between two transactions
def evidence(request: HttpRequest, batch_id: int) -> HttpResponse:
    """The villages with ready rows, and the forms: one document for one village (`?village=`) or
    several, or one document for each of several villages (`?several=1`).
    """
    user = user_of(request)
    with scoped(user):
        batch = (batch_to_change if request.method == "POST" else batch_of)(request, batch_id)
        codes = [one.code for one in village_evidence.villages(batch, user, timezone.now())]
    if request.method != "POST":
        with scoped(user):
            return _page(request, batch, EvidenceForm(), {})
    if SeveralForm(request.POST).sent["several"]:
        return _keep_several(request, batch, codes)
    form = EvidenceForm(request.POST, request.FILES)
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
    request: HttpRequest,
    batch: Batch,
    form: forms.Form,
    wrong: dict[str, str],
    faults: dict[str, dict[str, str]] | None = None,
) -> HttpResponse:
    """`faults` are those of several documents, by village and field."""
    user = user_of(request)
    villages = village_evidence.villages(batch, user, timezone.now())
    sent: Any = form.data
    asked = sent.getlist("village") if hasattr(sent, "getlist") else []
    asked = asked or request.GET.getlist("village")
    lacking = [one.code for one in villages if one.document is None]
    return render(
        request,
        "proposals/submitting/evidence.html",
        {
            "batch": batch,
            "villages": villages,
            "sentence": village_evidence.sentence(villages),
            "cycle": documents.cycle_at(timezone.localdate()),
            "chosen": [one for one in villages if one.code in asked],
            "lacking": lacking,
            "kinds": KINDS,
            "given": form.data,
            "wrong": wrong,
            "document_lines": _document_lines(request, villages, faults or {})
            if faults or request.GET.get("several")
            else [],
            "may": may_change(request, batch),
        },
    )


def _keep(request: HttpRequest, batch_id: int, given: dict[str, Any]) -> HttpResponse:
    """Store one document for all its villages, or for none of them."""
    user = user_of(request)
    file, name = given["file"], given["file"].name
    prepared = documents.prepare(file, name, who=actor_of(user))
    with scoped(user):
        stored = [
            _received(user, code, given["kind"], given, prepared, name) for code in given["village"]
        ]
        names = ", ".join(document.region.name for document in stored[:MOST_NAMED])
        if len(stored) > MOST_NAMED:
            names += " …"
        text = _("{document} of {village} is stored; it counts for every file of this cycle.")
        messages.info(request, text.format(document=stored[0], village=names))
    return redirect("proposals:batch-evidence", batch_id)


def _keep_several(request: HttpRequest, batch: Batch, codes: Sequence[str]) -> HttpResponse:
    """Store a document for each village that has one here; those with a fault are told."""
    user, kind = user_of(request), SeveralForm(request.POST).sent["kind"]
    faults: dict[str, dict[str, str]] = {}
    count = 0
    for code in codes:
        form = DocumentForm(request.POST, request.FILES, prefix=code)
        if not form.has_changed():
            continue
        if not form.is_valid():
            faults[code] = {name: str(errors[0]) for name, errors in form.errors.items()}
            continue
        file = form.cleaned_data["file"]
        try:
            prepared = documents.prepare(file, file.name, who=actor_of(user))
            with scoped(user):
                _received(user, code, kind, form.cleaned_data, prepared, file.name)
        except DomainError as refused:
            faults[code] = {_field_of(refused): refused.text}
        else:
            count += 1
    wrong = {
        f"{code}-{name}": text for code, found in faults.items() for name, text in found.items()
    }
    if not count and not wrong:
        wrong = {"several": _("No document was chosen. Choose one for each village that has one.")}
    with scoped(user):
        if count:
            text = ngettext("{count} document is stored.", "{count} documents are stored.", count)
            messages.info(request, text.format(count=number_format(count)))
        if not wrong:
            return redirect("proposals:batch-evidence", batch.pk)
        return _page(request, batch, EvidenceForm(request.POST), wrong, faults or {"": {}})


def _received(
    user: User, code: str, kind: str, given: dict[str, Any], prepared: Any, name: str
) -> Document:
    return documents.receive(
        region_code=code,
        kind=kind,
        number=given["number"],
        date=given["date"],
        file=prepared,
        file_name=name,
        by=user,
        now=timezone.now(),
    )


def _document_lines(
    request: HttpRequest,
    villages: Sequence[village_evidence.Village],
    faults: dict[str, dict[str, str]],
) -> list[dict[str, Any]]:
    """One line of the form for each village without evidence, or with a faulty document."""
    return [
        {
            "village": one,
            "number": typed["number"].value() or "",
            "date": typed["date"].value() or "",
            "wrong": faults.get(one.code, {}),
        }
        for one in villages
        if one.document is None or one.code in faults
        for typed in [DocumentForm(request.POST or None, prefix=one.code)]
    ][:MOST_DOCUMENTS]


def _field_of(refused: DomainError) -> str:
    return {"document_date": "date", "document_number": "number"}.get(refused.code, "file")


@require_safe
@requires(Permission.VIEW_BATCH)
@transaction.non_atomic_requests  # the pages of a PDF are drawn after the transaction
def document(request: HttpRequest, batch_id: int, document_id: int) -> HttpResponseBase:
    """The stored document, as a download; with `?show=1` it is shown in its page.

    The access is recorded in the audit trail.
    """
    user = user_of(request)
    with scoped(user):
        batch_of(request, batch_id)
        seen = Document.objects.of_villages().within(scope_of(user, Permission.VIEW_BATCH))
        found = get_object_or_404(seen, pk=document_id)
        file = documents.open_document(found, user).open("rb")
    return paper_files.answer(request, found, file, f"{found.region_id}-{found.kind}")


urlpatterns = [
    path("batches/<int:batch_id>/evidence/", evidence, name="batch-evidence"),
    path("batches/<int:batch_id>/evidence/<int:document_id>/", document, name="batch-document"),
]
