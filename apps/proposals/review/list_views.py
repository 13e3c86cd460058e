"""The form of the list's filter: its counts, finding a file, saving the filter."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.roles import Permission
from apps.common.errors import DomainError
from apps.proposals import file_choice
from apps.proposals.review import presentation, saved_filters
from apps.proposals.review.display import Display, query_of
from apps.proposals.review.forms import FindFileForm, FindOfficerForm, SaveForm
from apps.proposals.selection import Selection
from apps.ui.fragments import is_fragment
from apps.ui.permissions import requires
from apps.ui.requests import user_of


@require_safe
@requires(Permission.VIEW_PROPOSAL)
def facets(request: HttpRequest) -> HttpResponse:
    """The counts of the fields that the list does not count, for the form that was opened."""
    context = presentation.facets(request)
    return presentation.shown(request, "proposals/review/_facet_counts.html", **context)


@require_POST
@requires(Permission.VIEW_PROPOSAL)
def find_file(request: HttpRequest) -> HttpResponse:
    """The files whose name has the typed text, as choices of the filter; without a script the list
    of the only one.
    """
    asked = FindFileForm(request.POST).sent["file_name"].strip()
    selection = Selection.from_params(request.GET)
    found = file_choice.files_matching(asked, user_of(request))
    if is_fragment(request):
        known = {"files": found, "asked": asked, "chosen": selection.batch}
        return presentation.shown(request, "proposals/review/_files.html", **known)
    if len(found) != 1:
        messages.warning(
            request,
            _("{n} files have this in their name or as their number. Type more of it.").format(
                n=len(found)
            ),
        )
        return presentation.to_list(request)
    query = query_of(replace(selection, batch=found[0].pk), Display.of(request.GET))
    return redirect(presentation.address(request, "list", query=query))


@require_POST
@requires(Permission.VIEW_PROPOSAL)
def find_officer(request: HttpRequest) -> HttpResponse:
    """The senders of files whose name has the typed text, as choices of the filter; without a
    script the list of the only one.
    """
    asked = FindOfficerForm(request.POST).sent["officer_name"].strip()
    selection = Selection.from_params(request.GET)
    found = file_choice.senders_matching(asked, user_of(request))
    if is_fragment(request):
        known = {"senders": found, "asked": asked, "chosen": selection.officer}
        return presentation.shown(request, "proposals/review/_senders.html", **known)
    if len(found) != 1:
        messages.warning(
            request,
            _("{n} senders have this in their name. Type more of it.").format(n=len(found)),
        )
        return presentation.to_list(request)
    query = query_of(replace(selection, officer=found[0].pk), Display.of(request.GET))
    return redirect(presentation.address(request, "list", query=query))


@require_POST
@requires(Permission.VIEW_PROPOSAL)
def save(request: HttpRequest) -> HttpResponse:
    """Save the filter of the address under a name."""
    given = SaveForm(request.POST).sent
    try:
        saved = saved_filters.save(
            name=given["name"],
            query=request.GET.urlencode(),
            is_shared=given["is_shared"],
            by=user_of(request),
            now=timezone.now(),
        )
    except DomainError as refused:
        messages.warning(request, refused.text)
    else:
        said = [
            _("The filter “{name}” is saved.")
            if saved.is_new
            else _("The filter “{name}” that you had is replaced by this one.")
        ]
        if saved.drops_search:
            said.append(_("Its search is not: words of a search are kept nowhere."))
        messages.success(request, " ".join(said).format(name=saved.filter))
    return presentation.to_list(request)


@require_POST
@requires(Permission.VIEW_PROPOSAL)
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove one's own saved filter."""
    if not saved_filters.remove(pk=pk, by=user_of(request)):
        raise Http404
    messages.info(request, _("The saved filter is removed."))
    return presentation.to_list(request)
