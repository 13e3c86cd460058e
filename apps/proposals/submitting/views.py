"""Pages about the evidence of a file's villages: the list, the upload, the download."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.access import actor_of, scope_of, scoped
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.casework import documents
from apps.casework.models import Cycle, Document
from apps.common.errors import DomainError
from apps.common.http import integer
from apps.proposals.access.batch_access import batch_of, batch_to_change, may_change
from apps.proposals.models import Batch
from apps.proposals.submitting import paper_files, village_evidence
from apps.proposals.submitting.forms import (
    KINDS,
    DocumentForm,
    EvidenceForm,
    SeveralForm,
    faults_of,
    field_of,
)
from apps.ui.permissions import requires
from apps.ui.requests import user_of

MOST_NAMED = 5
# Documents that one request brings; its body is limited, too.
MOST_DOCUMENTS = 20


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.VIEW_BATCH, to_send=(Permission.UPLOAD_BATCH,))
@transaction.non_atomic_requests  # a picture is re-encoded between two transactions
def evidence(request: HttpRequest, batch_id: int) -> HttpResponse:
    """The villages whose rows need evidence of one cycle (`?cycle=`), and the forms: one document
    for one village (`?village=`) or several, or one for each of several villages (`?several=1`,
    `&after=` the village with this code).
    """
    user = user_of(request)
    with scoped(user):
        batch = (batch_to_change if request.method == "POST" else batch_of)(request, batch_id)
        asked = _asked(request, batch)
        if request.method != "POST":
            return _page(request, asked, EvidenceForm(), {})
    if SeveralForm(request.POST).sent["several"]:
        return _keep_several(request, asked)
    form = EvidenceForm(request.POST, request.FILES)
    form.is_valid()
    wrong = faults_of(form)
    if not wrong:
        try:
            return _keep(request, asked, form.cleaned_data)
        except DomainError as refused:
            wrong = {field_of(refused): refused.text}
    with scoped(user):
        return _page(request, asked, form, wrong)


@dataclass(frozen=True)
class Asked:
    """The batch of a page, the cycle that its evidence is for, and those that it may be for."""

    batch: Batch
    cycle: Cycle | None
    cycles: list[Cycle | None]

    @property
    def address(self) -> str:
        page = reverse("proposals:batch-evidence", args=[self.batch.pk])
        return f"{page}?cycle={key_of(self.cycle)}"


def key_of(cycle: Cycle | None) -> int:
    """The number of a cycle in an address; 0 where none is planned."""
    return cycle.pk if cycle else 0


def _asked(request: HttpRequest, batch: Batch) -> Asked:
    """The cycle of the address if it is one of the batch's, else the first of these."""
    known = village_evidence.cycles(batch, user_of(request), timezone.now())
    wanted = integer(request.GET.get("cycle"))
    found = [one for one in known if key_of(one) == wanted]
    return Asked(batch, (found or known)[0], known)


def _page(
    request: HttpRequest,
    asked: Asked,
    form: forms.Form,
    wrong: dict[str, str],
    faults: dict[str, dict[str, str]] | None = None,
) -> HttpResponse:
    """`faults` are those of several documents, by village and field."""
    villages = _villages(request, asked)
    sent: Any = form.data
    chosen = sent.getlist("village") if hasattr(sent, "getlist") else []
    chosen = chosen or request.GET.getlist("village")
    is_several = bool(faults or request.GET.get("several"))
    return render(
        request,
        "proposals/submitting/evidence.html",
        {
            "batch": asked.batch,
            "villages": villages,
            "sentence": village_evidence.sentence(villages),
            "unproved": village_evidence.unproved_sentence(villages),
            "is_complete": not any(one.is_lacking for one in villages),
            "cycle": asked.cycle,
            "cycle_key": key_of(asked.cycle),
            "other_cycles": [
                (key_of(one), one) for one in asked.cycles if key_of(one) != key_of(asked.cycle)
            ],
            "is_of_sent": any(one.sent for one in villages),
            "chosen": [one for one in villages if one.code in chosen],
            "lacking": [one.code for one in villages if _needs_document(one)],
            "kinds": KINDS,
            "given": form.data,
            "wrong": wrong,
            "may": may_change(request, asked.batch),
            **(_several_context(request, villages, faults or {}) if is_several else {}),
        },
    )


