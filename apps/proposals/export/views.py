"""Files that leave the portal: that of a list, and the agreement to large ones."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.roles import Permission
from apps.common.errors import DomainError
from apps.proposals.export import list_export, release
from apps.proposals.models import ExportRequest
from apps.proposals.review import presentation, searching
from apps.proposals.review.display import COLUMNS, Display
from apps.proposals.review.forms import EXPORT_ENDINGS, ExportForm
from apps.proposals.selection import Selection
from apps.ui.forms import SentForm, Text
from apps.ui.permissions import requires
from apps.ui.requests import user_of

OWN = 20
# The key of no row: whoever wants the ticked rows and has none gets none, not all.
NO_ROW = "0"


@dataclass(frozen=True)
class AskedFile:
    """A request with what the file has, in words, and the page of a list or batch; "": unknown."""

    asked: ExportRequest
    words: list[str]
    address: str

    @classmethod
    def of(cls, asked: ExportRequest) -> AskedFile:
        kind, _colon, key = asked.subject.partition(":")
        if kind == "proposals.Batch":
            return cls(asked, [], reverse("proposals:batch", args=[key]))
        if not asked.query:
            return cls(asked, [], "")
        params = QueryDict(asked.query)
        words = [chip.text for chip in Selection.from_params(params).chips()]
        words += [_("a search by name or number")] if asked.is_searched else []
        shown = Display.of(params).columns
        named = ", ".join(str(COLUMNS[code]) for code in shown) if shown else _("all columns")
        ending, _dash, numbers = asked.part.partition("-")
        written = _("numbers whole") if numbers == "whole" else _("numbers masked")
        format_name = EXPORT_ENDINGS.get(ending, ending)
        words = [*(words or [_("all proposals")]), named, format_name, written]
        return cls(asked, words, f"{reverse('proposals:review')}?{asked.query}")


class AskForm(forms.Form):
    """The reason for a large file; `token` names the file that the page before has shown."""

    token = forms.CharField(max_length=20_000)
    reason = forms.CharField(max_length=500)


class AnswerForm(SentForm):
    """`agree`; any other value refuses."""

    answer = Text()


@require_safe
@requires()
def page(request: HttpRequest) -> HttpResponse:
    """The requests that wait for this person, and the results of this person's own requests."""
    user = user_of(request)
    waiting = release.visible(user).select_related("region", "user").order_by("pk")
    own = ExportRequest.objects.filter(user=user).select_related("region", "answered_by")
    lists = {
        "waiting": [AskedFile.of(one) for one in waiting[:100]],
        "own": [AskedFile.of(one) for one in own.order_by("-pk")[:OWN]],
    }
    return render(request, "proposals/export/exports.html", lists)


@require_POST
@requires()
def request_export(request: HttpRequest) -> HttpResponse:
    """Request the file that the page before has shown, with a reason."""
    user = user_of(request)
    form = AskForm(request.POST)
    try:
        if not form.is_valid():
            raise DomainError("reason_for_file")
        release.request_export(by=user, **form.cleaned_data)
    except DomainError as refused:
        messages.warning(request, refused.text)
    return redirect("proposals:exports")


@require_POST
@requires(Permission.REVEAL_NIK)
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree or refuse."""
    user = user_of(request)
    asked = release.find_request(pk, user)
    if asked is None:
        raise Http404
    is_granted = AnswerForm(request.POST).sent["answer"] == "agree"
    try:
        release.answer(asked=asked, is_granted=is_granted, by=user)
        messages.info(request, release.answer_text(is_granted))
    except DomainError as refused:
        messages.warning(request, refused.text)
    return redirect("proposals:exports")


@require_POST
@requires(Permission.VIEW_PROPOSAL)
def list_file(request: HttpRequest) -> HttpResponseBase:
    """The rows of the list as a file; the export is on record."""
    given = ExportForm(request.POST).sent
    ticked = (given["rows"] or NO_ROW) if given["which"] == "ticked" else ""
    selection, rows = presentation.selected(request, ticked)
    shown = [code for code, _label in presentation.shown_columns(request)]
    wanted = list_export.WantedExport(
        ending=given["ending"],
        is_whole=given["numbers"] == "whole",
        reason=given["reason"],
        columns=tuple(shown) if given["columns"] == "shown" else (),
    )
    try:
        return list_export.export(
            selection=selection,
            search=searching.named_by(request),
            display=Display.of(request.GET),
            rows=rows,
            wanted=wanted,
            by=user_of(request),
        )
    except DomainError as refused:
        messages.warning(request, refused.text)
        return presentation.to_list(request)


urlpatterns = [
    path("review/export/", list_file, name="review_export"),
    path("exports/", page, name="exports"),
    path("exports/ask/", request_export, name="exports-ask"),
    path("exports/<int:pk>/answer/", answer, name="exports-answer"),
]
