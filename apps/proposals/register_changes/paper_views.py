"""The papers of removals and corrections: one that came by file gets its paper beside the row."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.access import actor_of, scope_of, scoped
from apps.accounts.roles import Permission
from apps.casework import documents
from apps.common.errors import DomainError
from apps.proposals.models import Proposal
from apps.proposals.register_changes.forms import PaperForm
from apps.proposals.review import questions
from apps.proposals.states import ProposalStatus
from apps.proposals.submitting import paper_files, row_papers
from apps.ui.permissions import requires
from apps.ui.requests import user_of


@require_safe
@requires(Permission.VIEW_PROPOSAL)
@transaction.non_atomic_requests  # the pages of a PDF are drawn after the transaction
def paper(request: HttpRequest, paper_id: int) -> HttpResponseBase:
    """The paper as a download; with `?show=1` drawn in its page. The access is on record."""
    user = user_of(request)
    with scoped(user):
        found = get_object_or_404(row_papers.visible_to(user), pk=paper_id)
        file = row_papers.open_file(found, user).open("rb")
    return paper_files.answer(request, found.document, file, f"{found.batch_id}-{found.pk}")


@require_POST
@requires(Permission.UPLOAD_BATCH)
@transaction.non_atomic_requests  # a picture is drawn again between two transactions
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Add the paper of a removal or a correction that came in a file, until it is determined."""
    user = user_of(request)
    with scoped(user):
        seen = Proposal.objects.within(scope_of(user, Permission.VIEW_PROPOSAL))
        proposal = get_object_or_404(seen.select_related("village"), pk=pk)
        is_senders = questions.may_answer(proposal, user)
    form = PaperForm(request.POST, request.FILES)
    try:
        if not is_senders:
            raise DomainError("not_yours", region=proposal.village_id)
        if not row_papers.is_wanted(proposal):
            raise DomainError("paper_not_wanted")
        if not form.is_valid():
            raise DomainError("paper_missing")
        file = form.cleaned_data["file"]
        prepared = documents.prepare(file, file.name, who=actor_of(user))
        with scoped(user):
            row_papers.keep(
                batch_id=proposal.batch_id,
                row_number=proposal.row_number,
                region=proposal.village,
                number=proposal.evidence_number,
                prepared=prepared,
                by=user,
                now=timezone.now(),
            )
    except DomainError as refused:
        messages.error(request, refused.text)
    else:
        messages.success(request, _("The paper is stored beside the row."))
    if is_senders and proposal.status == ProposalStatus.RETURNED:
        return redirect("proposals:returned_row", proposal.pk)
    return redirect("proposals:review_row", proposal.pk)


urlpatterns = [
    path("changes/papers/<int:paper_id>/", paper, name="row-paper"),
    path("changes/papers/of/<int:pk>/", add, name="row-paper-add"),
]
