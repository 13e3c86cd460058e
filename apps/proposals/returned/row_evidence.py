"""The evidence of the village of one row: sent and shown also where the row's file is that of a
wider region than that of who sends it or looks at it.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.access import actor_of, scope_of, scoped
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.casework import documents
from apps.casework.models import Cycle
from apps.common.errors import DomainError
from apps.proposals.access import row_files, trail
from apps.proposals.models import Proposal
from apps.proposals.review import questions
from apps.proposals.states import OPEN, ProposalStatus
from apps.proposals.submitting import paper_files, row_papers, village_evidence
from apps.proposals.submitting.forms import KINDS, KindForm, faults_of, field_of
from apps.proposals.submitting.views import stored_words
from apps.ui.permissions import requires
from apps.ui.requests import user_of


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.UPLOAD_BATCH)
@transaction.non_atomic_requests  # a picture is drawn again between two transactions
def evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of the minutes or statement of a row's village, until the row is determined."""
    user = user_of(request)
    with scoped(user):
        proposal = _row(user, pk)
        if refused := _refusal(proposal, user):
            messages.error(request, refused.text)
            return redirect("proposals:review_row", proposal.pk)
        cycle = _cycle_of(proposal)
        if request.method != "POST":
            trail.note_opened(proposal, by=user)
            return _page(request, proposal, cycle, KindForm(), {})
    form = KindForm(request.POST, request.FILES)
    form.is_valid()
    wrong = faults_of(form)
    if not wrong:
        try:
            return _keep(request, proposal, cycle, form.cleaned_data)
        except DomainError as refused:
            wrong = {field_of(refused): refused.text}
    with scoped(user):
        return _page(request, proposal, cycle, form, wrong)


def _page(
    request: HttpRequest,
    proposal: Proposal,
    cycle: Cycle | None,
    form: KindForm,
    wrong: dict[str, str],
) -> HttpResponse:
    found = village_evidence.counting_for(proposal.batch_id).filter(region=proposal.village_id)
    return render(
        request,
        "proposals/returned/row_evidence.html",
        {
            "proposal": proposal,
            "cycle": cycle,
            "kinds": KINDS,
            "given": form.data,
            "wrong": wrong,
            "document": found.first(),
            "lacks_paper": row_papers.is_lacking(proposal),
            "back": _back(proposal),
        },
    )


def _keep(
    request: HttpRequest, proposal: Proposal, cycle: Cycle | None, given: dict[str, Any]
) -> HttpResponse:
    """Draw the document again, outside of transactions, and store it."""
    user, file = user_of(request), given["file"]
    prepared = documents.prepare(file, file.name, who=actor_of(user))
    with scoped(user):
        stored = documents.receive(
            region_code=proposal.village_id,
            kind=given["kind"],
            number=given["number"],
            date=given["date"],
            cycle=cycle,
            file=prepared,
            file_name=file.name,
            by=user,
            now=timezone.now(),
        )
        messages.info(request, stored_words(stored, proposal.village.name))
    return redirect(_back(proposal))


def _refusal(proposal: Proposal, user: User) -> DomainError | None:
    """Why this person sends no evidence for a row, or None."""
    if not questions.may_answer(proposal, user):
        return DomainError("not_yours", region=proposal.village_id)
    return None if proposal.status in OPEN else DomainError("row_ended")


def _cycle_of(proposal: Proposal) -> Cycle | None:
    """The cycle into which a draft will be submitted, or in which a row was sent."""
    if proposal.status == ProposalStatus.DRAFT:
        return documents.cycle_at(timezone.localdate())
    file = row_files.file_of(proposal)
    return file.cycle if file is not None else None


def _back(proposal: Proposal) -> str:
    """The page on which the sender goes on with a row."""
    if proposal.status == ProposalStatus.RETURNED:
        return reverse("proposals:returned_row", args=[proposal.pk])
    return f"{reverse('proposals:review_row', args=[proposal.pk])}#papers-title"


def _row(user: User, pk: int) -> Proposal:
    """A proposal in the user's scope. Raises: Http404."""
    seen = Proposal.objects.within(scope_of(user, Permission.VIEW_PROPOSAL))
    return get_object_or_404(seen.select_related("village"), pk=pk)


@require_safe
@requires(Permission.VIEW_PROPOSAL)
@transaction.non_atomic_requests  # the pages of a PDF are drawn after the transaction
def document(request: HttpRequest, pk: int, document_id: int) -> HttpResponseBase:
    """A document that counts for a row, as a download; with `?show=1` it is shown in its page.

    The access is recorded in the audit trail.
    """
    user = user_of(request)
    with scoped(user):
        proposal = _row(user, pk)
        seen = village_evidence.counting_for(proposal.batch_id).filter(region=proposal.village_id)
        seen = seen.within(scope_of(user, Permission.VIEW_BATCH))
        found = get_object_or_404(seen, pk=document_id)
        file = documents.open_document(found, user).open("rb")
    return paper_files.answer(request, found, file, f"{found.region_id}-{found.kind}")


urlpatterns = [
    path("rows/<int:pk>/evidence/", evidence, name="row-evidence"),
    path("rows/<int:pk>/evidence/<int:document_id>/", document, name="row-document"),
]