def _villages(request: HttpRequest, asked: Asked) -> list[village_evidence.Village]:
    user = user_of(request)
    return village_evidence.villages_of(asked.batch, user, timezone.now(), asked.cycle)


def _needs_document(village: village_evidence.Village) -> bool:
    return village.document is None or village.is_lacking


def _keep(request: HttpRequest, asked: Asked, given: dict[str, Any]) -> HttpResponse:
    """Store one document for all its villages, or for none of them."""
    user = user_of(request)
    file, name = given["file"], given["file"].name
    prepared = documents.prepare(file, name, who=actor_of(user))
    with scoped(user):
        stored = [
            _received(user, code, asked.cycle, given["kind"], given, prepared, name)
            for code in sorted(given["village"])  # each takes the lock of its village
        ]
        names = ", ".join(document.region.name for document in stored[:MOST_NAMED])
        if len(stored) > MOST_NAMED:
            names += " …"
        messages.info(request, stored_words(stored[0], names))
    return redirect(asked.address)


def stored_words(document: Document, villages: str) -> str:
    """What was stored, for which villages and which cycle."""
    if document.cycle is None:
        text = _("{document} of {village} is stored; it counts for every file.")
        return text.format(document=document, village=villages)
    text = _("{document} of {village} is stored; it counts for every file of cycle {cycle}.")
    return text.format(document=document, village=villages, cycle=document.cycle)


def _keep_several(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Store a document for each village that has one here; those with a fault are told."""
    user, kind = user_of(request), SeveralForm(request.POST).sent["kind"]
    with scoped(user):
        codes = [one.code for one in _villages(request, asked)]
    faults: dict[str, dict[str, str]] = {}
    count = 0
    for code in codes:
        form = DocumentForm(request.POST, request.FILES, prefix=code)
        if not form.has_changed():
            continue
        if not form.is_valid():
            faults[code] = faults_of(form)
            continue
        file = form.cleaned_data["file"]
        try:
            prepared = documents.prepare(file, file.name, who=actor_of(user))
            with scoped(user):
                _received(user, code, asked.cycle, kind, form.cleaned_data, prepared, file.name)
        except DomainError as refused:
            faults[code] = {field_of(refused): refused.text}
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
            return redirect(asked.address)
        return _page(request, asked, EvidenceForm(request.POST), wrong, faults or {"": {}})


def _received(
    user: User,
    code: str,
    cycle: Cycle | None,
    kind: str,
    given: dict[str, Any],
    prepared: Any,
    name: str,
) -> Document:
    return documents.receive(
        region_code=code,
        kind=kind,
        number=given["number"],
        date=given["date"],
        cycle=cycle,
        file=prepared,
        file_name=name,
        by=user,
        now=timezone.now(),
    )


def _several_context(
    request: HttpRequest,
    villages: Sequence[village_evidence.Village],
    faults: dict[str, dict[str, str]],
) -> dict[str, Any]:
    """One line of the form for each village that needs a document, or whose document has a fault:
    those after the village of the address, as many as one request brings.
    """
    after = request.GET.get("after", "")
    wanted = [one for one in villages if _needs_document(one) or one.code in faults]
    wanted.sort(key=lambda one: one.code)
    rest = [one for one in wanted if one.code > after or one.code in faults]
    shown, following = rest[:MOST_DOCUMENTS], rest[MOST_DOCUMENTS:]
    return {
        "document_lines": [
            {
                "village": one,
                "number": typed["number"].value() or "",
                "date": typed["date"].value() or "",
                "wrong": faults.get(one.code, {}),
            }
            for one in shown
            for typed in [DocumentForm(request.POST or None, prefix=one.code)]
        ],
        "after": after,
        "following": len(following),
        "before": len(wanted) - len(rest),
        "last_shown": shown[-1].code if shown else "",
    }


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
